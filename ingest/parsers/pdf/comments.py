"""What reviewers wrote on a page: the texts of its annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.parsers.pdf.page import Line, PageItem, Role
from ingest.parsers.pdf.text import clean
from schemas.base import BBox

if TYPE_CHECKING:
    import pymupdf

Comment = tuple[str, BBox]
"""`NAME: text`, and where it is pinned on the page as it is shown."""


def read_comments(page: pymupdf.Page) -> list[Comment]:
    """Notes, and what is said of marked words, in the file's order. Text that is typed onto the page is
    in its text layer, and so are the values of form fields. The page must not have been turned yet."""
    import pymupdf

    found: list[Comment] = []
    for annotation in page.annots() or ():
        info = annotation.info
        text = " ".join(clean(info.get("content") or "").split())
        if not text or annotation.type[0] == pymupdf.PDF_ANNOT_FREE_TEXT:
            continue
        name = " ".join(clean(info.get("title") or "").split())
        x0, y0, x1, y1 = annotation.rect * page.rotation_matrix
        found.append((f"{name}: {text}" if name else text, (x0, y0, x1, y1)))
    return found


def comment_item(text: str, box: BBox, page: int) -> PageItem:
    """`box` is of the page as it is read."""
    line = Line(text, text, box, size=0.0, bold=False, mono=False)
    return PageItem(Role.COMMENT, page, box, lines=(line,), framed=True)
