"""Documents, their versions, the rows of the index, and the commits that made them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import zstandard

from ingest.catalog.artifacts import Artifacts
from ingest.catalog.database import IN_CLAUSE, Database, Row, Value, marks
from ingest.catalog.duplicates import Duplicates
from ingest.catalog.fencing import require_newest
from ingest.catalog.files import Files
from ingest.catalog.keys import band_key, digest_key, digest_text, uuid_key, uuid_text
from ingest.catalog.plan import PlannedDocument, PublishPlan
from ingest.catalog.rows import DocumentRow, FileRow, PointRow, Totals
from schemas.errors import InvariantError
from schemas.point import OPEN

_DOCUMENT = "SELECT doc_id, source, path, version, sha256, chunk_key, live, stale, top, metadata_digest FROM documents"
_POINT = (
    "SELECT p.point_id, p.chunk_id, d.doc_id, p.payload_digest, p.vector_key, p.survivor, p.from_seq"
    " FROM points p JOIN documents d ON d.doc_no = p.doc_no"
)


class History:
    def __init__(self, database: Database, files: Files, artifacts: Artifacts, duplicates: Duplicates) -> None:
        self._db = database
        self._files = files
        self._artifacts = artifacts
        self._duplicates = duplicates

    # ---------------------------------------------------------------- reading

    def documents(self, tenant: str, source: str) -> dict[str, DocumentRow]:
        """The live documents of a source, by path."""
        rows = self._db.rows(f"{_DOCUMENT} WHERE tenant = ? AND source = ? AND live = 1", (tenant, source))
        return {str(row[2]): _document(row) for row in rows}

    def live_documents(self, tenant: str, as_of: int | None = None) -> list[DocumentRow]:
        """The live documents of all sources, by source and path, or those that were live at that sequence number.
        Whether a version was stale then is not kept: it is where it is now."""
        if as_of is None:
            rows = self._db.rows(f"{_DOCUMENT} WHERE tenant = ? AND live = 1", (tenant,))
        else:
            rows = self._db.rows(
                "SELECT d.doc_id, d.source, d.path, v.version, v.sha256, v.chunk_key, 1,"
                " CASE WHEN d.live = 1 AND d.version = v.version THEN d.stale ELSE 0 END, d.top, d.metadata_digest"
                " FROM versions v JOIN documents d ON d.doc_no = v.doc_no"
                " JOIN (SELECT doc_no, max(version) AS version FROM versions WHERE seq <= ? GROUP BY doc_no) latest"
                " ON latest.doc_no = v.doc_no AND latest.version = v.version WHERE d.tenant = ? AND v.gone = 0",
                (as_of, tenant),
            )
        # Not by the database: it may order text as a language does.
        return sorted(map(_document, rows), key=lambda document: (document.source, document.path))

    def document(self, doc_id: str) -> DocumentRow | None:
        """The document, live or gone."""
        rows = self._db.rows(f"{_DOCUMENT} WHERE doc_id = ?", (uuid_key(doc_id),))
        return _document(rows[0]) if rows else None

    def chunk_key(self, doc_id: str, as_of: int | None = None) -> str | None:
        """Of the chunk set of the version that is current, or was at that sequence number; None where
        there was none."""
        rows = self._db.rows(
            "SELECT v.chunk_key, v.gone FROM versions v JOIN documents d ON d.doc_no = v.doc_no"
            " WHERE d.doc_id = ? AND v.seq <= ? ORDER BY v.seq DESC LIMIT 1",
            (uuid_key(doc_id), OPEN if as_of is None else as_of),
        )
        return str(rows[0][0]) if rows and not rows[0][1] else None

    def has_content(self, tenant: str, sha256: str, *, apart_from: str) -> bool:
        """Whether another live document holds exactly these bytes."""
        return bool(
            self._db.rows(
                "SELECT 1 FROM documents WHERE tenant = ? AND sha256 = ? AND live = 1 AND doc_id <> ? LIMIT 1",
                (tenant, sha256, uuid_key(apart_from)),
            )
        )

    def current_points(self, doc_ids: Sequence[str]) -> list[PointRow]:
        return self._points("d.doc_id", doc_ids)

    def current_duplicates_of(self, survivors: Sequence[str]) -> list[PointRow]:
        """Rows that name one of these chunks as their survivor."""
        return self._points("p.survivor", survivors)

    def _points(self, column: str, values: Sequence[str]) -> list[PointRow]:
        found: list[PointRow] = []
        for start in range(0, len(values), IN_CLAUSE):
            part = [uuid_key(value) for value in values[start : start + IN_CLAUSE]]
            rows = self._db.rows(
                f"{_POINT} WHERE {column} IN ({marks(len(part))}) AND p.to_seq = ? ORDER BY p.from_seq, p.point_id",
                (*part, OPEN),
            )
            found.extend(map(_point, rows))
        return found

    def point_counts(self, tenant: str, source: str | None = None, as_of: int | None = None) -> tuple[int, int]:
        """Current rows of live documents, or those that were current at that sequence number, and how many of them
        answer through a survivor."""
        where, parameters = "documents.tenant = ?", [tenant]
        if source is not None:
            where, parameters = f"{where} AND documents.source = ?", [*parameters, source]
        when: tuple[str, tuple[int, ...]] = ("points.to_seq = ? AND documents.live = 1", (OPEN,))
        if as_of is not None:
            when = ("points.from_seq <= ? AND points.to_seq > ?", (as_of, as_of))
        rows = self._db.rows(
            "SELECT count(*), count(points.survivor) FROM points JOIN documents ON documents.doc_no = points.doc_no"
            f" WHERE {when[0]} AND {where}",
            (*when[1], *parameters),
        )
        return int(str(rows[0][0])), int(str(rows[0][1]))

    def totals(self, tenant: str) -> Totals:
        def one(sql: str, *parameters: str | int) -> int:
            return int(str(self._db.rows(sql, parameters)[0][0]))

        points = "FROM points JOIN documents ON documents.doc_no = points.doc_no WHERE documents.tenant = ?"
        return Totals(
            documents=one("SELECT count(*) FROM documents WHERE tenant = ? AND live = 1", tenant),
            stale=one("SELECT count(*) FROM documents WHERE tenant = ? AND live = 1 AND stale = 1", tenant),
            points=one(f"SELECT count(*) {points} AND to_seq = ?", tenant, OPEN),
            duplicates=one(f"SELECT count(*) {points} AND to_seq = ? AND survivor IS NOT NULL", tenant, OPEN),
            failures=one("SELECT count(*) FROM failures WHERE tenant = ?", tenant),
            history=one(f"SELECT count(*) {points} AND to_seq < ?", tenant, OPEN),
        )

    def seq_at(self, at_ns: int) -> int:
        """The last sequence number that was committed at or before this time; 0 before the first."""
        return int(str(self._db.rows("SELECT coalesce(max(seq), 0) FROM commits WHERE at_ns <= ?", (at_ns,))[0][0]))

    # ------------------------------------------------------------- committing

    def next_seq(self) -> int:
        rows = self._db.rows("SELECT coalesce(max(seq), 0) FROM commits")
        return int(str(rows[0][0])) + 1

    def open_intent(self, plan: PublishPlan) -> None:
        """Promises the plan. Raises `InvariantError` for a writer whose time is over."""
        body = zstandard.ZstdCompressor(level=3).compress(plan.model_dump_json().encode())
        with self._db.transaction():
            require_newest(self._db, plan.run_number)
            if self.next_seq() != plan.seq:
                raise InvariantError("another commit came in between; this run stops without harm", seq=plan.seq)
            self._db.execute(
                "INSERT INTO intents (seq, run_number, plan) VALUES (?, ?, ?)", (plan.seq, plan.run_number, body)
            )

    def count_open_intents(self) -> int:
        return int(str(self._db.rows("SELECT count(*) FROM intents")[0][0]))

    def open_intents(self) -> list[PublishPlan]:
        """Plans that were promised and not closed: a crash came in between. Oldest first."""
        rows = self._db.rows("SELECT plan FROM intents ORDER BY seq")
        decompressor = zstandard.ZstdDecompressor()
        return [PublishPlan.model_validate_json(decompressor.decompress(_blob(row[0]))) for row in rows]

    def is_open(self, plan: PublishPlan) -> bool:
        """Whether the promise still stands: nobody else has carried the plan out and closed it."""
        return bool(
            self._db.rows("SELECT 1 FROM intents WHERE seq = ? AND run_number = ?", (plan.seq, plan.run_number))
        )

    def close_intent(self, plan: PublishPlan) -> None:
        """Writes down what the plan did, all of it or nothing. Raises `InvariantError` when its
        intent is not open: another process has finished it."""
        with self._db.transaction():
            if not self._db.execute("DELETE FROM intents WHERE seq = ?", (plan.seq,)):
                raise InvariantError("this commit is not open: another run has finished it", seq=plan.seq)
            for document in plan.documents:
                self._version(plan, document)
            self._retire(plan)
            numbers = self._numbers([p.payload.doc_id for p in plan.points] + [s.doc_id for s in plan.survivors])
            self._add(plan, numbers)
            self._move_survivors(plan, numbers)
            self._duplicates.record(plan)
            self._settle_files(plan)
            self._artifacts.adopt_within(plan.manifests)
            self._db.execute(
                "INSERT INTO commits (seq, run_number, at_ns) VALUES (?, ?, ?)", (plan.seq, plan.run_number, plan.at_ns)
            )

    def settle_files(self, plan: PublishPlan) -> None:
        """For a plan that changes nothing but what is known of files. Raises `InvariantError` for a
        writer whose time is over."""
        with self._db.transaction():
            require_newest(self._db, plan.run_number)
            self._settle_files(plan)

    def _retire(self, plan: PublishPlan) -> None:
        self._db.execute_many(
            "UPDATE points SET to_seq = ? WHERE point_id = ?", [(plan.seq, uuid_key(point)) for point in plan.retire]
        )

    def _add(self, plan: PublishPlan, numbers: dict[str, int]) -> None:
        self._db.execute_many(
            "INSERT INTO points (point_id, chunk_id, doc_no, payload_digest, vector_key, survivor, from_seq, to_seq)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    uuid_key(p.point_id), uuid_key(p.payload.chunk_id), numbers[p.payload.doc_id],
                    digest_key(p.payload_digest), digest_key(p.vector_key) if p.vector_key else None,
                    uuid_key(p.payload.survivor) if p.payload.survivor else None, plan.seq, OPEN,
                )
                for p in plan.points
            ],
        )  # fmt: skip

    def _version(self, plan: PublishPlan, document: PlannedDocument) -> None:
        file = document.file
        if file is None:
            self._db.execute(
                "UPDATE documents SET live = 0, stale = 0, version = ? WHERE doc_id = ?",
                (document.version, uuid_key(document.doc_id)),
            )
        else:
            previous = document.previous_doc_id
            self._db.execute(
                "INSERT INTO documents"
                " (doc_no, doc_id, tenant, source, path, version, sha256, chunk_key, previous_doc_id, top,"
                " metadata_digest, live, stale) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)"
                " ON CONFLICT (doc_id) DO UPDATE SET"
                " version = excluded.version, sha256 = excluded.sha256, chunk_key = excluded.chunk_key,"
                " metadata_digest = excluded.metadata_digest, live = 1, stale = excluded.stale,"
                " previous_doc_id = coalesce(excluded.previous_doc_id, documents.previous_doc_id)",
                (
                    self._next("doc_no", "documents"), uuid_key(document.doc_id), file.tenant, file.source, file.path,
                    document.version, file.sha256, document.chunk_key, uuid_key(previous) if previous else None,
                    document.top, document.metadata_digest, int(document.stale),
                ),
            )  # fmt: skip
        self._db.execute(
            "INSERT INTO versions (doc_no, version, seq, run_number, sha256, chunk_key, gone)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                self._numbers([document.doc_id])[document.doc_id], document.version, plan.seq, plan.run_number,
                file.sha256 if file else "", document.chunk_key, int(file is None),
            ),
        )  # fmt: skip

    def _move_survivors(self, plan: PublishPlan, numbers: dict[str, int]) -> None:
        """Bands of those that leave stay until they are swept: nobody answers to them."""
        self._db.execute_many(
            "DELETE FROM survivors WHERE chunk_id = ?", [(uuid_key(chunk),) for chunk in plan.leaving]
        )
        free = self._next("survivor_no", "survivors")
        self._db.execute_many(
            "INSERT INTO survivors (survivor_no, chunk_id, tenant, doc_no, text_digest, point_id, seq, place)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (chunk_id) DO UPDATE SET point_id = excluded.point_id",
            [
                (
                    free + offset, uuid_key(s.chunk_id), plan.tenant, numbers[s.doc_id], digest_key(s.text_digest),
                    uuid_key(s.point_id), plan.seq, s.place,
                )
                for offset, s in enumerate(plan.survivors)
            ],
        )  # fmt: skip
        bands = [
            (band_key(plan.tenant, digest_key(band)), free + offset)
            for offset, s in enumerate(plan.survivors)
            for band in s.bands
        ]
        # In the order of the table, whose pages are then touched once.
        self._db.execute_many(
            "INSERT INTO bands (band, survivor_no) VALUES (?, ?) ON CONFLICT DO NOTHING", sorted(bands)
        )

    def _numbers(self, doc_ids: Iterable[str]) -> dict[str, int]:
        """Raises `InvariantError` for a document that is not there."""
        keys = [uuid_key(doc_id) for doc_id in dict.fromkeys(doc_ids)]
        found: dict[str, int] = {}
        for start in range(0, len(keys), IN_CLAUSE):
            part = keys[start : start + IN_CLAUSE]
            rows = self._db.rows(f"SELECT doc_id, doc_no FROM documents WHERE doc_id IN ({marks(len(part))})", part)
            found.update({uuid_text(key): int(str(number)) for key, number in rows})
        if len(found) < len(keys):
            raise InvariantError("a row of the index belongs to no document")
        return found

    def _next(self, column: str, table: str) -> int:
        """The number after the largest. Within a transaction."""
        return int(str(self._db.rows(f"SELECT coalesce(max({column}), 0) + 1 FROM {table}")[0][0]))

    def _settle_files(self, plan: PublishPlan) -> None:
        for file in plan.files:
            row = FileRow(
                file.path, file.size, file.mtime_ns, file.ctime_ns, file.inode, file.listed_at_ns, file.sha256,
                file.status, sidecar=file.sidecar,
            )  # fmt: skip
            self._files.remember(plan.tenant, file.source, [row])
            self._files.release(plan.tenant, file.source, [file.path])
            self._files.settle_members(plan.tenant, file.source, file.path, file.failing)
        for source, path in plan.forgotten:
            self._files.forget(plan.tenant, source, [path])


def _document(row: Row) -> DocumentRow:
    doc_id, *others, live, stale, top, metadata_digest = row
    # Positional and unchecked: a run does this for every document of a source.
    columns = (uuid_text(doc_id), *others, bool(live), bool(stale), top, metadata_digest)
    return DocumentRow(*columns)  # type: ignore[arg-type] # columns are in this order


def _point(row: Row) -> PointRow:
    point_id, chunk_id, doc_id, payload_digest, vector_key, survivor, from_seq = row
    return PointRow(
        point_id=uuid_text(point_id),
        chunk_id=uuid_text(chunk_id),
        doc_id=uuid_text(doc_id),
        payload_digest=digest_text(payload_digest),
        vector_key=digest_text(vector_key) if vector_key is not None else None,
        survivor=uuid_text(survivor) if survivor is not None else None,
        from_seq=int(str(from_seq)),
    )


def _blob(value: Value) -> bytes:
    if not isinstance(value, bytes):
        raise InvariantError("an intent in the catalog is not a blob")
    return value
