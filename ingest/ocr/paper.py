"""What an image of a page is like: how noisy its paper is, how dark its ink, how much of it is coloured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.ocr.crops import Pixels

_EVEN = 25
"""Shades within which a smoothed surrounding counts as bare paper: print and drawings stand out by more."""
_SPECK = 40
"""Shades by which a pixel differs from those around it when it is dust, a fax's dot, or a lost bit."""
_ALIKE = 0.4
"""Of a pixel's distance from those around it: a neighbour within it has the same shade."""
_KIN = 2
_SHARP = 0.23
"""Share of what stands out that has such neighbours: .14 to .20 in soft print with specks, .27 to .57 in sharp."""
_NEIGHBOURS = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if (down, right) != (0, 0)]
_TOLD_BY_HALF = 1.4826
"""Standard deviation of normal noise from the median of its absolute values."""
_ENOUGH = 0.01
"""Share of the image that has to be bare paper for it to tell anything."""


@dataclass(frozen=True, slots=True)
class Paper:
    """`noise` is the standard deviation of bare paper's shades (of 255), `specks` the share of its
    pixels that stand alone in theirs. `ink` and `ground` are shades: of what is darkest, and of paper."""

    noise: float
    specks: float
    ink: float
    ground: float

    @property
    def contrast(self) -> float:
        return self.ground - self.ink


def paper_of(pixels: Pixels) -> Paper:
    import cv2

    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), np.uint8)
    ink, ground = np.percentile(grey[::4, ::4], [1, 70])
    apart = np.abs(cv2.subtract(grey, cv2.medianBlur(grey, 3), dtype=cv2.CV_16S))
    bare = apart[_bare(grey)]
    if bare.size < _ENOUGH * grey.size:
        return Paper(0.0, 0.0, float(ink), float(ground))
    return Paper(
        noise=_TOLD_BY_HALF * float(np.median(bare)),
        specks=float(np.mean(bare > _SPECK)),
        ink=float(ink),
        ground=float(ground),
    )


def _bare(grey: NDArray[np.uint8]) -> NDArray[np.bool_]:
    import cv2

    smooth = cv2.GaussianBlur(grey, (0, 0), 2.0)
    around = np.ones((13, 13), np.uint8)
    return np.asarray(cv2.subtract(cv2.dilate(smooth, around), cv2.erode(smooth, around)) < _EVEN)


def without_specks(pixels: Pixels) -> Pixels:
    """Pixels that stand out become like those around them. In sharp print thin strokes stand out too: there
    one with two neighbours of its own shade is a part of one, and stays. In soft print it is dust on one."""
    import cv2

    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), np.uint8)
    middle = np.asarray(cv2.medianBlur(grey, 3), np.uint8)
    shades, medians = grey.astype(np.int16), middle.astype(np.int16)
    rows, columns = np.nonzero(np.abs(shades - medians) > _SPECK)
    framed = np.pad(shades, 1, mode="reflect")
    own = shades[rows, columns]
    like = _ALIKE * np.abs(own - medians[rows, columns])
    kin = np.zeros(len(rows), np.int8)
    for down, right in _NEIGHBOURS:
        kin += np.abs(framed[rows + 1 + down, columns + 1 + right] - own) <= like
    alone = kin < _KIN
    if alone.size and 1 - float(alone.mean()) >= _SHARP:
        rows, columns = rows[alone], columns[alone]
    cleaned = pixels.copy()
    cleaned[rows, columns] = middle[rows, columns][:, None]
    return cleaned


def without_grain(pixels: Pixels, sigma: float = 0.7) -> Pixels:
    import cv2

    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), np.uint8)


def with_full_contrast(pixels: Pixels, paper: Paper) -> Pixels:
    """Ink becomes black and paper white."""
    shades = (np.arange(256) - paper.ink) * (255.0 / max(paper.contrast, 1.0))
    table = np.clip(shades, 0, 255).astype(np.uint8)
    return np.asarray(table[pixels], np.uint8)
