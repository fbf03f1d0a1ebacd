"""What an image file says of itself: author, date, title and description; nothing else of its EXIF."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from ingest.parsers.pdf.metadata import real_title
from ingest.parsers.pdf.text import clean
from schemas.source import MetadataValue

if TYPE_CHECKING:
    from PIL.Image import Image

Exif = Mapping[int, object]

_EXIF_IFD = 0x8769
_DESCRIPTION, _CHANGED, _ARTIST = 0x010E, 0x0132, 0x013B
_TAKEN, _TAKEN_OFFSET = 0x9003, 0x9011
_XP_TITLE, _XP_COMMENT, _XP_AUTHOR = 0x9C9B, 0x9C9C, 0x9C9D
_BROKEN = (SyntaxError, ValueError, TypeError, KeyError, IndexError, OSError, EOFError)
_LONGEST = 1_000


def exif_of(image: Image) -> Exif:
    """Both of its parts that may hold what is asked for here; empty where it is broken."""
    try:
        exif = image.getexif()
        return {**exif, **exif.get_ifd(_EXIF_IFD)}
    except _BROKEN:
        return {}


def title_of(image: Image, exif: Exif, file_name: str) -> str | None:
    titles = (real_title(text, file_name) for text in (_text(exif.get(_XP_TITLE)), _written(image, "Title")))
    return next((title for title in titles if title), None)


def metadata_of(image: Image, exif: Exif) -> dict[str, MetadataValue]:
    """`author`, `created`, `description`, where the file has them."""
    found = {
        "author": _first(_text(exif.get(_ARTIST)), _text(exif.get(_XP_AUTHOR)), _written(image, "Author")),
        "created": _first(_date(exif)),
        "description": _first(
            _text(exif.get(_DESCRIPTION)), _text(exif.get(_XP_COMMENT)), _written(image, "Description")
        ),
    }
    return {name: text for name, text in found.items() if text}


def _first(*texts: str) -> str:
    return next((text for text in texts if text), "")


def _text(value: object) -> str:
    """Windows writes its own tags in UTF-16, everyone else in ASCII or what was at hand."""
    if isinstance(value, tuple) and all(isinstance(byte, int) and 0 <= byte < 256 for byte in value):
        value = bytes(value)
    if isinstance(value, bytes):
        value = value.decode("utf-16-le", "replace")
    if not isinstance(value, str):
        return ""
    text = " ".join(clean(value.split("\0", 1)[0]).split())
    return "" if "\ufffd" in text else text[:_LONGEST]


def _written(image: Image, name: str) -> str:
    """PNG's text chunks."""
    return _text(image.info.get(name)) if image.format == "PNG" else ""


def _date(exif: Exif) -> str:
    """When it was taken, else when it was changed; with the offset from UTC where it is known."""
    for text in _dates(exif):
        match = re.match(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)(?:\s*([+-]\d\d:\d\d))?$", text)
        if match is None:
            continue
        year, month, day, *clock, offset = match.groups()
        try:
            return datetime.fromisoformat(f"{year}-{month}-{day}T{':'.join(clock)}{offset or ''}").isoformat()
        except ValueError:
            continue  # cameras whose clock was never set write zeros
    return ""


def _dates(exif: Exif) -> Iterator[str]:
    yield f"{_text(exif.get(_TAKEN))} {_text(exif.get(_TAKEN_OFFSET))}".strip()
    yield _text(exif.get(_TAKEN))
    yield _text(exif.get(_CHANGED))
