"""What happens to a catalog that is opened, and what of two that are open at once."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Thread

import pytest
from catalog_plans import (
    SOURCE,
    TENANT,
    Connect,
    arrival,
    commit,
    document_id,
    file_row,
    ref,
    text_digest,
    vector_keys,
    vector_pack,
)
from patience import PATIENCE_S

from ingest.catalog.catalog import Catalog, open_catalog
from ingest.catalog.copying import copy_catalog
from ingest.catalog.database import Database, SqliteDatabase
from ingest.catalog.schema import MIGRATIONS
from schemas.errors import DocstrataError, InvariantError, SchemaMismatch, StoreDown
from schemas.source import SourceKind

# -------------------------------------------------------------------------- schema


def test_a_catalog_is_there_again_when_it_is_opened_again(catalog: Catalog, connect: Connect) -> None:
    catalog.files.remember_source(TENANT, SOURCE, SourceKind.MIRROR, "/srv/manuals")
    catalog.close()

    again = Catalog(connect(1.0))
    assert again.files.roots(TENANT) == {SOURCE: "/srv/manuals"}
    again.close()


def test_a_catalog_from_the_future_is_refused_and_left_as_it_is(catalog: Catalog, connect: Connect) -> None:
    future = len(MIGRATIONS) + 1
    catalog.database.execute("UPDATE catalog_version SET version = ?", (future,))

    with pytest.raises(SchemaMismatch, match=f"version {future}, newer than this docstrata .*: update it"):
        Catalog(connect(1.0))
    assert catalog.database.rows("SELECT version FROM catalog_version") == [(future,)]


def test_a_migration_that_fails_changes_nothing(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = (*MIGRATIONS, ("CREATE TABLE half (a BIGINT)", "CREATE TABLE half (a BIGINT)"))
    Catalog(connect(1.0)).close()
    with monkeypatch.context() as patch:
        patch.setattr("ingest.catalog.schema.MIGRATIONS", broken)
        with pytest.raises(DocstrataError):
            Catalog(connect(1.0))

    opened = Catalog(connect(1.0))
    opened.database.execute("CREATE TABLE half (a BIGINT)")  # it is free: nothing of the migration stayed
    opened.close()


def test_a_new_migration_keeps_what_is_there(
    catalog: Catalog, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog.files.remember_source(TENANT, SOURCE, SourceKind.APPEND, "/srv")
    monkeypatch.setattr("ingest.catalog.schema.MIGRATIONS", (*MIGRATIONS, ("CREATE TABLE added (a BIGINT)",)))

    newer = Catalog(connect(1.0))
    assert newer.database.rows("SELECT * FROM added") == []
    assert newer.files.roots(TENANT) == {SOURCE: "/srv"}
    newer.close()


def test_every_text_is_compared_by_its_code_points_whatever_language_the_server_speaks(catalog: Catalog) -> None:
    names = ["a", "B", "a/b", "ab", "ä", "z"]
    for table, column in _text_columns(catalog.database):
        low_to_high = catalog.database.rows(
            f"SELECT told FROM (SELECT {column} AS told FROM {table} WHERE 1 = 0"
            + " UNION ALL SELECT ?" * len(names)
            + ") AS all_names ORDER BY told",
            names,
        )
        assert [name for (name,) in low_to_high] == sorted(names), f"{table}.{column}"


def test_a_catalog_whose_text_was_compared_as_a_language_does_is_put_right_when_it_is_opened(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("ingest.catalog.schema.MIGRATIONS", MIGRATIONS[:8])
        old = Catalog(connect(1.0))
        old.artifacts.adopt([ref("plan/a", "one"), ref("plan/b", "two"), ref("plans", "three")])
        old.retention.begin_purge([document_id("a.md")])
        old.close()

    opened = Catalog(connect(1.0))
    assert {found.key for found in opened.artifacts.below("parse", "plan/")} == {"plan/a", "plan/b"}
    assert opened.retention.purging() == [document_id("a.md")]
    opened.close()


def _text_columns(database: Database) -> list[tuple[str, str]]:
    if isinstance(database, SqliteDatabase):
        found = database.rows(
            "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c"
            " WHERE t.type = 'table' AND c.type = 'TEXT'"
        )
    else:
        found = database.rows(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND data_type = 'text'"
        )
    assert len(found) > 40
    return [(str(table), str(column)) for table, column in found]


def test_whoever_only_reads_opens_the_catalog_beside_a_writer(catalog: Catalog, connect: Connect) -> None:
    catalog.files.remember_source(TENANT, SOURCE, SourceKind.MIRROR, "/srv")
    with catalog.database.transaction():
        catalog.files.remember_source(TENANT, SOURCE, SourceKind.MIRROR, "/moved")
        reader = Catalog(connect(0.0))
        assert reader.files.roots(TENANT) == {SOURCE: "/srv"}
        reader.close()


# ----------------------------------------------------------------- two connections


def test_a_writer_waits_for_another(catalog: Catalog, connect: Connect) -> None:
    started, done = Event(), Event()

    def write() -> None:
        other = Catalog(connect(PATIENCE_S))
        started.set()
        other.files.remember(TENANT, SOURCE, [file_row("theirs.md")])
        other.close()
        done.set()

    with catalog.database.transaction():
        thread = Thread(target=write)
        thread.start()
        assert started.wait(PATIENCE_S)
        assert not done.wait(0.3)
        catalog.files.remember(TENANT, SOURCE, [file_row("mine.md")])
    assert done.wait(PATIENCE_S)
    thread.join()

    assert set(catalog.files.of_source(TENANT, SOURCE)) == {"mine.md", "theirs.md"}


def test_a_writer_that_waited_long_enough_is_told_of_the_other(catalog: Catalog, second: Catalog) -> None:
    with (
        catalog.database.transaction(),
        pytest.raises(StoreDown, match="another process is writing to it; run again when that is done"),
    ):
        second.runs.begin("r", 1)

    assert second.runs.begin("r", 1) == 1


def test_a_copy_says_what_the_catalog_said_when_it_was_made(
    catalog: Catalog, run: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.catalog.copying._AT_ONCE", 2)
    paths = [f"{number}.md" for number in range(5)]
    for path in paths:
        plan = commit(catalog, arrival(catalog, run, path, f"of {path}", f"more of {path}"))
        catalog.artifacts.adopt_vectors(vector_pack(path), vector_keys(path))
    catalog.files.remember(TENANT, SOURCE, [file_row("别的.md")])
    documents = [document_id(path) for path in paths]

    def said(by: Catalog) -> list[object]:
        survivors = by.survivors.by_texts(TENANT, [text_digest(f"of {path}") for path in paths])
        return [
            [by.history.document(document) for document in documents],
            by.history.current_points(documents),
            by.files.of_source(TENANT, SOURCE),
            by.artifacts.vector_places(vector_keys(*paths)),
            by.history.totals(TENANT),
            by.history.next_seq(),
            by.runs.last(5, TENANT),
            survivors,
        ]

    before = said(catalog)
    copy_catalog(catalog.database, tmp_path / "copy.db")
    commit(catalog, arrival(catalog, run, "later.md", "came later"))

    copied = open_catalog(tmp_path / "copy.db")
    assert said(copied) == before
    assert copied.history.current_points(documents) != [] and plan.seq == 5
    copied.close()


def test_a_reader_sees_only_what_is_committed(catalog: Catalog, second: Catalog) -> None:
    with catalog.database.transaction():
        catalog.files.remember(TENANT, SOURCE, [file_row("a.md")])
        assert second.files.of_source(TENANT, SOURCE) == {}
    assert set(second.files.of_source(TENANT, SOURCE)) == {"a.md"}


def test_a_transaction_that_is_broken_off_changes_nothing(catalog: Catalog, second: Catalog) -> None:
    with pytest.raises(KeyboardInterrupt), catalog.database.transaction():
        catalog.files.remember(TENANT, SOURCE, [file_row("a.md")])
        raise KeyboardInterrupt

    second.files.remember(TENANT, SOURCE, [file_row("b.md")])  # nothing is held
    assert set(catalog.files.of_source(TENANT, SOURCE)) == {"b.md"}


def test_a_statement_that_the_tables_refuse_is_our_own_defect(catalog: Catalog) -> None:
    with pytest.raises(InvariantError, match="refuses a statement"):
        catalog.database.execute("INSERT INTO commits (seq, run_number, at_ns) VALUES (?, ?, ?)", (None, None, None))
