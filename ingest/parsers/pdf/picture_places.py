"""Where on a digital page pictures stand that may hold text of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ingest.parsers.pdf.boxes import area, intersection, share_inside
from ingest.parsers.pdf.words import union
from schemas.base import BBox

if TYPE_CHECKING:
    import pymupdf

LEAST_SHOWN = (40.0, 15.0)
"""Points of the longer and of the shorter side: a short line of type is no smaller."""
LEAST_PIXELS = (60.0, 20.0)
"""The same of the picture itself: below it, letters are not to be told apart."""
MOST_OVER = 40
"""Characters of the text layer over a picture: more, and it is a background, a scan with its text
behind it, or a drawing whose labels are in the text layer."""
_APART = 1.0
"""Points by which edges differ that bands or tiles of one picture share."""
_CONTAINED = 0.9
_INLINE = re.compile(rb"(?:^|\s)BI\s")


@dataclass(frozen=True, slots=True)
class Place:
    """A picture's box on the page as it is shown, and how many pixels it has across and down."""

    bbox: BBox
    pixels: tuple[float, float]

    @property
    def is_sensible(self) -> bool:
        shown = (self.bbox[2] - self.bbox[0], self.bbox[3] - self.bbox[1])
        return _at_least(shown, LEAST_SHOWN) and _at_least(self.pixels, LEAST_PIXELS)


def has_pictures(page: pymupdf.Page) -> bool:
    """Told from the page's dictionaries and the operators of its content, which is not interpreted."""
    return bool(page.get_images()) or bool(_INLINE.search(page.read_contents()))


def picture_places(page: pymupdf.Page) -> tuple[Place, ...]:
    """Pictures of a sensible size with little text of the text layer over them, in the order in
    which they are drawn. Bands and tiles of one picture are one."""
    pictures = _within(_put_together(_pictures(page)), tuple(page.rect))
    pictures = [picture for picture in pictures if picture.is_sensible]
    if not pictures:
        return ()
    words = _words(page)
    bare = [picture for picture in pictures if _characters_over(picture.bbox, words) <= MOST_OVER]
    return tuple(_without_nested(bare))


def _at_least(sides: tuple[float, float], least: tuple[float, float]) -> bool:
    return max(sides) >= least[0] and min(sides) >= least[1]


def _pictures(page: pymupdf.Page) -> Iterable[Place]:
    import pymupdf

    # Text pages are made of the page without its rotation.
    turn = page.rotation_matrix
    for info in page.get_image_info():
        placed = pymupdf.Matrix(info["transform"]) * turn
        across, down = info["width"], info["height"]
        sideways = abs(placed.b) > abs(placed.a)
        yield Place(_shown(info["bbox"], turn), (down, across) if sideways else (across, down))


def _shown(box: Sequence[float], turn: Any) -> BBox:
    import pymupdf

    x0, y0, x1, y1 = pymupdf.Rect(box[:4]) * turn
    return (x0, y0, x1, y1)


def _put_together(pictures: Iterable[Place]) -> list[Place]:
    """Tiles are drawn one after the other: a row grows until it is whole, and then joins the rows above."""
    done: list[Place] = []
    for picture in pictures:
        done.append(picture)
        while len(done) > 1 and _are_tiles(done[-2].bbox, done[-1].bbox):
            last = done.pop()
            done[-1] = _joined(done[-1], last)
    return done


def _are_tiles(one: BBox, other: BBox) -> bool:
    """They share one whole edge: beside each other and as high, or below each other and as wide."""

    def same(*edges: int) -> bool:
        return all(abs(one[edge] - other[edge]) <= _APART for edge in edges)

    def meet(axis: int) -> bool:
        return min(abs(one[axis + 2] - other[axis]), abs(other[axis + 2] - one[axis])) <= _APART

    return (same(1, 3) and meet(0)) or (same(0, 2) and meet(1))


def _joined(one: Place, other: Place) -> Place:
    hull = union([one.bbox, other.bbox])
    wider, higher = ((hull[axis + 2] - hull[axis]) / max(one.bbox[axis + 2] - one.bbox[axis], 0.1) for axis in (0, 1))
    return Place(hull, (one.pixels[0] * wider, one.pixels[1] * higher))


def _within(pictures: Iterable[Place], sheet: BBox) -> Iterable[Place]:
    """What of them lies on the page."""
    for picture in pictures:
        box = intersection(picture.bbox, sheet)
        if box is not None:
            yield Place(box, picture.pixels)


def _words(page: pymupdf.Page) -> list[tuple[BBox, int]]:
    turn = page.rotation_matrix
    return [(_shown(word, turn), len(word[4])) for word in page.get_text("words")]


def _characters_over(box: BBox, words: Iterable[tuple[BBox, int]]) -> int:
    return sum(length for word, length in words if share_inside(word, box) >= 0.5)


def _without_nested(pictures: Sequence[Place]) -> list[Place]:
    """What stands within another, or in its place, is rendered with it."""
    kept: list[Place] = []
    for picture in sorted(pictures, key=lambda place: area(place.bbox), reverse=True):
        if not any(share_inside(picture.bbox, other.bbox) >= _CONTAINED for other in kept):
            kept.append(picture)
    return [picture for picture in pictures if any(picture is other for other in kept)]
