"""Boxes drawn on the picture of a page: translucent, with a frame, so that what is under them can be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from schemas.base import BBox

if TYPE_CHECKING:
    from PIL.Image import Image

FILL = (255, 196, 0, 70)
FRAME = (214, 92, 0, 255)
"""Told apart from white, black and the usual colours of text by people who see no red or green, too."""
AROUND = (0, 102, 178, 200)
_AROUND = 1.5
"""Points between a box and its frame."""


def draw_boxes(picture: Image, boxes: Iterable[BBox], size: tuple[float, float], whole: Iterable[BBox] = ()) -> Image:
    """`size` of the page, in points, as the boxes are. `whole`: what they are a part of, a thin frame. Without any box
    the whole page has a frame."""
    from PIL import Image, ImageDraw

    across, down = picture.width / max(size[0], 1e-6), picture.height / max(size[1], 1e-6)
    layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    line = max(1, round(1.2 * min(across, down)))
    found = list(boxes)
    # All fills first: boxes of one passage may touch, and a frame in the middle of it would be painted over.
    frames = [_pixels(box, across, down, picture.size) for box in found]
    for frame in frames:
        pen.rectangle(frame, fill=FILL)
    around = [_pixels(box, across, down, picture.size) for box in whole]
    for frame in around:
        pen.rectangle(frame, outline=AROUND, width=line)
    for frame in frames or ([] if around else [(0, 0, picture.width - 1, picture.height - 1)]):
        pen.rectangle(frame, outline=FRAME, width=line)
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


def _pixels(box: BBox, across: float, down: float, size: tuple[int, int]) -> tuple[int, int, int, int]:
    x0, y0, x1, y1 = box
    return (
        min(max(round((x0 - _AROUND) * across), 0), size[0] - 1),
        min(max(round((y0 - _AROUND) * down), 0), size[1] - 1),
        min(max(round((x1 + _AROUND) * across), 0), size[0] - 1),
        min(max(round((y1 + _AROUND) * down), 0), size[1] - 1),
    )


def cut_around(picture: Image, boxes: Sequence[BBox], size: tuple[float, float], margin: float) -> Image:
    """The full width of the page, from `margin` points above the first box to as much below the last."""
    if not boxes:
        return picture
    down = picture.height / max(size[1], 1e-6)
    top = max(round((min(box[1] for box in boxes) - margin) * down), 0)
    foot = min(round((max(box[3] for box in boxes) + margin) * down), picture.height)
    return picture.crop((0, top, picture.width, max(foot, top + 1)))


def as_png(picture: Image) -> bytes:
    body = BytesIO()
    picture.save(body, "PNG", optimize=True)
    return body.getvalue()


def as_webp(picture: Image, max_width: int, quality: int) -> bytes:
    """Not wider than `max_width`, in pixels."""
    if picture.width > max_width:
        picture = picture.resize((max_width, max(round(picture.height * max_width / picture.width), 1)))
    body = BytesIO()
    picture.save(body, "WEBP", quality=quality, method=4)
    return body.getvalue()
