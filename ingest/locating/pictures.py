"""Pictures of a place: its pages with its boxes on them, large for a person, small for a report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.context import Context
from ingest.locating.drawing import as_png, as_webp, cut_around, draw_boxes
from ingest.locating.originals import read_last_original
from ingest.locating.place import Place
from ingest.locating.sheets import POINTS_PER_INCH, Sheets, Size, has_sheets, open_sheets
from schemas.base import BBox
from schemas.document import Region
from schemas.errors import ConfigError, InputError

_MARGIN = 36.0
"""Points of the page around the boxes that a small picture shows."""
_WIDTH, _QUALITY = 560, 60
"""Pixels, and per cent of WebP's best, of a small picture."""


@dataclass(frozen=True, slots=True)
class SmallPicture:
    """`data` is WebP; `page` counts from 1."""

    page: int
    data: bytes


def pictures(context: Context, place: Place, dpi: float | None = None) -> list[bytes]:
    """A PNG a page, in their order, with the boxes of the place on them. `dpi`: without it 110 for a PDF, and the
    pixels that an image file has. Raises `ConfigError` where there is nothing to draw, or the original is not kept."""
    if not place.pages:
        raise ConfigError(f"{place.path} has no pages: without --png its place is told in words")
    if not has_sheets(place.media_type):
        raise ConfigError(
            f"{place.path} is no PDF and no image: its pages or slides have numbers, but nothing here draws them;"
            " without --png the place is told in words"
        )
    sizes = {page.number: page.size for page in place.pages}
    with open_sheets(context, place.sha256, place.media_type, sizes) as sheets:
        if sheets is None:
            raise ConfigError(
                f"the original of version {place.version} of {place.path} is not kept, so nothing can be drawn:"
                " store.keep_originals was off when it was taken in"
            )
        return [
            as_png(draw_boxes(sheets.picture(page.number, dpi), page.boxes, page.size, page.whole))
            for page in place.pages
        ]


def small_pictures(context: Context, doc_id: str, regions: Sequence[Region], most: int) -> tuple[SmallPicture, ...]:
    """For a report: the strips of at most `most` pages of a document's last version where the regions are, drawn in.
    Empty where there is nothing to draw: no page, no original, or one that cannot be opened; a report is made all the
    same. Raises `StoreDown`."""
    by_page: defaultdict[int, list[BBox]] = defaultdict(list)
    for region in regions:
        by_page[region.page].extend([region.bbox] if region.bbox is not None else [])
    original = read_last_original(context, doc_id) if by_page else None
    if original is None or not has_sheets(original.media_type):
        return ()
    chosen = [number for number in sorted(by_page) if number in original.pages][:most]
    try:
        with open_sheets(context, original.sha256, original.media_type, original.pages) as sheets:
            if sheets is None:
                return ()
            return tuple(
                SmallPicture(number, _strip(sheets, number, original.pages[number], by_page[number]))
                for number in chosen
            )
    except InputError:
        return ()


def _strip(sheets: Sheets, number: int, size: Size, boxes: Sequence[BBox]) -> bytes:
    """The part of the page that the boxes stand in."""
    drawn = draw_boxes(sheets.picture(number, _WIDTH * POINTS_PER_INCH / max(size[0], 1.0)), boxes, size)
    return as_webp(cut_around(drawn, boxes, size, _MARGIN), _WIDTH, _QUALITY)
