"""What history holds that nobody has to be shown any more, and what nothing refers to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from ingest.catalog.artifacts import pack_number
from ingest.catalog.database import IN_CLAUSE, Database, marks
from ingest.catalog.keys import digest_key, digest_text, uuid_key, uuid_text
from ingest.catalog.versions import horizon_name
from schemas.artifact import ArtifactRef
from schemas.point import OPEN

_COMPACTING = "compacting"
_PURGING = "purging"


@dataclass(frozen=True, slots=True)
class Life:
    """A version of a document: what is its from `begins` until `ends`, sequence numbers."""

    doc_no: int
    doc_id: str
    version: int
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class Needed:
    """What the catalog refers to: keys of chunk sets, digests of originals, keys of manifests."""

    chunk_keys: frozenset[str]
    originals: frozenset[str]
    manifests: frozenset[str]


class Retention:
    def __init__(self, database: Database) -> None:
        self._db = database

    # ------------------------------------------------------------------ history

    def lives(self, tenant: str) -> Iterator[tuple[Life, ...]]:
        """The versions of every document that has several, oldest first."""
        rows = self._db.rows(
            "SELECT v.doc_no, d.doc_id, v.version, v.seq FROM versions v JOIN documents d ON d.doc_no = v.doc_no"
            " WHERE d.tenant = ? AND v.doc_no IN (SELECT doc_no FROM versions GROUP BY doc_no HAVING count(*) > 1)"
            " ORDER BY v.doc_no, v.version",
            (tenant,),
        )
        for _, group in groupby(rows, key=lambda row: row[0]):
            versions = list(group)
            ends = [*(int(str(row[3])) for row in versions[1:]), OPEN]
            yield tuple(
                Life(int(str(row[0])), uuid_text(row[1]), int(str(row[2])), int(str(row[3])), end)
                for row, end in zip(versions, ends, strict=True)
            )

    def last_seq_before(self, at_ns: int) -> int:
        """The last commit at or before that time; 0 where there is none."""
        return int(str(self._db.rows("SELECT coalesce(max(seq), 0) FROM commits WHERE at_ns <= ?", (at_ns,))[0][0]))

    def ended_of(self, doc_no: int, seq: int) -> list[tuple[str, int]]:
        """Rows of a document that ended at or before that commit, and when they did."""
        rows = self._db.rows("SELECT point_id, to_seq FROM points WHERE doc_no = ? AND to_seq <= ?", (doc_no, seq))
        return [(uuid_text(row[0]), int(str(row[1]))) for row in rows]

    def ended(self, tenant: str, seq: int) -> list[tuple[str, int]]:
        """Rows of all documents that ended at or before that commit, and when they did."""
        rows = self._db.rows(
            "SELECT p.point_id, p.to_seq FROM points p JOIN documents d ON d.doc_no = p.doc_no"
            " WHERE d.tenant = ? AND p.to_seq <= ?",
            (tenant, seq),
        )
        return [(uuid_text(row[0]), int(str(row[1]))) for row in rows]

    def raise_horizon(self, tenant: str, seq: int) -> None:
        """From here on nobody looks back to before that commit."""
        self._db.execute(
            "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (horizon_name(tenant), str(seq)),
        )

    def forget(self, points: Sequence[str], versions: Sequence[Life]) -> None:
        """Rows and versions that the index no longer holds, all of them or none."""
        with self._db.transaction():
            for table in ("points", "duplicates"):
                self._db.execute_many(
                    f"DELETE FROM {table} WHERE point_id = ?", [(uuid_key(point),) for point in points]
                )
            self._db.execute_many(
                "DELETE FROM versions WHERE doc_no = ? AND version = ?",
                [(life.doc_no, life.version) for life in versions],
            )

    def forget_document(self, doc_id: str) -> None:
        """All that the catalog knows of it, all of it or nothing, but for the bands of its chunks: those are swept."""
        with self._db.transaction():
            rows = self._db.rows(
                "SELECT doc_no, tenant, source, path FROM documents WHERE doc_id = ?", (uuid_key(doc_id),)
            )
            if not rows:
                return
            doc_no, tenant, source, path = rows[0]
            self._db.execute(
                "DELETE FROM duplicates WHERE point_id IN (SELECT point_id FROM points WHERE doc_no = ?)", (doc_no,)
            )
            self._db.execute(
                "DELETE FROM survivors WHERE chunk_id IN (SELECT chunk_id FROM points WHERE doc_no = ?)", (doc_no,)
            )
            for table in ("points", "versions", "document_texts", "document_bands", "documents"):
                self._db.execute(f"DELETE FROM {table} WHERE doc_no = ?", (doc_no,))
            self._db.execute("DELETE FROM document_duplicates WHERE doc_no = ? OR other_no = ?", (doc_no, doc_no))
            self._db.execute(
                "UPDATE documents SET previous_doc_id = NULL WHERE previous_doc_id = ?", (uuid_key(doc_id),)
            )
            for table in ("files", "failures", "page_failures"):
                self._db.execute(
                    f"DELETE FROM {table} WHERE tenant = ? AND source = ? AND path = ?", (tenant, source, path)
                )

    def points_of(self, doc_id: str) -> list[str]:
        """All rows of a document, current or not."""
        rows = self._db.rows(
            "SELECT p.point_id FROM points p JOIN documents d ON d.doc_no = p.doc_no WHERE d.doc_id = ?",
            (uuid_key(doc_id),),
        )
        return [uuid_text(row[0]) for row in rows]

    # ------------------------------------------------------------------ purging

    def begin_purge(self, doc_ids: Iterable[str]) -> None:
        """Promised: whoever comes next goes on with it."""
        with self._db.transaction():
            self._db.execute_many(
                "INSERT INTO facts (name, value) VALUES (?, '') ON CONFLICT (name) DO NOTHING",
                [(f"{_PURGING}/{doc_id}",) for doc_id in doc_ids],
            )

    def purging(self) -> list[str]:
        """The documents of which that was promised, and not done yet."""
        rows = self._db.rows("SELECT name FROM facts WHERE name >= ? AND name < ?", (f"{_PURGING}/", f"{_PURGING}0"))
        return sorted(str(row[0]).removeprefix(f"{_PURGING}/") for row in rows)

    def end_purge(self, doc_ids: Iterable[str]) -> None:
        with self._db.transaction():
            self._db.execute_many("DELETE FROM facts WHERE name = ?", [(f"{_PURGING}/{doc_id}",) for doc_id in doc_ids])

    # ---------------------------------------------------------------- artifacts

    def needed(self, apart_from: frozenset[str] = frozenset()) -> Needed:
        """`apart_from`: manifests of versions that shall be taken for gone."""
        chunk_keys: set[str] = set()
        originals: set[str] = set()
        manifests: set[str] = set()
        rows = self._db.rows(
            "SELECT d.doc_id, v.version, v.sha256, v.chunk_key, v.gone FROM versions v"
            " JOIN documents d ON d.doc_no = v.doc_no"
        )
        for doc_id, version, sha256, chunk_key, gone in rows:
            manifest = f"{uuid_text(doc_id)}/{int(str(version))}"
            if manifest not in apart_from:
                manifests.add(manifest)
                if not gone:
                    chunk_keys.add(str(chunk_key))
                    originals.add(str(sha256))
        return Needed(frozenset(chunk_keys), frozenset(originals), frozenset(manifests))

    def pack_sizes(self) -> dict[str, int]:
        """Bytes of every pack that artifacts refer to."""
        rows = self._db.rows(
            "SELECT p.name, coalesce(sum(a.length), 0) FROM packs p LEFT JOIN artifacts a ON a.pack_no = p.pack_no"
            " GROUP BY p.name"
        )
        return {str(name): int(str(size)) for name, size in rows}

    def drop(self, artifacts: Iterable[ArtifactRef], vectors: Iterable[str], compacting: Iterable[str]) -> None:
        """Forgets artifacts and vectors, and promises to rewrite or remove these packs: all of it or nothing."""
        with self._db.transaction():
            self._db.execute_many(
                "DELETE FROM artifacts WHERE stage = ? AND key = ?", [(ref.stage, ref.key) for ref in artifacts]
            )
            self._db.execute_many("DELETE FROM vectors WHERE key = ?", [(digest_key(key),) for key in vectors])
            self._db.execute_many(
                "INSERT INTO facts (name, value) VALUES (?, '') ON CONFLICT (name) DO NOTHING",
                [(f"{_COMPACTING}/{pack}",) for pack in compacting],
            )

    def compacting(self) -> list[str]:
        """Packs of which that was promised, and not done yet."""
        rows = self._db.rows(
            "SELECT name FROM facts WHERE name >= ? AND name < ?", (f"{_COMPACTING}/", f"{_COMPACTING}0")
        )
        return sorted(str(row[0]).removeprefix(f"{_COMPACTING}/") for row in rows)

    def compacted(self, pack: str) -> None:
        """It is gone from the store."""
        with self._db.transaction():
            self._db.execute("DELETE FROM packs WHERE name = ?", (pack,))
            self._db.execute("DELETE FROM facts WHERE name = ?", (f"{_COMPACTING}/{pack}",))

    def keep(self, pack: str) -> None:
        """The promise is over; it stays as it is."""
        self._db.execute("DELETE FROM facts WHERE name = ?", (f"{_COMPACTING}/{pack}",))

    def in_pack(self, pack: str) -> list[ArtifactRef]:
        """The frames of a pack that something refers to, as they lie."""
        rows = self._db.rows(
            "SELECT a.stage, a.key, a.digest, p.name, a.start, a.length FROM artifacts a"
            " JOIN packs p ON p.pack_no = a.pack_no WHERE p.name = ? ORDER BY a.start, a.key",
            (pack,),
        )
        return [
            ArtifactRef(
                stage=str(stage), key=str(key), digest=digest_text(digest), pack=str(name), offset=int(str(start)),
                length=int(str(length)),
            )
            for stage, key, digest, name, start, length in rows
        ]  # fmt: skip

    def vectors_in(self, pack: str) -> list[tuple[str, int]]:
        """Keys and places of the vectors of a pack, by place."""
        rows = self._db.rows(
            "SELECT v.key, v.place FROM vectors v JOIN packs p ON p.pack_no = v.pack_no WHERE p.name = ?"
            " ORDER BY v.place",
            (pack,),
        )
        return [(digest_text(key), int(str(place))) for key, place in rows]

    def packs_of_vectors(self, keys: Sequence[str]) -> set[str]:
        found: set[str] = set()
        for start in range(0, len(keys), IN_CLAUSE):
            part = [digest_key(key) for key in keys[start : start + IN_CLAUSE]]
            rows = self._db.rows(
                "SELECT DISTINCT p.name FROM vectors v JOIN packs p ON p.pack_no = v.pack_no"
                f" WHERE v.key IN ({marks(len(part))})",
                part,
            )
            found.update(str(row[0]) for row in rows)
        return found

    def move(self, old: str, refs: Sequence[ArtifactRef], vectors: Sequence[str] | None = None) -> None:
        """What lay in the pack `old` lies at `refs` from now on. `vectors`: keys of the rows of the one matrix
        there."""
        with self._db.transaction():
            number = pack_number(self._db, refs[0].pack)
            if vectors is not None:
                self._db.execute(
                    "DELETE FROM artifacts WHERE pack_no = (SELECT pack_no FROM packs WHERE name = ?)", (old,)
                )
                self._db.execute_many(
                    "UPDATE vectors SET pack_no = ?, place = ? WHERE key = ?",
                    [(number, place, digest_key(key)) for place, key in enumerate(vectors)],
                )
            self._db.execute_many(
                "INSERT INTO artifacts (stage, key, digest, pack_no, start, length) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (stage, key) DO UPDATE SET digest = excluded.digest, pack_no = excluded.pack_no,"
                " start = excluded.start, length = excluded.length",
                [(r.stage, r.key, digest_key(r.digest), number, r.offset, r.length) for r in refs],
            )
