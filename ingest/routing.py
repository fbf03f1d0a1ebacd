"""Which reader takes a file: by what it holds; the name tells text formats apart, and no more."""

from __future__ import annotations

import codecs
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ingest.media_types import (
    BINARY_NAMES,
    DRAWINGS,
    MARKDOWN_NAMES,
    OLE,
    OLE_ENCRYPTED,
    OLE_STREAMS,
    OTHER_TEXT_NAMES,
    ROUTES,
    SIGNATURES,
    SPREADSHEET,
    ZIP,
    ZIP_MEMBERS,
    ZIP_MIMETYPE,
    ZIP_OFFICE_NAMES,
)
from ingest.text_bytes import is_binary
from schemas.source import Route

_READ = 64 * 1024
"""Bytes of the file that are looked at."""
_PDF_WITHIN = 1024
"""Readers accept a PDF whose header comes late; so do we."""

_HTML_STARTS = ("<!doctype html", "<html", "<head", "<body")
_UNKNOWN = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Routed:
    media_type: str
    route: Route

    @classmethod
    def of(cls, media_type: str) -> Routed:
        if media_type.startswith("image/") and media_type not in DRAWINGS:
            return cls(media_type, Route.IMAGE)
        return cls(media_type, ROUTES.get(media_type, Route.UNSUPPORTED))


def route(path: Path, name: str) -> Routed:
    """What the file at `path` is, and who reads it. `name` is the name it had at its source.

    At most 64 KB are read, and the directories of compound files. A wrong name is corrected: a PDF
    is a PDF whatever it is called. But text under the name of a binary format is no text: it is a
    damaged file, or the error page that came in its place; it goes where its name says, for that
    reader to say what is wrong.
    So does an empty file. Raises `OSError` when the file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_READ)
    suffix = PurePosixPath(name.lower()).suffix
    found = _by_signature(path, head, suffix)
    if found is None and is_binary(head):
        found = _by_puremagic(head)
    if found == "application/pdf" or (suffix == ".pdf" and found in {None, _UNKNOWN}):
        return Routed.of("application/pdf")
    if found is None and suffix in BINARY_NAMES:
        found = BINARY_NAMES[suffix]
    if found == OLE_ENCRYPTED and ZIP_OFFICE_NAMES.get(suffix) == SPREADSHEET:
        return Routed(found, Route.SHEET)  # what it is can't be seen, only what it is called
    return Routed.of(found or _text_type(head, suffix))


def route_of_name(name: str) -> Route:
    """Who probably reads a file that cannot be looked into yet."""
    suffix = PurePosixPath(name.lower()).suffix
    if suffix == ".pdf":
        return Route.PDF
    if suffix in BINARY_NAMES:
        return Routed.of(BINARY_NAMES[suffix]).route
    return Routed.of(_text_type(b"", suffix)).route


def _by_signature(path: Path, head: bytes, suffix: str) -> str | None:
    # First what may hold a PDF without being one.
    if head.startswith(ZIP):
        return _zip_type(path, head, suffix)
    if head.startswith(OLE):
        return _ole_type(path)
    if _is_pdf(head):
        return "application/pdf"
    if head.startswith(b"BM") and b"\x00" in head[:32]:
        return "image/bmp"
    return next((kind for at, mark, kind in SIGNATURES if head.startswith(mark, at) and _riff_fits(head, at)), None)


def _is_pdf(head: bytes) -> bool:
    """The header may follow junk, but not text that merely speaks of it."""
    position = head.find(b"%PDF-", 0, _PDF_WITHIN)
    if position < 0:
        return False
    before = head[:position].removeprefix(codecs.BOM_UTF8).strip(b"\x00 \t\r\n\f")
    return not before or b" obj" in head or b"\x00" in before


def _riff_fits(head: bytes, offset: int) -> bool:
    """RIFF's own signature stands before the one of what it holds."""
    return offset != 8 or head.startswith(b"RIFF")


def _zip_type(path: Path, head: bytes, suffix: str) -> str:
    start = head.find(ZIP_MIMETYPE, 0, 100)
    if start >= 0:
        end = head.find(b"PK", start)
        return head[start + len(b"mimetype") : end].decode("ascii", errors="replace")
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        # Damaged: its reader says so, and which one that is, the name tells.
        return ZIP_OFFICE_NAMES.get(suffix, "application/zip")
    if "[Content_Types].xml" in names or any(name.startswith("_rels/") for name in names):
        for folder, media_type in ZIP_MEMBERS:
            if any(name.startswith(folder) for name in names):
                return media_type
    return "application/zip"


def _ole_type(path: Path) -> str:
    """By the names of its streams, wherever its directory lies."""
    import olefile  # not for every file

    try:
        with olefile.OleFileIO(path) as compound:
            names = {entry[0] for entry in compound.listdir(streams=True, storages=True)}
    except (OSError, ValueError, IndexError, struct.error):  # what it raises over damaged files
        return "application/x-ole-storage"
    # Names in an OLE file are the same in capitals.
    found = (kind for stream, kind in OLE_STREAMS if any(name.lower().startswith(stream.lower()) for name in names))
    return next(found, "application/x-ole-storage")


def _by_puremagic(head: bytes) -> str:
    import puremagic  # its tables are read at import

    try:
        matches = puremagic.magic_string(head)
    except puremagic.PureError:
        return _UNKNOWN
    return next((match.mime_type for match in matches if match.mime_type), _UNKNOWN)


def _text_type(head: bytes, suffix: str) -> str:
    if suffix in MARKDOWN_NAMES:
        return "text/markdown"
    if suffix in OTHER_TEXT_NAMES:
        return OTHER_TEXT_NAMES[suffix]
    if suffix in {".rst", ".rest"}:
        return "text/x-rst"
    start = head[:1024].lstrip(codecs.BOM_UTF8 + b" \t\r\n").lower().decode("latin-1")
    if suffix not in {".txt", ".text", ".log"}:
        if start.startswith(_HTML_STARTS):
            return "text/html"
        if start.startswith("<?xml"):
            return "application/xml"
    return "text/plain"
