"""Which places of a text the chunks' spans cover."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Record = Mapping[str, Any]
"""A record as its JSON holds it."""


class Spans:
    """All spans of all chunks by their starts, and which chunks have one that meets a place."""

    def __init__(self, chunks: Sequence[Record]) -> None:
        self._spans = sorted(
            (start, end, number) for number, chunk in enumerate(chunks) for start, end in chunk["spans"]
        )
        self._starts = [start for start, _, _ in self._spans]
        self._reach: list[int] = []
        """The furthest end of a span and all before it."""
        for _, end, _ in self._spans:
            self._reach.append(max(end, self._reach[-1] if self._reach else 0))

    def holders(self, start: int, end: int) -> set[int]:
        found = set()
        place = bisect_left(self._starts, end) - 1
        while place >= 0 and self._reach[place] > start:
            _, stop, number = self._spans[place]
            if stop > start:
                found.add(number)
            place -= 1
        return found

    def uncovered(self, start: int, end: int) -> Iterable[tuple[int, int]]:
        """The places between `start` and `end` that no span covers."""
        at = start
        for place in range(bisect_right(self._reach, start), len(self._spans)):
            first, stop, _ = self._spans[place]
            if first >= end:
                break
            if first > at:
                yield at, first
            at = max(at, stop)
        if at < end:
            yield at, end
