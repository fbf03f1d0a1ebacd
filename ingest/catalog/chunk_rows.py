"""Rows of the index by the chunk that they are of, current and past."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.catalog.database import Database, Row
from ingest.catalog.keys import uuid_text

_SELECT = (
    "SELECT p.chunk_id, d.doc_id, d.source, d.path, p.survivor, p.from_seq, p.to_seq"
    " FROM points p JOIN documents d ON d.doc_no = p.doc_no"
)
_DIGITS = 32
"""Of an id."""


@dataclass(frozen=True, slots=True)
class ChunkStretch:
    """One stretch of a chunk's life: it is in the versions that were published from `from_seq` on, before `to_seq`."""

    chunk_id: str
    doc_id: str
    source: str
    path: str
    survivor: str | None
    from_seq: int
    to_seq: int

    @property
    def name(self) -> str:
        return f"{self.source}/{self.path}"


class ChunkRows:
    def __init__(self, database: Database) -> None:
        self._db = database

    def beginning(self, tenant: str, digits: str, most: int) -> list[ChunkStretch]:
        """At most `most` rows of chunks whose id begins with these hexadecimal digits, oldest first within a chunk.
        All ids are gone through: they have no index, which would cost every run more than this call."""
        low, high = (bytes.fromhex(digits.ljust(_DIGITS, edge)) for edge in "0f")
        rows = self._db.rows(
            f"{_SELECT} WHERE p.chunk_id >= ? AND p.chunk_id <= ? AND d.tenant = ?"
            f" ORDER BY p.chunk_id, p.from_seq LIMIT {most}",
            (low, high, tenant),
        )
        return [_row(row) for row in rows]


def _row(row: Row) -> ChunkStretch:
    chunk_id, doc_id, source, path, survivor, from_seq, to_seq = row
    return ChunkStretch(
        chunk_id=uuid_text(chunk_id),
        doc_id=uuid_text(doc_id),
        source=str(source),
        path=str(path),
        survivor=uuid_text(survivor) if survivor is not None else None,
        from_seq=int(str(from_seq)),
        to_seq=int(str(to_seq)),
    )
