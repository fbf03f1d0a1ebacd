"""Rows of the catalog as typed values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file as it was when it was last dealt with; `status` is ok, failed, ignored, or held: there is no
    such file, and its documents stay as they were restored until there is.

    `top` is the path of the listed file that holds it, empty for a listed file itself; `sidecar`
    the state of the file with its metadata, empty where there is none.
    """

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    listed_at_ns: int
    sha256: str
    status: str
    top: str = ""
    sidecar: str = ""


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """`top` is the path of the listed file that holds it, empty for a listed file itself."""

    doc_id: str
    source: str
    path: str
    version: int
    sha256: str
    chunk_key: str
    live: bool
    stale: bool
    top: str = ""
    metadata_digest: str = ""

    @property
    def listed_as(self) -> str:
        """The path of the file in the folder that it came with."""
        return self.top or self.path


@dataclass(frozen=True, slots=True)
class PointRow:
    """A row of the index that is current."""

    point_id: str
    chunk_id: str
    doc_id: str
    payload_digest: str
    vector_key: str | None
    survivor: str | None
    from_seq: int


@dataclass(frozen=True, slots=True)
class VectorPlace:
    """Row `place` of the matrix in `pack`."""

    pack: str
    place: int


@dataclass(frozen=True, slots=True)
class RunRow:
    number: int
    run_id: str
    started_ns: int
    finished_ns: int | None
    state: str
    summary: str


@dataclass(frozen=True, slots=True)
class Totals:
    """What the catalog says is there now."""

    documents: int
    stale: int
    points: int
    duplicates: int
    failures: int
    history: int
