"""Lines that OCR found become runs of words, as if they stood in a text layer."""

from __future__ import annotations

import math
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ingest.page_images import Point, TextLine
from ingest.parsers.pdf.pose import Pose, corners, hull
from ingest.parsers.pdf.text import clean
from ingest.parsers.pdf.words import Run, Word, union
from schemas.base import BBox

_LEVEL = 0.34
"""Sine up to which a line is level but for how the sheet lay on the glass: 20 degrees."""
_TYPE_SIZE = 0.9
"""Type size as a share of a line's height: detectors leave some air around the letters. Measured
with PP-OCRv6 on Chinese and English print: .85 to .93."""
_MIDDLE = 0.25
"""Of the type size: how far the middle of small letters stands above the baseline."""
_NARROW = frozenset("iljtfrI.,:;!|'`()[]{}")
_WIDE = frozenset("mwMW@%&—")
_ASKEW = 0.004
"""Radians from which a sheet is straightened: a quarter of a degree."""
_SHORT = 2
_NEAR = 0.9
"""Line heights between two lines that may belong to one paragraph."""
_ALIKE = 0.7


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line in points. `corners` go clockwise from where the text begins."""

    text: str
    confidence: float
    corners: tuple[Point, Point, Point, Point]

    @property
    def height(self) -> float:
        a, b, c, d = self.corners
        return (math.dist(a, d) + math.dist(b, c)) / 2

    @property
    def direction(self) -> Point:
        """(cos, sin) of the writing; y grows downwards."""
        a, b, c, d = self.corners
        x, y = b[0] - a[0] + c[0] - d[0], b[1] - a[1] + c[1] - d[1]
        length = math.hypot(x, y)
        return (x / length, y / length) if length else (1.0, 0.0)

    @property
    def bbox(self) -> BBox:
        return hull(self.corners)


def place(lines: Iterable[TextLine], points_per_pixel: float, margin: float = 0.0) -> list[PlacedLine]:
    """The lines that say something, from pixels to points; `margin` is around the page in its image."""
    placed = []
    for line in lines:
        text = " ".join(clean(line.text).split())
        if text:
            a, b, c, d = ((x * points_per_pixel - margin, y * points_per_pixel - margin) for x, y in line.quad)
            placed.append(PlacedLine(text, line.confidence, (a, b, c, d)))
    return placed


def turn_of(lines: Iterable[PlacedLine]) -> int:
    """By how many degrees clockwise the page has to be turned for most of its characters to stand upright."""
    letters: defaultdict[int, int] = defaultdict(int)
    for line in lines:
        x, y = line.direction
        letters[round(math.degrees(math.atan2(y, x)) / 90) % 4] += len(line.text)
    quarters = max(letters, key=lambda key: letters[key], default=0)
    return -90 * quarters % 360


def skew_of(lines: Sequence[PlacedLine]) -> float:
    """By how much the level lines lean, in radians: the median, each line weighed by its width."""
    long = [line for line in lines if _is_level(line) and len(line.text) > _SHORT]
    leans = sorted((math.atan2(line.direction[1], line.direction[0]), line.bbox[2] - line.bbox[0]) for line in long)
    reached, half = 0.0, sum(width for _, width in leans) / 2
    for lean, width in leans:
        reached += width
        if reached >= half:
            return lean if abs(lean) >= _ASKEW else 0.0
    return 0.0


def held(line: PlacedLine, pose: Pose) -> PlacedLine:
    """The line on the page as it is read."""
    a, b, c, d = (pose.read(corner) for corner in line.corners)
    return PlacedLine(line.text, line.confidence, (a, b, c, d))


def to_runs(lines: Sequence[PlacedLine]) -> list[Run]:
    """One run a line; lines close below each other share a block."""
    return [_run(line, block) for block, line in _in_blocks([_level_if_short(line) for line in lines])]


def _level_if_short(line: PlacedLine) -> PlacedLine:
    """One or two characters are often higher than wide, and no sign of text that runs downwards."""
    if len(line.text) > _SHORT:
        return line
    return PlacedLine(line.text, line.confidence, corners(line.bbox))


def _is_level(line: PlacedLine) -> bool:
    x, y = line.direction
    return x > 0 and abs(y) <= _LEVEL


def _in_blocks(lines: Sequence[PlacedLine]) -> Iterator[tuple[int, PlacedLine]]:
    ends: list[PlacedLine] = []
    for line in sorted(lines, key=lambda li: (li.bbox[1], li.bbox[0])):
        home = next((i for i in range(len(ends) - 1, -1, -1) if _follows(ends[i], line)), len(ends))
        ends[home:] = [line, *ends[home + 1 :]]
        yield home, line


def _follows(above: PlacedLine, line: PlacedLine) -> bool:
    a, b = above.bbox, line.bbox
    low, high = sorted((above.height, line.height))
    across = min(a[2], b[2]) - max(a[0], b[0])
    near = -0.5 * high <= b[1] - a[3] <= _NEAR * low
    return _is_level(above) and _is_level(line) and near and across > 0 and low > _ALIKE * high


def _run(line: PlacedLine, block: int) -> Run:
    size = line.height * _TYPE_SIZE
    level = _is_level(line)
    words = tuple(_words(line, size))
    return Run(words, union(word.bbox for word in words), (1.0, 0.0) if level else line.direction, False, block)


def _words(line: PlacedLine, size: float) -> Iterator[Word]:
    """Their places from the usual widths of their characters: OCR tells those of the whole line only."""
    widths = [_width(character) for character in line.text]
    total = sum(widths)
    at = 0
    for index, text in enumerate(line.text.split(" ")):
        start, end = sum(widths[:at]) / total, sum(widths[: at + len(text)]) / total
        box = _between(line.corners, start, end)
        yield Word(
            text=text,
            bbox=box,
            baseline=(box[1] + box[3]) / 2 + _MIDDLE * size,
            size=size,
            bold=False,
            mono=False,
            spaces=1 if index else 0,
            guessed=False,
            confidence=line.confidence,
        )
        at += len(text) + 1


def _width(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if character == " " or character in _NARROW:
        return 0.3
    return 0.8 if character in _WIDE else 0.65 if character.isupper() else 0.52


def _between(edges: tuple[Point, Point, Point, Point], start: float, end: float) -> BBox:
    a, b, c, d = edges
    return hull(_at(one, other, share) for one, other in ((a, b), (d, c)) for share in (start, end))


def _at(one: Point, other: Point, share: float) -> Point:
    return (one[0] + (other[0] - one[0]) * share, one[1] + (other[1] - one[1]) * share)
