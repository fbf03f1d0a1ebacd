"""Where the text of a chunk stands: the boxes of whole blocks, and of the parts of a block those of its own lines."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from schemas.base import BBox, Span
from schemas.document import Block, BlockKind, Document, PrintedPiece, Region
from schemas.widths import widths

_OF_TABLE = frozenset("|-: \n")
"""Characters of a table's Markdown that stand nowhere."""
_COVERED = 0.1
"""Of a box: what another one may take of it without holding its text."""
_LEVEL = 1.5
"""Times as wide as high: a line that runs level, and can be cut at an x."""


def regions_of(document: Document, blocks: Iterable[int], spans: Sequence[Span]) -> tuple[Region, ...]:
    """Of the text of `spans`, which are in order, in these blocks; each region once."""
    found = [region for ordinal in blocks for region in _of_block(document, document.blocks[ordinal], spans)]
    return tuple({(region.page, region.bbox): region for region in found}.values())


def _of_block(document: Document, block: Block, spans: Sequence[Span]) -> Iterable[Region]:
    if not block.pieces:
        return block.regions
    inside = [(max(start, block.start), min(end, block.end)) for start, end in spans]
    inside = [(start, end) for start, end in inside if start < end]
    if _is_whole(document.text, block, inside):
        return block.regions
    groups = [_cut(document.text, group, inside) for group in _groups(block)]
    return [Region(page=page, bbox=box) for page, box in _joined(block, groups)]


def _is_whole(text: str, block: Block, inside: Sequence[Span]) -> bool:
    position = block.start
    for start, end in (*inside, (block.end, block.end)):
        left_out = text[position:start]
        if left_out.strip() and not (block.kind is BlockKind.TABLE and _OF_TABLE.issuperset(left_out)):
            return False
        position = max(position, end)
    return True


@dataclass(frozen=True, slots=True)
class _Group:
    """Pieces that share their text, from `start` to `end` in the document."""

    start: int
    end: int
    pieces: tuple[PrintedPiece, ...]


@dataclass(frozen=True, slots=True)
class _Cut:
    """What of a group's boxes the spans take, and what they leave."""

    page: int
    taken: tuple[BBox, ...]
    left: tuple[BBox, ...]


def _groups(block: Block) -> Iterator[_Group]:
    starts = sorted({piece[0] for piece in block.pieces})
    ends = [*starts[1:], block.end - block.start]
    for start, end in zip(starts, ends, strict=True):
        pieces = tuple(piece for piece in block.pieces if piece[0] == start)
        yield _Group(block.start + start, block.start + end, pieces)


def _cut(text: str, group: _Group, inside: Sequence[Span]) -> _Cut:
    boxes = tuple(piece[2:] for piece in group.pieces)
    page = group.pieces[0][1]
    start, end = _stripped(text, group.start, group.end)
    parts = [(max(a, start), min(b, end)) for a, b in inside if max(a, start) < min(b, end)]
    if not parts:
        return _Cut(page, (), boxes)
    first, last = parts[0][0], parts[-1][1]
    if (first <= start and last >= end) or len(boxes) > 1 or not _runs_level(boxes[0]):
        return _Cut(page, boxes, ())
    x0, y0, x1, y1 = boxes[0]
    whole = widths(text[start:end])
    before, after = widths(text[start:first]) / whole, widths(text[last:end]) / whole
    if _runs_backwards(text[start:end]):
        before, after = after, before
    left, right = x0 + (x1 - x0) * before, x1 - (x1 - x0) * after
    rest = ((x0, y0, left, y1),) * (left > x0) + ((right, y0, x1, y1),) * (right < x1)
    return _Cut(page, ((round(left, 1), y0, round(right, 1), y1),), rest)


def _stripped(text: str, start: int, end: int) -> Span:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip())


def _runs_level(box: BBox) -> bool:
    return box[2] - box[0] >= _LEVEL * (box[3] - box[1])


def _runs_backwards(text: str) -> bool:
    """From right to left, as Arabic and Hebrew."""
    ways = [unicodedata.bidirectional(character) for character in text]
    return sum(way in {"R", "AL"} for way in ways) > ways.count("L")


def _joined(block: Block, cuts: Sequence[_Cut]) -> list[tuple[int, BBox]]:
    """Boxes that follow each other as one, where that one holds nothing of the block's text that is left out, and stays
    in one of the block's own regions."""
    left = [(cut.page, box) for cut in cuts for box in cut.left]
    found: list[tuple[int, BBox]] = []
    for cut in cuts:
        for box in cut.taken:
            if found and found[-1][0] == cut.page:
                hull = _hull(found[-1][1], box)
                if _is_in_one_region(block, cut.page, hull) and not any(
                    page == cut.page and _holds(hull, other) for page, other in left
                ):
                    found[-1] = (cut.page, hull)
                    continue
            found.append((cut.page, box))
    return found


def _is_in_one_region(block: Block, page: int, box: BBox) -> bool:
    return any(
        region.page == page and region.bbox is not None and _within(box, region.bbox) for region in block.regions
    )


def _within(box: BBox, outer: BBox) -> bool:
    slack = 1.0
    return (
        box[0] >= outer[0] - slack
        and box[1] >= outer[1] - slack
        and box[2] <= outer[2] + slack
        and box[3] <= outer[3] + slack
    )


def _holds(outer: BBox, box: BBox) -> bool:
    across = min(outer[2], box[2]) - max(outer[0], box[0])
    down = min(outer[3], box[3]) - max(outer[1], box[1])
    area = max((box[2] - box[0]) * (box[3] - box[1]), 0.01)
    return across > 0 and down > 0 and across * down > _COVERED * area


def _hull(one: BBox, other: BBox) -> BBox:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])
