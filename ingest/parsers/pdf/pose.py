"""How a page is held while it is read, against how it is shown: turned by quarters, and straightened."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from ingest.page_images import Point
from schemas.base import BBox


@dataclass(frozen=True, slots=True)
class Pose:
    """`turned` degrees clockwise (a multiple of 90), then `skew` radians anticlockwise about the
    middle, bring the page as it is shown, `width` by `height` points, to how it is read."""

    width: float
    height: float
    turned: int = 0
    skew: float = 0.0

    @property
    def read_size(self) -> tuple[float, float]:
        return (self.height, self.width) if self.turned in (90, 270) else (self.width, self.height)

    def read(self, point: Point) -> Point:
        x, y = point
        match self.turned:
            case 90:
                x, y = self.height - y, x
            case 180:
                x, y = self.width - x, self.height - y
            case 270:
                x, y = y, self.width - x
        return self._spun((x, y), -self.skew)

    def shown(self, point: Point) -> Point:
        x, y = self._spun(point, self.skew)
        match self.turned:
            case 90:
                return (y, self.height - x)
            case 180:
                return (self.width - x, self.height - y)
            case 270:
                return (self.width - y, x)
        return (x, y)

    def _spun(self, point: Point, angle: float) -> Point:
        if not angle:
            return point
        across, down = (side / 2 for side in self.read_size)
        x, y, cos, sin = point[0] - across, point[1] - down, math.cos(angle), math.sin(angle)
        return (across + x * cos - y * sin, down + x * sin + y * cos)

    def read_box(self, box: BBox) -> BBox:
        return hull(self.read(corner) for corner in corners(box))

    def shown_box(self, box: BBox) -> BBox:
        return hull(self.shown(corner) for corner in corners(box))


def corners(box: BBox) -> tuple[Point, Point, Point, Point]:
    x0, y0, x1, y1 = box
    return ((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def hull(points: Iterable[Point]) -> BBox:
    xs, ys = zip(*points, strict=True)
    return (min(xs), min(ys), max(xs), max(ys))
