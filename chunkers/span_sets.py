"""Sets of characters, as spans: half-open, and in order where they come out of here."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from schemas.base import Span


def stripped(text: str, start: int, end: int) -> Span | None:
    """The place without the white space at its ends; None where nothing else is there."""
    piece = text[start:end]
    inner = piece.strip()
    begin = start + len(piece) - len(piece.lstrip())
    return (begin, begin + len(inner)) if inner else None


def merged(spans: Iterable[Span]) -> list[Span]:
    """The union: in order, no two of them overlap or adjoin."""
    union: list[Span] = []
    for start, end in sorted(spans):
        if union and start <= union[-1][1]:
            union[-1] = (union[-1][0], max(end, union[-1][1]))
        else:
            union.append((start, end))
    return union


def length(spans: Iterable[Span]) -> int:
    """A plain sum: what lies in two spans counts twice."""
    return sum(end - start for start, end in spans)


def common(left: Sequence[Span], right: Sequence[Span]) -> list[Span]:
    """The intersection of two unions (see `merged`)."""
    found: list[Span] = []
    at = 0
    for start, end in left:
        while at < len(right) and right[at][1] <= start:
            at += 1
        here = at
        while here < len(right) and right[here][0] < end:
            found.append((max(start, right[here][0]), min(end, right[here][1])))
            here += 1
    return found


class Gaps:
    """What a union leaves open, looked up by place: many questions to one set."""

    def __init__(self, union: Sequence[Span]) -> None:
        self._union = union
        self._ends = [end for _, end in union]

    def of(self, start: int, end: int) -> Iterator[Span]:
        """The parts of `[start, end)` that are not in the union."""
        for at in range(bisect_right(self._ends, start), len(self._union)):
            first, last = self._union[at]
            if first >= end:
                break
            if start < first:
                yield start, first
            start = last
        if start < end:
            yield start, end
