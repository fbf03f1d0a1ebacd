"""What is SQLite's own: files that are no catalog, are damaged, are held, or have no room."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from ingest.catalog.catalog import Catalog, open_catalog
from ingest.catalog.database import SqliteDatabase
from ingest.catalog.rows import FileRow
from schemas.errors import InvariantError, StoreDown
from schemas.source import SourceKind


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "catalog.db"


def rows(count: int) -> list[FileRow]:
    return [FileRow(f"{number}.md", 1, 2, 3, 4, 5, "x" * 500, "ok") for number in range(count)]


def test_the_folder_of_a_catalog_is_made(path: Path) -> None:
    open_catalog(path).close()

    assert path.is_file()


def test_a_file_that_is_no_database_is_told_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database, but somebody's letter " * 100)

    with pytest.raises(StoreDown, match=r"catalog\.db is damaged .*catalog rebuild --home .*restore a backup"):
        open_catalog(path)
    assert path.read_bytes().startswith(b"not a database")


def test_what_is_left_of_a_catalog_is_not_taken_for_a_new_one(path: Path) -> None:
    open_catalog(path).close()
    os.truncate(path, 1)

    with pytest.raises(StoreDown, match=r"catalog\.db is damaged \(it was cut short\)"):
        open_catalog(path)
    assert path.stat().st_size == 1


def test_a_catalog_with_torn_pages_is_told(path: Path) -> None:
    catalog = open_catalog(path)
    with catalog.database.transaction():
        catalog.files.remember("t", "s", rows(500))
    catalog.close()
    content = bytearray(path.read_bytes())
    content[8192:] = os.urandom(len(content) - 8192)
    path.write_bytes(content)

    with pytest.raises(StoreDown, match=r"catalog\.db is damaged .*malformed"):
        open_catalog(path).files.of_source("t", "s")


def test_a_folder_in_the_catalogs_place_is_told(path: Path) -> None:
    path.mkdir(parents=True)

    with pytest.raises(StoreDown, match="unable to open database file; check its rights"):
        open_catalog(path)


def test_a_file_in_the_homes_place_is_told(path: Path) -> None:
    path.parent.touch()

    with pytest.raises(StoreDown, match=r"the catalog .* cannot be used: .*File exists"):
        open_catalog(path)


def test_a_catalog_that_another_program_holds_is_told(path: Path) -> None:
    open_catalog(path).close()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("PRAGMA locking_mode=EXCLUSIVE")
    holder.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreDown, match="another process is writing to it; run again when that is done"):
        Catalog(SqliteDatabase(path, wait_s=0.1))
    holder.close()


def test_a_full_disk_is_told_and_the_catalog_goes_on_when_there_is_room(path: Path) -> None:
    catalog = open_catalog(path)
    catalog.files.remember_source("t", "s", SourceKind.MIRROR, "/srv")
    run = catalog.runs.begin("run", 1)
    ((pages,),) = catalog.database.rows("PRAGMA page_count")
    catalog.database.rows(f"PRAGMA max_page_count={pages}")

    with pytest.raises(StoreDown, match="the disk is full: make room and run again"):
        catalog.files.settle("t", "s", run, rows(2000), [])
    catalog.database.rows("PRAGMA max_page_count=1000000")

    assert catalog.files.of_source("t", "s") == {}
    catalog.files.settle("t", "s", run, rows(2000), [])
    assert len(catalog.files.of_source("t", "s")) == 2000
    catalog.close()


def test_a_rollback_that_sqlite_did_by_itself_does_not_hide_the_reason(path: Path) -> None:
    catalog = open_catalog(path)

    with pytest.raises(ValueError, match="the reason"), catalog.database.transaction():
        catalog.database.execute("ROLLBACK")  # as SQLite does where the disk breaks
        raise ValueError("the reason")
    catalog.files.remember("t", "s", rows(1))
    catalog.close()


def test_a_commit_that_fails_leaves_no_transaction_open(path: Path) -> None:
    catalog = open_catalog(path)
    catalog.database.execute("CREATE TABLE parent (id BIGINT PRIMARY KEY)")
    catalog.database.execute(
        "CREATE TABLE child (id BIGINT REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)"
    )  # checked at the commit, and not before

    with pytest.raises(InvariantError, match="FOREIGN KEY"), catalog.database.transaction():
        catalog.database.execute("INSERT INTO child (id) VALUES (1)")

    with catalog.database.transaction():
        assert catalog.database.rows("SELECT * FROM child") == []
    catalog.close()


def test_what_was_committed_outlives_the_process(path: Path, tmp_path: Path) -> None:
    catalog = open_catalog(path)
    catalog.files.remember("t", "s", rows(3))
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in path.parent.iterdir():  # as the disk is at this moment, the write-ahead log included
        (copy / file.name).write_bytes(file.read_bytes())

    after_the_crash = open_catalog(copy / "catalog.db")
    assert len(after_the_crash.files.of_source("t", "s")) == 3
    after_the_crash.close()
    catalog.close()


def test_a_catalog_that_was_closed_is_our_own_defect(path: Path) -> None:
    catalog = open_catalog(path)
    catalog.close()

    with pytest.raises(InvariantError, match="closed"):
        catalog.files.roots("t")
