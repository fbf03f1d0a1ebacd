"""What a catalog is made of again: rows of the index, and manifests of versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.catalog.database import Database, Value
from ingest.catalog.keys import digest_key, uuid_key, uuid_text
from schemas.errors import ConfigError
from schemas.point import OPEN
from schemas.version import VersionManifest


@dataclass(frozen=True, slots=True)
class IndexedRow:
    """A row as the index holds it. What its vector was made of is found later."""

    point_id: str
    chunk_id: str
    doc_id: str
    payload_digest: str
    survivor: str | None
    from_seq: int
    to_seq: int


class Rebuilding:
    """Fills an empty catalog; all of it within one transaction of the caller's."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def require_empty(self) -> None:
        """Raises `ConfigError` for a catalog that knows documents."""
        if self._db.rows("SELECT 1 FROM documents LIMIT 1"):
            raise ConfigError("the catalog is not empty, and what is there is never replaced: move it away first")

    def add_versions(self, manifests: Sequence[VersionManifest]) -> None:
        """All versions of all documents, in the order of their commits."""
        numbers: dict[str, int] = {}
        latest: dict[str, VersionManifest] = {}
        for manifest in manifests:
            numbers.setdefault(manifest.doc_id, len(numbers) + 1)
            latest[manifest.doc_id] = manifest
        contents = _contents(manifests)
        self._db.execute_many(
            "INSERT INTO documents (doc_no, doc_id, tenant, source, path, version, sha256, chunk_key, previous_doc_id,"
            " top, metadata_digest, live, stale) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
            [
                (
                    numbers[doc_id], uuid_key(doc_id), m.tenant, m.source, m.path, m.version, contents[doc_id].sha256,
                    contents[doc_id].chunk_key, _previous(contents[doc_id]), contents[doc_id].top,
                    contents[doc_id].metadata_digest, int(m.file is not None),
                )
                for doc_id, m in latest.items()
            ],
        )  # fmt: skip
        self._db.execute_many(
            "INSERT INTO versions (doc_no, version, seq, run_number, sha256, chunk_key, gone)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    numbers[m.doc_id], m.version, m.seq, m.run_number, m.file.sha256 if m.file else "", m.chunk_key,
                    int(m.file is None),
                )
                for m in manifests
            ],
        )  # fmt: skip
        self._db.execute_many(
            "INSERT INTO sources (tenant, source, kind, root) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (tenant, source) DO UPDATE SET kind = excluded.kind, root = excluded.root",
            [(m.tenant, m.source, m.kind.value, m.root) for m in manifests],
        )
        self._db.execute_many(
            "INSERT INTO commits (seq, run_number, at_ns) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            [(m.seq, m.run_number, m.at_ns) for m in manifests],
        )
        self._db.execute_many(
            "INSERT INTO runs (number, run_id, started_ns, finished_ns, state, summary)"
            " VALUES (?, 'rebuilt', ?, ?, 'done', '') ON CONFLICT DO NOTHING",
            [(m.run_number, m.at_ns, m.at_ns) for m in manifests],
        )

    def add_commits(self, seqs: Iterable[int]) -> None:
        """Those that only the index tells of, at the time of the one before."""
        self._db.execute_many(
            "INSERT INTO commits (seq, run_number, at_ns)"
            " SELECT ?, coalesce(max(run_number), 0), coalesce(max(at_ns), 0) FROM commits WHERE seq < ?"
            " ON CONFLICT DO NOTHING",
            [(seq, seq) for seq in sorted(seqs)],
        )

    def add_rows(self, rows: Iterable[IndexedRow]) -> int:
        """Returns how many there were."""
        numbers = {
            uuid_text(key): int(str(number)) for key, number in self._db.rows("SELECT doc_id, doc_no FROM documents")
        }
        count = 0

        def values() -> Iterable[tuple[bytes | int | None, ...]]:
            nonlocal count
            for row in rows:
                if row.doc_id not in numbers:
                    continue  # a document without a manifest: it is taken in again
                count += 1
                yield (
                    uuid_key(row.point_id), uuid_key(row.chunk_id), numbers[row.doc_id], digest_key(row.payload_digest),
                    uuid_key(row.survivor) if row.survivor else None, row.from_seq, row.to_seq,
                )  # fmt: skip

        self._db.execute_many(
            "INSERT INTO points (point_id, chunk_id, doc_no, payload_digest, vector_key, survivor, from_seq, to_seq)"
            " VALUES (?, ?, ?, ?, NULL, ?, ?, ?)",
            values(),
        )
        return count

    def set_vector_keys(self, manifest: VersionManifest, until_seq: int, keys: Mapping[str, str]) -> None:
        """`{chunk id: key}` of the rows that this version of the document was the last to show: the one that
        brought them may not have been kept."""
        by_chunk = {uuid_key(chunk): digest_key(key) for chunk, key in keys.items()}
        rows = self._db.rows(
            "SELECT point_id, chunk_id FROM points WHERE doc_no = (SELECT doc_no FROM documents WHERE doc_id = ?)"
            " AND survivor IS NULL AND to_seq > ? AND to_seq <= ?",
            (uuid_key(manifest.doc_id), manifest.seq, until_seq),
        )
        self._db.execute_many(
            "UPDATE points SET vector_key = ? WHERE point_id = ?",
            [(by_chunk[chunk], point) for point, chunk in rows if isinstance(chunk, bytes) and chunk in by_chunk],
        )

    def end_replaced(self) -> list[tuple[str, int]]:
        """A commit that was cut short has shown new rows and left the old ones: of two that are current the
        older ends where the newer begins. Returns (point, `to_seq`)."""
        twice = self._db.rows(
            "SELECT chunk_id FROM points WHERE to_seq = ? GROUP BY chunk_id HAVING count(*) > 1", (OPEN,)
        )
        if not twice:
            return []
        rows = self._db.rows(
            "SELECT chunk_id, from_seq, point_id FROM points WHERE to_seq = ? ORDER BY chunk_id, from_seq, point_id",
            (OPEN,),
        )
        doubled = {chunk for (chunk,) in twice}
        kept = [(chunk, int(str(seq)), point) for chunk, seq, point in rows if chunk in doubled]
        ended = [(old[2], new[1]) for old, new in pairwise(kept) if old[0] == new[0]]
        return self._end(ended)

    def end_others(self, manifest: VersionManifest, chunk_ids: Iterable[str]) -> list[tuple[str, int]]:
        """Current rows of the document that are not in its version, which ended them, as `end_replaced`."""
        kept = {uuid_key(chunk) for chunk in chunk_ids}
        rows = self._db.rows(
            "SELECT point_id, chunk_id FROM points WHERE doc_no = (SELECT doc_no FROM documents WHERE doc_id = ?)"
            " AND to_seq = ? AND from_seq < ?",
            (uuid_key(manifest.doc_id), OPEN, manifest.seq),
        )
        return self._end([(point, manifest.seq) for point, chunk in rows if chunk not in kept])

    def _end(self, ended: Sequence[tuple[Value, int]]) -> list[tuple[str, int]]:
        self._db.execute_many("UPDATE points SET to_seq = ? WHERE point_id = ?", [(seq, point) for point, seq in ended])
        return [(uuid_text(point), seq) for point, seq in ended]

    def horizons(self) -> dict[str, int]:
        """By tenant, the last commit after which something ended that is not kept any more: retention has removed
        the beginning of a document's versions, or a row that another followed under the same version."""
        versions = self._db.rows(
            "SELECT d.tenant, max(f.seq) FROM"
            " (SELECT doc_no, min(version) AS version, min(seq) AS seq FROM versions GROUP BY doc_no) f"
            " JOIN documents d ON d.doc_no = f.doc_no WHERE f.version > 1 GROUP BY d.tenant"
        )
        rows = self._db.rows(
            "SELECT d.tenant, max(p.from_seq) FROM points p JOIN documents d ON d.doc_no = p.doc_no"
            " WHERE NOT EXISTS (SELECT 1 FROM versions v WHERE v.doc_no = p.doc_no AND v.seq = p.from_seq)"
            " AND NOT EXISTS (SELECT 1 FROM points q WHERE q.doc_no = p.doc_no AND q.to_seq = p.from_seq"
            " AND q.chunk_id = p.chunk_id) GROUP BY d.tenant"
        )
        found: dict[str, int] = {}
        for tenant, seq in (*versions, *rows):
            found[str(tenant)] = max(found.get(str(tenant), 0), int(str(seq)))
        return found

    def add_survivors(self) -> None:
        """Of every current row that names no survivor; digests and bands are signed afterwards. Whoever
        came first is told by the commit, and within one by source and path."""
        self._db.execute(
            "INSERT INTO survivors (survivor_no, chunk_id, tenant, doc_no, text_digest, point_id, seq, place)"
            " SELECT row_number() OVER (ORDER BY first.seq, d.source, d.path, p.point_id), p.chunk_id, d.tenant,"
            " p.doc_no, p.payload_digest, p.point_id, first.seq,"
            " row_number() OVER (PARTITION BY first.seq ORDER BY d.source, d.path, p.point_id)"
            " FROM points p JOIN documents d ON d.doc_no = p.doc_no"
            " JOIN (SELECT chunk_id, min(from_seq) AS seq FROM points WHERE survivor IS NULL GROUP BY chunk_id) first"
            " ON first.chunk_id = p.chunk_id"
            " WHERE p.to_seq = ? AND p.survivor IS NULL",
            (OPEN,),
        )


def _contents(manifests: Iterable[VersionManifest]) -> dict[str, _Content]:
    """Of each document what its last version with a file held, or nothing."""
    found: dict[str, _Content] = {}
    for m in manifests:
        if m.file is not None:
            before = found.get(m.doc_id)
            previous = m.previous_doc_id or (before.previous_doc_id if before else None)
            found[m.doc_id] = _Content(m.file.sha256, m.chunk_key, m.top, m.metadata_digest, previous)
    return found


@dataclass(frozen=True, slots=True)
class _Content:
    sha256: str
    chunk_key: str
    top: str
    metadata_digest: str
    previous_doc_id: str | None


def _previous(content: _Content) -> bytes | None:
    return uuid_key(content.previous_doc_id) if content.previous_doc_id else None
