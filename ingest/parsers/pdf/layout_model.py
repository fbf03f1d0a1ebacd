"""PyMuPDF's layout model: what it sees on a page."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ingest.parsers.pdf.boxes import area, share_inside
from ingest.parsers.pdf.page import Role
from ingest.parsers.pdf.words import Run, union
from schemas.base import BBox

if TYPE_CHECKING:
    import pymupdf

LARGEST_PAGE = 3_000.0 * 3_000.0
"""Square points above which a page is read without the model: it renders the page, a pixel per point."""

MOST_RUNS = 2_000
"""Texts on a page above which it is read without the model, whose time grows with their square:
a table of 1,500 cells takes four seconds, a map with 3,000 labels a minute."""

_ALL_ROLES = {role.value: role for role in Role}
_ACROSS, _DOWN = 0.7, 0.3
"""Shares of a line that lie in a box which it belongs to: letters without ascenders fill half of it."""

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
