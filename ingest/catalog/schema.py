"""The catalog's tables. A change is a new entry in `MIGRATIONS`, never an edit of an old one."""

from __future__ import annotations

from ingest.catalog.database import Database
from schemas.errors import SchemaMismatch

MIGRATIONS: tuple[tuple[str, ...], ...] = (
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
            chunk_id TEXT PRIMARY KEY, tenant TEXT NOT NULL, doc_id TEXT NOT NULL, text_digest BLOB NOT NULL,
            point_id TEXT NOT NULL, seq BIGINT NOT NULL, place BIGINT NOT NULL)""",
        "CREATE INDEX survivors_by_text ON survivors (tenant, text_digest)",
        """CREATE TABLE bands (
            tenant TEXT NOT NULL, band BLOB NOT NULL, chunk_id TEXT NOT NULL,
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
            seq BIGINT PRIMARY KEY, run_number BIGINT NOT NULL, plan BLOB NOT NULL)""",
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
)


def migrate(database: Database) -> None:
    """Brings the tables to the newest version. Raises `SchemaMismatch` for a catalog from the future."""
    database.execute("CREATE TABLE IF NOT EXISTS catalog_version (version BIGINT NOT NULL)")
    if _version(database) == len(MIGRATIONS):
        return  # as nearly always: whoever only reads waits for no writer
    with database.transaction():
        version = _version(database)
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                database.execute(statement)
        if version != len(MIGRATIONS):
            database.execute("DELETE FROM catalog_version")
            database.execute("INSERT INTO catalog_version (version) VALUES (?)", (len(MIGRATIONS),))


def _version(database: Database) -> int:
    rows = database.rows("SELECT version FROM catalog_version")
    version = int(str(rows[0][0])) if rows else 0
    if version > len(MIGRATIONS):
        raise SchemaMismatch(
            f"the catalog is of version {version}, newer than this docstrata ({len(MIGRATIONS)}): update it"
        )
    return version
