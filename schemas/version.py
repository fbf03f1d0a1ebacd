"""What a version of a document was made of: enough to publish it again, or to rebuild the catalog."""

from __future__ import annotations

from schemas.base import Record
from schemas.source import SourceFile, SourceKind

VERSION_STAGE = "version"
"""The stage of its artifacts."""


class VersionManifest(Record):
    """Kept as an artifact for every version. `file` is None where the document went away.

    `seq`, `run_number` and `at_ns` are those of the commit; `top` is the path of the listed file that
    holds the document, empty for a listed file itself; `root` is where the source lies.
    """

    tenant: str
    source: str
    kind: SourceKind
    root: str
    path: str
    doc_id: str
    version: int
    file: SourceFile | None = None
    chunk_key: str = ""
    top: str = ""
    metadata_digest: str = ""
    previous_doc_id: str | None = None
    seq: int
    run_number: int
    at_ns: int


def manifest_key(doc_id: str, version: int) -> str:
    """The key of the artifact."""
    return f"{doc_id}/{version}"
