"""How each page of a document is read: from its text layer, mended or whole, from its image, or from both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ingest.page_images import PageImageReader
from ingest.parsers.base import ReadOptions
from ingest.parsers.pdf.layer_check import check_layers
from ingest.parsers.pdf.memory import PAGES_KEPT, give_back
from ingest.parsers.pdf.page import PageContent
from ingest.parsers.pdf.parts import PageTask, Task, failed
from ingest.parsers.pdf.picture_survey import PictureSurvey
from ingest.parsers.pdf.pipeline import PageOrScan, Piece
from ingest.parsers.pdf.reading import DocumentReading
from ingest.parsers.pdf.render import render_scan
from ingest.parsers.pdf.triage import OcrNeed
from ingest.workers.parts import second_try
from schemas.document import PageMethod
from schemas.errors import InputError

if TYPE_CHECKING:
    import pymupdf


class PageRoutes:
    """Looks at every page, compares doubtful text layers with what OCR reads there, and has each page
    read in its way. Where there is OCR; without it every page is read from its text layer."""

    def __init__(
        self, document: pymupdf.Document, reading: DocumentReading, ocr: PageImageReader, options: ReadOptions
    ) -> None:
        self._document = document
        self._reading = reading
        self._options = options
        looks = list(reading.looks(document.page_count))
        self._check = check_layers(document, looks, ocr, options)
        self._survey = PictureSurvey(document, options, looks)
        self._needs: dict[int, OcrNeed | None] = {look.index: look.need for look in looks if look.triaged}
        self._needs.update(self._check.needs)

    def pieces(self) -> Iterator[Piece]:
        """Pages in their order, each behind its pictures; images are made as they are asked for."""
        for page in self._read():
            if isinstance(page, PageContent):
                yield from self._survey.pieces(self._noted(page))
            else:
                yield page

    def _read(self) -> Iterator[PageOrScan]:
        count = self._document.page_count
        elsewhere = [index for index in range(count) if second_try() or self._needs.get(index) is None]
        pages = self._reading.pages(self._task(index) for index in elsewhere)
        waiting = set(elsewhere)
        for index in range(count):
            found = next(pages) if index in waiting else self._needs[index]
            if isinstance(found, OcrNeed):
                yield self._scan(index, found)
            elif found is not None:
                yield found
            if (index + 1) % PAGES_KEPT == 0:
                give_back()

    def _task(self, index: int) -> PageTask:
        need = self._needs.get(index)
        if need is not None:
            return PageTask(index, Task.RENDER, need=need)
        known = index in self._needs
        return PageTask(index, Task.READ if known else Task.TRIAGE, self._check.mends.get(index, ()))

    def _scan(self, index: int, need: OcrNeed) -> PageOrScan:
        try:
            return render_scan(self._document.load_page(index), index + 1, need, self._options)
        except InputError as error:
            return failed(index + 1, error.message, error)
        # MuPDF raises anything over hostile input: it costs this page, and its reason tells.
        except Exception as error:  # noqa: BLE001  # told as this page's failure
            return failed(index + 1, f"{type(error).__name__}: {error}")

    def _noted(self, page: PageContent) -> PageContent:
        note = self._check.notes.get(page.number - 1)
        if note is None or page.method in {PageMethod.FAILED, PageMethod.EMPTY}:
            return page
        return replace(page, reason=f"{page.reason}; {note}")
