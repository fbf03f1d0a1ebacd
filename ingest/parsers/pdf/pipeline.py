"""Pages in their order while several of them, or pictures on them, are being read by OCR."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ingest.page_images import PageImage, PageImageReader, ReadImage
from ingest.parsers.pdf.page import PageContent
from ingest.parsers.pdf.picture_text import Picture, PicturedPage, with_pictures
from ingest.parsers.pdf.scan import Scan, finish
from schemas.errors import InputError

PageOrScan = PageContent | tuple[Scan, PageImage]
Piece = PageOrScan | tuple[Picture, PageImage] | PicturedPage
"""A page with pictures follows these."""

_Ready = PageContent | PicturedPage


def read_in_order(pieces: Iterable[Piece], ocr: PageImageReader, threads: int) -> Iterator[PageContent]:
    """Every page, its scans and pictures read. Images are made when OCR asks for the next one, and
    are not kept here: what is in flight is the reader's choice."""
    waiting: deque[_Ready | Scan | Picture] = deque()
    found: list[tuple[Picture, PageContent]] = []

    def images() -> Iterator[PageImage]:
        for piece in pieces:
            if isinstance(piece, tuple):
                waited, image = piece
                waiting.append(waited)
                yield image
            else:
                waiting.append(piece)

    def ready() -> Iterator[PageContent]:
        """What stands in front and waits for no result."""
        while waiting and isinstance(waiting[0], _Ready):
            page = waiting.popleft()
            if isinstance(page, PicturedPage):
                yield with_pictures(page, found)
                found.clear()
            elif isinstance(page, PageContent):
                yield page

    for result in ocr.read(images()):
        yield from ready()
        waited = waiting.popleft()
        if isinstance(waited, Picture):
            found.append((waited, finish(waited.scan, _without_doubt(result), threads)))
        elif isinstance(waited, Scan):
            yield finish(waited, result, threads)
        else:
            raise TypeError("OCR gave more results than it had images")
    yield from ready()
    if waiting:
        raise RuntimeError(f"OCR gave no result for {len(waiting)} pages and pictures")


def _without_doubt(result: ReadImage | InputError) -> ReadImage | InputError:
    """In a picture on a page, what is read with doubt is a leaf or a brick more often than a word."""
    if isinstance(result, InputError):
        return result
    sure = tuple(line for line in result.lines if not line.doubtful)
    return replace(result, lines=sure, unread=result.unread + len(result.lines) - len(sure))
