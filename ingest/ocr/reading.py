"""From the lines that an engine finds to what a page says: what both engines share.

Recognisers never say that they do not know a script. They leave characters out: a line of Cyrillic
comes back as a full stop after six spaces, with confidence .95. So a line counts as unread not only
for its confidence but also when it has far too few characters for its width.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.page_images import PageImage, Point, ReadImage, TextLine

READING_VERSION = "1"
"""Counts up when the rules below read a page otherwise."""

Pixels = NDArray[np.uint8]
"""Rows of blue, green, red: as OpenCV has them."""

FindLines = Callable[[Pixels], Sequence[TextLine]]

_FEWEST_CHARACTERS = 0.25
"""Per height of a line; Chinese has one, Latin two. Below it, characters were left out."""
_LONG_ENOUGH = 3.0
"""Heights from which on a line's width says how many characters there should be."""
_SURE = 0.9
"""A line with few characters and this confidence may be a form's: "Name:" and a rule."""
_SMALLEST = 8
"""Pixels that a side has at least where there may be text: rules and dots are not looked at."""
_DOUBTFUL = 0.85
"""Pages below this mean are tried upside down, and unknown scripts suspected. Text that is read
right has .93 and more, even with noise; text on its head .55 to .82."""
_NOTICEABLE = 0.3
"""The share of unread and doubtful lines, by their length, from which on advice is given."""

ADVICE = (
    "{bad} of {all} lines were read badly or not at all: if the image is sharp, its script may be unknown to {model}. "
    "Others know it: arabic_PP-OCRv5_mobile_rec, cyrillic_PP-OCRv5_mobile_rec, eslav_PP-OCRv5_mobile_rec "
    "(Russian, Belarusian, Ukrainian), el_PP-OCRv5_mobile_rec (Greek), devanagari_PP-OCRv5_mobile_rec, "
    "korean_PP-OCRv5_mobile_rec, th_PP-OCRv5_mobile_rec (Thai), ta_PP-OCRv5_mobile_rec (Tamil), "
    "te_PP-OCRv5_mobile_rec (Telugu), latin_PP-OCRv5_mobile_rec. Set ocr.recognition_model to one, "
    "or to a folder that holds it"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How lines are judged. `model` is named in the advice."""

    min_confidence: float
    model: str


def read_page(image: PageImage, find_lines: FindLines, reading: Reading) -> ReadImage:
    """`find_lines` gives every line that was detected, with or without text."""
    lines: Sequence[TextLine]
    started = time.perf_counter()
    pixels = bgr(image)
    lines = find_lines(pixels) if min(image.width, image.height) >= _SMALLEST else ()
    if lines and _mean_quality(lines) < _DOUBTFUL:
        turned = find_lines(np.ascontiguousarray(pixels[::-1, ::-1]))
        if _mean_quality(turned) >= _DOUBTFUL and _weight(turned) > _weight(lines):
            lines = [_turned(line, image) for line in turned]
    kept = tuple(line for line in lines if _is_read(line, reading.min_confidence))
    return ReadImage(
        lines=kept,
        seconds=time.perf_counter() - started,
        unread=len(lines) - len(kept),
        advice=_advice(lines, reading),
    )


def bgr(image: PageImage) -> Pixels:
    if image.width < 1 or image.height < 1 or len(image.pixels) != 3 * image.width * image.height:
        raise ValueError(f"{len(image.pixels)} bytes are no image of {image.width} x {image.height} pixels")
    rgb = np.frombuffer(image.pixels, np.uint8).reshape(image.height, image.width, 3)
    return np.ascontiguousarray(rgb[:, :, ::-1])


def text_line(text: str, confidence: float, corners: Any) -> TextLine:
    """`corners`: four points in pixels, clockwise from the top left of the box.

    A box that is at least half again as high as wide is read from its top downwards: both
    engines turn it a quarter to the left before they recognise it.
    """
    a, b, c, d = ((float(x), float(y)) for x, y in corners)
    width, height = max(_distance(a, b), _distance(d, c)), max(_distance(a, d), _distance(b, c))
    quad = (b, c, d, a) if height >= 1.5 * width else (a, b, c, d)
    return TextLine(text=text, confidence=min(max(float(confidence), 0.0), 1.0), quad=quad)


def _distance(a: Point, b: Point) -> float:
    return float(np.hypot(a[0] - b[0], a[1] - b[1]))


def _length(line: TextLine) -> float:
    return _distance(line.quad[0], line.quad[1])


def _characters(line: TextLine) -> int:
    return sum(not character.isspace() for character in line.text)


def _has_too_few(line: TextLine) -> bool:
    heights = _length(line) / max(_distance(line.quad[0], line.quad[3]), 1.0)
    return heights >= _LONG_ENOUGH and _characters(line) < _FEWEST_CHARACTERS * heights


def _is_read(line: TextLine, min_confidence: float) -> bool:
    if line.confidence < min_confidence or not line.text.strip():
        return False
    if not _has_too_few(line):
        return True
    return line.confidence >= _SURE and any(character.isalnum() for character in line.text)


def _quality(line: TextLine) -> float:
    return 0.0 if not line.text.strip() or _has_too_few(line) else line.confidence


def _mean_quality(lines: Sequence[TextLine]) -> float:
    """By length: a line that was not read has no characters that could be counted."""
    lengths = [_length(line) for line in lines]
    return sum(_quality(line) * length for line, length in zip(lines, lengths, strict=True)) / max(sum(lengths), 1.0)


def _weight(lines: Sequence[TextLine]) -> float:
    return sum(_quality(line) * _characters(line) for line in lines)


def _turned(line: TextLine, image: PageImage) -> TextLine:
    """On the page as it is held, from the page upside down."""
    a, b, c, d = ((image.width - x, image.height - y) for x, y in line.quad)
    return TextLine(text=line.text, confidence=line.confidence, quad=(a, b, c, d))


def _advice(lines: Sequence[TextLine], reading: Reading) -> str:
    bad = [line for line in lines if _quality(line) < max(_DOUBTFUL, reading.min_confidence)]
    if sum(map(_length, bad)) <= _NOTICEABLE * sum(map(_length, lines)):
        return ""
    return ADVICE.format(bad=len(bad), all=len(lines), model=reading.model)
