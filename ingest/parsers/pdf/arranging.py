"""The runs of a page as items in reading order, in the boxes of a layout."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ingest.parsers.pdf.boxes import area, reading_order, share_inside
from ingest.parsers.pdf.confidence import mean_confidence
from ingest.parsers.pdf.contents import contents_of, is_contents
from ingest.parsers.pdf.framed_tables import framed_tables
from ingest.parsers.pdf.grid import FoundTable, build_grid
from ingest.parsers.pdf.header_rules import with_header_by_rule
from ingest.parsers.pdf.header_spans import with_header_spans
from ingest.parsers.pdf.layout_model import LayoutBox
from ingest.parsers.pdf.page import FURNITURE_ROLES, Look, PageItem, Role
from ingest.parsers.pdf.plain_layout import PlainLayout, without
from ingest.parsers.pdf.rules import Rule, ruled_grid
from ingest.parsers.pdf.text_blocks import printed_lines, text_blocks
from ingest.parsers.pdf.words import Run, to_lines, union
from schemas.base import BBox

_NO_BOX: BBox = (0.0, 0.0, 0.0, 0.0)
"""Where there is no box but that of the text itself."""

_WATERMARK_SIZE = 28.0
_HIGHEST_EDGE = 120.0
"""Points that a header or footer is high at the most: a larger one is a watermark with the text under it."""
_PROSE_CHARS_A_RUN = 35
_PROSE_CHARS = 200


def arrange(
    runs: Sequence[Run],
    boxes: Sequence[LayoutBox],
    rules: Sequence[Rule],
    page: int,
    tables: Sequence[FoundTable] | None = None,
) -> tuple[PageItem, ...]:
    """The runs as items in reading order. `tables` are known before any box is looked at; left out,
    they are those that `rules` frame."""
    text = [run for run in runs if not is_watermark(run)]
    framed = framed_tables(text, rules) if tables is None else tables
    boxes = [box for box in boxes if not any(_is_of_table(box, table.bbox) for table in framed)]
    boxes = [box for box in boxes if box.role not in FURNITURE_ROLES or box.bbox[3] - box.bbox[1] <= _HIGHEST_EDGE]
    rest = without(text, [run for table in framed for run in table.runs])
    listed = contents_of(run for run in rest if run.horizontal)
    boxes = [box for box in boxes if box.role is not Role.TABLE or not _holds_contents(box.bbox, listed, rest)]
    inside, orphans = _assign(without(rest, [run for entries in listed for run in entries]), boxes)
    items = [_table_item(table, page) for table in framed]
    items += [_item(LayoutBox(Role.CONTENTS, _NO_BOX), entries, page) for entries in listed]
    for index, members in inside.items():
        box = boxes[index]
        if box.role is Role.PICTURE and _is_prose(members):
            orphans.extend(members)
        else:
            if box.role is Role.TABLE:
                rows, columns = ruled_grid(box.bbox, (box.rows, box.columns), rules, members)
                box = replace(box, rows=tuple(rows), columns=tuple(columns))
            items.extend(_with_spans(_item(box, part, page), rules) for part in _by_look(box, members))
    items.extend(_item(LayoutBox(Role.TEXT, _NO_BOX), members, page) for members in _in_blocks(orphans))
    items.extend(watermarks([run for run in runs if is_watermark(run)], page))
    return ordered([item for item in items if item.lines or item.grid])


def _with_spans(item: PageItem, rules: Sequence[Rule]) -> PageItem:
    if item.grid is None:
        return item
    return replace(item, grid=with_header_spans(with_header_by_rule(item.grid, rules), rules))


def _by_look(box: LayoutBox, runs: Sequence[Run]) -> list[list[Run]]:
    """The model sees a heading and the text below it as one where they stand close; their type differs."""
    if box.role is not Role.TEXT or not all(run.horizontal for run in runs) or _is_read(runs):
        return [list(runs)]
    parts: list[list[Run]] = []
    last: Look | None = None
    for block in text_blocks(printed_lines(runs)):
        look = replace(block.look, mono=False, italic=False)
        if look == last:
            parts[-1].extend(block.runs)
        else:
            parts.append(block.runs)
        last = look
    return parts


def _holds_contents(box: BBox, listed: Iterable[Sequence[Run]], runs: Iterable[Run]) -> bool:
    entries = sum(run.length for part in listed for run in part if share_inside(run.bbox, box) > 0.5)
    return entries * 2 > sum(run.length for run in runs if share_inside(run.bbox, box) > 0.5)


def _is_of_table(box: LayoutBox, table: BBox) -> bool:
    """What the model saw of a table whose frame is known."""
    within = share_inside(box.bbox, table)
    return within > 0.7 or (box.role is Role.TABLE and max(within, share_inside(table, box.bbox)) > 0.5)


def plain_items(plain: PlainLayout, page: int) -> tuple[PageItem, ...]:
    items = [
        _item(LayoutBox(region.role, _NO_BOX), region.runs, page)
        if region.table is None
        else _table_item(region.table, page)
        for region in plain.regions
    ]
    return tuple(item for item in items if item.lines or item.grid)


def _table_item(table: FoundTable, page: int) -> PageItem:
    sure = mean_confidence((word.confidence, len(word.text)) for run in table.runs for word in run.words)
    return PageItem(Role.TABLE, page, table.bbox, grid=table.grid, confidence=sure)


def watermarks(marks: Sequence[Run], page: int) -> list[PageItem]:
    return [_item(LayoutBox(Role.WATERMARK, _NO_BOX), [run], page) for run in marks]


def is_watermark(run: Run) -> bool:
    slanted = 0.1 < abs(run.direction[0]) < 0.995
    return slanted and max(word.size for word in run.words) >= _WATERMARK_SIZE


def _assign(runs: Sequence[Run], boxes: Sequence[LayoutBox]) -> tuple[dict[int, list[Run]], list[Run]]:
    """Runs by box, and those in none. A run that leaves its box is cut between words."""
    inside: defaultdict[int, list[Run]] = defaultdict(list)
    orphans: list[Run] = []
    for run in runs:
        home = _home(run.bbox, boxes, least=0.8)
        if home is not None:
            inside[home].append(run)
            continue
        for part_home, part in _cut_run(run, boxes):
            (orphans if part_home is None else inside[part_home]).append(part)
    return inside, orphans


def _home(box: BBox, boxes: Sequence[LayoutBox], least: float) -> int | None:
    best: int | None = None
    best_rank = (False, 0.0, 0.0)
    for index, candidate in enumerate(boxes):
        share = share_inside(box, candidate.bbox)
        rank = (candidate.role is not Role.PICTURE, round(share, 1), -area(candidate.bbox))
        if share >= least and (best is None or rank > best_rank):
            best, best_rank = index, rank
    return best


def _cut_run(run: Run, boxes: Sequence[LayoutBox]) -> Iterator[tuple[int | None, Run]]:
    homes = [_home(word.bbox, boxes, least=0.5) for word in run.words]
    start = 0
    for end in range(1, len(homes) + 1):
        if end == len(homes) or homes[end] != homes[start]:
            words = run.words[start:end]
            yield homes[start], replace(run, words=words, bbox=union(word.bbox for word in words))
            start = end


def _is_prose(runs: Sequence[Run]) -> bool:
    """Sentences rather than labels: the model took a designed page, or a part of it, for a picture."""
    length = sum(run.length for run in runs)
    return length >= _PROSE_CHARS and length >= _PROSE_CHARS_A_RUN * len(runs)


def _in_blocks(runs: Sequence[Run]) -> Iterator[list[Run]]:
    """Text that stands in no box. What does not run level keeps the blocks of the file, and what
    OCR has read those that it was put in: its type sizes tell nothing apart."""
    kept: defaultdict[tuple[int, bool], list[Run]] = defaultdict(list)
    level = [] if _is_read(runs) else [run for run in runs if run.horizontal]
    for run in runs:
        if run not in level:
            kept[run.block, run.horizontal].append(run)
    yield from (block.runs for block in text_blocks(printed_lines(level)))
    yield from kept.values()


def _is_read(runs: Sequence[Run]) -> bool:
    """By OCR, at least in part."""
    return any(word.confidence is not None for run in runs for word in run.words)


def _item(box: LayoutBox, runs: Sequence[Run], page: int) -> PageItem:
    bbox = union(run.bbox for run in runs)
    upright = [run for run in runs if not run.horizontal]
    vertical = sum(run.length for run in upright) * 2 > sum(run.length for run in runs)
    if box.role is Role.TABLE:
        grid = build_grid(runs, box.rows, box.columns)
        if grid is not None and is_contents(grid):
            return PageItem(Role.CONTENTS, page, bbox, lines=to_lines(runs))
        if grid is not None:
            sure = mean_confidence((word.confidence, len(word.text)) for run in runs for word in run.words)
            return PageItem(box.role, page, box.bbox, grid=grid, confidence=sure)
        box = replace(box, role=Role.TEXT)
    return PageItem(box.role, page, bbox, lines=to_lines(runs), vertical=vertical)


def ordered(items: Sequence[PageItem]) -> tuple[PageItem, ...]:
    """Headers, then the body in reading order, then footers and watermarks."""

    def down(roles: Iterable[Role]) -> list[PageItem]:
        chosen = [item for item in items if item.role in roles]
        return sorted(chosen, key=lambda item: (item.bbox[1], item.bbox[0]))

    body = [item for item in items if item.role not in FURNITURE_ROLES]
    return (
        *down([Role.HEADER]),
        *reading_order(body, lambda item: item.bbox),
        *down([Role.FOOTER, Role.WATERMARK]),
    )
