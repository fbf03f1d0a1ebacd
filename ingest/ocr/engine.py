"""From images of pages to their lines, with the models of any library."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from ingest.ocr.base import Corners, TextModels
from ingest.ocr.crops import Pixels, bgr, line_strip, reading_quad
from ingest.ocr.devices import cores
from ingest.ocr.preparation import Prepared, prepare
from ingest.ocr.reading import Reading, judged, reads_better, reads_well
from ingest.ocr.rules import rules_of
from ingest.ocr.second_look import SecondLook
from ingest.ocr.word_list import WordList
from ingest.options.ocr import PreparationStep
from ingest.page_images import PageImage, Point, ReadImage, TextLine

_SMALLEST = 8
"""Pixels that a side has at least where there may be text: rules and dots are not looked at."""


_SURE = 0.9
"""Confidence of what is read in a stamp: its rim and its star are no letters."""


@dataclass(frozen=True, slots=True)
class _Look:
    """A page and what was read on it, in its own pixels."""

    pixels: Pixels
    lines: Sequence[TextLine]
    on_its_head: bool = False


class PageEngine:
    """Implements `OcrEngine`.

    A page is prepared, its lines found and read; where they read badly, it is turned on its head,
    and the better one counts; then single lines in doubt get a second look, and words in doubt are
    compared with the word list.
    """

    def __init__(
        self,
        models: TextModels,
        reading: Reading,
        recipe: Mapping[str, str],
        *,
        steps: frozenset[PreparationStep] = frozenset(),
        second: SecondLook | None = None,
        words: WordList | None = None,
    ) -> None:
        self.name = models.name
        self.recipe = recipe
        self._models = models
        self._reading = reading
        self._steps = steps
        self._second = second
        self._words = words

    def read(self, image: PageImage) -> ReadImage:
        [found] = self.read_all([image])
        return found

    def read_all(self, images: Sequence[PageImage]) -> list[ReadImage]:
        started = time.perf_counter()
        prepared = self._prepared(images)
        looks = self._with_stamps(self._upright([page.pixels for page in prepared]), prepared)
        if self._second is not None:
            again = self._second.again([(look.pixels, look.lines) for look in looks])
            looks = [replace(look, lines=lines) for look, lines in zip(looks, again, strict=True)]
        seconds = (time.perf_counter() - started) / max(len(images), 1)
        return [self._told(look, image, seconds) for look, image in zip(looks, images, strict=True)]

    def _prepared(self, images: Sequence[PageImage]) -> list[Prepared]:
        def one(image: PageImage) -> Prepared:
            return prepare(bgr(image), self._steps)

        if len(images) == 1:
            return [one(images[0])]
        # OpenCV and NumPy leave the interpreter to others while they work.
        with ThreadPoolExecutor(min(len(images), cores())) as pool:
            return list(pool.map(one, images))

    def _upright(self, pages: Sequence[Pixels]) -> list[_Look]:
        looks = [_Look(page, lines) for page, lines in zip(pages, self._lines(pages), strict=True)]
        bad = [i for i, look in enumerate(looks) if look.lines and not reads_well(look.lines)]
        turned = [np.ascontiguousarray(pages[i][::-1, ::-1]) for i in bad]
        for i, page, lines in zip(bad, turned, self._lines(turned), strict=True):
            if reads_better(lines, looks[i].lines):
                looks[i] = _Look(page, lines, on_its_head=True)
        return looks

    def _with_stamps(self, looks: Sequence[_Look], prepared: Sequence[Prepared]) -> list[_Look]:
        """What stamps say, in so far as it is beyond doubt, after what they were taken off."""
        stamped = [i for i, page in enumerate(prepared) if page.stamps is not None]
        if not stamped:
            return list(looks)
        sheets = [
            _held_as(page.stamps, look) for page, look in zip(prepared, looks, strict=True) if page.stamps is not None
        ]
        result = list(looks)
        for i, lines in zip(stamped, self._lines(sheets), strict=True):
            said = [line for line in lines if line.confidence >= _SURE and len(line.text.strip()) > 1]
            result[i] = replace(looks[i], lines=[*looks[i].lines, *said])
        return result

    def _lines(self, pages: Sequence[Pixels]) -> list[list[TextLine]]:
        """Of every page; the strips of all of them are recognised together."""
        boxes = [list(self._models.find(page)) if min(page.shape[:2]) >= _SMALLEST else [] for page in pages]
        strips = [line_strip(page, box) for page, found in zip(pages, boxes, strict=True) for box in found]
        texts = iter(self._models.recognise(strips))
        return [[_line(box, *next(texts)) for box in found] for found in boxes]

    def _told(self, look: _Look, image: PageImage, seconds: float) -> ReadImage:
        lines = look.lines if self._words is None else [self._words.corrected(line) for line in look.lines]
        found = judged(lines, self._reading)
        kept, rules = found.kept, rules_of(look.pixels, found.kept)
        if look.on_its_head:
            kept = tuple(replace(line, quad=_held(line.quad, image)) for line in kept)
            rules = tuple((_turned(a, image), _turned(b, image)) for a, b in rules)
        return ReadImage(kept, seconds, found.unread, found.advice, rules)


def _held_as(stamps: Pixels, look: _Look) -> Pixels:
    return np.ascontiguousarray(stamps[::-1, ::-1]) if look.on_its_head else stamps


def _line(box: Corners, text: str, confidence: float) -> TextLine:
    return TextLine(text=text, confidence=min(max(confidence, 0.0), 1.0), quad=reading_quad(box))


def _held(quad: Corners, image: PageImage) -> Corners:
    """On the page as it is held, from the page on its head."""
    a, b, c, d = (_turned(corner, image) for corner in quad)
    return (a, b, c, d)


def _turned(point: Point, image: PageImage) -> Point:
    return (image.width - point[0], image.height - point[1])
