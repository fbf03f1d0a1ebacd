"""A first look at a page: whether it needs OCR, and which pictures on it may hold text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.parsers.base import ReadOptions
from ingest.parsers.pdf.picture_places import Place, has_pictures, picture_places
from ingest.parsers.pdf.render import check_decoded
from ingest.parsers.pdf.triage import OcrNeed, ocr_need
from schemas.errors import InputError

if TYPE_CHECKING:
    import pymupdf


@dataclass(frozen=True, slots=True)
class Look:
    """`triaged`: whether `need` is known, which costs as much as reading the text of a page; it is
    not where there are no pictures. `error` is a sentence about pictures that were not looked at."""

    index: int
    triaged: bool = False
    need: OcrNeed | None = None
    places: tuple[Place, ...] = ()
    error: str | None = None


def look_at(document: pymupdf.Document, index: int, options: ReadOptions) -> Look:
    """A page without pictures is not interpreted for it."""
    look = Look(index)
    try:
        page = document.load_page(index)
        if not has_pictures(page):
            return look
        look = Look(index, triaged=True, need=ocr_need(page))
        places = picture_places(page) if look.need is None else ()
        if places:
            check_decoded(page, index + 1, options)
        return Look(index, look.triaged, look.need, places)
    except InputError as error:
        return Look(index, look.triaged, look.need, error=error.message)
    # The page itself may be read all the same.
    except Exception as error:  # noqa: BLE001
        reason = f"{type(error).__name__}: {error}"
        return Look(
            index,
            look.triaged,
            look.need,
            error=f"The pictures on page {index + 1} could not be looked at: {reason}"[:300],
        )
