"""PDF files with a text layer, read with PyMuPDF and its layout model.

Text is built in reading order, blocks joined by an empty line; every character of it belongs to
a block. Boxes are of the page as it is shown. Nothing is read by OCR here.
"""

from __future__ import annotations

import functools
import importlib.metadata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ingest.parsers.base import ParseInput
from ingest.parsers.pdf.assembly import FileFacts, assemble
from ingest.parsers.pdf.headings import Bookmark
from ingest.parsers.pdf.layout import LayoutPageReader
from ingest.parsers.pdf.metadata import metadata_of, real_title
from ingest.parsers.pdf.page import PageContent, PageReader
from schemas.document import Document, PageMethod
from schemas.errors import CorruptFile, EncryptedFile, NoText

if TYPE_CHECKING:
    import pymupdf

VERSION = "1"
_PAGES_KEPT = 25
"""After so many pages MuPDF's cache of fonts and images is emptied."""


class PdfParser:
    """Keeps the layout model warm. `threads` is for each of its sessions: workers run side by side.

    Raises `EncryptedFile`, `CorruptFile`, and `NoText` when no page has any text. A page that
    cannot be read is FAILED with its reason, and the others are kept.
    """

    name = "pymupdf"

    def __init__(self, reader: PageReader | None = None, threads: int = 1) -> None:
        self._reader = reader or LayoutPageReader(threads)

    @functools.cached_property
    def version(self) -> str:
        return f"{VERSION}+pymupdf{importlib.metadata.version('pymupdf')}"

    def parse(self, source: ParseInput) -> Document:
        with _open(source) as document:
            facts = _facts(document, source.name)
            pages = list(self._pages(document))
        _check_text(pages, source.name)
        return assemble(pages, facts, self.name, self.version)

    def _pages(self, document: pymupdf.Document) -> Iterator[PageContent]:
        import pymupdf

        for index in range(document.page_count):
            yield self._page(document, index)
            if (index + 1) % _PAGES_KEPT == 0:
                pymupdf.TOOLS.store_shrink(100)

    def _page(self, document: pymupdf.Document, index: int) -> PageContent:
        try:
            return self._reader.read(document.load_page(index), index + 1)
        # MuPDF, numpy and onnxruntime raise anything over hostile input: it costs this page, and its reason tells.
        except Exception as error:  # noqa: BLE001
            reason = f"{type(error).__name__}: {error}"[:300]
            return PageContent(index + 1, 0.0, 0.0, 0, PageMethod.FAILED, reason)


def _open(source: ParseInput) -> pymupdf.Document:
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    try:
        document = pymupdf.open(source.path, filetype="pdf")
        if document.needs_pass:
            raise EncryptedFile(
                f"{source.name} needs a password: save a copy without one and put it in its place.", name=source.name
            )
        count = document.page_count
    except (
        pymupdf.FileDataError,
        pymupdf.EmptyFileError,
        pymupdf.mupdf.FzErrorBase,
        RuntimeError,
        ValueError,
    ) as error:
        raise CorruptFile(
            f"{source.name} is not a readable PDF ({_reason(error, source)}): open it in a PDF viewer and save "
            "it again, or fetch it anew from where it came.",
            name=source.name,
        ) from error
    if count == 0:
        raise CorruptFile(f"{source.name} is a PDF without pages: fetch it anew from where it came.", name=source.name)
    return document


def _reason(error: Exception, source: ParseInput) -> str:
    """Without the path of a copy that the user does not know."""
    if source.size == 0:
        return "it is empty"
    text = str(error)
    return "it is damaged" if str(source.path) in text else text.removeprefix("code=").strip()


def _facts(document: pymupdf.Document, name: str) -> FileFacts:
    import pymupdf

    info = document.metadata or {}
    try:
        entries = document.get_toc(simple=True)
    except (pymupdf.mupdf.FzErrorBase, RuntimeError, ValueError, IndexError, TypeError):
        entries = []  # a broken outline: levels come from numbering and type size
    return FileFacts(
        title=real_title(info.get("title") or "", name),
        bookmarks=tuple(Bookmark(level, title, page) for level, title, page in entries if page > 0 and title.strip()),
        metadata=metadata_of(info),
        repaired=bool(document.is_repaired),
    )


def _check_text(pages: list[PageContent], name: str) -> None:
    if any(page.items for page in pages):
        return
    failed = [page for page in pages if page.method is PageMethod.FAILED]
    if failed:
        raise CorruptFile(
            f"No page of {name} can be read ({failed[0].reason}): open it in a PDF viewer and save it again.",
            name=name,
            pages=len(pages),
        )
    if all(page.reason == "blank page" for page in pages):
        raise NoText(f"{name} has {len(pages)} blank pages and no text: leave it out.", name=name, pages=len(pages))
    raise NoText(
        f"{name} is images without a text layer: it needs OCR; run it through an OCR program and add the result.",
        name=name,
        pages=len(pages),
    )
