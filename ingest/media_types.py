"""What kinds of files there are: their signatures, their usual names, and who reads them."""

from __future__ import annotations

from schemas.source import Route

SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
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

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLE_ENCRYPTED = "application/x-ole-encrypted"
OLE_STREAMS = (  # how the name of a stream begins that each format's file holds
    ("EncryptedPackage", OLE_ENCRYPTED),
    ("WordDocument", "application/msword"),
    ("Workbook", "application/vnd.ms-excel"),
    ("Book", "application/vnd.ms-excel"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
    ("__substg1.0_", "application/vnd.ms-outlook"),
)

ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
OOXML = "application/vnd.openxmlformats-officedocument."
SPREADSHEET = OOXML + "spreadsheetml.sheet"
ZIP_MEMBERS = (
    ("word/", OOXML + "wordprocessingml.document"),
    ("ppt/", OOXML + "presentationml.presentation"),
    ("xl/", SPREADSHEET),
)
ZIP_OFFICE_NAMES = {
    **dict.fromkeys((".docx", ".docm", ".dotx"), OOXML + "wordprocessingml.document"),
    **dict.fromkeys((".pptx", ".pptm", ".ppsx"), OOXML + "presentationml.presentation"),
    **dict.fromkeys((".xlsx", ".xlsm", ".xltx"), SPREADSHEET),
}
BINARY_NAMES = {
    **ZIP_OFFICE_NAMES,
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
ZIP_MIMETYPE = b"mimetypeapplication/"
"""ODF and EPUB put an uncompressed member of this name first."""

MARKDOWN_NAMES = frozenset({".md", ".markdown", ".mdown", ".mkd", ".mdx", ".rmd", ".qmd"})
OTHER_TEXT_NAMES = {
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
ROUTES: dict[str, Route] = {
    "application/pdf": Route.PDF,
    "text/markdown": Route.MARKDOWN,
    "text/plain": Route.TEXT,
    "text/x-rst": Route.TEXT,
    "text/asciidoc": Route.TEXT,
    "text/org": Route.TEXT,
    "application/x-tex": Route.TEXT,
    "application/x-ipynb+json": Route.NOTEBOOK,
    "text/html": Route.HTML,
    "application/xhtml+xml": Route.HTML,
    "text/csv": Route.SHEET,
    "text/tab-separated-values": Route.SHEET,
    SPREADSHEET: Route.SHEET,
    "application/vnd.ms-excel": Route.SHEET,
    OOXML + "wordprocessingml.document": Route.OFFICE,
    OOXML + "presentationml.presentation": Route.OFFICE,
    "application/msword": Route.OFFICE,
    "application/vnd.ms-powerpoint": Route.OFFICE,
    "application/vnd.oasis.opendocument.text": Route.OFFICE,
    "application/vnd.oasis.opendocument.presentation": Route.OFFICE,
    "application/vnd.oasis.opendocument.spreadsheet": Route.SHEET,
    "application/epub+zip": Route.OFFICE,
    "application/rtf": Route.OFFICE,
    "application/x-ole-encrypted": Route.OFFICE,
    "message/rfc822": Route.MAIL,
    "application/vnd.ms-outlook": Route.MAIL,
    "application/mbox": Route.ARCHIVE,
    "application/zip": Route.ARCHIVE,
    "application/gzip": Route.ARCHIVE,
    "application/x-bzip2": Route.ARCHIVE,
    "application/x-xz": Route.ARCHIVE,
    "application/zstd": Route.ARCHIVE,
    "application/x-tar": Route.ARCHIVE,
    "application/x-7z-compressed": Route.ARCHIVE,
    "application/vnd.rar": Route.ARCHIVE,
}
"""Media types and who reads them; images are one route whatever their kind."""

DRAWINGS = frozenset({"image/svg+xml", "image/vnd.djvu"})

DATA = frozenset({"application/json", "application/jsonl", "application/xml"})
"""Text, but no document: read only when the user says so."""
