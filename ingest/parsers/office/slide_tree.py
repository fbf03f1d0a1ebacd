"""A presentation made ready for unstructured, and what its paragraphs are.

unstructured reads shapes with text, tables and notes, from top to bottom. What it passes by
(charts, SmartArt, comments, descriptions of pictures) is put into text boxes where it is shown, and
shapes within groups get their places on the slide. Every paragraph then begins with a mark that
comes back with its text and says what it is: no classifier has to guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ingest.parsers.base import ReadOptions
from ingest.parsers.office.drafts import Draft
from ingest.parsers.office.drawings import drawn_texts
from ingest.parsers.office.pictures import Picture, drawn_pictures
from ingest.parsers.office.slide_comments import comment_authors, slide_comments
from ingest.parsers.office.slide_lists import SlideLists
from ingest.parsers.office.slide_tables import slide_cells
from schemas.document import BlockKind, Region

_FIRST = 0xFDD0
_END = "\ufdda"
_MARK = re.compile(f"[\ufdd0-\ufdd9]+{_END}")
"""A number in code points that no text has, one a digit."""

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_LEVELS = {"TITLE": 1, "CENTER_TITLE": 1, "VERTICAL_TITLE": 1}
_EDGES = {"FOOTER": BlockKind.FOOTER, "DATE": BlockKind.FOOTER, "HEADER": BlockKind.HEADER,
          "SLIDE_NUMBER": BlockKind.PAGE_NUMBER}  # fmt: skip


@dataclass(slots=True)
class Marks:
    """What was marked, by its number."""

    drafts: list[Draft]

    def add(self, draft: Draft) -> str:
        self.drafts.append(draft)
        return "".join(chr(_FIRST + int(digit)) for digit in str(len(self.drafts) - 1)) + _END

    def taken(self, text: str) -> Draft | None:
        """The draft that the mark in `text` names, with the text without marks; None without one."""
        match = _MARK.search(text)
        if match is None:
            return None
        number = int("".join(str(ord(digit) - _FIRST) for digit in match[0][:-1]))
        draft = self.drafts[number]
        return replace(draft, text=_MARK.sub("", draft.text or text))


def prepare_slides(presentation: Any, options: ReadOptions) -> Marks:
    """Changes a python-pptx presentation in place."""
    marks = Marks([])
    authors = comment_authors(presentation) if options.comments else {}
    for number, slide in enumerate(presentation.slides, start=1):
        region = Region(page=number)
        shapes = list(_placed(slide.shapes, 0, 0, 1.0, 1.0))  # before boxes are added
        for background in slide._element.iterfind(f"{_P}cSld/{_P}bg"):
            _hang_pictures(slide, background, (0, 0), Draft(BlockKind.FIGURE, region=region), marks)
        lists = SlideLists(number)
        for shape, left, top in shapes:
            _prepare_shape(slide, shape, (left, top), marks, lists)
        for text in slide_comments(slide, authors) if options.comments else ():
            _text_box(slide, text, (0, presentation.slide_height), Draft(BlockKind.QUOTE, region=region), marks)
        if options.speaker_notes:
            _mark_notes(slide, region, marks)
    return marks


def _prepare_shape(slide: Any, shape: Any, place: tuple[int, int], marks: Marks, lists: SlideLists) -> None:
    left, top = (max(length, 0) for length in place)
    region = Region(page=lists.slide_number)
    if shape.has_text_frame:
        # Off the edge by a little is drawn all the same; unstructured would leave it out.
        shape.left, shape.top = left, top
        for draft, paragraph in _paragraphs(shape, region, lists):
            _mark(paragraph, marks.add(draft))
    elif getattr(shape, "has_table", False) and shape.has_table:
        shape.left, shape.top = left, top
        cells, header_rows = slide_cells(shape.table)
        draft = Draft(BlockKind.TABLE, cells=cells, header_rows=header_rows, region=region)
        _mark(shape.table.cell(0, 0).text_frame.paragraphs[0]._p, marks.add(draft))
    described, *drawn = _figure_texts(slide, shape)
    _hang_pictures(slide, shape._element, (left, top), Draft(BlockKind.FIGURE, described, region=region), marks)
    for text in drawn:
        if text.strip():
            _text_box(slide, text, (left, top), Draft(BlockKind.FIGURE, region=region), marks)


def _figure_texts(slide: Any, shape: Any) -> Iterator[str]:
    """What a picture is described as, perhaps nothing; then each text of a drawing."""
    if shape.has_text_frame or (getattr(shape, "has_table", False) and shape.has_table):
        yield ""  # its text is read, and says more
        return
    yield next(iter(shape._element.xpath(".//p:cNvPr/@descr")), "")
    yield from drawn_texts(shape._element, slide.part)


def _hang_pictures(slide: Any, node: Any, place: tuple[int, int], draft: Draft, marks: Marks) -> None:
    """As text boxes where the pictures stand. The first has the text of the draft."""
    pictures: list[Picture | None] = [*drawn_pictures(node, slide.part)]
    if draft.text.strip() and not pictures:
        pictures = [None]
    for picture in pictures:
        _text_box(slide, draft.text, place, replace(draft, text="", picture=picture), marks)
        draft = replace(draft, text="")


def _paragraphs(shape: Any, region: Region, lists: SlideLists) -> Iterator[tuple[Draft, Any]]:
    kind = shape.placeholder_format.type.name if shape.is_placeholder and shape.placeholder_format.type else ""
    for paragraph in shape.text_frame.paragraphs:
        if not paragraph.text.strip():
            continue
        label = lists.label(shape, paragraph)
        draft = Draft(BlockKind.PARAGRAPH, region=region)
        if kind in _LEVELS:
            # A title of several lines is one.
            draft = Draft(BlockKind.HEADING, level=_LEVELS[kind], region=region, source=shape.shape_id)
        elif kind in _EDGES:
            draft = Draft(_EDGES[kind], region=region)
        elif label is not None:
            draft = Draft(BlockKind.LIST_ITEM, level=paragraph.level, region=region)
            if label:
                _mark(paragraph._p, f"{label} ")
        yield draft, paragraph._p


def _mark_notes(slide: Any, region: Region, marks: Marks) -> None:
    frame = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    if frame is not None and frame.text.strip():
        _mark(frame.paragraphs[0]._p, marks.add(Draft(BlockKind.QUOTE, region=region, source="notes")))


def _text_box(slide: Any, text: str, place: tuple[int, int], draft: Draft, marks: Marks) -> None:
    box = slide.shapes.add_textbox(*place, 1, 1)
    mark = marks.add(replace(draft, source=box.shape_id))
    # Control characters have no place in the XML of a slide.
    box.text_frame.text = mark + " ".join(re.sub(r"[\x00-\x1f]", " ", text).split())


def _mark(paragraph: Any, mark: str) -> None:
    first = next(paragraph.iter(f"{_A}r", f"{_A}fld", f"{_A}br"), None)
    if first is None:
        paragraph.append(_run(mark))
    else:
        first.addprevious(_run(mark))


def _run(text: str) -> Any:
    from pptx.oxml import parse_xml

    run = parse_xml(f'<a:r xmlns:a="{_A[1:-1]}"><a:t/></a:r>')
    run[0].text = text
    return run


def _placed(shapes: Any, left: float, top: float, x: float, y: float) -> Iterator[tuple[Any, int, int]]:
    """Shapes with their places on the slide; those within groups by the groups' scale."""
    for shape in shapes:
        own_left, own_top = left + x * (shape.left or 0), top + y * (shape.top or 0)
        if not hasattr(shape, "shapes"):
            yield shape, round(own_left), round(own_top)
            continue
        frame = shape._element.grpSpPr.find(f"{_A}xfrm")
        offset = frame.find(f"{_A}chOff") if frame is not None else None
        extent = frame.find(f"{_A}chExt") if frame is not None else None
        inner_x, inner_y = x, y
        if extent is not None:
            inner_x = x * (shape.width or 0) / (int(extent.get("cx")) or 1)
            inner_y = y * (shape.height or 0) / (int(extent.get("cy")) or 1)
        inner_left = own_left - inner_x * int(offset.get("x")) if offset is not None else own_left
        inner_top = own_top - inner_y * int(offset.get("y")) if offset is not None else own_top
        yield from _placed(shape.shapes, inner_left, inner_top, inner_x, inner_y)
