"""What a report asks that nothing else does: samples, and counts of duplicates. Nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.catalog.database import IN_CLAUSE, Database, Value, marks
from ingest.catalog.duplicate_lists import ChunkRow
from ingest.catalog.keys import digest_key, uuid_key, uuid_text
from schemas.point import OPEN


@dataclass(frozen=True, slots=True)
class ClusterCounts:
    """`many`: of all `total`, those in so many documents."""

    total: int
    many: int


class Checking:
    def __init__(self, database: Database) -> None:
        self._db = database

    def sampled_chunks(self, tenant: str, source: str | None, limit: int) -> list[ChunkRow]:
        """Current chunks of live documents with the least ids."""
        within, asked = _in_source(source)
        rows = self._db.rows(
            "SELECT p.chunk_id, d.doc_id, d.source, d.path, d.chunk_key FROM points p"
            " JOIN documents d ON d.doc_no = p.doc_no"
            f" WHERE p.to_seq = ? AND d.tenant = ? AND d.live = 1{within} ORDER BY p.chunk_id LIMIT ?",
            [OPEN, tenant, *asked, limit],
        )
        return [ChunkRow(uuid_text(row[0]), uuid_text(row[1]), *map(str, row[2:])) for row in rows]

    def run_numbers(self, tenant: str) -> dict[str, int]:
        """By live document, the run that published its current version."""
        rows = self._db.rows(
            "SELECT d.doc_id, v.run_number FROM documents d JOIN versions v"
            " ON v.doc_no = d.doc_no AND v.version = d.version WHERE d.tenant = ? AND d.live = 1",
            (tenant,),
        )
        return {uuid_text(doc_id): int(str(number)) for doc_id, number in rows}

    # ------------------------------------------------------------------ duplicates

    def cluster_counts(self, tenant: str, source: str | None, documents: int) -> ClusterCounts:
        """`documents`: from how many on a cluster counts as `many`."""
        wanted = "1" if source is None else "CASE WHEN d.source = ? THEN 1 ELSE 0 END"
        rows = self._db.rows(
            "SELECT count(*), coalesce(sum(CASE WHEN documents >= ? THEN 1 ELSE 0 END), 0) FROM ("
            f"SELECT count(DISTINCT p.doc_no) AS documents, sum({wanted}) AS wanted FROM points p"
            " JOIN documents d ON d.doc_no = p.doc_no"
            " WHERE p.survivor IS NOT NULL AND p.to_seq = ? AND d.tenant = ? GROUP BY p.survivor) AS clusters"
            " WHERE wanted > 0",
            [documents, *([] if source is None else [source]), OPEN, tenant],
        )
        return ClusterCounts(int(str(rows[0][0])), int(str(rows[0][1])))

    def duplicates_by_document(self, tenant: str) -> dict[str, int]:
        """Current rows that name a survivor, by live documents that have some."""
        rows = self._db.rows(
            "SELECT d.doc_id, count(*) FROM documents d JOIN points p ON p.doc_no = d.doc_no"
            " WHERE d.tenant = ? AND d.live = 1 AND p.to_seq = ? AND p.survivor IS NOT NULL GROUP BY d.doc_id",
            (tenant, OPEN),
        )
        return {uuid_text(doc_id): int(str(count)) for doc_id, count in rows}

    def commits_of(self, chunks: Sequence[str]) -> dict[str, int]:
        """The commit that took each of these survivors in."""
        return self._by_chunk("SELECT chunk_id, seq FROM survivors WHERE chunk_id IN ({})", chunks)

    def first_copies(self, survivors: Sequence[str]) -> dict[str, int]:
        """The earliest commit of a current row that names each of these survivors."""
        return self._by_chunk(
            f"SELECT survivor, min(from_seq) FROM points WHERE survivor IN ({{}}) AND to_seq = {OPEN}"
            " GROUP BY survivor",
            survivors,
        )

    def _by_chunk(self, sql: str, chunks: Sequence[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for start in range(0, len(chunks), IN_CLAUSE):
            part = [uuid_key(chunk) for chunk in chunks[start : start + IN_CLAUSE]]
            rows = self._db.rows(sql.format(marks(len(part))), part)
            found.update({uuid_text(chunk): int(str(number)) for chunk, number in rows})
        return found

    # --------------------------------------------------------------------- vectors

    def vector_count(self) -> int:
        """Of all tenants: raw vectors are kept by content."""
        return int(str(self._db.rows("SELECT count(*) FROM vectors")[0][0]))

    def known_vectors(self, keys: Sequence[str]) -> int:
        """How many of these keys have a raw vector."""
        found = 0
        for start in range(0, len(keys), IN_CLAUSE):
            part = [digest_key(key) for key in keys[start : start + IN_CLAUSE]]
            rows = self._db.rows(f"SELECT count(*) FROM vectors WHERE key IN ({marks(len(part))})", part)
            found += int(str(rows[0][0]))
        return found


def _in_source(source: str | None) -> tuple[str, list[Value]]:
    return ("", []) if source is None else (" AND d.source = ?", [source])
