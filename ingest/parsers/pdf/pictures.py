"""The pictures on a page: how much of it they cover, and what it takes to decode them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.parsers.pdf.boxes import area, overlap

if TYPE_CHECKING:
    import pymupdf

_DECODED_WHOLE = frozenset({"JPXDecode", "JBIG2Decode"})
"""Filters that MuPDF can't shrink while it decodes: what is shown small still takes all of its memory."""


def picture_share(page: pymupdf.Page) -> float:
    """Share of the page that pictures cover, 0 to 1. Strips of one scan count together."""
    sheet = tuple(page.rect)
    covered = sum(overlap(tuple(info["bbox"]), sheet) for info in page.get_image_info())
    return min(covered / max(area(sheet), 1.0), 1.0)


def largest_decoded_whole(page: pymupdf.Page) -> int:
    """Pixels of the largest picture that would be decoded at its full size; 0 without such. Told
    from the file's dictionaries: nothing is decoded."""
    return max(
        (image[2] * image[3] for image in page.get_images(full=True) if image[8] in _DECODED_WHOLE),
        default=0,
    )
