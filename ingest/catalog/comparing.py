"""The catalog as the index should be: every row in the order of its id, page by page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ingest.catalog.database import IN_CLAUSE, Database, Row, marks
from ingest.catalog.keys import digest_key, digest_text, uuid_key, uuid_text

_SELECT = (
    "SELECT p.point_id, p.chunk_id, d.doc_id, d.tenant, d.source, d.path, p.payload_digest, p.vector_key, p.survivor,"
    " p.from_seq, p.to_seq FROM points p JOIN documents d ON d.doc_no = p.doc_no"
)
_PAGE = 2_000
_FAILED = " OR ".join(
    # One by one: Postgres asks a table of the failures for each, and would go through them all for both in one.
    f"EXISTS (SELECT 1 FROM failures f WHERE f.tenant = d.tenant AND f.source = d.source AND f.path = d.{path})"
    for path in ("path", "top")
)
_WRONG_MARK = f"d.live = 1 AND ((d.stale = 1 AND NOT ({_FAILED})) OR (d.stale = 0 AND ({_FAILED})))"


@dataclass(frozen=True, slots=True)
class StoredPoint:
    """A row as the catalog knows it, current or not."""

    point_id: str
    chunk_id: str
    doc_id: str
    tenant: str
    source: str
    path: str
    payload_digest: str
    vector_key: str | None
    survivor: str | None
    from_seq: int
    to_seq: int


class Comparing:
    def __init__(self, database: Database) -> None:
        self._db = database

    def tenants(self) -> list[str]:
        """Whose documents are known here; others may keep theirs in the same collection."""
        return sorted(str(tenant) for (tenant,) in self._db.rows("SELECT DISTINCT tenant FROM documents"))

    def points(self) -> Iterator[StoredPoint]:
        """All of them, of all tenants. A row that is written meanwhile is seen or not."""
        after = b""
        while True:
            rows = self._db.rows(f"{_SELECT} WHERE p.point_id > ? ORDER BY p.point_id LIMIT {_PAGE}", (after,))
            yield from map(_point, rows)
            if len(rows) < _PAGE:
                return
            after = uuid_key(_point(rows[-1]).point_id)

    def documents(self) -> Iterator[tuple[str, str]]:
        """(tenant, document id) of all, live or gone."""
        after = 0
        while True:
            rows = self._db.rows(
                f"SELECT doc_no, tenant, doc_id FROM documents WHERE doc_no > ? ORDER BY doc_no LIMIT {_PAGE}", (after,)
            )
            yield from ((str(tenant), uuid_text(doc_id)) for _, tenant, doc_id in rows)
            if len(rows) < _PAGE:
                return
            after = int(str(rows[-1][0]))

    def count_documents(self) -> int:
        return int(str(self._db.rows("SELECT count(*) FROM documents")[0][0]))

    def of_document(self, doc_id: str) -> list[StoredPoint]:
        """All its rows, in the order of ids."""
        rows = self._db.rows(f"{_SELECT} WHERE d.doc_id = ? ORDER BY p.point_id", (uuid_key(doc_id),))
        return list(map(_point, rows))

    def some(self, point_ids: Sequence[str]) -> dict[str, StoredPoint]:
        """Those of them that are there."""
        found: dict[str, StoredPoint] = {}
        for start in range(0, len(point_ids), IN_CLAUSE):
            part = [uuid_key(point_id) for point_id in point_ids[start : start + IN_CLAUSE]]
            rows = self._db.rows(f"{_SELECT} WHERE p.point_id IN ({marks(len(part))})", part)
            found.update({point.point_id: point for point in map(_point, rows)})
        return found

    def of_chunk(self, doc_id: str, chunk_id: str) -> list[StoredPoint]:
        """All rows of its history."""
        rows = self._db.rows(
            f"{_SELECT} WHERE d.doc_id = ? AND p.chunk_id = ? ORDER BY p.from_seq",
            (uuid_key(doc_id), uuid_key(chunk_id)),
        )
        return [_point(row) for row in rows]

    def version_at(self, doc_id: str, seq: int) -> tuple[int, str] | None:
        """Number and chunk key of the version that a document had at that sequence number. For a row ask
        for the last one that it was shown in: the one that brought it may not have been kept."""
        rows = self._db.rows(
            "SELECT v.version, v.chunk_key FROM versions v JOIN documents d ON d.doc_no = v.doc_no"
            " WHERE d.doc_id = ? AND v.seq <= ? AND v.gone = 0 ORDER BY v.seq DESC LIMIT 1",
            (uuid_key(doc_id), seq),
        )
        return (int(str(rows[0][0])), str(rows[0][1])) if rows else None

    def put(self, points: Sequence[StoredPoint]) -> None:
        """Writes them as they are given: what was lost or wrong here."""
        with self._db.transaction():
            self._db.execute_many("DELETE FROM points WHERE point_id = ?", [(uuid_key(p.point_id),) for p in points])
            self._db.execute_many(
                "INSERT INTO points (point_id, chunk_id, doc_no, payload_digest, vector_key, survivor, from_seq,"
                " to_seq) SELECT ?, ?, doc_no, ?, ?, ?, ?, ? FROM documents WHERE doc_id = ?",
                [
                    (
                        uuid_key(p.point_id), uuid_key(p.chunk_id), digest_key(p.payload_digest),
                        digest_key(p.vector_key) if p.vector_key else None,
                        uuid_key(p.survivor) if p.survivor else None, p.from_seq, p.to_seq, uuid_key(p.doc_id),
                    )
                    for p in points
                ],
            )  # fmt: skip

    def look_again(self, doc_ids: Iterable[str]) -> None:
        """The next run takes these documents in, whatever their files look like, and makes their artifacts."""
        with self._db.transaction():
            for doc_id in doc_ids:
                self._db.execute("UPDATE documents SET stale = 1 WHERE doc_id = ? AND live = 1", (uuid_key(doc_id),))
                self._db.execute(
                    "DELETE FROM files WHERE EXISTS (SELECT 1 FROM documents d WHERE d.doc_id = ?"
                    " AND d.tenant = files.tenant AND d.source = files.source"
                    " AND files.path = CASE d.top WHEN '' THEN d.path ELSE d.top END)",
                    (uuid_key(doc_id),),
                )

    def wrong_stale_marks(self) -> list[tuple[str, str]]:
        """Source and path of live documents that are marked stale and have no failure, or the reverse."""
        rows = self._db.rows(f"SELECT d.source, d.path FROM documents d WHERE {_WRONG_MARK} ORDER BY d.source, d.path")
        return [(str(source), str(path)) for source, path in rows]

    def mend_stale_marks(self) -> int:
        return self._db.execute(
            "UPDATE documents SET stale = 1 - stale WHERE doc_no IN"
            f" (SELECT d.doc_no FROM documents d WHERE {_WRONG_MARK})"
        )


def _point(row: Row) -> StoredPoint:
    point_id, chunk_id, doc_id, tenant, source, path, payload_digest, vector_key, survivor, from_seq, to_seq = row
    return StoredPoint(
        point_id=uuid_text(point_id),
        chunk_id=uuid_text(chunk_id),
        doc_id=uuid_text(doc_id),
        tenant=str(tenant),
        source=str(source),
        path=str(path),
        payload_digest=digest_text(payload_digest),
        vector_key=digest_text(vector_key) if vector_key is not None else None,
        survivor=uuid_text(survivor) if survivor is not None else None,
        from_seq=int(str(from_seq)),
        to_seq=int(str(to_seq)),
    )
