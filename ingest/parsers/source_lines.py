"""Line numbers to character offsets."""

from __future__ import annotations

from schemas.base import Span


class SourceLines:
    """The lines of a text, parted by `\\n` only, as offsets."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0]
        position = text.find("\n")
        while position >= 0:
            self._starts.append(position + 1)
            position = text.find("\n", position + 1)

    def __len__(self) -> int:
        return len(self._starts)

    def start(self, line: int) -> int:
        return self._starts[line] if line < len(self._starts) else len(self.text)

    def end(self, line: int) -> int:
        """Without the newline."""
        return self._starts[line + 1] - 1 if line + 1 < len(self._starts) else len(self.text)

    def line(self, line: int) -> str:
        return self.text[self.start(line) : self.end(line)]

    def trimmed(self, start: int, end: int) -> Span:
        """The span without white space at its ends; `(end, end)` when there is nothing else."""
        part = self.text[start:end]
        stripped = part.strip()
        if not stripped:
            return end, end
        lead = len(part) - len(part.lstrip())
        return start + lead, start + lead + len(stripped)
