"""Pages of an original as pictures: of a PDF as it is shown, of an image file upright."""

from __future__ import annotations

import importlib
import importlib.util
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ingest.config import Settings
from ingest.context import Context
from ingest.image_colours import to_rgb
from schemas.errors import ConfigError, CorruptFile, InputError

if TYPE_CHECKING:
    import pymupdf
    from PIL.Image import Image

PDF, PICTURE = "application/pdf", "image/"
POINTS_PER_INCH = 72.0
Size = tuple[float, float]
"""Width and height in points."""
_MOST_PIXELS = 25_000_000
"""Of one page's picture; it is drawn smaller than asked for rather than larger."""


class Sheets(Protocol):
    def picture(self, number: int, dpi: float | None) -> Image:
        """The page as it is shown, RGB; its sides are those of the page that boxes are of. `dpi`: None is what suits
        the file. Raises `InputError`."""
        ...


def has_sheets(media_type: str) -> bool:
    return media_type == PDF or media_type.startswith(PICTURE)


@contextmanager
def open_sheets(context: Context, sha256: str, media_type: str, pages: Mapping[int, Size]) -> Iterator[Sheets | None]:
    """`pages`: as they were read, by number. None where the original is not kept. Raises `StoreDown`, `InputError`,
    and `ConfigError` for a file that has no pages."""
    if not has_sheets(media_type):
        raise ConfigError(f"a file of the type {media_type} has no pages that could be drawn")
    with context.store.original(sha256) as path:
        if path is None:
            yield None
        elif media_type == PDF:
            with _open_pdf(path, context.settings) as document:
                yield PdfSheets(document)
        else:
            with _open_image(path, context.settings) as image:
                yield ImageSheets(image, pages)


class PdfSheets:
    """MuPDF turns a page as its rotation says and cuts it at its crop box, as boxes are told."""

    USUAL_DPI = 110.0

    def __init__(self, document: pymupdf.Document) -> None:
        self._document = document

    def picture(self, number: int, dpi: float | None) -> Image:
        import pymupdf
        from PIL import Image

        try:
            page = self._document[number - 1]
            zoom = _bounded((dpi or self.USUAL_DPI) / POINTS_PER_INCH, page.rect.width, page.rect.height)
            pixmap = page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), colorspace=pymupdf.csRGB, alpha=False)
        except (pymupdf.mupdf.FzErrorBase, RuntimeError, ValueError, IndexError) as error:
            raise CorruptFile(f"page {number} cannot be drawn: {error}", page=number) from error
        return Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)


class ImageSheets:
    """Every frame of a TIFF is a page. `pages` tell the shape: the pixels of a fax are not square."""

    def __init__(self, image: Image, pages: Mapping[int, Size]) -> None:
        self._image = image
        self._pages = pages

    def picture(self, number: int, dpi: float | None) -> Image:
        from PIL import ImageOps

        with _told_as_damage(f"frame {number}"):
            self._image.seek(number - 1)
            self._image.load()
            try:
                upright = ImageOps.exif_transpose(self._image)
            except (SyntaxError, ValueError, TypeError, KeyError, OSError):
                upright = self._image.copy()  # broken EXIF: shown as it is stored, as it was read
            rgb = to_rgb(upright)
        width, height = self._pages.get(number, rgb.size)
        own = max(rgb.width / max(width, 1.0), rgb.height / max(height, 1.0))
        zoom = _bounded(dpi / POINTS_PER_INCH if dpi is not None else own, width, height)
        size = max(round(width * zoom), 1), max(round(height * zoom), 1)
        return rgb if size == rgb.size else rgb.resize(size)


def _bounded(zoom: float, width: float, height: float) -> float:
    return min(zoom, math.sqrt(_MOST_PIXELS / max(width * height, 1.0)))


@contextmanager
def _open_pdf(path: Path, settings: Settings) -> Iterator[pymupdf.Document]:
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    try:
        document = pymupdf.open(path, filetype="pdf")
    except (pymupdf.FileDataError, pymupdf.EmptyFileError, pymupdf.mupdf.FzErrorBase, RuntimeError) as error:
        raise CorruptFile("the original that is kept is damaged: it cannot be opened") from error
    with document:
        passwords = (password.get_secret_value() for password in settings.parse.passwords)
        if document.needs_pass and not any(document.authenticate(password) for password in passwords):
            raise InputError("the original needs a password: set parse.passwords as it was when the file was taken in")
        yield document


@contextmanager
def _open_image(path: Path, settings: Settings) -> Iterator[Image]:
    from PIL import Image

    if importlib.util.find_spec("pillow_heif") is not None:
        importlib.import_module("pillow_heif").register_heif_opener()
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, settings.parse.max_pixels
    try:
        with _told_as_damage("the image"):
            image = Image.open(path)
        with image:
            yield image
    finally:
        Image.MAX_IMAGE_PIXELS = limit


@contextmanager
def _told_as_damage(what: str) -> Iterator[None]:
    from PIL import Image

    try:
        yield
    except (OSError, SyntaxError, ValueError, TypeError, EOFError, Image.DecompressionBombError) as error:
        raise CorruptFile(f"{what} of the original that is kept cannot be decoded: {error}") from error
