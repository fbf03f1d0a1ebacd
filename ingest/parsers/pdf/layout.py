"""Pages read with PyMuPDF's layout model."""

from __future__ import annotations

import functools
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ingest.parsers.pdf.boxes import area, reading_order, share_inside
from ingest.parsers.pdf.confidence import mean_confidence
from ingest.parsers.pdf.drawings import read_drawings
from ingest.parsers.pdf.grid import build_grid
from ingest.parsers.pdf.page import FURNITURE_ROLES, Look, PageContent, PageItem, Role
from ingest.parsers.pdf.pictures import largest_decoded_whole
from ingest.parsers.pdf.plain_layout import PlainLayout, plain_layout, without
from ingest.parsers.pdf.ruled_tables import FramedTable, framed_tables
from ingest.parsers.pdf.rules import Rule, ruled_grid
from ingest.parsers.pdf.stamps import Place, is_stamp, stamps_of
from ingest.parsers.pdf.text_blocks import printed_lines, text_blocks
from ingest.parsers.pdf.words import Run, read_runs, to_lines, union
from schemas.base import BBox
from schemas.document import PageMethod

if TYPE_CHECKING:
    import pymupdf

LARGEST_PAGE = 3_000.0 * 3_000.0
"""Square points above which a page is read without the model: it renders the page, a pixel per point."""

MOST_RUNS = 2_000
"""Texts on a page above which it is read without the model, whose time grows with their square:
a table of 1,500 cells takes four seconds, a map with 3,000 labels a minute."""

BLANK_PAGE = "blank page"

_NO_BOX: BBox = (0.0, 0.0, 0.0, 0.0)
"""Where there is no box but that of the text itself."""

_ALL_ROLES = {role.value: role for role in Role}
_WATERMARK_SIZE = 28.0
_ACROSS, _DOWN = 0.7, 0.3
"""Shares of a line that lie in a box which it belongs to: letters without ascenders fill half of it."""
_HIGHEST_EDGE = 120.0
"""Points that a header or footer is high at the most: a larger one is a watermark with the text under it."""
_PROSE_CHARS_A_RUN = 35
_PROSE_CHARS = 200

_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class LayoutBox:
    """`rows` and `columns` are the lines of a table's grid, borders included."""

    role: Role
    bbox: BBox
    rows: tuple[float, ...] = ()
    columns: tuple[float, ...] = ()


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """Sessions made within use `count` threads: the model makes its own and takes no options,
    and its default of one thread a core makes workers that run side by side wait for each other."""
    import onnxruntime

    original = onnxruntime.SessionOptions

    def limited() -> Any:
        options = original()
        options.intra_op_num_threads = options.inter_op_num_threads = count
        return options

    onnxruntime.SessionOptions = limited
    try:
        yield
    finally:
        onnxruntime.SessionOptions = original


@functools.cache
def load_layout_model(threads: int) -> None:
    """Loads the model once a process: it hangs itself into `pymupdf.Page.get_layout`."""
    with _LOCK, _threads(threads):
        import pymupdf.layout

        pymupdf.layout.activate()


def layout_boxes(page: pymupdf.Page, threads: int) -> list[LayoutBox]:
    """What the model sees on a page. It makes use of the text layer too."""
    load_layout_model(threads)
    with _LOCK:  # the model keeps its last image in itself
        page.get_layout(return_raw=True)
    found = [_box(group) for group in page.layout_information or ()]
    boxes = [box for box in found if box.bbox[2] - box.bbox[0] > 2 and box.bbox[3] - box.bbox[1] > 2]
    return _without_nested(boxes)


