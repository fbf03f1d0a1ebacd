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
    """Pixels that stand out from all sides become like those around them; print stays as it is."""
    import cv2

    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    middle = cv2.medianBlur(grey, 3)
    alone = np.abs(cv2.subtract(grey, middle, dtype=cv2.CV_16S)) > _SPECK
    cleaned = pixels.copy()
    cleaned[alone] = middle[alone][:, None]
    return cleaned


def without_grain(pixels: Pixels, sigma: float = 0.7) -> Pixels:
    import cv2

    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), np.uint8)


def with_full_contrast(pixels: Pixels, paper: Paper) -> Pixels:
    """Ink becomes black and paper white."""
    shades = (np.arange(256) - paper.ink) * (255.0 / max(paper.contrast, 1.0))
    table = np.clip(shades, 0, 255).astype(np.uint8)
    return np.asarray(table[pixels], np.uint8)
