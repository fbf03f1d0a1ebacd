"""The catalog's tables. A change is a new entry in `MIGRATIONS`, never an edit of an old one.

`{blob}`, `{clustered}` and `{by_code_points}` stand for what SQLite and Postgres call differently. A text column
that is added says TEXT{by_code_points}: most Postgres servers order text as a language does, and the catalog asks
for ranges of keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby, islice
from operator import itemgetter

from ingest.catalog.database import Database, Row
from ingest.catalog.keys import band_key, digest_key, uuid_key
from schemas.errors import SchemaMismatch

Migration = tuple[str, ...] | Callable[[Database], None]
"""Statements, or a step that moves what is there."""

_COMPACT = (
    """CREATE TABLE documents (
        doc_no BIGINT PRIMARY KEY, doc_id {blob} NOT NULL UNIQUE, tenant TEXT NOT NULL, source TEXT NOT NULL,
        path TEXT NOT NULL, version BIGINT NOT NULL, sha256 TEXT NOT NULL, chunk_key TEXT NOT NULL,
        previous_doc_id {blob}, live INTEGER NOT NULL, stale INTEGER NOT NULL, top TEXT NOT NULL,
        metadata_digest TEXT NOT NULL)""",
    "CREATE INDEX documents_by_source ON documents (tenant, source)",
    "CREATE INDEX documents_by_content ON documents (tenant, sha256)",
    "CREATE INDEX documents_by_top ON documents (tenant, source, top)",
    """CREATE TABLE versions (
        doc_no BIGINT NOT NULL, version BIGINT NOT NULL, seq BIGINT NOT NULL, run_number BIGINT NOT NULL,
        sha256 TEXT NOT NULL, chunk_key TEXT NOT NULL, gone INTEGER NOT NULL,
        PRIMARY KEY (doc_no, version)){clustered}""",
    """CREATE TABLE points (
        point_id {blob} PRIMARY KEY, chunk_id {blob} NOT NULL, doc_no BIGINT NOT NULL, payload_digest {blob} NOT NULL,
        vector_key {blob}, survivor {blob}, from_seq BIGINT NOT NULL, to_seq BIGINT NOT NULL){clustered}""",
    "CREATE INDEX points_by_document ON points (doc_no, to_seq)",
    "CREATE INDEX points_by_survivor ON points (survivor, to_seq) WHERE survivor IS NOT NULL",
    # `place` orders the survivors of one commit. `bands` keeps rows of survivors that are gone until it is swept.
    """CREATE TABLE survivors (
        survivor_no BIGINT PRIMARY KEY, chunk_id {blob} NOT NULL UNIQUE, tenant TEXT NOT NULL, doc_no BIGINT NOT NULL,
        text_digest {blob} NOT NULL, point_id {blob} NOT NULL, seq BIGINT NOT NULL, place BIGINT NOT NULL)""",
    "CREATE INDEX survivors_by_text ON survivors (text_digest)",
    """CREATE TABLE bands (
        band BIGINT NOT NULL, survivor_no BIGINT NOT NULL, PRIMARY KEY (band, survivor_no)){clustered}""",
    "CREATE TABLE packs (pack_no BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    """CREATE TABLE artifacts (
        stage TEXT NOT NULL, key TEXT NOT NULL, digest {blob} NOT NULL, pack_no BIGINT NOT NULL, start BIGINT NOT NULL,
        length BIGINT NOT NULL, PRIMARY KEY (stage, key)){clustered}""",
    "CREATE INDEX artifacts_by_digest ON artifacts (stage, digest)",
    "CREATE INDEX artifacts_by_pack ON artifacts (pack_no)",
    # Row `place` of the matrix that is the only frame of the pack.
    """CREATE TABLE vectors (key {blob} PRIMARY KEY, pack_no BIGINT NOT NULL, place BIGINT NOT NULL){clustered}""",
)
_OLD_INDEXES = (
    "documents_by_source", "documents_by_content", "documents_by_top", "points_by_document", "points_by_survivor",
    "survivors_by_text", "bands_by_chunk", "artifacts_by_digest", "vectors_by_pack",
)  # fmt: skip
_OLD_TABLES = ("documents", "versions", "points", "survivors", "bands", "artifacts", "vectors")
_AT_ONCE = 10_000


def _move_to_keys(database: Database) -> None:
    """Ids and digests become bytes, documents and packs get numbers: a third of the size."""
    for index in _OLD_INDEXES:
        database.execute(f"DROP INDEX {index}")
    for table in _OLD_TABLES:
        database.execute(f"ALTER TABLE {table} RENAME TO old_{table}")
    for statement in _COMPACT:
        database.execute(_of_dialect(statement, database))
    _Moving(database).move()
    for table in _OLD_TABLES:
        database.execute(f"DROP TABLE old_{table}")


class _Moving:
    def __init__(self, database: Database) -> None:
        self._db = database

    def move(self) -> None:
        numbers = self._numbered("SELECT doc_id FROM old_documents ORDER BY doc_id")
        self._copy(
            "SELECT doc_id, tenant, source, path, version, sha256, chunk_key, previous_doc_id, live, stale, top,"
            " metadata_digest FROM old_documents",
            "INSERT INTO documents (doc_no, doc_id, tenant, source, path, version, sha256, chunk_key, previous_doc_id,"
            " live, stale, top, metadata_digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            lambda r: (numbers[str(r[0])], _uuid(r[0]), *r[1:7], _uuid(r[7]), *r[8:]),
        )
        self._copy(
            "SELECT doc_id, version, seq, run_number, sha256, chunk_key, gone FROM old_versions",
            "INSERT INTO versions (doc_no, version, seq, run_number, sha256, chunk_key, gone)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            lambda r: (numbers[str(r[0])], *r[1:]),
        )
        self._copy(
            "SELECT point_id, chunk_id, doc_id, payload_digest, vector_key, survivor, from_seq, to_seq FROM old_points",
            "INSERT INTO points (point_id, chunk_id, doc_no, payload_digest, vector_key, survivor, from_seq, to_seq)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            lambda r: (
                _uuid(r[0]), _uuid(r[1]), numbers[str(r[2])], _digest(r[3]), _digest(r[4]), _uuid(r[5]), *r[6:],
            ),
        )  # fmt: skip
        self._move_survivors(numbers)
        self._move_artifacts()

    def _move_survivors(self, documents: dict[str, int]) -> None:
        numbers = self._numbered("SELECT chunk_id FROM old_survivors ORDER BY seq, place, chunk_id")
        self._copy(
            "SELECT chunk_id, tenant, doc_id, text_digest, point_id, seq, place FROM old_survivors",
            "INSERT INTO survivors (survivor_no, chunk_id, tenant, doc_no, text_digest, point_id, seq, place)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            lambda r: (
                numbers[str(r[0])], _uuid(r[0]), r[1], documents[str(r[2])], r[3], _uuid(r[4]), r[5], r[6],
            ),
        )  # fmt: skip
        self._copy(
            "SELECT tenant, band, chunk_id FROM old_bands",
            "INSERT INTO bands (band, survivor_no) VALUES (?, ?) ON CONFLICT DO NOTHING",
            lambda r: (band_key(str(r[0]), r[1] if isinstance(r[1], bytes) else b""), numbers[str(r[2])]),
        )

    def _move_artifacts(self) -> None:
        packs = self._numbered("SELECT DISTINCT pack FROM old_artifacts ORDER BY pack")
        self._db.execute_many("INSERT INTO packs (name, pack_no) VALUES (?, ?)", packs.items())
        self._copy(
            "SELECT stage, key, digest, pack, start, length FROM old_artifacts",
            "INSERT INTO artifacts (stage, key, digest, pack_no, start, length) VALUES (?, ?, ?, ?, ?, ?)",
            lambda r: (r[0], r[1], _digest(r[2]), packs[str(r[3])], r[4], r[5]),
        )
        self._copy(
            "SELECT v.key, a.pack, v.place FROM old_vectors v"
            " JOIN old_artifacts a ON a.stage = 'vector' AND a.key = v.pack",
            "INSERT INTO vectors (key, pack_no, place) VALUES (?, ?, ?)",
            lambda r: (_digest(r[0]), packs[str(r[1])], r[2]),
        )

    def _numbered(self, select: str) -> dict[str, int]:
        return {str(name): number for number, (name,) in enumerate(self._db.rows(select), 1)}

    def _copy(self, select: str, insert: str, change: Callable[[Row], Row]) -> None:
        rows: Iterator[Row] = map(change, self._db.rows(select))
        while part := list(islice(rows, _AT_ONCE)):
            self._db.execute_many(insert, part)


def _uuid(value: object) -> bytes | None:
    return uuid_key(str(value)) if value else None


def _digest(value: object) -> bytes | None:
    return digest_key(str(value)) if value else None


def _compare_by_code_points(database: Database) -> None:
    """In the order of a language most ranges of keys hold nothing: what was to be swept or purged was not found."""
    if not database.dialect.by_code_points:
        return
    texts = database.rows(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = current_schema() AND data_type = 'text' ORDER BY table_name, ordinal_position"
    )
    for table, columns in groupby([(str(table), str(column)) for table, column in texts], key=itemgetter(0)):
        types = (f"ALTER COLUMN {column} TYPE TEXT{database.dialect.by_code_points}" for _, column in columns)
        database.execute(f"ALTER TABLE {table} {', '.join(types)}")


MIGRATIONS: tuple[Migration, ...] = (
    (
        """CREATE TABLE sources (
            tenant TEXT NOT NULL, source TEXT NOT NULL, kind TEXT NOT NULL, root TEXT NOT NULL,
            PRIMARY KEY (tenant, source))""",
        """CREATE TABLE files (
            tenant TEXT NOT NULL, source TEXT NOT NULL, path TEXT NOT NULL, size BIGINT NOT NULL,
            mtime_ns BIGINT NOT NULL, ctime_ns BIGINT NOT NULL, inode BIGINT NOT NULL, listed_at_ns BIGINT NOT NULL,
            sha256 TEXT NOT NULL, status TEXT NOT NULL,
            PRIMARY KEY (tenant, source, path))""",
        """CREATE TABLE documents (
            doc_id TEXT PRIMARY KEY, tenant TEXT NOT NULL, source TEXT NOT NULL, path TEXT NOT NULL,
            version BIGINT NOT NULL, sha256 TEXT NOT NULL, chunk_key TEXT NOT NULL, previous_doc_id TEXT,
            live INTEGER NOT NULL, stale INTEGER NOT NULL)""",
        "CREATE INDEX documents_by_source ON documents (tenant, source)",
        "CREATE INDEX documents_by_content ON documents (tenant, sha256)",
        """CREATE TABLE versions (
            doc_id TEXT NOT NULL, version BIGINT NOT NULL, seq BIGINT NOT NULL, run_number BIGINT NOT NULL,
            sha256 TEXT NOT NULL, chunk_key TEXT NOT NULL, gone INTEGER NOT NULL,
            PRIMARY KEY (doc_id, version))""",
        """CREATE TABLE points (
            point_id TEXT PRIMARY KEY, chunk_id TEXT NOT NULL, doc_id TEXT NOT NULL, payload_digest TEXT NOT NULL,
            vector_key TEXT, survivor TEXT, from_seq BIGINT NOT NULL, to_seq BIGINT NOT NULL)""",
        "CREATE INDEX points_by_document ON points (doc_id, to_seq)",
        "CREATE INDEX points_by_survivor ON points (survivor, to_seq)",
        """CREATE TABLE survivors (
            chunk_id TEXT PRIMARY KEY, tenant TEXT NOT NULL, doc_id TEXT NOT NULL, text_digest {blob} NOT NULL,
            point_id TEXT NOT NULL, seq BIGINT NOT NULL, place BIGINT NOT NULL)""",
        "CREATE INDEX survivors_by_text ON survivors (tenant, text_digest)",
        """CREATE TABLE bands (
            tenant TEXT NOT NULL, band {blob} NOT NULL, chunk_id TEXT NOT NULL,
            PRIMARY KEY (tenant, band, chunk_id))""",
        "CREATE INDEX bands_by_chunk ON bands (chunk_id)",
        """CREATE TABLE artifacts (
            stage TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, pack TEXT NOT NULL,
            start BIGINT NOT NULL, length BIGINT NOT NULL,
            PRIMARY KEY (stage, key))""",
        """CREATE TABLE vectors (
            key TEXT PRIMARY KEY, pack TEXT NOT NULL, place BIGINT NOT NULL)""",
        "CREATE INDEX vectors_by_pack ON vectors (pack)",
        """CREATE TABLE failures (
            tenant TEXT NOT NULL, source TEXT NOT NULL, path TEXT NOT NULL, key TEXT NOT NULL, failure TEXT NOT NULL,
            PRIMARY KEY (tenant, source, path))""",
        """CREATE TABLE runs (
            number BIGINT PRIMARY KEY, run_id TEXT NOT NULL, started_ns BIGINT NOT NULL, finished_ns BIGINT,
            state TEXT NOT NULL, summary TEXT NOT NULL)""",
        "CREATE TABLE commits (seq BIGINT PRIMARY KEY, run_number BIGINT NOT NULL, at_ns BIGINT NOT NULL)",
        """CREATE TABLE intents (
            seq BIGINT PRIMARY KEY, run_number BIGINT NOT NULL, plan {blob} NOT NULL)""",
        "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
        "CREATE TABLE collections (name TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, description TEXT NOT NULL)",
    ),
    (
        # `top`: the listed file that holds an attachment or a member; empty for a listed file itself.
        "ALTER TABLE files ADD COLUMN top TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE files ADD COLUMN sidecar TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE documents ADD COLUMN top TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE documents ADD COLUMN metadata_digest TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE failures ADD COLUMN top TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX files_by_top ON files (tenant, source, top)",
        "CREATE INDEX documents_by_top ON documents (tenant, source, top)",
    ),
    ("CREATE INDEX artifacts_by_digest ON artifacts (stage, digest)",),
    (
        """CREATE TABLE page_failures (
            tenant TEXT NOT NULL, source TEXT NOT NULL, path TEXT NOT NULL, page BIGINT NOT NULL,
            failure TEXT NOT NULL, top TEXT NOT NULL,
            PRIMARY KEY (tenant, source, path, page))""",
    ),
    _move_to_keys,
    (
        # Of a collection: active (searched), building (not complete yet) or kept (what was searched before).
        # `settings`: those that it was built with, in JSON; `dimension`: 0 where it is not known yet.
        "ALTER TABLE collections ADD COLUMN state TEXT NOT NULL DEFAULT 'active'",
        "ALTER TABLE collections ADD COLUMN settings TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE collections ADD COLUMN dimension BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE collections ADD COLUMN payload_version BIGINT NOT NULL DEFAULT 1",
        "ALTER TABLE collections ADD COLUMN number BIGINT NOT NULL DEFAULT 1",
        # Whose files a run took in; empty for upkeep of the whole home, and for runs of earlier releases.
        "ALTER TABLE runs ADD COLUMN tenant TEXT NOT NULL DEFAULT ''",
        # Points as they stand in a collection that is not the active one.
        """CREATE TABLE beside (
            number BIGINT NOT NULL, point_id {blob} NOT NULL, payload_digest {blob} NOT NULL, vector_key {blob},
            to_seq BIGINT NOT NULL, PRIMARY KEY (number, point_id)){clustered}""",
        # Why the row of that point names a survivor, or does not name `other` (kind "apart").
        """CREATE TABLE duplicates (
            point_id {blob} PRIMARY KEY, kind TEXT NOT NULL, similarity DOUBLE PRECISION NOT NULL,
            reason TEXT NOT NULL, other {blob}){clustered}""",
        # Documents as a whole: what is compared, the keys under which they meet, and what was found.
        """CREATE TABLE document_texts (
            doc_no BIGINT PRIMARY KEY, text_digest {blob} NOT NULL, facts_digest {blob} NOT NULL, furniture TEXT,
            words BIGINT NOT NULL)""",
        """CREATE TABLE document_bands (
            band BIGINT NOT NULL, doc_no BIGINT NOT NULL, PRIMARY KEY (band, doc_no)){clustered}""",
        "CREATE INDEX document_bands_by_document ON document_bands (doc_no)",
        """CREATE TABLE document_duplicates (
            doc_no BIGINT NOT NULL, other_no BIGINT NOT NULL, kind TEXT NOT NULL, similarity DOUBLE PRECISION NOT NULL,
            reason TEXT NOT NULL, PRIMARY KEY (doc_no, other_no)){clustered}""",
        "CREATE INDEX document_duplicates_by_other ON document_duplicates (other_no)",
    ),
    (
        # What a monitor asks for: see `Measures`. `label` and `source` are empty where there is none.
        """CREATE TABLE measures (
            name TEXT NOT NULL, tenant TEXT NOT NULL, source TEXT NOT NULL, label TEXT NOT NULL,
            value DOUBLE PRECISION NOT NULL, at_ns BIGINT NOT NULL,
            PRIMARY KEY (name, tenant, source, label)){clustered}""",
        # To count duplicates without reading the rows of all points.
        "CREATE INDEX points_duplicates ON points (doc_no, to_seq) WHERE survivor IS NOT NULL",
        # So that a home of before is known before its next run; 9007199254740992 is `OPEN`.
        """INSERT INTO measures (name, tenant, source, label, value, at_ns)
            SELECT 'documents', tenant, source, 'live', count(*), 0 FROM documents WHERE live = 1
            GROUP BY tenant, source""",
        """INSERT INTO measures (name, tenant, source, label, value, at_ns)
            SELECT 'documents', tenant, source, 'stale', sum(stale), 0 FROM documents WHERE live = 1
            GROUP BY tenant, source""",
        """INSERT INTO measures (name, tenant, source, label, value, at_ns)
            SELECT 'points', d.tenant, d.source, 'current', count(*), 0
            FROM documents d JOIN points p ON p.doc_no = d.doc_no WHERE p.to_seq = 9007199254740992
            GROUP BY d.tenant, d.source""",
        """INSERT INTO measures (name, tenant, source, label, value, at_ns)
            SELECT 'points', d.tenant, d.source, 'history', count(*), 0
            FROM documents d JOIN points p ON p.doc_no = d.doc_no WHERE p.to_seq < 9007199254740992
            GROUP BY d.tenant, d.source""",
        """INSERT INTO measures (name, tenant, source, label, value, at_ns)
            SELECT 'points', d.tenant, d.source, 'duplicate', count(*), 0
            FROM documents d JOIN points p ON p.doc_no = d.doc_no WHERE p.to_seq = 9007199254740992
            AND p.survivor IS NOT NULL GROUP BY d.tenant, d.source""",
    ),
    (
        # What reports and evaluations told: see `Kept`. `source` and `run_id` are empty where there is none.
        """CREATE TABLE kept (
            number BIGINT PRIMARY KEY, kind TEXT NOT NULL, tenant TEXT NOT NULL, source TEXT NOT NULL,
            run_id TEXT NOT NULL, at_ns BIGINT NOT NULL, body TEXT NOT NULL)""",
        "CREATE INDEX kept_by_scope ON kept (kind, tenant, source, number)",
    ),
    _compare_by_code_points,
)

CATALOG_VERSION = len(MIGRATIONS)


def migrate(database: Database) -> None:
    """Brings the tables to the newest version. Raises `SchemaMismatch` for a catalog from the future."""
    if _version(database) == len(MIGRATIONS):
        return  # as nearly always: whoever only reads waits for no writer
    with database.transaction():
        database.execute("CREATE TABLE IF NOT EXISTS catalog_version (version BIGINT NOT NULL)")
        version = _version(database)
        for migration in MIGRATIONS[version:]:
            _apply(migration, database)
        if version != len(MIGRATIONS):
            database.execute("DELETE FROM catalog_version")
            database.execute("INSERT INTO catalog_version (version) VALUES (?)", (len(MIGRATIONS),))


def _apply(migration: Migration, database: Database) -> None:
    if callable(migration):
        migration(database)
        return
    for statement in migration:
        database.execute(_of_dialect(statement, database))


def _of_dialect(statement: str, database: Database) -> str:
    dialect = database.dialect
    return statement.format(blob=dialect.blob, clustered=dialect.clustered, by_code_points=dialect.by_code_points)


def _version(database: Database) -> int:
    rows = database.rows("SELECT version FROM catalog_version") if database.has_table("catalog_version") else []
    version = int(str(rows[0][0])) if rows else 0
    if version > len(MIGRATIONS):
        raise SchemaMismatch(
            f"the catalog is of version {version}, newer than this docstrata ({len(MIGRATIONS)}): update it"
        )
    return version
