"""What the catalog says of the rows of the index, read in the order of ids, and mended row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ingest.catalog.database import IN_CLAUSE, Database, Row, marks
from ingest.catalog.history import History
from ingest.catalog.keys import digest_key, digest_text, uuid_key, uuid_text

_PAGE = 2048
_SELECT = (
    "SELECT p.point_id, p.chunk_id, d.doc_id, d.tenant, d.source, d.path, p.payload_digest, p.vector_key, p.survivor,"
    " p.from_seq, p.to_seq FROM points p JOIN documents d ON d.doc_no = p.doc_no"
)
_FAILS = (
    " EXISTS (SELECT 1 FROM failures f WHERE f.tenant = d.tenant AND f.source = d.source"
    " AND (f.path = d.path OR f.path = d.top))"
)


@dataclass(frozen=True, slots=True)
class KnownPoint:
    """A row of the index as the catalog knows it."""

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


@dataclass(frozen=True, slots=True)
class Moment:
    """What the catalog looks like between two looks; `in_flight` are rows of commits that are open."""

    seq: int
    intents: tuple[int, ...]
    in_flight: frozenset[str]


@dataclass(frozen=True, slots=True)
class StaleMark:
    """A live document whose mark does not agree with the failures. `stale` is what it should be."""

    doc_id: str
    source: str
    path: str
    stale: bool


class Comparing:
    def __init__(self, database: Database, history: History) -> None:
        self._db = database
        self._history = history

    # ---------------------------------------------------------------- reading

    def count(self, tenant: str) -> int:
        rows = self._db.rows(
            "SELECT count(*) FROM points p JOIN documents d ON d.doc_no = p.doc_no WHERE d.tenant = ?", (tenant,)
        )
        return int(str(rows[0][0]))

    def all(self, tenant: str) -> Iterator[KnownPoint]:
        """Every row of a tenant, in the order of ids."""
        last = b""
        while True:
            # Not by tenant: then the order of ids, which is that of the table, would have to be made.
            rows = self._db.rows(f"{_SELECT} WHERE p.point_id > ? ORDER BY p.point_id LIMIT ?", (last, _PAGE))
            if not rows:
                return
            found = [_known(row) for row in rows]
            last = uuid_key(found[-1].point_id)
            yield from (point for point in found if point.tenant == tenant)

    def points(self, point_ids: Sequence[str]) -> dict[str, KnownPoint]:
        """Those that the catalog knows, whoever's they are."""
        return {point.point_id: point for point in self._where("p.point_id", point_ids)}

    def of_document(self, doc_id: str) -> list[KnownPoint]:
        return self._where("d.doc_id", [doc_id])

    def _where(self, column: str, ids: Sequence[str]) -> list[KnownPoint]:
        found: list[KnownPoint] = []
        for start in range(0, len(ids), IN_CLAUSE):
            part = [uuid_key(one) for one in ids[start : start + IN_CLAUSE]]
            found += map(_known, self._db.rows(f"{_SELECT} WHERE {column} IN ({marks(len(part))})", part))
        return found

    def moment(self) -> Moment:
        plans = self._history.open_intents()
        rows = {point for plan in plans for point in (*(p.point_id for p in plan.points), *plan.retire)}
        return Moment(self._history.next_seq() - 1, tuple(plan.seq for plan in plans), frozenset(rows))

    def versions(self, doc_id: str, first: int, last: int) -> list[tuple[int, str]]:
        """(version, chunk key) of those that were current at a sequence number from `first` to `last`;
        newest first."""
        rows = self._db.rows(
            "SELECT v.version, v.seq, v.chunk_key, v.gone FROM versions v JOIN documents d ON d.doc_no = v.doc_no"
            " WHERE d.doc_id = ? AND v.seq <= ? ORDER BY v.seq DESC",
            (uuid_key(doc_id), last),
        )
        found: list[tuple[int, str]] = []
        for version, seq, chunk_key, gone in rows:
            if not gone:
                found.append((int(str(version)), str(chunk_key)))
            if int(str(seq)) <= first:
                break
        return found

    def wrong_marks(self, tenant: str) -> list[StaleMark]:
        """Live documents that are marked stale without a failure, or fail and are not marked."""
        rows = self._db.rows(
            "SELECT d.doc_id, d.source, d.path, d.stale FROM documents d WHERE d.tenant = ? AND d.live = 1"
            f" AND ((d.stale = 0 AND {_FAILS}) OR (d.stale = 1 AND NOT {_FAILS}))",
            (tenant,),
        )
        return [StaleMark(uuid_text(doc), str(source), str(path), not stale) for doc, source, path, stale in rows]

    # ---------------------------------------------------------------- mending

    def mark(self, marks_: Iterable[StaleMark]) -> None:
        with self._db.transaction():
            self._db.execute_many(
                "UPDATE documents SET stale = ? WHERE doc_id = ?",
                [(int(mark.stale), uuid_key(mark.doc_id)) for mark in marks_],
            )

    def put(self, points: Sequence[KnownPoint]) -> None:
        """Writes them as they are given: what was lost or damaged here was found again."""
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

    def forget_file(self, tenant: str, doc_id: str) -> None:
        """The listed file of a document is looked at by the next run, whatever it looks like."""
        self._db.execute(
            "DELETE FROM files WHERE tenant = ? AND EXISTS (SELECT 1 FROM documents d WHERE d.doc_id = ?"
            " AND d.source = files.source AND (files.path = CASE d.top WHEN '' THEN d.path ELSE d.top END))",
            (tenant, uuid_key(doc_id)),
        )


def _known(row: Row) -> KnownPoint:
    point, chunk, doc, tenant, source, path, payload, vector, survivor, from_seq, to_seq = row
    return KnownPoint(
        point_id=uuid_text(point),
        chunk_id=uuid_text(chunk),
        doc_id=uuid_text(doc),
        tenant=str(tenant),
        source=str(source),
        path=str(path),
        payload_digest=digest_text(payload),
        vector_key=digest_text(vector) if vector is not None else None,
        survivor=uuid_text(survivor) if survivor is not None else None,
        from_seq=int(str(from_seq)),
        to_seq=int(str(to_seq)),
    )