class LayoutPageReader:
    """Boxes, their kind and table grids from geometry alone where that tells enough, else by the
    model; the text from the file, all of it: what stands in no box becomes boxes of its own.

    `most_doubt`: the share of a page's characters that geometry may leave in doubt (see
    `plain_layout`); 0 asks the model about every page with any doubt, -1 about every page. Above
    `max_pixels` in one picture a page is read without the model, which would have it decoded.
    """

    def __init__(self, threads: int = 1, max_pixels: int = 100_000_000, most_doubt: float = 0.2) -> None:
        self._threads = threads
        self._max_pixels = max_pixels
        self._most_doubt = most_doubt
        self._stamped: tuple[pymupdf.Document | None, frozenset[Place]] = (None, frozenset())

    def read(self, page: pymupdf.Page, number: int) -> PageContent:
        rotation = page.rotation
        page.remove_rotation()
        blank = PageContent(number, page.rect.width, page.rect.height, rotation, PageMethod.EMPTY, BLANK_PAGE)
        runs = read_runs(page)
        if not runs:
            return replace(blank, reason=empty_reason(page))
        turned = turn_upright(page, runs)
        if turned:
            runs = read_runs(page)
        drawings = read_drawings(page)
        stamps = self._stamps_of(page.parent)
        marks = [run for run in runs if _is_watermark(run) or is_stamp(run, stamps)]
        text = [run for run in runs if run not in marks] if marks else runs
        plain = plain_layout(text, drawings)
        digital = replace(blank, method=PageMethod.DIGITAL, turned=turned)
        if plain.doubt <= self._most_doubt:
            reason, items = "text layer", _plain_items(plain, number)
        elif not self._takes(page, runs):
            reason, items = "text layer, without the layout model", _plain_items(plain, number)
        else:
            reason = f"text layer, with the layout model: {plain.why}"
            boxes = layout_boxes(page, self._threads)
            items = arrange(text, boxes, drawings.rules, number, plain.framed)
        return replace(digital, reason=reason, items=ordered([*items, *_watermarks(marks, number)]))

    def _stamps_of(self, document: pymupdf.Document) -> frozenset[Place]:
        """Told once for the document that is being read; pages of one come one after the other."""
        if self._stamped[0] is not document:
            self._stamped = (document, stamps_of(document))
        return self._stamped[1]

    def _takes(self, page: pymupdf.Page, runs: Sequence[Run]) -> bool:
        """The model can look at this page within the limits."""
        small = area(tuple(page.rect)) <= LARGEST_PAGE and len(runs) <= MOST_RUNS
        return small and largest_decoded_whole(page) <= self._max_pixels


def empty_reason(page: pymupdf.Page) -> str:
    if page.get_image_info():
        return "image only: needs OCR"
    return "drawings without text: needs OCR" if page.get_cdrawings() else BLANK_PAGE


def turn_upright(page: pymupdf.Page, runs: Iterable[Run]) -> int:
    """Turns the page when most of its characters stand on their side; by how many degrees clockwise."""
    letters: defaultdict[tuple[int, int], int] = defaultdict(int)
    for run in runs:
        letters[(0, 0) if run.vertical else (round(run.direction[0]), round(run.direction[1]))] += run.length
    turn = {(0, 1): 270, (0, -1): 90, (-1, 0): 180}.get(max(letters, key=lambda key: letters[key]), 0)
    if turn:
        page.set_rotation(turn)
        page.remove_rotation()
    return turn


def _box(group: dict[str, Any]) -> LayoutBox:
    bbox: BBox = tuple(float(value) for value in group["group_bbox"][:4])  # type: ignore[assignment]  # four of them
    role = _ALL_ROLES.get(group["class_name"], Role.TEXT)
    grid = group.get("table_grid")
    if role is not Role.TABLE or not grid:
        return LayoutBox(Role.TEXT if role is Role.TABLE else role, bbox)
    rows = (bbox[1], *(bbox[1] + float(y) for y in grid.h_lines), bbox[3])
    columns = (bbox[0], *(bbox[0] + float(x) for x in grid.v_lines), bbox[2])
    return LayoutBox(role, bbox, rows, columns)


def _without_nested(boxes: Sequence[LayoutBox]) -> list[LayoutBox]:
    """A box within another is part of it, except within a picture: that is often a background."""
    kept: list[LayoutBox] = []
    for box in sorted(boxes, key=lambda b: area(b.bbox), reverse=True):
        if not any(share_inside(box.bbox, other.bbox) > 0.95 for other in kept if other.role is not Role.PICTURE):
            kept.append(box)
    return kept


