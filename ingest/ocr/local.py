"""OCR in this process: for runs without worker processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from ingest.ocr.base import OcrEngine
from ingest.ocr.registry import make_engine, ocr_recipe
from ingest.options.ocr import OcrOptions
from ingest.page_images import PageImage, ReadImage
from ingest.workers.child import translated
from schemas.errors import InputError

MakeEngine = Callable[[], OcrEngine]


class LocalOcr:
    """Implements `PageImageReader`. The engine is loaded at the first image; no limit on time or
    memory holds here, and one image is read after another."""

    def __init__(self, options: OcrOptions, make: MakeEngine | None = None) -> None:
        """`make`: in place of the engine of the options."""
        self.recipe: Mapping[str, str] = ocr_recipe(options)
        self._make = make or partial(make_engine, options, options.devices[0])
        self._engine: OcrEngine | None = None

    def read(self, images: Iterable[PageImage]) -> Iterator[ReadImage | InputError]:
        for image in images:
            if self._engine is None:
                self._engine = self._make()
            yield self._outcome(self._engine, image)

    def _outcome(self, engine: OcrEngine, image: PageImage) -> ReadImage | InputError:
        try:
            return engine.read(image)
        except Exception as error:
            told = translated(error)
            if isinstance(told, InputError):
                return told
            raise told from error
