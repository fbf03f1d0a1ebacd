"""Pages in their order while several of them are being read by OCR."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from ingest.page_images import PageImage, PageImageReader
from ingest.parsers.pdf.page import PageContent
from ingest.parsers.pdf.scan import Scan, finish

PageOrScan = PageContent | tuple[Scan, PageImage]


def read_in_order(pages: Iterable[PageOrScan], ocr: PageImageReader, threads: int) -> Iterator[PageContent]:
    """Every page, its scans read. Images are made when OCR asks for the next one, and are not kept
    here: what is in flight is the reader's choice."""
    waiting: deque[PageContent | Scan] = deque()

    def images() -> Iterator[PageImage]:
        for page in pages:
            if isinstance(page, PageContent):
                waiting.append(page)
            else:
                scan, image = page
                waiting.append(scan)
                yield image

    for result in ocr.read(images()):
        yield from _ready(waiting)
        scan = waiting.popleft()
        if isinstance(scan, PageContent):
            raise TypeError("OCR gave more results than it had images")
        yield finish(scan, result, threads)
    yield from _ready(waiting)
    if waiting:
        raise RuntimeError(f"OCR gave no result for {len(waiting)} pages")


def _ready(waiting: deque[PageContent | Scan]) -> Iterator[PageContent]:
    """What stands in front and needs no OCR."""
    while waiting and isinstance(waiting[0], PageContent):
        page = waiting.popleft()
        if isinstance(page, PageContent):
            yield page
