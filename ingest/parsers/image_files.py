"""Image files opened and decoded with Pillow, within the limits on pixels."""

from __future__ import annotations

import importlib
import importlib.util
import math
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.image_colours import to_rgb
from ingest.page_images import PageImage
from ingest.parsers.base import ParseInput, ReadOptions
from ingest.parsers.pdf.layout_model import LARGEST_PAGE
from ingest.parsers.pdf.render import MOST_RENDERED, POINTS_PER_INCH
from schemas.errors import CorruptFile, TooLarge, UnsupportedFormat

if TYPE_CHECKING:
    from PIL.Image import Image

_FORMATS = ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP", "AVIF")
"""Others that Pillow knows start programs (EPS) or are no pictures of text."""
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
_SCREEN_DPI = 96.0
_SHEET_INCHES = 11.69
"""The long side of an A4 sheet: what a photo of unknown size is taken for."""
_BELIEVED_DPI = (100.0, 2400.0)
"""Of scanners. Programs write 72 or 96 when they know nothing."""
_SQUARE = 1.1
_BROKEN = (OSError, SyntaxError, ValueError, TypeError, IndexError, OverflowError, EOFError, struct.error, zlib.error)
"""What Pillow's decoders raise over damaged files; SyntaxError is its own word for a wrong format."""


_SMALL = 200
"""Pixels of the shorter side of what may be a crop of one line."""
_LOW = 100


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture as RGB; sizes in points. `preview` has a pixel per point, None where that is too many."""

    width: float
    height: float
    image: PageImage
    preview: PageImage | None


@contextmanager
def decoding(name: str) -> Iterator[None]:
    """What Pillow says of broken files becomes `CorruptFile`; its own limit on pixels is off."""
    from PIL import Image

    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        yield
    except _BROKEN as error:
        raise CorruptFile(
            f"{name} is not a readable image ({type(error).__name__}: it is damaged or cut short): save it again, "
            "or fetch it anew from where it came.",
            name=name,
        ) from error
    finally:
        Image.MAX_IMAGE_PIXELS = limit


@contextmanager
def open_image(source: ParseInput, options: ReadOptions) -> Iterator[Image]:
    """Only its header is read. Raises `TooLarge` above `max_pixels`, `UnsupportedFormat`, `CorruptFile`."""
    from PIL import Image

    Image.init()  # all formats: those of the list that are not loaded yet would be unknown
    formats = [*_FORMATS, "HEIF"] if _reads_heic() else list(_FORMATS)
    if "HEIF" not in formats and _is_heic(source):
        raise UnsupportedFormat(
            f"{source.name} is a HEIC image: install pillow-heif, or save it as JPEG.", name=source.name
        )
    with decoding(source.name):
        image = Image.open(source.path, formats=formats)
    with image:
        check_pixels(image.size, source.name, options)
        yield image


def check_pixels(size: tuple[int, int], name: str, options: ReadOptions) -> None:
    pixels = size[0] * size[1]
    if pixels > options.max_pixels:
        raise TooLarge(
            f"{name} has {pixels:,} pixels, more than the {options.max_pixels:,} that parse.max_pixels allows: "
            "raise it, or save the image smaller.",
            name=name,
            pixels=pixels,
            max_pixels=options.max_pixels,
        )


def frame_count(image: Image, name: str) -> int:
    if image.format != "TIFF":
        return 1
    with decoding(name):
        return int(getattr(image, "n_frames", 1))


def read_frame(image: Image, index: int, options: ReadOptions) -> Frame:
    """Decodes one frame, upright. Call within `decoding`."""
    from PIL import ImageOps

    image.seek(index)
    check_pixels(image.size, f"frame {index + 1}", options)
    image.load()
    try:
        upright = ImageOps.exif_transpose(image)
    except (SyntaxError, ValueError, TypeError, KeyError, OSError):
        upright = image.copy()  # broken EXIF: shown as it is stored
    across, down = _dpi(image)
    if upright.size != image.size:
        across, down = down, across
    rgb = _bounded(_with_square_pixels(to_rgb(upright), across, down))
    dpi = _believed(max(across, down) * max(rgb.size) / max(upright.size), rgb.size)
    width, height = (side * POINTS_PER_INCH / dpi for side in rgb.size)
    preview = None
    if width * height <= LARGEST_PAGE:
        small = rgb.resize((max(round(width), 1), max(round(height), 1)))
        preview = _page_image(small, POINTS_PER_INCH)
    return Frame(width, height, _page_image(rgb, dpi), preview)


def is_small(image: PageImage) -> bool:
    return min(image.width, image.height) <= _SMALL and max(image.width, image.height) <= 10 * _SMALL


def on_paper(image: PageImage) -> tuple[PageImage, int]:
    """The picture in the middle of white paper, and how wide that is around it, in pixels. Small
    type is enlarged. Tried with PP-OCRv6: it finds crops of a line that it saw nothing in before,
    while pictures that it reads as they are may be read worse."""
    from PIL import Image, ImageOps

    picture = Image.frombytes("RGB", (image.width, image.height), image.pixels)
    zoom = 2 if image.height < _LOW else 1
    picture = picture.resize((image.width * zoom, image.height * zoom))
    edge = max(8, min(picture.size) // 3)
    return _page_image(ImageOps.expand(picture, edge, (255, 255, 255)), image.dpi * zoom), edge


def _page_image(rgb: Image, dpi: float) -> PageImage:
    return PageImage(rgb.width, rgb.height, rgb.tobytes(), dpi)


def _dpi(image: Image) -> tuple[float, float]:
    """As the file has it; 0 where it does not."""
    try:
        across, down = (float(value) for value in image.info.get("dpi", (0, 0)))
    except (TypeError, ValueError, ZeroDivisionError):
        return 0.0, 0.0
    return (across, down) if math.isfinite(across + down) and min(across, down) > 0 else (0.0, 0.0)


def _with_square_pixels(rgb: Image, across: float, down: float) -> Image:
    """A fax has half as many rows as columns an inch: letters would be flat."""
    low, high = min(across, down), max(across, down)
    if not low or not _SQUARE < high / low < 4:
        return rgb
    return rgb.resize((round(rgb.width * high / across), round(rgb.height * high / down)))


def _bounded(rgb: Image) -> Image:
    share = math.sqrt(MOST_RENDERED / (rgb.width * rgb.height))
    return rgb if share >= 1 else rgb.resize((max(int(rgb.width * share), 1), max(int(rgb.height * share), 1)))


def _believed(dpi: float, size: tuple[int, int]) -> float:
    """The file's own where it makes sense; else that of a screen, or of a sheet for large pictures."""
    if _BELIEVED_DPI[0] <= dpi <= _BELIEVED_DPI[1]:
        return dpi
    return max(_SCREEN_DPI, max(size) / _SHEET_INCHES)


def _is_heic(source: ParseInput) -> bool:
    with source.path.open("rb") as file:
        head = file.read(12)
    return head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS


def _reads_heic() -> bool:
    if importlib.util.find_spec("pillow_heif") is None:
        return False
    importlib.import_module("pillow_heif").register_heif_opener()
    return True
