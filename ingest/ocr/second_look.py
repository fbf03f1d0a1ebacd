"""Lines in doubt are read again by a second recogniser, and the better reading wins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.ocr.base import LineReader
from ingest.ocr.crops import Pixels, line_strip
from ingest.ocr.reading import is_text
from ingest.page_images import TextLine


@dataclass(frozen=True, slots=True)
class SecondLook:
    """`below`: confidence under which a line is in doubt. Both count theirs as the mean of what they
    give their characters, so the higher one wins: models of one family can be compared."""

    reader: LineReader
    below: float

    def again(self, pages: Sequence[tuple[Pixels, Sequence[TextLine]]]) -> list[list[TextLine]]:
        """The lines of every page, the better reading of each."""
        result = [list(lines) for _, lines in pages]
        doubtful = [
            (page, number)
            for page, lines in enumerate(result)
            for number, line in enumerate(lines)
            if line.confidence < self.below
        ]
        strips = [line_strip(pages[page][0], result[page][number].quad) for page, number in doubtful]
        for (page, number), (text, confidence) in zip(doubtful, self.reader.recognise(strips), strict=True):
            line = result[page][number]
            other = replace(line, text=text, confidence=min(max(confidence, 0.0), 1.0))
            if is_text(other) and (other.confidence > line.confidence or not is_text(line)):
                result[page][number] = other
        return result
