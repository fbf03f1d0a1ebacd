"""A page held as it is shown: without a rotation of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pymupdf


def remove_rotation(page: pymupdf.Page) -> None:
    """The page looks as before, and its coordinates are those of what is shown. PyMuPDF turns about the media box: a
    page that is cropped would lose its crop, and its text would stand elsewhere or nowhere."""
    import pymupdf

    if page.rotation == 0:
        return
    media, crop = page.mediabox, page.cropbox
    shown = pymupdf.Rect(crop.x0, media.y1 - crop.y1, crop.x1, media.y1 - crop.y0)
    if shown != media:
        page.set_mediabox(shown)  # the other boxes go with it
    page.remove_rotation()
