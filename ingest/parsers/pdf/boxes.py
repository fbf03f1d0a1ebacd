"""Which box a run belongs to, and the order in which boxes are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from schemas.base import BBox

T = TypeVar("T")

_SLACK = 2.0
"""Points by which boxes may overlap and still stand beside or below each other."""


_ALIGNED = 12.0
"""Points within which two edges are in line: a paragraph's indentation is less."""


def area(box: BBox) -> float:
    return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)


def overlap(a: BBox, b: BBox) -> float:
    """Area that two boxes share."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return width * height if width > 0 and height > 0 else 0.0


def intersection(a: BBox, b: BBox) -> BBox | None:
    """What two boxes share; None when that has no area."""
    shared = (max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3]))
    return shared if shared[0] < shared[2] and shared[1] < shared[3] else None


def share_inside(inner: BBox, outer: BBox) -> float:
    """How much of `inner` lies in `outer`; a box without area counts as one point wide."""
    thick = (inner[0], inner[1], max(inner[2], inner[0] + 1), max(inner[3], inner[1] + 1))
    return overlap(thick, outer) / area(thick)


def reading_order(items: Sequence[T], box_of: Callable[[T], BBox]) -> list[T]:
    """A page's boxes as they are read: columns from left to right, each from top to bottom;
    what spans the columns parts them into what is above it and what is below.

    The page is cut into stripes at the gaps that run across it; neighbouring stripes are put
    together again while a gap between columns runs through all of them.
    """
    if len(items) < 2:
        return list(items)
    stripes = _cut(items, box_of, axis=1)
    ordered: list[T] = []
    for band in _bands(stripes, box_of):
        columns = _cut(band, box_of, axis=0)
        if len(columns) == 1:
            ordered.extend(_down(band, box_of))
        elif _is_form(band, box_of):
            for row in _cut(band, box_of, axis=1):
                ordered.extend(sorted(row, key=lambda item: box_of(item)[0]))
        else:
            for column in columns:
                ordered.extend(reading_order(column, box_of))
    return ordered


def _down(items: Sequence[T], box_of: Callable[[T], BBox]) -> list[T]:
    return sorted(items, key=lambda item: (box_of(item)[1], box_of(item)[0]))


def _cut(items: Sequence[T], box_of: Callable[[T], BBox], axis: int) -> list[list[T]]:
    """Groups separated by gaps that no box crosses: along x (`axis` 0) or y (1)."""
    groups: list[list[T]] = []
    end = float("-inf")
    for item in sorted(items, key=lambda i: box_of(i)[axis]):
        box = box_of(item)
        low, high = box[axis], box[axis + 2]
        slack = min(_SLACK, (high - low) / 4)
        if not groups or low + slack < end:
            if not groups:
                groups.append([])
        else:
            groups.append([])
        groups[-1].append(item)
        end = max(end, high - slack)
    return groups


def _bands(stripes: list[list[T]], box_of: Callable[[T], BBox]) -> list[list[T]]:
    bands: list[list[T]] = []
    for stripe in stripes:
        bands.append(list(stripe))
        # Backwards too: a column that starts higher than its neighbour is a stripe of its own at first.
        while len(bands) > 1 and _share_columns(bands[-2], bands[-1], box_of):
            bands[-2].extend(bands.pop())
    return bands


def _share_columns(upper: Sequence[T], lower: Sequence[T], box_of: Callable[[T], BBox]) -> bool:
    """A gap between columns runs through both. One of them may stand in a single column of the
    other: above, in line with it unless that is the first, as a date at the right is no column."""
    columns = [len(_cut(band, box_of, axis=0)) for band in (upper, lower)]
    if max(columns) == 1 or len(_cut([*upper, *lower], box_of, axis=0)) == 1:
        return False
    if min(columns) > 1:
        return True
    if columns[1] == 1:
        return any(_within(lower, column, box_of) for column in _cut(upper, box_of, axis=0))
    left, *others = _cut(lower, box_of, axis=0)
    return _within(upper, left, box_of) or any(_in_line(upper, column, box_of) for column in others)


def _within(one: Sequence[T], other: Sequence[T], box_of: Callable[[T], BBox]) -> bool:
    a, b = _extent(one, box_of), _extent(other, box_of)
    return _in_line(one, other, box_of) or (a[0] >= b[0] - _SLACK and a[1] <= b[1] + _SLACK)


def _in_line(one: Sequence[T], other: Sequence[T], box_of: Callable[[T], BBox]) -> bool:
    a, b = _extent(one, box_of), _extent(other, box_of)
    same_left = abs(a[0] - b[0]) <= _ALIGNED
    same_middle = abs(sum(a) - sum(b)) / 2 <= _ALIGNED
    return min(a[1], b[1]) > max(a[0], b[0]) and (same_left or same_middle)


def _extent(items: Sequence[T], box_of: Callable[[T], BBox]) -> tuple[float, float]:
    return min(box_of(item)[0] for item in items), max(box_of(item)[2] for item in items)


def _is_form(band: Sequence[T], box_of: Callable[[T], BBox]) -> bool:
    """Rows of a label and its value: at least three, each with the same number of low boxes."""
    rows = _cut(band, box_of, axis=1)
    widths = {len(row) for row in rows}
    return (
        len(rows) >= 3
        and len(widths) == 1
        and widths != {1}
        and all(box_of(item)[3] - box_of(item)[1] < 20 for item in band)
    )
