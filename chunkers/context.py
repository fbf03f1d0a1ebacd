"""The context line: title and heading path, which only the vector sees."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from chunkers.base import TokenCounter
from chunkers.options import Limits
from chunkers.outline import one_line
from chunkers.sentences import safe_cut
from schemas.document import Document

SEPARATOR = " > "
ELLIPSIS = "…"
_REMEMBERED = 512
_LONGEST = 40
"""Characters of a context per token of its budget: what is longer is cut before it is counted."""


class ContextLines:
    """Builds context lines within a budget of tokens, special tokens not counted.

    `entries` are the chosen `metadata`, the title, unless the path begins with it, and the headings that the chunk's
    text does not open with.
    """

    def __init__(
        self, title: str | None, counter: TokenCounter, specials: int, budget: int, metadata: tuple[str, ...] = ()
    ) -> None:
        self._title = one_line(title or "")
        self._metadata = metadata
        self._counter = counter
        self._specials = specials
        self._budget = budget
        self._known: dict[tuple[str, ...], tuple[str, int]] = {}

    @classmethod
    def of(cls, document: Document, counter: TokenCounter, limits: Limits) -> Self:
        metadata = chosen_metadata(document, limits.metadata)
        return cls(document.title, counter, limits.specials, limits.context, metadata)

    def entries(self, path: tuple[str, ...], own: int) -> tuple[str, ...]:
        kept = path[: len(path) - own]
        if self._title and (not path or path[0].casefold() != self._title.casefold()):
            kept = (self._title, *kept)
        return tuple(entry for entry in (*self._metadata, *kept) if entry)

    def prime(self, wanted: Iterable[tuple[str, ...]]) -> None:
        """Counts the lines of many entries in one call."""
        if self._budget <= 0:
            return
        fresh = [entries for entries in dict.fromkeys(wanted) if entries and entries not in self._known]
        lines = [SEPARATOR.join(entries) for entries in fresh]
        short = [at for at, line in enumerate(lines) if len(line) <= self._budget * _LONGEST]
        sizes = dict(zip(short, self._sizes([lines[at] for at in short]), strict=True))
        for at, entries in enumerate(fresh):
            if at in sizes and sizes[at] <= self._budget:
                self._remember(entries, (lines[at], sizes[at]))

    def line(self, entries: tuple[str, ...]) -> tuple[str, int]:
        """The line for `entries` within the budget, and its tokens with the line break after it."""
        if not entries or self._budget <= 0:
            return "", 0
        if entries not in self._known:
            self._remember(entries, self.within(entries, self._budget))
        return self._known[entries]

    def within(self, entries: tuple[str, ...], budget: int) -> tuple[str, int]:
        """The line within `budget`: entries left out from the middle, then cut inside, marked
        with an ellipsis; nothing when not even that fits."""
        if budget <= 0 or not entries:
            return "", 0
        for keep in range(len(entries), min(2, len(entries)) - 1, -1):
            line = SEPARATOR.join(_middle_out(entries, keep))
            if len(line) <= budget * _LONGEST and (size := self._size(line)) <= budget:
                return line, size
        ends = _middle_out(entries, min(2, len(entries)))
        length = min(max(len(entry) for entry in ends), budget * _LONGEST)
        while length > 1:
            length = length * 3 // 4
            line = SEPARATOR.join(_shorten(entry, length) for entry in ends)
            if (size := self._size(line)) <= budget:
                return line, size
        return "", 0

    def _remember(self, entries: tuple[str, ...], known: tuple[str, int]) -> None:
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[entries] = known

    def _size(self, line: str) -> int:
        return self._sizes([line])[0]

    def _sizes(self, lines: list[str]) -> list[int]:
        if not lines:
            return []
        return [size - self._specials for size in self._counter.count([f"{line}\n" for line in lines])]


def chosen_metadata(document: Document, names: Iterable[str]) -> tuple[str, ...]:
    """`name: value` of those that the document has, in the order of `names`."""
    values = ((name, document.metadata.get(name)) for name in names)
    return tuple(
        one_line(f"{name}: {', '.join(value) if isinstance(value, tuple) else value}")
        for name, value in values
        if value is not None and value != ()
    )


def _middle_out(entries: tuple[str, ...], keep: int) -> tuple[str, ...]:
    """`keep` entries, the ones nearest the top and the bottom, with a mark where others stood."""
    if keep >= len(entries):
        return entries
    tail = (keep + 1) // 2
    head = keep - tail
    return (*entries[:head], ELLIPSIS, *entries[len(entries) - tail :])


def _shorten(entry: str, length: int) -> str:
    """At most about `length` characters of a heading: its beginning and its end."""
    if len(entry) <= length:
        return entry
    tail = length // 3
    head = safe_cut(entry, 0, max(1, length - tail))
    begin = safe_cut(entry, head, len(entry) - tail) if tail else len(entry)
    return f"{entry[:head].rstrip()}{ELLIPSIS}{entry[begin:].lstrip()}"
