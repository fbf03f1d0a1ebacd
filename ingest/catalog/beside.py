"""What the collection beside the active one holds, and how that differs from what it shall hold.

A row for every point that was written there. Nothing else says how far building has come: what is
left is what has no row, whatever ran, was rolled back or purged meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.catalog.collections import CollectionState
from ingest.catalog.database import IN_CLAUSE, Database, Row, Value, marks
from ingest.catalog.keys import digest_key, uuid_key, uuid_text
from schemas.errors import InvariantError
from schemas.point import OPEN

_LEFT = (
    " FROM points p JOIN documents d ON d.doc_no = p.doc_no"
    " LEFT JOIN beside b ON b.number = ? AND b.point_id = p.point_id WHERE b.point_id IS NULL"
)


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A point of the active collection. `place` orders them: rows of one document are together."""

    point_id: str
    chunk_id: str
    doc_id: str
    to_seq: int
    place: tuple[int, int, bytes]


@dataclass(frozen=True, slots=True)
class CopiedRow:
    """What is known of a point in the collection beside; `vector_key` is None for a duplicate."""

    point_id: str
    payload_digest: str
    vector_key: str | None
    to_seq: int


@dataclass(frozen=True, slots=True)
class PointCounts:
    """Of a tenant's points."""

    current: int
    duplicates: int
    all: int


