"""Images of pages and the text found in them: what parsers hand to OCR, and what comes back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from schemas.errors import InputError

Point = tuple[float, float]
Segment = tuple[Point, Point]
"""From one end to the other."""


@dataclass(frozen=True, slots=True)
class PageImage:
    """`pixels` are rows of RGB bytes, the top row first, `3 * width * height` of them. `dpi` tells
    how large they are on paper."""

    width: int
    height: int
    pixels: bytes
    dpi: float


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of text. `quad` are its corners in pixels: clockwise, from where its text begins.
    `confidence` is the recogniser's own, from 0 to 1; `doubtful` where that is below what the options
    ask for."""

    text: str
    confidence: float
    quad: tuple[Point, Point, Point, Point]
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class ReadImage:
    """The lines of a page, as the detector found them: in no order that can be relied on.

    `unread` counts lines that were seen and are left out, as what was read there is no text: perhaps
    they are of a script that the model does not know. `advice` is then a sentence that says what to configure.
    `rules` are straight lines that are drawn along the text or across it.
    """

    lines: tuple[TextLine, ...]
    seconds: float
    unread: int = 0
    advice: str = ""
    rules: tuple[Segment, ...] = ()


class PageImageReader(Protocol):
    """Reads images of pages, several at a time."""

    @property
    def recipe(self) -> Mapping[str, str]:
        """Engine, models and their versions: equal recipes read equally. Not the device."""
        ...

    def read(self, images: Iterable[PageImage]) -> Iterator[ReadImage | InputError]:
        """One result an image, in their order; images are pulled as results are taken, a few ahead.
        An image that hangs, crashes or bloats the engine has that error as its result."""
        ...
