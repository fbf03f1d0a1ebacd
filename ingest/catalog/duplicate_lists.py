"""Duplicates as they are listed: for people, not for decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.catalog.database import Database, Value
from ingest.catalog.duplicates import APART
from ingest.catalog.keys import uuid_key, uuid_text
from schemas.chunk import DocumentRelation
from schemas.point import OPEN


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """A current chunk, and the document that it is found in."""

    chunk_id: str
    doc_id: str
    source: str
    path: str
    chunk_key: str


@dataclass(frozen=True, slots=True)
class ClusterRow:
    """`duplicates`: how many rows the survivor stands for, in how many `documents`."""

    survivor: ChunkRow
    duplicates: int
    documents: int


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """A duplicate, or a chunk that was kept apart from `other`, and why. Of duplicates that were left
    out before reasons were recorded only the fact is known."""

    chunk: ChunkRow
    kind: str | None
    similarity: float | None
    reason: str | None
    other: ChunkRow | None = None


@dataclass(frozen=True, slots=True)
class RelationRow:
    """What the document at `path` is to the one at `other_path`."""

    source: str
    path: str
    other_source: str
    other_path: str
    kind: DocumentRelation
    similarity: float
    reason: str


_CHUNK = "{}.chunk_id, d.doc_id, d.source, d.path, d.chunk_key"
_CHUNK_COLUMNS = 5


class DuplicateLists:
    def __init__(self, database: Database) -> None:
        self._db = database

    def clusters(self, tenant: str, source: str | None, documents: int, limit: int) -> list[ClusterRow]:
        """Those whose duplicates lie in that many documents, the largest first; with a source, those
        with a duplicate in it."""
        within, asked = _in_source("d", source)
        rows = self._db.rows(
            "WITH named AS (SELECT p.survivor, count(*) AS copies, count(DISTINCT p.doc_no) AS documents,"
            f" sum(CASE WHEN {within} THEN 1 ELSE 0 END) AS wanted"
            " FROM points p JOIN documents d ON d.doc_no = p.doc_no"
            " WHERE p.survivor IS NOT NULL AND p.to_seq = ? AND d.tenant = ? GROUP BY p.survivor)"
            f" SELECT {_CHUNK.format('s')}, named.copies, named.documents FROM named"
            " JOIN survivors s ON s.chunk_id = named.survivor JOIN documents d ON d.doc_no = s.doc_no"
            " WHERE named.documents >= ? AND named.wanted > 0 ORDER BY named.copies DESC, s.survivor_no LIMIT ?",
            [*asked, OPEN, tenant, documents, limit],
        )
        return [ClusterRow(_chunk(row), int(str(row[-2])), int(str(row[-1]))) for row in rows]

    def duplicates_of(self, survivor: str, limit: int) -> list[JudgedRow]:
        """By source and path."""
        rows = self._db.rows(
            f"SELECT {_CHUNK.format('p')}, k.kind, k.similarity, k.reason FROM points p"
            " JOIN documents d ON d.doc_no = p.doc_no LEFT JOIN duplicates k ON k.point_id = p.point_id"
            " WHERE p.survivor = ? AND p.to_seq = ? ORDER BY d.source, d.path, p.point_id LIMIT ?",
            (uuid_key(survivor), OPEN, limit),
        )
        return [_judged(row) for row in rows]

    def kept_apart(self, tenant: str, source: str | None, limit: int) -> list[JudgedRow]:
        """Survivors that another one is as similar to as duplicates are, the most similar first."""
        within, asked = _in_source("d", source)
        rows = self._db.rows(
            f"SELECT {_CHUNK.format('p')}, k.kind, k.similarity, k.reason, k.other FROM duplicates k"
            " JOIN points p ON p.point_id = k.point_id JOIN documents d ON d.doc_no = p.doc_no"
            f" WHERE k.kind = ? AND p.to_seq = ? AND d.tenant = ? AND {within}"
            " ORDER BY k.similarity DESC, d.source, d.path, p.point_id LIMIT ?",
            [APART, OPEN, tenant, *asked, limit],
        )
        others = self._survivors([row[-1] for row in rows])
        return [_judged(row[:-1], others.get(uuid_text(row[-1]))) for row in rows]

    def relations(self, tenant: str, source: str | None, limit: int) -> list[RelationRow]:
        """Of whole documents: exact copies, then near ones, then those told apart."""
        (within, asked), (other_within, other_asked) = _in_source("d", source), _in_source("o", source)
        rows = self._db.rows(
            "SELECT d.source, d.path, o.source, o.path, r.kind, r.similarity, r.reason FROM document_duplicates r"
            " JOIN documents d ON d.doc_no = r.doc_no JOIN documents o ON o.doc_no = r.other_no"
            f" WHERE d.tenant = ? AND ({within} OR {other_within})"
            " ORDER BY CASE r.kind WHEN 'exact' THEN 0 WHEN 'near' THEN 1 ELSE 2 END, o.source, o.path, d.source,"
            " d.path LIMIT ?",
            [tenant, *asked, *other_asked, limit],
        )
        return [
            RelationRow(
                str(row[0]), str(row[1]), str(row[2]), str(row[3]), DocumentRelation(str(row[4])), float(str(row[5])),
                str(row[6]),
            )
            for row in rows
        ]  # fmt: skip

    def counts(self, tenant: str, source: str | None) -> dict[str, int]:
        """Of current rows by kind: exact and near duplicates, chunks kept apart."""
        within, asked = _in_source("d", source)
        rows = self._db.rows(
            "SELECT k.kind, count(*) FROM duplicates k JOIN points p ON p.point_id = k.point_id"
            f" JOIN documents d ON d.doc_no = p.doc_no WHERE p.to_seq = ? AND d.tenant = ? AND {within}"
            " GROUP BY k.kind",
            [OPEN, tenant, *asked],
        )
        return {str(kind): int(str(count)) for kind, count in rows}

    def document_counts(self, tenant: str, source: str | None) -> dict[str, int]:
        within, asked = _in_source("d", source)
        rows = self._db.rows(
            "SELECT r.kind, count(*) FROM document_duplicates r JOIN documents d ON d.doc_no = r.doc_no"
            f" WHERE d.tenant = ? AND {within} GROUP BY r.kind",
            [tenant, *asked],
        )
        return {str(kind): int(str(count)) for kind, count in rows}

    def _survivors(self, keys: Sequence[Value]) -> dict[str, ChunkRow]:
        found: dict[str, ChunkRow] = {}
        for key in dict.fromkeys(keys):
            rows = self._db.rows(
                f"SELECT {_CHUNK.format('s')} FROM survivors s JOIN documents d ON d.doc_no = s.doc_no"
                " WHERE s.chunk_id = ?",
                (key,),
            )
            found.update({uuid_text(row[0]): _chunk(row) for row in rows})
        return found


def _in_source(table: str, source: str | None) -> tuple[str, list[Value]]:
    return ("1 = 1", []) if source is None else (f"{table}.source = ?", [source])


def _chunk(row: Sequence[Value]) -> ChunkRow:
    chunk_id, doc_id, source, path, chunk_key = row[:_CHUNK_COLUMNS]
    return ChunkRow(uuid_text(chunk_id), uuid_text(doc_id), str(source), str(path), str(chunk_key))


def _judged(row: Sequence[Value], other: ChunkRow | None = None) -> JudgedRow:
    kind, similarity, reason = row[_CHUNK_COLUMNS:]
    return JudgedRow(
        _chunk(row),
        None if kind is None else str(kind),
        None if similarity is None else float(str(similarity)),
        None if reason is None else str(reason),
        other,
    )
