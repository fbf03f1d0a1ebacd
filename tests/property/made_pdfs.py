"""PDFs of paragraphs and tables that tests write, and what stands in a box of one. Loaded by tests; not collected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pymupdf

from schemas.base import BBox
from schemas.document import Region

PAGE = (420.0, 595.0)
_MARGIN = 48.0


def write_paragraphs(
    path: Path, paragraphs: Sequence[str], *, rotation: int = 0, crop: float = 0.0, size: float = 10.0
) -> None:
    """One below the other, over as many pages as they need. `crop`: points that are cut from every edge."""
    document = pymupdf.open()
    width, height = PAGE
    page, y = None, height
    for paragraph in paragraphs:
        for line in _lines(paragraph, width - 2 * _MARGIN, size):
            if page is None or y > height - _MARGIN:
                page, y = document.new_page(width=width, height=height), _MARGIN + size
            page.insert_text((_MARGIN, y), line, fontsize=size)
            y += 1.3 * size
        y += 1.3 * size
    for page in document:
        if crop:
            page.set_cropbox(pymupdf.Rect(crop, crop, width - crop, height - crop))
        page.set_rotation(rotation)
    document.save(path)


def write_table(path: Path, rows: Sequence[Sequence[str]], *, a_page: int) -> None:
    """Framed, `a_page` rows a page after the header, which every page repeats."""
    document = pymupdf.open()
    header, *body = rows
    for start in range(0, len(body), a_page):
        page = document.new_page(width=PAGE[0], height=PAGE[1])
        for at, row in enumerate([header, *body[start : start + a_page]]):
            for col, text in enumerate(row):
                box = pymupdf.Rect(40 + 110 * col, 40 + 24 * at, 150 + 110 * col, 64 + 24 * at)
                page.draw_rect(box, width=0.7)
                page.insert_text((box.x0 + 4, box.y1 - 8), text, fontsize=9, fontname="hebo" if at == 0 else "helv")
    document.save(path)


def _lines(paragraph: str, width: float, size: float) -> Iterable[str]:
    line = ""
    for word in paragraph.split():
        longer = f"{line} {word}".strip()
        if line and pymupdf.get_text_length(longer, fontsize=size) > width:
            yield line
            longer = word
        line = longer
    if line:
        yield line


def words_on(path: Path, number: int) -> list[tuple[str, BBox]]:
    """Of a page, with their boxes on the page as it is shown."""
    with pymupdf.open(path) as document:
        page = document[number - 1]
        turn = page.rotation_matrix
        return [(word[4], tuple(pymupdf.Rect(word[:4]) * turn)) for word in page.get_text("words")]


def words_in(path: Path, regions: Iterable[Region]) -> list[str]:
    """Words whose middle is in one of the regions, each once, region by region."""
    found: dict[tuple[int, int], str] = {}
    for region in regions:
        assert region.bbox is not None
        x0, y0, x1, y1 = region.bbox
        for at, (text, box) in enumerate(words_on(path, region.page)):
            x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
            if x0 <= x <= x1 and y0 <= y <= y1:
                found.setdefault((region.page, at), text)
    return list(found.values())
