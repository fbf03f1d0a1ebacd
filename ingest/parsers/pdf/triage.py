"""How each page is to be read: from its text layer, from its picture, or from both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.parsers.pdf.layer_doubts import is_unknown, layer_text
from ingest.parsers.pdf.layout import BLANK_PAGE, empty_reason
from ingest.parsers.pdf.pictures import picture_share

if TYPE_CHECKING:
    import pymupdf

_SLIVER = 200
"""Characters of a text layer up to which it may be no more than a stamp, a header, a page number."""
_COVERED = 0.5
"""Share of the page that pictures cover when it is a scan."""
_UNKNOWN = 0.5
"""Share of characters without a meaning from which a text layer is of no use."""


@dataclass(frozen=True, slots=True)
class OcrNeed:
    """Why a page has to be read by OCR, and whether its text layer is worth keeping beside it."""

    reason: str
    keep_layer: bool = False


def ocr_need(page: pymupdf.Page, text: str | None = None) -> OcrNeed | None:
    """None for a page that its text layer tells all of, and for a blank one. `text`: that layer, for
    who has it."""
    characters = [c for c in (layer_text(page) if text is None else text) if not c.isspace()]
    if not characters:
        reason = empty_reason(page)
        return None if reason == BLANK_PAGE else OcrNeed(reason.removesuffix(": needs OCR"))
    if _is_useless(characters):
        return OcrNeed("text layer without known characters")
    if len(characters) <= _SLIVER and picture_share(page) >= _COVERED:
        return OcrNeed(f"picture with {len(characters)} characters of text layer", keep_layer=True)
    return None


def _is_useless(characters: list[str]) -> bool:
    """The fonts lack a character map: codes that mean nothing, or replacement characters."""
    return sum(map(is_unknown, characters)) > _UNKNOWN * len(characters)
