"""What OCR read in the pictures of a digital page, put among what the text layer says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ingest.parsers.pdf.arranging import ordered
from ingest.parsers.pdf.boxes import intersection, reading_order, share_inside
from ingest.parsers.pdf.confidence import is_no_text, mean_confidence
from ingest.parsers.pdf.layer import says
from ingest.parsers.pdf.page import Line, PageContent, PageItem, Role
from ingest.parsers.pdf.scan import Scan
from schemas.base import BBox
from schemas.document import PageMethod

_WITHIN = 0.8
_LEGIBLE = 0.85
"""Mean confidence, by length, from which on what was read in a picture is text. Print that is read
right has .9 and more; from emblems, faces and foliage come letters with .5 to .8."""
_SEVERAL = 3
"""Unread lines of one picture from which on they are told: one or two are what a photo looks like."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that waits for OCR, as a small sheet of its own. `box` is its place on the page as
    it is read."""

    scan: Scan
    box: BBox


@dataclass(frozen=True, slots=True)
class PicturedPage:
    """A digital page whose pictures went to OCR before it. `errors` are sentences about others that
    could not be rendered, `left_out` counts those above the limit."""

    content: PageContent
    errors: tuple[str, ...] = ()
    left_out: int = 0


def with_pictures(page: PicturedPage, found: Sequence[tuple[Picture, PageContent]]) -> PageContent:
    """The page with a figure for every picture in which there was text. `found` are the pictures
    with what was read on their sheets."""
    content = page.content
    errors, unread, advice, figures = list(page.errors), content.unread, content.advice, 0
    for picture, sheet in found:
        if sheet.error is not None:
            errors.append(f"A picture on page {content.number} was not read: {sheet.error.message}")
        lines = _said_only_here(_placed(sheet, picture.box), content.items, picture.box)
        if _are_legible(lines):
            content = _with_figure(content, picture.box, lines)
            figures += 1
        if sheet.unread >= _SEVERAL:
            unread += sheet.unread
            advice = advice or sheet.advice
    if figures:
        pictures = "picture" if figures == 1 else "pictures"
        reason = f"{content.reason}; {figures} {pictures} read by OCR"
        content = replace(content, method=PageMethod.MIXED, reason=reason)
    return replace(content, unread=unread, advice=advice, picture_errors=tuple(errors), pictures_left_out=page.left_out)


def _placed(sheet: PageContent, box: BBox) -> list[Line]:
    """The lines of a picture's sheet in reading order, their boxes on the page."""

    def moved(line: Line) -> Line:
        x0, y0, x1, y1 = sheet.pose.shown_box(line.bbox)
        return replace(line, bbox=(x0 + box[0], y0 + box[1], x1 + box[0], y1 + box[1]))

    return [moved(line) for item in sheet.items for line in item.lines]


def _are_legible(lines: Sequence[Line]) -> bool:
    sure = mean_confidence((line.confidence, len(line.text)) for line in lines)
    return sure is not None and sure >= _LEGIBLE and not is_no_text([(li.text, li.confidence or 0.0) for li in lines])


def _said_only_here(lines: Iterable[Line], items: Sequence[PageItem], box: BBox) -> list[Line]:
    """Without what the text layer says at the same place: it is exact."""
    texts = [(line.bbox, line.text) for item in items for line in item.lines if line.confidence is None]
    texts += [(item.bbox, "".join(cell.text for cell in item.grid.cells)) for item in items if item.grid]
    # Of a line that reaches into the picture no more than that part is to be seen there.
    layer = [(shared, text) for bbox, text in texts if (shared := intersection(bbox, box)) is not None]
    return [line for line in lines if not says(layer, line.bbox, line.text)]


def _with_figure(content: PageContent, box: BBox, lines: Sequence[Line]) -> PageContent:
    """Labels of the text layer that the layout model found to be of this picture join its text."""
    labels = [item for item in content.items if item.role is Role.PICTURE and share_inside(item.bbox, box) >= _WITHIN]
    if labels:
        lines = reading_order([*lines, *(line for item in labels for line in item.lines)], lambda line: line.bbox)
    figure = PageItem(Role.PICTURE, content.number, box, lines=tuple(lines), framed=True)
    others = [item for item in content.items if item not in labels]
    return replace(content, items=ordered([*others, figure]))
