"""Tables that stand beside each other, told by their rules: none runs over the gutter between them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence

from ingest.parsers.pdf.ruled_tables import stacks
from ingest.parsers.pdf.rules import Rule
from ingest.parsers.pdf.words import Run
from schemas.base import BBox

_GUTTER = 6.0
"""Points between two tables at the least; rules below columns of one table stand nearer."""
_SAME_HEIGHT = 0.6
"""Share of the lower one's height that both stand beside each other."""


def ruled_boxes(rules: Sequence[Rule]) -> list[BBox]:
    """Where tables may stand that have three rules of one length at least."""
    return [box for box, _ in stacks(rules, math.inf)]


def gutter_of(box: BBox, ruled: Iterable[BBox], texts: Sequence[Run]) -> float | None:
    """The x between two tables in a box. `ruled`: where rules of one length stand above each other. Each
    side must have texts beside each other, else they are columns of one table."""
    inside = sorted(
        (other for other in ruled if other[0] < box[2] and box[0] < other[2] and _beside(other, box)),
        key=lambda other: other[0],
    )
    for left, right in itertools.pairwise(inside):
        if right[0] - left[2] < _GUTTER or not _beside(left, right):
            continue
        middle = (left[2] + right[0]) / 2
        crossing = any(text.bbox[0] < middle < text.bbox[2] for text in texts)
        sides = [[t for t in texts if (t.bbox[0] < middle) is first] for first in (True, False)]
        if not crossing and all(map(_has_columns, sides)) and _is_alone(middle, left, right, inside):
            return middle
    return None


def _beside(one: BBox, other: BBox) -> bool:
    shared = min(one[3], other[3]) - max(one[1], other[1])
    return shared >= _SAME_HEIGHT * min(one[3] - one[1], other[3] - other[1])


def _has_columns(texts: Sequence[Run]) -> bool:
    return any(
        abs(one.bbox[3] - other.bbox[3]) < one.words[0].size / 3
        and (one.bbox[2] < other.bbox[0] or other.bbox[2] < one.bbox[0])
        for one, other in itertools.combinations(texts, 2)
    )


def _is_alone(middle: float, left: BBox, right: BBox, ruled: Iterable[BBox]) -> bool:
    """No rules of one table run over the gutter."""
    return not any(box[0] < middle < box[2] for box in ruled if box not in (left, right))
