"""What to say of a file none of whose pages gave any text."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.parsers.pdf.layout import BLANK_PAGE
from ingest.parsers.pdf.page import PageContent
from schemas.document import PageMethod
from schemas.errors import CorruptFile, NoText


def check_text(pages: Sequence[PageContent], name: str, *, ocr: bool) -> None:
    """Raises unless some page has text: what made a page fail first of all, then `NoText`."""
    if any(page.items for page in pages):
        return
    for page in pages:
        if page.error is not None:
            raise page.error
    failed = [page for page in pages if page.method is PageMethod.FAILED]
    if failed:
        raise CorruptFile(
            f"No page of {name} can be read ({failed[0].reason}): open it in a PDF viewer and save it again.",
            name=name,
            pages=len(pages),
        )
    raise NoText(_without_text(pages, name, ocr=ocr), name=name, pages=len(pages))


def _without_text(pages: Sequence[PageContent], name: str, *, ocr: bool) -> str:
    if all(page.reason == BLANK_PAGE for page in pages):
        return f"{name} has nothing but blank pages ({len(pages)}): leave it out."
    if not ocr:
        return f"{name} holds images without a text layer, and OCR is off: set ocr.engine, or add a copy with text."
    unread = sum(page.unread for page in pages)
    if not unread:
        return f"No text was found in the images of {name}: leave it out, or scan it anew if there is some."
    advice = next((page.advice for page in pages if page.advice), "scan it anew, larger or sharper.")
    lines = "a line" if unread == 1 else f"{unread} lines"
    return f"{name} holds {lines} of text that could not be read with confidence: {advice}"
