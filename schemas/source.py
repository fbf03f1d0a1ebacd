"""A file as it was found, before anything of it was read."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from schemas.base import Record

MetadataValue = str | int | float | bool | tuple[str, ...]
"""What is known of a document beside its text; several authors or tags are a tuple."""

MEMBER = "!/"
"""Between the path of an archive or a mail and the name of what it holds."""


class Route(StrEnum):
    """Which reader takes a file; decided by content, with the name as a hint."""

    PDF = "pdf"
    MARKDOWN = "markdown"
    TEXT = "text"
    NOTEBOOK = "notebook"
    HTML = "html"
    OFFICE = "office"
    """Word, PowerPoint, ODF, RTF, EPUB, and their legacy forms."""
    SHEET = "sheet"
    """Excel, CSV and TSV."""
    MAIL = "mail"
    IMAGE = "image"
    ARCHIVE = "archive"
    """It has no text of its own: its members have."""
    UNSUPPORTED = "unsupported"


class SourceKind(StrEnum):
    """`mirror`: the index follows the folder. `append`: nothing is retired because a file left."""

    MIRROR = "mirror"
    APPEND = "append"


class SourceFile(Record):
    """One file of one source.

    `path` is relative to the source's root, with `/`, in NFC; times are nanoseconds. A member of
    an archive, or an attachment, has the path of its `container`, `!/` and its own name there.
    `metadata` is what a rule on the path and a sidecar say, above what the file itself says.
    """

    tenant: str
    source: str
    path: str
    uri: str
    sha256: str
    size: int
    mtime_ns: int
    media_type: str
    route: Route
    container: str | None = None
    metadata: dict[str, MetadataValue] = Field(default_factory=dict)
