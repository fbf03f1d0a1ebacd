"""Some pages of a PDF at a time, in whichever process is idle; what is read there is the same everywhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from ingest.parsers.base import ParseInput, ReadOptions
from ingest.parsers.pdf.damage import damage_told, forget_damage
from ingest.parsers.pdf.layer_check import Mend
from ingest.parsers.pdf.layout import BLANK_PAGE
from ingest.parsers.pdf.memory import PAGES_KEPT, give_back
from ingest.parsers.pdf.mending import mend
from ingest.parsers.pdf.opening import open_pdf
from ingest.parsers.pdf.page import PageContent, PageReader
from ingest.parsers.pdf.picture_look import Look, look_at
from ingest.parsers.pdf.pipeline import PageOrScan
from ingest.parsers.pdf.render import render_scan
from ingest.parsers.pdf.triage import OcrNeed, ocr_need
from schemas.document import PageMethod
from schemas.errors import InputError

if TYPE_CHECKING:
    import pymupdf


class Task(StrEnum):
    """What is to be done with a page: `look` at it, `read` its text layer, `triage`: read it unless it
    needs OCR, which is then told, or `render` it for OCR."""

    LOOK = "look"
    READ = "read"
    TRIAGE = "triage"
    RENDER = "render"


@dataclass(frozen=True, slots=True)
class PageTask:
    """A page, counted from 0. `mends` are put into its text layer before that is read; `need` is known
    of a page to render."""

    index: int
    task: Task
    mends: tuple[Mend, ...] = ()
    need: OcrNeed | None = None


@dataclass(frozen=True, slots=True)
class PagesPart:
    """`document` is another text for every time a file is read."""

    document: str
    source: ParseInput
    pages: tuple[PageTask, ...]

    def __len__(self) -> int:
        return len(self.pages)


Found = PageOrScan | OcrNeed | Look
"""What comes of a page."""


class PartReader:
    """Keeps the document of the last part open, apart from whoever else reads the file: readers turn pages."""

    def __init__(self, options: ReadOptions, reader: PageReader) -> None:
        self._options = options
        self._reader = reader
        self._open: tuple[str, pymupdf.Document] | None = None
        self._read = 0

    def __call__(self, part: PagesPart) -> tuple[Found, ...]:
        document = self._document(part)
        return tuple(self._page(document, page) for page in part.pages)

    def close(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None

    def _document(self, part: PagesPart) -> pymupdf.Document:
        if self._open is not None and self._open[0] == part.document:
            return self._open[1]
        self.close()
        document = open_pdf(part.source, self._options)
        self._open = (part.document, document)
        return document

    def _page(self, document: pymupdf.Document, page: PageTask) -> Found:
        self._read += 1
        if self._read % PAGES_KEPT == 0:
            give_back()
        if page.task is Task.LOOK:
            return look_at(document, page.index, self._options)
        return read_page(document, page, self._reader, self._options)


def read_page(
    document: pymupdf.Document, asked: PageTask, reader: PageReader, options: ReadOptions
) -> PageOrScan | OcrNeed:
    """A page that cannot be read is FAILED, with its reason."""
    number = asked.index + 1
    try:
        page = document.load_page(asked.index)
        forget_damage()  # which it did while it looked for the page
        if asked.need is not None:
            return render_scan(page, number, asked.need, options)
        need = ocr_need(page) if asked.task is Task.TRIAGE else None
        if need is not None:
            return need
        if asked.mends:
            return _mended(page, asked, reader)
        return _told_damaged(page, reader.read(page, number))
    except InputError as error:
        return failed(number, error.message, error)
    # MuPDF, numpy and onnxruntime raise anything over hostile input: it costs this page, and its reason tells.
    except Exception as error:  # noqa: BLE001  # told as this page's failure
        return failed(number, f"{type(error).__name__}: {error}"[:300])


def _mended(page: pymupdf.Page, asked: PageTask, reader: PageReader) -> PageContent:
    mend(page, asked.mends)
    content = reader.read(page, asked.index + 1)
    words = "place" if len(asked.mends) == 1 else "places"
    reason = f"{content.reason}; {len(asked.mends)} {words} without known characters read by OCR"
    return replace(content, method=PageMethod.MIXED, reason=reason)


def failed(number: int, reason: str, error: InputError | None = None) -> PageContent:
    return PageContent(number, 0.0, 0.0, 0, PageMethod.FAILED, reason[:300], error=error)


def _told_damaged(page: pymupdf.Page, content: PageContent) -> PageContent:
    """A page on which there is nothing, because what it says of itself is broken, is not blank: FAILED."""
    if content.method is not PageMethod.EMPTY or content.reason != BLANK_PAGE:
        return content
    damage = damage_told(page)
    return failed(content.number, f"the page is damaged: {damage}") if damage else content
