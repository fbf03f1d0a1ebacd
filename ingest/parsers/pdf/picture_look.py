"""A first look at a page: whether it needs OCR, which pictures on it may hold text, what of its text
layer is to be compared with what it shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ingest.parsers.base import ReadOptions
from ingest.parsers.pdf.layer_doubts import Doubt, Stretch, broken_words, doubt_of, is_unknown, layer_text
from ingest.parsers.pdf.picture_places import Place, has_pictures, picture_places
from ingest.parsers.pdf.render import check_decoded
from ingest.parsers.pdf.triage import OcrNeed, ocr_need
from schemas.errors import InputError

if TYPE_CHECKING:
    import pymupdf


@dataclass(frozen=True, slots=True)
class Look:
    """`triaged`: whether `need` is known; it is not of a page that could not be looked at, for the
    reason in `error`: a sentence. `broken` are words of the text layer with unknown characters."""

    index: int
    triaged: bool = False
    need: OcrNeed | None = None
    places: tuple[Place, ...] = ()
    broken: tuple[Stretch, ...] = ()
    doubt: Doubt | None = None
    error: str | None = None


def look_at(document: pymupdf.Document, index: int, options: ReadOptions) -> Look:
    look = Look(index)
    try:
        page = document.load_page(index)
        text = layer_text(page)
        look = Look(index, triaged=True, need=ocr_need(page, text))
        return look if look.need is not None else _closer(look, page, text, options)
    except InputError as error:
        return replace(look, error=error.message)
    # The page itself may be read all the same.
    except Exception as error:  # noqa: BLE001  # MuPDF raises anything; told with the page
        reason = f"{type(error).__name__}: {error}"
        return replace(look, error=f"The pictures on page {index + 1} could not be looked at: {reason}"[:300])


def _closer(look: Look, page: pymupdf.Page, text: str, options: ReadOptions) -> Look:
    """Of a page that is to be read from its text layer. Without pictures it is not interpreted again."""
    pictures = has_pictures(page)
    places = picture_places(page) if pictures else ()
    broken = broken_words(page) if any(is_unknown(c) for c in text if not c.isspace()) else ()
    doubt = doubt_of(page, text, pictures=pictures) if text.strip() else None
    if places or broken or doubt:
        check_decoded(page, look.index + 1, options)
    return replace(look, places=places, broken=broken, doubt=doubt)
