"""A home in one file, and the same home somewhere else: what is there, and what is found, is equal."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from postgres_server import empty, postgres
from pydantic import SecretStr
from strata_fakes import Engine, HashEmbedder, engine

from ingest.catalog.catalog import Catalog
from ingest.catalog.copying import copy_rows, copy_to_file
from ingest.catalog.database import Database, SqliteDatabase
from ingest.catalog.postgres import PostgresDatabase
from ingest.config import load_settings
from ingest.progress import Silent
from ingest.search.request import SearchRequest
from ingest.stages import backup as backup_module
from ingest.stages import restore as restore_module
from ingest.stages.backup import back_up
from ingest.stages.reconcile import reconcile
from ingest.stages.restore import restore_backup
from schemas.errors import ConfigError, SchemaMismatch, StoreDown

SETTINGS = load_settings(environ={}, overrides={"parse.workers": 0})
TABLES = (
    "sources",
    "files",
    "documents",
    "versions",
    "points",
    "survivors",
    "bands",
    "artifacts",
    "vectors",
    "commits",
)


class Made(NamedTuple):
    inbox: Path
    home: Path
    file: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("backup")
    inbox = folder / "inbox"
    inbox.mkdir()
    for name in ("a", "b", "c"):
        (inbox / f"{name}.md").write_text(f"# {name}\n\nOil the pump every week.\n\n## Part\n\nOnly {name}.\n", "utf-8")
    with engine(folder / "home", store__keep_originals=True) as strata:
        strata.run(inbox)
        (inbox / "a.md").write_text("# a\n\nOil the pump every day.\n", "utf-8")
        strata.run(inbox)
        done = back_up(strata.context, strata.parts, folder / "it.tar.zst")
    assert (done.notes, done.size) == ((), (folder / "it.tar.zst").stat().st_size)
    return Made(inbox, folder / "home", folder / "it.tar.zst")


def _rows(database: Database) -> dict[str, list]:
    return {table: sorted(database.rows(f"SELECT * FROM {table}"), key=repr) for table in TABLES}


def _state(strata: Engine) -> tuple:
    rows = [
        (row.id, dict(row.payload), None if row.dense is None else row.dense.tolist(), repr(row.sparse))
        for row in strata.rows(history=True)
    ]
    hits = strata.parts.searcher.search(SearchRequest(query="oil the pump", tenant="default", limit=10)).hits
    found = [(hit.point_id, hit.score, hit.payload) for hit in hits]
    files = {str(p.relative_to(strata.context.home.path)): p.read_bytes() for p in _artifacts(strata)}
    return _rows(strata.context.catalog.database), rows, found, files


def _artifacts(strata: Engine) -> Iterator[Path]:
    return (path for path in strata.context.home.artifacts.rglob("*") if path.is_file())


def test_a_restored_home_is_the_one_that_was(made: Made, tmp_path: Path) -> None:
    done = restore_backup(made.file, tmp_path / "there", SETTINGS, progress=Silent())

    with engine(made.home, store__keep_originals=True) as strata:
        before = _state(strata)
    with engine(tmp_path / "there", store__keep_originals=True) as strata:
        assert _state(strata) == before
        assert reconcile(strata.context, strata.parts, repair=False, vectors=True).is_sound
        again = strata.run(made.inbox)
        assert (again.unchanged, again.embedded, again.written) == (3, 0, 0)
    assert (done.home, done.notes) == (tmp_path / "there", ())
    assert any(name.startswith("artifacts/original/") for name in before[3])


def test_a_folder_gets_a_file_of_its_own(made: Made, tmp_path: Path) -> None:
    with engine(made.home) as strata:
        done = back_up(strata.context, strata.parts, tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == [done.path.name]
    assert done.path.name.startswith("docstrata-1970")
    assert done.path.name.endswith("Z.tar.zst")


def test_a_search_goes_on_while_the_index_is_copied(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[int] = []
    write = backup_module._Backup._write

    def searching(self: object, partial: Path, pieces: list) -> int:
        with engine(made.home) as other:
            request = SearchRequest(query="oil the pump", tenant="default", limit=10)
            found.append(len(other.parts.searcher.search(request).hits))
        return write(self, partial, pieces)

    monkeypatch.setattr(backup_module._Backup, "_write", searching)
    with engine(made.home) as strata:
        back_up(strata.context, strata.parts, tmp_path / "it.tar.zst")

    assert found[0] > 0


def test_nothing_is_left_of_a_backup_that_failed(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(*_: object) -> int:
        raise StoreDown("the disk went away")

    monkeypatch.setattr(backup_module, "check", cut)
    with engine(made.home) as strata, pytest.raises(StoreDown, match="went away"):
        back_up(strata.context, strata.parts, tmp_path / "it.tar.zst")

    assert list(tmp_path.iterdir()) == []
    assert list((made.home / "scratch").iterdir()) == []


def test_a_place_that_is_taken_or_has_no_room_is_refused(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").write_text("mine", "utf-8")
    with engine(made.home) as strata:
        with pytest.raises(ConfigError, match="there already"):
            back_up(strata.context, strata.parts, tmp_path / "taken")
        with pytest.raises(ConfigError, match="no folder"):
            back_up(strata.context, strata.parts, tmp_path / "no" / "it.tar.zst")
        with pytest.raises(ConfigError, match="part of itself"):
            back_up(strata.context, strata.parts, made.home / "artifacts")
        fill_disk(monkeypatch, backup_module)
        with pytest.raises(StoreDown, match="no room"):
            back_up(strata.context, strata.parts, tmp_path / "it.tar.zst")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def fill_disk(monkeypatch: pytest.MonkeyPatch, module: object) -> None:
    """The disk is nearly full, for that module."""

    class Disk:
        rmtree = staticmethod(shutil.rmtree)

        @staticmethod
        def disk_usage(path: Path) -> object:
            usage = shutil.disk_usage(path)
            return type(usage)(usage.total, usage.total, 10)

    monkeypatch.setattr(module, "shutil", Disk)


@pytest.mark.parametrize("damage", ["cut", "changed", "other"])
def test_a_damaged_backup_leaves_nothing_behind(made: Made, tmp_path: Path, damage: str) -> None:
    content = made.file.read_bytes()
    middle = len(content) // 2
    broken = {"cut": content[:middle], "changed": content[:middle] + b"\0\1\2" + content[middle + 3 :], "other": b"x"}
    (tmp_path / "it").write_bytes(broken[damage])

    with pytest.raises(ConfigError, match="damaged"):
        restore_backup(tmp_path / "it", tmp_path / "home", SETTINGS, progress=Silent())

    assert [path.name for path in tmp_path.iterdir()] == ["it"]


def test_nothing_is_restored_over_a_home_or_without_room(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "mine").write_text("mine", "utf-8")
    with pytest.raises(ConfigError, match="not empty"):
        restore_backup(made.file, tmp_path / "home", SETTINGS, progress=Silent())
    assert [path.name for path in tmp_path.rglob("*")] == ["home", "mine"]

    fill_disk(monkeypatch, restore_module)
    with pytest.raises(StoreDown, match="no room"):
        restore_backup(made.file, tmp_path / "other", SETTINGS, progress=Silent())
    assert [path.name for path in tmp_path.rglob("*")] == ["home", "mine"]


def test_an_empty_folder_becomes_the_home(made: Made, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()

    restore_backup(made.file, tmp_path / "home", SETTINGS, progress=Silent())

    assert (tmp_path / "home" / "catalog.db").is_file()


def test_the_backup_of_a_later_release_is_refused(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restore_module, "MIGRATIONS", ())

    with pytest.raises(SchemaMismatch, match="newer"):
        restore_backup(made.file, tmp_path / "home", SETTINGS, progress=Silent())


def test_a_store_elsewhere_is_named_or_taken_along(made: Made, tmp_path: Path) -> None:
    with engine(tmp_path / "home", store__url=str(tmp_path / "store")) as strata:
        strata.run(made.inbox)
        named = back_up(strata.context, strata.parts, tmp_path / "named.tar.zst")
        along = back_up(strata.context, strata.parts, tmp_path / "along.tar.zst", with_store=True)

    assert "are not in it" in named.notes[0]
    assert along.files > named.files
    restore_backup(tmp_path / "along.tar.zst", tmp_path / "there", SETTINGS, progress=Silent())
    with engine(tmp_path / "there") as strata:
        assert reconcile(strata.context, strata.parts, repair=False, vectors=True).is_sound
        assert strata.run(made.inbox).embedded == 0


def test_an_interrupted_commit_is_finished_after_the_restore(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder = HashEmbedder()
    with engine(tmp_path / "home", embedder) as strata:
        with monkeypatch.context() as patch:
            patch.setattr(type(strata.parts.index), "make_current", _killed)
            with pytest.raises(KeyboardInterrupt):
                strata.run(made.inbox)
        back_up(strata.context, strata.parts, tmp_path / "it.tar.zst")
    restore_backup(tmp_path / "it.tar.zst", tmp_path / "there", SETTINGS, progress=Silent())

    with engine(tmp_path / "there") as strata:
        strata.run(made.inbox)
        assert len(strata.current()) > 0
        assert reconcile(strata.context, strata.parts, repair=False, vectors=True).is_sound


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


# --------------------------------------------------------------- from one database to another


def test_a_copied_catalog_holds_the_same(made: Made, tmp_path: Path) -> None:
    source, target = SqliteDatabase(made.home / "catalog.db"), SqliteDatabase(tmp_path / "copy.db")
    Catalog(target)

    assert copy_rows(source, target) >= sum(map(len, _rows(source).values()))

    assert _rows(target) == _rows(source)
    source.close()
    target.close()


def test_pages_of_a_large_table_are_copied_once_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.catalog.copying._AT_ONCE", 3)
    source, target = SqliteDatabase(tmp_path / "one.db"), SqliteDatabase(tmp_path / "two.db")
    for database in (source, target):
        Catalog(database)
    bands = [(band, survivor) for band in range(-4, 4) for survivor in range(4)]
    source.execute_many("INSERT INTO bands (band, survivor_no) VALUES (?, ?)", bands)

    assert copy_rows(source, target) == len(bands)

    assert sorted(target.rows("SELECT band, survivor_no FROM bands")) == bands


@pytest.mark.services
def test_a_catalog_goes_to_postgres_and_back(made: Made, tmp_path: Path) -> None:
    with postgres() as url:
        empty(url)
        settings = SETTINGS.model_copy(update={"catalog": SETTINGS.catalog.model_copy(update={"url": SecretStr(url)})})
        restore_backup(made.file, tmp_path / "home", settings, progress=Silent())
        there = PostgresDatabase(url)
        source = SqliteDatabase(made.home / "catalog.db")

        assert not (tmp_path / "home" / "catalog.db").exists()
        assert _rows(there) == _rows(source)
        with pytest.raises(ConfigError, match="not empty"):
            restore_backup(made.file, tmp_path / "second", settings, progress=Silent())
        assert not (tmp_path / "second").exists()
        copy_to_file(there, tmp_path / "back.db")
        back = SqliteDatabase(tmp_path / "back.db")
        assert _rows(back) == _rows(source)
        for database in (there, source, back):
            database.close()
