"""What is drawn on a page beside its text: rules, and where drawings and pictures are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ingest.parsers.pdf.boxes import area, share_inside
from ingest.parsers.pdf.rules import MOST_DRAWINGS, Rule, rules_of
from ingest.parsers.pdf.words import union
from schemas.base import BBox

if TYPE_CHECKING:
    import pymupdf

_NEAR = 18.0
"""Points between parts of one drawing, and between a drawing and its labels."""
_TINY = 14.0
"""Points: a path no larger is a bullet, a box to tick, an arrow."""
_BACKGROUND = 0.8
"""Share of the page from which a picture is what the text stands on."""
_WHITE = 0.99
_MOST_SHAPES = 400


@dataclass(frozen=True, slots=True)
class Drawings:
    """`figures` are the hulls of curves and slanted lines that stand near each other, and pictures
    but those behind the whole page. `is_drawing`: the page is mostly a drawing."""

    rules: tuple[Rule, ...] = ()
    figures: tuple[BBox, ...] = field(default=())
    is_drawing: bool = False

    def holds(self, box: BBox) -> bool:
        """A text that may be a label in a figure."""
        return self.is_drawing or any(share_inside(box, figure) > 0.5 for figure in self.figures)


def read_drawings(page: pymupdf.Page) -> Drawings:
    drawings = page.get_cdrawings()
    if len(drawings) > MOST_DRAWINGS:
        return Drawings(is_drawing=True)
    rules = tuple(
        rule for drawing in drawings if not _is_blank(drawing) for item in drawing["items"] for rule in rules_of(item)
    )
    shapes = [tuple(drawing["rect"]) for drawing in drawings if _is_shape(drawing)]
    if len(shapes) > _MOST_SHAPES:
        return Drawings(rules, is_drawing=True)
    hulls = [hull for hull in _hulls(shapes) if hull[2] - hull[0] > _TINY and hull[3] - hull[1] > _TINY]
    sheet = max(area(tuple(page.rect)), 1.0)
    pictures = [tuple(info["bbox"]) for info in page.get_image_info()] if page.get_images() else []
    return Drawings(rules, (*hulls, *(box for box in pictures if area(box) < _BACKGROUND * sheet)))


def _is_blank(drawing: dict[str, Any]) -> bool:
    """White without an outline: a ground that was laid behind text, whose edges nobody sees."""
    kind: str = drawing["type"]
    fill: tuple[float, ...] = drawing.get("fill") or (0.0,)
    return kind == "f" and all(part >= _WHITE for part in fill)


def _is_shape(drawing: dict[str, Any]) -> bool:
    """Drawn with curves or slanted lines; a rounded frame around text is one too."""
    return any(item[0] in ("c", "qu") or _is_slanted(item) for item in drawing["items"])


def _is_slanted(item: tuple[Any, ...]) -> bool:
    if item[0] != "l":
        return False
    start: tuple[float, float] = item[1]
    end: tuple[float, float] = item[2]
    (x0, y0), (x1, y1) = start, end
    return abs(x1 - x0) > 2 and abs(y1 - y0) > 2


def _hulls(boxes: Iterable[BBox]) -> list[BBox]:
    """Boxes that stand near each other as one."""
    hulls: list[BBox] = []
    for box in boxes:
        grown: BBox = box
        while near := [hull for hull in hulls if _is_near(hull, grown)]:
            hulls = [hull for hull in hulls if hull not in near]
            grown = union([grown, *near])
        hulls.append(grown)
    return hulls


def _is_near(one: Sequence[float], other: Sequence[float]) -> bool:
    return (
        one[0] - _NEAR <= other[2]
        and other[0] - _NEAR <= one[2]
        and one[1] - _NEAR <= other[3]
        and other[1] - _NEAR <= one[3]
    )