def grown(boxes: Sequence[LayoutBox], runs: Sequence[Run]) -> list[LayoutBox]:
    """Boxes that hold the runs whole that lie mostly in them: OCR tells where a line is, not where
    its ink ends. A run that reaches into several boxes is left to be cut."""
    result = list(boxes)
    for run in runs:
        inside = [i for i, box in enumerate(boxes) if _lies_in(run.bbox, box.bbox)]
        if inside:
            best = max(inside, key=lambda i: (boxes[i].role is not Role.PICTURE, share_inside(run.bbox, boxes[i].bbox)))
            result[best] = _with(result[best], run.bbox)
    return result


def _lies_in(line: BBox, box: BBox) -> bool:
    across = min(line[2], box[2]) - max(line[0], box[0])
    down = min(line[3], box[3]) - max(line[1], box[1])
    return across >= _ACROSS * (line[2] - line[0]) and down >= _DOWN * (line[3] - line[1])


def _with(box: LayoutBox, line: BBox) -> LayoutBox:
    x0, y0, x1, y1 = bbox = union([box.bbox, line])
    rows = (y0, *box.rows[1:-1], y1) if box.rows else ()
    return replace(box, bbox=bbox, rows=rows, columns=(x0, *box.columns[1:-1], x1) if box.columns else ())


def arrange(
    runs: Sequence[Run],
    boxes: Sequence[LayoutBox],
    rules: Sequence[Rule],
    page: int,
    tables: Sequence[FramedTable] | None = None,
) -> tuple[PageItem, ...]:
    """The runs as items in reading order. `tables` are known before any box is looked at; left out,
    they are those that `rules` frame."""
    text = [run for run in runs if not _is_watermark(run)]
    framed = framed_tables(text, rules) if tables is None else tables
    boxes = [box for box in boxes if not any(_is_of_table(box, table.bbox) for table in framed)]
    boxes = [box for box in boxes if box.role not in FURNITURE_ROLES or box.bbox[3] - box.bbox[1] <= _HIGHEST_EDGE]
    inside, orphans = _assign(without(text, [run for table in framed for run in table.runs]), boxes)
    items = [_table_item(table, page) for table in framed]
    for index, members in inside.items():
        box = boxes[index]
        if box.role is Role.PICTURE and _is_prose(members):
            orphans.extend(members)
        else:
            if box.role is Role.TABLE:
                rows, columns = ruled_grid(box.bbox, (box.rows, box.columns), rules, members)
                box = replace(box, rows=tuple(rows), columns=tuple(columns))
            items.extend(_item(box, part, page) for part in _by_look(box, members))
    items.extend(_item(LayoutBox(Role.TEXT, _NO_BOX), members, page) for members in _in_blocks(orphans))
    items.extend(_watermarks([run for run in runs if _is_watermark(run)], page))
    return ordered([item for item in items if item.lines or item.grid])


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


def _is_of_table(box: LayoutBox, table: BBox) -> bool:
    """What the model saw of a table whose frame is known."""
    within = share_inside(box.bbox, table)
    return within > 0.7 or (box.role is Role.TABLE and max(within, share_inside(table, box.bbox)) > 0.5)


def _plain_items(plain: PlainLayout, page: int) -> tuple[PageItem, ...]:
    items = [
        _item(LayoutBox(region.role, _NO_BOX), region.runs, page)
        if region.table is None
        else _table_item(region.table, page)
        for region in plain.regions
    ]
    return tuple(item for item in items if item.lines or item.grid)


def _table_item(table: FramedTable, page: int) -> PageItem:
    sure = mean_confidence((word.confidence, len(word.text)) for run in table.runs for word in run.words)
    return PageItem(Role.TABLE, page, table.bbox, grid=table.grid, confidence=sure)


def _watermarks(marks: Sequence[Run], page: int) -> list[PageItem]:
    return [_item(LayoutBox(Role.WATERMARK, _NO_BOX), [run], page) for run in marks]


def _is_watermark(run: Run) -> bool:
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
