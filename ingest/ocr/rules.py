"""Rules that are drawn on a page: the frames of its tables, found in its image."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.ocr.crops import Pixels, distance
from ingest.page_images import Point, Segment, TextLine

_LINE_HEIGHTS = 1.8
"""That a rule is long at least: dashes and the strokes of large letters are shorter."""
_SHORTEST = 0.012
"""Of the page's longer side, the same: where there is small print only."""
_THICKEST = 0.5
"""Of a line's height: what is thicker is a bar or a picture's edge."""
_GAP = 5
"""Pixels over which a worn rule goes on."""
_MOST = 1_500
"""Rules of one page: more are hatching or a drawing."""
_LEVEL = 0.35
"""Radians up to which a page's lean is one, and not writing on its side."""
_NO_LEAN = 0.0015


def rules_of(pixels: Pixels, lines: Sequence[TextLine]) -> tuple[Segment, ...]:
    """Along the page's lines and across them, however it leans, by their two ends in pixels. `lines`
    are those that were read on it; on a page without any, no rule means anything."""
    import cv2

    if not lines:
        return ()
    heights = sorted(distance(line.quad[0], line.quad[3]) for line in lines)
    height = heights[len(heights) // 2]
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), np.uint8)
    lean = _lean(lines)
    middle = (grey.shape[1] / 2, grey.shape[0] / 2)
    if lean:
        turn = cv2.getRotationMatrix2D(middle, math.degrees(lean), 1.0)
        grey = np.asarray(cv2.warpAffine(grey, turn, grey.shape[::-1], borderValue=255), np.uint8)
    around = 2 * round(max(height, 8.0)) + 1
    ink = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, around, 12)
    shortest = round(max(_LINE_HEIGHTS * height, _SHORTEST * max(grey.shape)))
    thickest = max(_THICKEST * height, 3.0)
    level = list(_level(np.asarray(ink, np.uint8), shortest, thickest))
    upright = [((y0, x0), (y1, x1)) for (x0, y0), (x1, y1) in _level(_turned(ink), shortest, thickest)]
    if len(level) + len(upright) > _MOST:
        return ()
    return tuple((_spun(a, middle, lean), _spun(b, middle, lean)) for a, b in (*level, *upright))


def _turned(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(ink.T)


def _level(ink: NDArray[np.uint8], shortest: int, thickest: float) -> Iterator[Segment]:
    import cv2

    # Gaps are closed only now: closed before, the feet of a line of print would be a rule.
    long = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, shortest), np.uint8))
    # A rule that leans by a pixel is two pieces above each other.
    long = cv2.dilate(long, np.ones((3, _GAP), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(long)
    for x, y, width, height, _ in stats[1:].tolist():
        if height - 2 <= thickest and width >= shortest:
            yield (float(x), y + height / 2), (float(x + width), y + height / 2)


def _lean(lines: Sequence[TextLine]) -> float:
    """Of the page, in radians: the median of its lines', to the nearest quarter of a turn."""
    leans = []
    for line in lines:
        (ax, ay), (bx, by) = line.quad[:2]
        if distance(line.quad[0], line.quad[1]) > 3 * distance(line.quad[0], line.quad[3]):
            angle = math.atan2(by - ay, bx - ax)
            leans.append(angle - round(angle / (math.pi / 2)) * math.pi / 2)
    lean = sorted(leans)[len(leans) // 2] if leans else 0.0
    return lean if _NO_LEAN < abs(lean) < _LEVEL else 0.0


def _spun(point: Point, middle: Point, angle: float) -> Point:
    if not angle:
        return point
    x, y, cos, sin = point[0] - middle[0], point[1] - middle[1], math.cos(angle), math.sin(angle)
    return (middle[0] + x * cos - y * sin, middle[1] + x * sin + y * cos)
