"""Regions of blocks kept apart: where the box around a block holds text of others, it is several boxes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ingest.parsers.pdf.boxes import share_inside
from ingest.parsers.pdf.drafts import Draft
from ingest.parsers.pdf.words import union
from schemas.base import BBox
from schemas.document import BlockKind, Region

_INSIDE = 0.4
"""Share of a line from which a box is taken to hold it."""
_NOT_MINDED = frozenset({BlockKind.WATERMARK})
"""They lie across everything."""

_Own = tuple[int, BBox]
"""Which draft a line is of, and where it stands."""


def apart(drafts: Sequence[Draft]) -> list[Draft]:
    """Side heads, captions beside each other, text around a picture: their boxes overlap while no text is in two. A
    picture that was read keeps its frame."""
    lines: defaultdict[int, list[_Own]] = defaultdict(list)
    for index, draft in enumerate(drafts):
        if draft.kind not in _NOT_MINDED:
            for page, box in _lines(draft):
                lines[page].append((index, box))
    return [_parted(draft, index, lines) for index, draft in enumerate(drafts)]


def _lines(draft: Draft) -> list[tuple[int, BBox]]:
    parts = draft.printed or [part for row in draft.rows for part in row.printed]
    return [(part.page, part.bbox) for part in parts]


def _parted(draft: Draft, index: int, lines: dict[int, list[_Own]]) -> Draft:
    regions: list[Region] = []
    for region in draft.regions:
        others = _others(region, index, lines)
        own = _own(draft, region) if others else []
        regions += _joined(region.page, own, others) if own else [region]
    return draft if regions == list(draft.regions) else replace(draft, regions=tuple(regions))


def _others(region: Region, index: int, lines: dict[int, list[_Own]]) -> list[BBox]:
    """Lines of other drafts that the region holds."""
    box = region.bbox
    if box is None:
        return []
    return [line for of, line in lines.get(region.page, ()) if of != index and share_inside(line, box) > _INSIDE]


def _own(draft: Draft, region: Region) -> list[BBox]:
    """The draft's rows or lines in this region, in their order."""
    boxes = [(row.page, box) for row in draft.rows for box in row.boxes] or _lines(draft)
    outer = region.bbox
    return [
        box for page, box in boxes if page == region.page and outer is not None and share_inside(box, outer) > _INSIDE
    ]


def _joined(page: int, boxes: Iterable[BBox], others: Sequence[BBox]) -> list[Region]:
    found: list[BBox] = []
    for box in boxes:
        hull = union([found[-1], box]) if found else box
        if found and not any(share_inside(other, hull) > _INSIDE for other in others):
            found[-1] = hull
        else:
            found.append(box)
    return [Region(page=page, bbox=box) for box in found]