class Beside:
    def __init__(self, database: Database) -> None:
        self._db = database

    # ---------------------------------------------------------------- what is left to do

    def left(self, number: int, after: SourceRow | None, limit: int) -> list[SourceRow]:
        """Points that have no row there, in their order, those that come after `after`."""
        place: tuple[Value, ...] = after.place if after is not None else (-1, -1, b"")
        rows = self._db.rows(
            f"SELECT p.point_id, p.chunk_id, d.doc_id, p.to_seq, p.doc_no{_LEFT}"
            " AND (p.doc_no, p.to_seq, p.point_id) > (?, ?, ?) ORDER BY p.doc_no, p.to_seq, p.point_id LIMIT ?",
            (number, *place, limit),
        )
        return [_source(row) for row in rows]

    def count_left(self, number: int) -> int:
        return self._count(f"SELECT count(*){_LEFT}", number)

    def ended(self, number: int, limit: int) -> list[tuple[str, int]]:
        """(point, `to_seq`) of those whose validity is another there."""
        rows = self._db.rows(
            "SELECT p.point_id, p.to_seq FROM points p JOIN beside b ON b.number = ? AND b.point_id = p.point_id"
            " WHERE b.to_seq <> p.to_seq LIMIT ?",
            (number, limit),
        )
        return [(uuid_text(row[0]), int(str(row[1]))) for row in rows]

    def gone(self, number: int, limit: int) -> list[str]:
        """Points that have a row there and are no longer points."""
        rows = self._db.rows(
            "SELECT b.point_id FROM beside b LEFT JOIN points p ON p.point_id = b.point_id"
            " WHERE b.number = ? AND p.point_id IS NULL LIMIT ?",
            (number, limit),
        )
        return [uuid_text(row[0]) for row in rows]

    # --------------------------------------------------------------------- what was done

    def put(self, number: int, rows: Iterable[CopiedRow]) -> None:
        """They are in the index."""
        with self._db.transaction():
            self._db.execute_many(
                "INSERT INTO beside (number, point_id, payload_digest, vector_key, to_seq) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (number, point_id) DO UPDATE SET payload_digest = excluded.payload_digest,"
                " vector_key = excluded.vector_key, to_seq = excluded.to_seq",
                [
                    (
                        number, uuid_key(row.point_id), digest_key(row.payload_digest),
                        digest_key(row.vector_key) if row.vector_key is not None else None, row.to_seq,
                    )
                    for row in rows
                ],
            )  # fmt: skip

    def end(self, number: int, rows: Iterable[tuple[str, int]]) -> None:
        with self._db.transaction():
            self._db.execute_many(
                "UPDATE beside SET to_seq = ? WHERE number = ? AND point_id = ?",
                [(to_seq, number, uuid_key(point)) for point, to_seq in rows],
            )

    def forget(self, number: int, points: Sequence[str]) -> None:
        """They are in the index no longer."""
        with self._db.transaction():
            self._db.execute_many(
                "DELETE FROM beside WHERE number = ? AND point_id = ?", [(number, uuid_key(point)) for point in points]
            )

    # --------------------------------------------------------------------------- looking

    def count(self, number: int) -> int:
        return self._count("SELECT count(*) FROM beside WHERE number = ?", number)

    def known(self, number: int, points: Sequence[str]) -> set[str]:
        """Those that have a row there."""
        found: set[str] = set()
        for start in range(0, len(points), IN_CLAUSE):
            part = [uuid_key(point) for point in points[start : start + IN_CLAUSE]]
            rows = self._db.rows(
                f"SELECT point_id FROM beside WHERE number = ? AND point_id IN ({marks(len(part))})", (number, *part)
            )
            found.update(uuid_text(row[0]) for row in rows)
        return found

    def page(self, number: int, after: str | None, limit: int) -> list[str]:
        """Points that have a row there, in the order of ids."""
        rows = self._db.rows(
            "SELECT point_id FROM beside WHERE number = ? AND point_id > ? ORDER BY point_id LIMIT ?",
            (number, uuid_key(after) if after is not None else b"", limit),
        )
        return [uuid_text(row[0]) for row in rows]

    def sample(self, number: int, limit: int) -> list[SourceRow]:
        """Current points with a vector; their ids are digests, so the first few are any few."""
        rows = self._db.rows(
            "SELECT p.point_id, p.chunk_id, d.doc_id, p.to_seq, p.doc_no FROM beside b"
            " JOIN points p ON p.point_id = b.point_id JOIN documents d ON d.doc_no = p.doc_no"
            " WHERE b.number = ? AND b.vector_key IS NOT NULL AND p.to_seq = ? ORDER BY p.point_id LIMIT ?",
            (number, OPEN, limit),
        )
        return [_source(row) for row in rows]

    def points_of_tenants(self) -> dict[str, PointCounts]:
        """As the catalog knows them, whatever the collection."""
        rows = self._db.rows(
            "SELECT d.tenant, sum(CASE WHEN p.to_seq = ? THEN 1 ELSE 0 END),"
            " sum(CASE WHEN p.to_seq = ? AND p.survivor IS NOT NULL THEN 1 ELSE 0 END), count(*)"
            " FROM points p JOIN documents d ON d.doc_no = p.doc_no GROUP BY d.tenant",
            (OPEN, OPEN),
        )
        return {str(tenant): PointCounts(*(int(str(count)) for count in counts)) for tenant, *counts in rows}

    # ------------------------------------------------------------------------- switching

    def switch(self, run_number: int) -> None:
        """The collection beside becomes the active one, and that one is kept; what the catalog knows
        of every point is exchanged with it. Raises `InvariantError` for a writer whose time is over."""
        with self._db.transaction():
            newest = self._db.rows("SELECT max(number) FROM runs")[0][0]
            if newest != run_number or self._db.rows("SELECT 1 FROM intents LIMIT 1"):
                raise InvariantError("another run has taken over this home; nothing was switched", run=run_number)
            old, new = self._number("="), self._number("<>")
            if self.count_left(new) or self.gone(new, 1) or self.ended(new, 1):
                raise InvariantError("the collection that is built does not hold what the active one holds")
            self._db.execute("DELETE FROM beside WHERE number = ?", (old,))
            self._db.execute(
                "INSERT INTO beside (number, point_id, payload_digest, vector_key, to_seq)"
                " SELECT ?, point_id, payload_digest, vector_key, to_seq FROM points",
                (old,),
            )
            self._db.execute(
                "UPDATE points SET payload_digest = b.payload_digest, vector_key = b.vector_key"
                " FROM beside b WHERE b.number = ? AND b.point_id = points.point_id",
                (new,),
            )
            self._db.execute("DELETE FROM beside WHERE number = ?", (new,))
            for number, state in ((old, CollectionState.KEPT), (new, CollectionState.ACTIVE)):
                self._db.execute("UPDATE collections SET state = ? WHERE number = ?", (state.value, number))

    def _number(self, is_active: str) -> int:
        rows = self._db.rows(
            f"SELECT number FROM collections WHERE state {is_active} ?", (CollectionState.ACTIVE.value,)
        )
        if len(rows) != 1:
            raise InvariantError("there is not one collection beside the active one", found=len(rows))
        return int(str(rows[0][0]))

    def _count(self, sql: str, number: int) -> int:
        return int(str(self._db.rows(sql, (number,))[0][0]))


def _source(row: Row) -> SourceRow:
    point, chunk, document, to_seq, doc_no = row
    if not isinstance(point, bytes):
        raise InvariantError("a key in the catalog is not a blob")
    until = int(str(to_seq))
    return SourceRow(uuid_text(point), uuid_text(chunk), uuid_text(document), until, (int(str(doc_no)), until, point))
