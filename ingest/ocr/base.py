"""What an OCR engine is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ingest.page_images import PageImage, ReadImage


class OcrEngine(Protocol):
    """Reads one image at a time, with models that it holds. Lives in the OCR process.

    Lines are those of the page as it is held: a page that stands on its head is read as well, and
    the quads of its lines begin where their text begins. An image without text gives no lines.
    Raises `InputError` for what is wrong with the image; anything else costs the image too.
    """

    name: str

    @property
    def recipe(self) -> Mapping[str, str]:
        """Engine, models and their versions: equal recipes read equally. Not the device."""
        ...

    def read(self, image: PageImage) -> ReadImage: ...
