"""The catalog: an index of what happened, each part of it by what it knows."""

from __future__ import annotations

from pathlib import Path

from ingest.catalog.artifacts import Artifacts
from ingest.catalog.beside import Beside
from ingest.catalog.checking import Checking
from ingest.catalog.chunk_rows import ChunkRows
from ingest.catalog.collections import Collections
from ingest.catalog.database import Database, SqliteDatabase
from ingest.catalog.duplicate_lists import DuplicateLists
from ingest.catalog.duplicates import Duplicates
from ingest.catalog.files import Files
from ingest.catalog.history import History
from ingest.catalog.kept import Kept
from ingest.catalog.measures import Measures
from ingest.catalog.retention import Retention
from ingest.catalog.runs import Runs
from ingest.catalog.schema import migrate
from ingest.catalog.survivors import Survivors
from ingest.catalog.versions import Versions


class Catalog:
    """Everything below shares one connection; use one `Catalog` a thread."""

    def __init__(self, database: Database) -> None:
        migrate(database)
        self.database = database
        self.files = Files(database)
        self.artifacts = Artifacts(database)
        self.duplicates = Duplicates(database)
        self.duplicate_lists = DuplicateLists(database)
        self.history = History(database, self.files, self.artifacts, self.duplicates)
        self.survivors = Survivors(database)
        self.versions = Versions(database)
        self.retention = Retention(database)
        self.runs = Runs(database)
        self.kept = Kept(database)
        self.chunk_rows = ChunkRows(database)
        self.measures = Measures(database)
        self.collections = Collections(database)
        self.beside = Beside(database)
        self.checking = Checking(database)

    def close(self) -> None:
        self.database.close()


def open_catalog(path: Path, *, wait_s: float = 30.0) -> Catalog:
    """The SQLite catalog at `path`, made when it is not there. Raises `StoreDown`."""
    return Catalog(SqliteDatabase(path, wait_s=wait_s))
