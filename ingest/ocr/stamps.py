"""Coloured stamps over print, told from it by their colour.

Red ink is white in red light, and black print under it stays black: the page without its stamps. What
the stamps say is on a second image, on which there is nothing else. Coloured print that lies over
nothing stays where it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.ocr.crops import Pixels

_COLOURED = 50
"""Of 255: between the strongest and the weakest of a pixel's three colours."""
_SOME, _MUCH = 0.0005, 0.2
"""Share of a page that is coloured: less is a mark, more are pictures or coloured paper."""
_SHRUNK = 4
"""Times: stamps are sought in a smaller image."""
_APART = 0.012
"""Of the page's longer side: gaps within a stamp."""
_LEAST, _LARGEST = 0.0008, 0.35
"""Shares of the page that a stamp takes up."""
_ONE_INK = 0.85
"""Share of a stamp's coloured pixels with one strongest colour: a photo has all of them."""
_DARK = 110
_COVERED = 0.015
"""Share of a stamp's area that is dark, from which on there is print under it."""
_LEFT = 0.6
"""Of paper's shade: what is left of a stamp in its own light is at least as light as that."""


@dataclass(frozen=True, slots=True)
class Layers:
    print: Pixels
    stamps: Pixels


def apart(pixels: Pixels) -> Layers | None:
    """None where no stamp lies over print."""
    weakest, strongest = pixels.min(axis=2), pixels.max(axis=2)
    coloured = (strongest - weakest) > _COLOURED
    if not _SOME <= float(coloured[::2, ::2].mean()) <= _MUCH:
        return None
    layers: Layers | None = None
    for region in _regions(coloured):
        ink = coloured & region
        channel = _one_strongest(pixels, ink)
        if channel is None or float((strongest < _DARK)[region].mean()) < _COVERED:
            continue
        layers = layers or Layers(pixels.copy(), np.full_like(pixels, 255))
        light = pixels[:, :, channel]
        paper = int(np.percentile(light[region], 90))
        lifted = np.where(ink & (light > _LEFT * paper), paper, light)
        layers.print[region] = lifted[region][:, None]
        layers.stamps[ink] = (255 - np.minimum(2 * (strongest - weakest).astype(np.int16), 255))[ink][:, None]
    return layers


def _regions(coloured: NDArray[np.bool_]) -> Iterator[NDArray[np.bool_]]:
    """Each of what may be a stamp, its gaps filled, as a mask over the page."""
    import cv2

    height, width = coloured.shape
    small = cv2.resize(coloured.astype(np.uint8), (max(width // _SHRUNK, 1), max(height // _SHRUNK, 1)), None, 0, 0, 3)
    gap = max(round(_APART * max(small.shape)), 1)
    joined = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((2 * gap + 1, 2 * gap + 1), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    for label in range(1, count):
        size = stats[label, cv2.CC_STAT_WIDTH] * stats[label, cv2.CC_STAT_HEIGHT] / joined.size
        if _LEAST <= size <= _LARGEST:
            mask = cv2.dilate((labels == label).astype(np.uint8), np.ones((3, 3), np.uint8))
            yield cv2.resize(mask, (width, height), interpolation=cv2.INTER_NEAREST) > 0


def _one_strongest(pixels: Pixels, ink: NDArray[np.bool_]) -> int | None:
    counts = np.bincount(pixels[ink].argmax(axis=1), minlength=3)
    return int(counts.argmax()) if counts.max() >= _ONE_INK * max(counts.sum(), 1) else None
