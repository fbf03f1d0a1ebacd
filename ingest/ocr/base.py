"""What an OCR engine is, and what it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from ingest.ocr.crops import Pixels
from ingest.page_images import PageImage, Point, ReadImage

Corners = tuple[Point, Point, Point, Point]
"""Of a line's box, clockwise from its top left, in pixels."""

Recognised = tuple[str, float]
"""A text and the recogniser's confidence in it, from 0 to 1."""


class LineFinder(Protocol):
    def find(self, pixels: Pixels) -> Sequence[Corners]:
        """Every line that there is on a page, in any order."""
        ...


class LineReader(Protocol):
    def recognise(self, strips: Sequence[Pixels]) -> Sequence[Recognised]:
        """One result a strip, in their order; nothing is left out. Strips of many pages go in at once."""
        ...


class TextModels(LineFinder, LineReader, Protocol):
    """A detector and a recogniser on one device, of one library."""

    name: str


class OcrEngine(Protocol):
    """Reads pages with models that it holds. Lives in the OCR process.

    Lines are those of the page as it is held: a page that stands on its head is read as well, and
    the quads of its lines begin where their text begins. An image without text gives no lines.
    Raises `InputError` for what is wrong with an image; anything else costs the image too.
    """

    name: str

    @property
    def recipe(self) -> Mapping[str, str]:
        """Engine, models and their versions: equal recipes read equally. Not the device."""
        ...

    def read(self, image: PageImage) -> ReadImage: ...

    def read_all(self, images: Sequence[PageImage]) -> Sequence[ReadImage]:
        """Several pages at once, which is quicker on a GPU: each is read as `read` would."""
        ...
