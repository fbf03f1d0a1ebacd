"""A page as the image that OCR reads, within the limits on pixels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ingest.page_images import PageImage
from ingest.parsers.base import ReadOptions
from ingest.parsers.pdf.boxes import area
from ingest.parsers.pdf.layout_model import LARGEST_PAGE
from ingest.parsers.pdf.levelling import remove_rotation
from ingest.parsers.pdf.pictures import largest_decoded_whole
from ingest.parsers.pdf.scan import Scan
from ingest.parsers.pdf.triage import OcrNeed
from ingest.parsers.pdf.words import read_runs
from schemas.base import BBox
from schemas.errors import TooLarge

if TYPE_CHECKING:
    import pymupdf

POINTS_PER_INCH = 72.0
MOST_RENDERED = 40_000_000
"""Pixels of a page that is rendered, whatever the configuration allows: more than an A1 sheet at
200 dpi. Engines take in no more, and an image on its way is held several times."""


def render_scan(page: pymupdf.Page, number: int, need: OcrNeed, options: ReadOptions) -> tuple[Scan, PageImage]:
    """Raises `TooLarge` for a picture that could only be decoded at a size above `max_pixels`."""
    check_decoded(page, number, options)
    rotation = page.rotation
    remove_rotation(page)
    layer = tuple(read_runs(page))
    sheet = page.rect
    dpi = dpi_within(sheet.width, sheet.height, options)
    preview = page_image(page, POINTS_PER_INCH) if area(tuple(sheet)) <= LARGEST_PAGE else None
    scan = Scan(
        number,
        sheet.width,
        sheet.height,
        rotation,
        need.reason,
        POINTS_PER_INCH / dpi,
        preview,
        layer=layer if need.keep_layer else (),
        spare=() if need.keep_layer else layer,
    )
    return scan, page_image(page, dpi)


def check_decoded(page: pymupdf.Page, number: int, options: ReadOptions) -> None:
    """Raises `TooLarge` for a picture that could only be decoded at a size above `max_pixels`."""
    pixels = largest_decoded_whole(page)
    if pixels > options.max_pixels:
        raise TooLarge(
            f"A picture on page {number} has {pixels:,} pixels, more than the {options.max_pixels:,} that "
            "parse.max_pixels allows: raise it, or save the picture smaller.",
            page=number,
            pixels=pixels,
            max_pixels=options.max_pixels,
        )


def dpi_within(width: float, height: float, options: ReadOptions) -> float:
    """The configured resolution, or less where a page of so many points would have too many pixels."""
    most = min(options.max_pixels, MOST_RENDERED)
    # Sides are rounded up to whole pixels.
    side = math.sqrt(most / max(width * height, 1.0)) * (1 - 2 / math.sqrt(most))
    return min(float(options.dpi), POINTS_PER_INCH * side)


def page_image(page: pymupdf.Page | pymupdf.DisplayList, dpi: float, box: BBox | None = None) -> PageImage:
    """The page, or a box of it. One picture gives the same pixels wherever it stands."""
    import pymupdf

    zoom = dpi / POINTS_PER_INCH
    x0, y0 = box[:2] if box else (0.0, 0.0)
    matrix = pymupdf.Matrix(zoom, 0, 0, zoom, -x0 * zoom, -y0 * zoom)
    pixmap = page.get_pixmap(matrix=matrix, colorspace=pymupdf.csRGB, alpha=False, clip=box)
    return PageImage(pixmap.width, pixmap.height, pixmap.samples, dpi)
