"""Which reader takes a file: by what it holds; the name tells text formats apart, and no more."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ingest.text_bytes import is_binary
from schemas.source import Route

_READ = 64 * 1024
"""Bytes of the file that are looked at."""
_PDF_WITHIN = 1024
"""Readers accept a PDF whose header comes late; so do we."""

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftyp", "video/mp4"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"BZh", "application/x-bzip2"),
    (0, b"\xfd7zXZ\x00", "application/x-xz"),
    (0, b"\x28\xb5\x2f\xfd", "application/zstd"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (257, b"ustar", "application/x-tar"),
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"%!PS", "application/postscript"),
)

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_STREAMS = (  # names of the stream that each format's file holds, as the directory spells them
    ("WordDocument", "application/msword"),
    ("Workbook", "application/vnd.ms-excel"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
    ("__substg1.0_", "application/vnd.ms-outlook"),
    ("EncryptedPackage", "application/x-ole-encrypted"),
)

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OOXML = "application/vnd.openxmlformats-officedocument."
_ZIP_MEMBERS = (
    (b"word/", _OOXML + "wordprocessingml.document"),
    (b"ppt/", _OOXML + "presentationml.presentation"),
    (b"xl/", _OOXML + "spreadsheetml.sheet"),
)
_ZIP_OFFICE_NAMES = {
    ".docx": _OOXML + "wordprocessingml.document",
    ".pptx": _OOXML + "presentationml.presentation",
    ".xlsx": _OOXML + "spreadsheetml.sheet",
}
_BINARY_NAMES = {
    **_ZIP_OFFICE_NAMES,
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
    ".msg": "application/vnd.ms-outlook",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".epub": "application/epub+zip",
    ".rtf": "application/rtf",
    ".zip": "application/zip",
    ".gz": "application/gzip",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".webp": "image/webp",
    ".bmp": "image/bmp",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
}
_ZIP_MIMETYPE = b"mimetypeapplication/"
"""ODF and EPUB put an uncompressed member of this name first."""

_MARKDOWN_NAMES = frozenset({".md", ".markdown", ".mdown", ".mkd", ".mdx", ".rmd", ".qmd"})
_OTHER_TEXT_NAMES = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "application/xhtml+xml",
    ".mhtml": "multipart/related",
    ".xml": "application/xml",
    ".xsl": "application/xml",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".ndjson": "application/jsonl",
    ".ipynb": "application/x-ipynb+json",
    ".eml": "message/rfc822",
    ".mbox": "application/mbox",
    ".ics": "text/calendar",
    ".vcf": "text/vcard",
    ".tex": "application/x-tex",
    ".adoc": "text/asciidoc",
    ".asciidoc": "text/asciidoc",
    ".org": "text/org",
    ".ps": "application/postscript",
}
_HTML_STARTS = ("<!doctype html", "<html", "<head", "<body")
_UNKNOWN = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Routed:
    media_type: str
    route: Route


def route(path: Path, name: str) -> Routed:
    """What the file at `path` is, and who reads it. `name` is the name it had at its source.

    At most 64 KB are read. A wrong name is corrected: a PDF is a PDF whatever it is called. But
    text under the name of a binary format is no text: it is a damaged file, or the error page
    that came in its place; it goes where its name says, for that reader to say what is wrong.
    So does an empty file. Raises `OSError` when the file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_READ)
    suffix = PurePosixPath(name.lower()).suffix
    found = _by_signature(head, suffix)
    if found is None and is_binary(head):
        found = _by_puremagic(head)
    if found == "application/pdf" or (suffix == ".pdf" and found in {None, _UNKNOWN}):
        return Routed("application/pdf", Route.PDF)
    if found is None and suffix in _BINARY_NAMES:
        found = _BINARY_NAMES[suffix]
    return Routed(found, Route.UNSUPPORTED) if found else _text_route(head, suffix)


def _by_signature(head: bytes, suffix: str) -> str | None:
    if _is_pdf(head):
        return "application/pdf"
    if head.startswith(_ZIP):
        return _zip_type(head, suffix)
    if head.startswith(_OLE):
        return _ole_type(head)
    if head.startswith(b"BM") and b"\x00" in head[:32]:
        return "image/bmp"
    return next((kind for at, mark, kind in _SIGNATURES if head.startswith(mark, at) and _riff_fits(head, at)), None)


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


def _zip_type(head: bytes, suffix: str) -> str:
    start = head.find(_ZIP_MIMETYPE, 0, 100)
    if start >= 0:
        end = head.find(b"PK", start)
        return head[start + len(b"mimetype") : end].decode("ascii", errors="replace")
    if b"[Content_Types].xml" in head or b"_rels/" in head:
        for member, media_type in _ZIP_MEMBERS:
            if member in head:
                return media_type
        # The member that tells lies deeper in the file: the name may say.
        return _ZIP_OFFICE_NAMES.get(suffix, "application/zip")
    return "application/zip"


def _ole_type(head: bytes) -> str:
    for stream, media_type in _OLE_STREAMS:
        if stream.encode("utf-16-le") in head:
            return media_type
    return "application/x-ole-storage"


def _by_puremagic(head: bytes) -> str:
    import puremagic  # its tables are read at import

    try:
        matches = puremagic.magic_string(head)
    except puremagic.PureError:
        return _UNKNOWN
    return next((match.mime_type for match in matches if match.mime_type), _UNKNOWN)


def _text_route(head: bytes, suffix: str) -> Routed:
    if suffix in _MARKDOWN_NAMES:
        return Routed("text/markdown", Route.MARKDOWN)
    if suffix in _OTHER_TEXT_NAMES:
        return Routed(_OTHER_TEXT_NAMES[suffix], Route.UNSUPPORTED)
    if suffix in {".rst", ".rest"}:
        return Routed("text/x-rst", Route.TEXT)
    start = head[:1024].lstrip(codecs.BOM_UTF8 + b" \t\r\n").lower().decode("latin-1")
    if suffix not in {".txt", ".text", ".log"}:
        if start.startswith(_HTML_STARTS):
            return Routed("text/html", Route.UNSUPPORTED)
        if start.startswith("<?xml"):
            return Routed("application/xml", Route.UNSUPPORTED)
    return Routed("text/plain", Route.TEXT)
