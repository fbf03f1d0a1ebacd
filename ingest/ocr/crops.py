"""Pixels of a page, and the strips of it from which single lines are read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.page_images import PageImage, Point

Pixels = NDArray[np.uint8]
"""Rows of blue, green, red: as OpenCV has them."""

_AIR = 0.2
"""Of a line's height, left and right of it: detectors cut so close that a recogniser loses the first
letter, or the full stop at the end. Measured at 150 dpi: benchmarks/RESULTS.md."""
_SMALL, _ZOOM = 16.0, 2.0
"""Pixels of a line's height below which it is enlarged smoothly: recognisers, which want 48, enlarge roughly."""
_UPRIGHT = 1.5
"""Times its width: a box that is at least so high is read from its top downwards."""


def bgr(image: PageImage) -> Pixels:
    if image.width < 1 or image.height < 1 or len(image.pixels) != 3 * image.width * image.height:
        raise ValueError(f"{len(image.pixels)} bytes are no image of {image.width} x {image.height} pixels")
    rgb = np.frombuffer(image.pixels, np.uint8).reshape(image.height, image.width, 3)
    return np.ascontiguousarray(rgb[:, :, ::-1])


def points_of(corners: Any) -> tuple[Point, Point, Point, Point]:
    """Four of them, of whatever the engine has for an array."""
    a, b, c, d = ((float(x), float(y)) for x, y in corners)
    return (a, b, c, d)


def line_strip(pixels: Pixels, corners: Sequence[Point], air: float = _AIR) -> Pixels:
    """The line within `corners` (clockwise from the top left of its box), upright and level. A high
    and narrow box is turned a quarter to the left."""
    import cv2

    a, b, c, d = corners
    width, height = max(distance(a, b), distance(d, c), 1.0), max(distance(a, d), distance(b, c), 1.0)
    along, across = (0.0, air * width) if height >= _UPRIGHT * width else (air * height, 0.0)
    # No more than there is: what is made up beyond the image's edge is read as a letter.
    along, across = (
        min(along, _to_edge(corners, 0, pixels.shape[1])),
        min(across, _to_edge(corners, 1, pixels.shape[0])),
    )
    zoom = _ZOOM if min(width, height) < _SMALL else 1.0
    left, right = along * zoom, (along + width) * zoom
    top, bottom = across * zoom, (across + height) * zoom
    target = [(left, top), (right, top), (right, bottom), (left, bottom)]
    size = (max(round(right + left), 1), max(round(bottom + top), 1))
    transform = cv2.getPerspectiveTransform(np.array(corners, np.float32), np.array(target, np.float32))
    strip = cv2.warpPerspective(pixels, transform, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    turned = np.rot90(strip) if height >= _UPRIGHT * width else strip
    return np.ascontiguousarray(turned, np.uint8)


def _to_edge(corners: Sequence[Point], axis: int, size: int) -> float:
    """Pixels between the line and the nearer edge of the image."""
    places = [corner[axis] for corner in corners]
    return max(min(*places, size - max(places)), 0.0)


def reading_quad(corners: tuple[Point, Point, Point, Point]) -> tuple[Point, Point, Point, Point]:
    """Clockwise from where the text begins, as `line_strip` holds it."""
    a, b, c, d = corners
    width, height = max(distance(a, b), distance(d, c)), max(distance(a, d), distance(b, c))
    return (b, c, d, a) if height >= _UPRIGHT * width else corners


def distance(a: Point, b: Point) -> float:
    return float(np.hypot(a[0] - b[0], a[1] - b[1]))
