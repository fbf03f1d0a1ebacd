"""A home that cannot be written is read as it is, and nothing in it changes."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from strata_fakes import Engine

from ingest.catalog.reading import copy_for_reading
from ingest.config import load_settings
from ingest.context import Home
from ingest.doctor import Check, examine
from ingest.metrics import names
from ingest.metrics.readings import Place, read_home
from ingest.reports.collect import collect
from ingest.stages.reconcile import reconcile
from schemas.errors import ConfigError, SinkDown, StoreDown


def examined(home: Path, until: str) -> dict[str, Check]:
    """By a doctor that loads no OCR, and no model where `until` stands before it."""
    checks = {}
    settings = load_settings(environ={}, overrides={"ocr.engine": "none", "parse.workers": 1})
    with closing(examine(home, settings)) as examination:
        for check in examination:
            checks[check.name] = check
            if check.name == until:
                break
    return checks


def state_of(home: Path) -> dict[str, bytes]:
    return {str(file.relative_to(home)): file.read_bytes() for file in sorted(home.rglob("*")) if file.is_file()}


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.md").write_text("# Bearings\n\nThe bearing is oiled twice a year.\n")
    (folder / "b.md").write_text("# Pumps\n\nThe pump runs at night.\n")
    return folder


@pytest.fixture
def home(tmp_path: Path, docs: Path) -> Path:
    place = tmp_path / "home"
    engine = Engine(place)
    engine.run(docs)
    engine.close()
    return place


@pytest.fixture
def unwritable(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # Rights say nothing to root, who may run this test; that nothing was written is seen by the files.
    access = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: not (mode & os.W_OK and Path(path) == home) and access(path, mode)
    )
    return home


def test_it_is_read_searched_and_reported_and_no_file_in_it_changes(unwritable: Path, tmp_path: Path) -> None:
    before = state_of(unwritable)
    engine = Engine(unwritable)

    assert [payload.path for payload in engine.current()] == ["a.md", "b.md"]
    report = collect(engine.context, token_limit=256, keep=True)
    assert report.documents.total == 2
    assert reconcile(engine.context, engine.parts, repair=False).is_sound
    beside = engine.context.home.beside
    engine.close()

    assert state_of(unwritable) == before
    assert beside is not None
    assert not beside.exists()


def test_a_monitor_is_told_of_it_as_of_any_other(unwritable: Path, home: Path) -> None:
    before = state_of(unwritable)
    place = Place(Home(unwritable), load_settings(environ={}))

    for _ in range(2):
        found = {(reading.metric, reading.labels): reading.value for reading in read_home(place)}
        assert found[names.DOCUMENTS, ("default", "docs")] == 2
        assert found[names.CATALOG_BYTES, ()] == (home / "catalog.db").stat().st_blocks * 512

    assert state_of(unwritable) == before


def test_the_doctor_says_that_it_cannot_be_written_and_goes_on(unwritable: Path) -> None:
    before = state_of(unwritable)
    checks = examined(unwritable, until="catalog")

    assert not checks["home"].ok
    assert f"{unwritable} is not writable: what is in this home can be read and searched only" in checks["home"].detail
    assert (checks["catalog"].ok, checks["catalog"].detail) == (True, "2 documents, 2 current points")
    assert state_of(unwritable) == before


def test_the_doctor_says_so_of_a_home_that_can_be_written(home: Path) -> None:
    checks = examined(home, until="home")

    assert (checks["home"].ok, checks["home"].detail) == (True, f"{home} can be read and written")


READER = """
import os, signal, sys
from pathlib import Path
home = Path(sys.argv[1])
access = os.access
os.access = lambda path, mode: not (mode & os.W_OK and Path(path) == home) and access(path, mode)
from ingest.cli.common import end_in_order
from ingest.config import load_settings
from ingest.context import open_context
end_in_order(home)
context = open_context(home, load_settings(environ={}))
try:
    print(context.home.beside, flush=True)
    signal.pause()
finally:
    context.close()
"""


def test_a_command_that_reads_it_leaves_nothing_behind_when_it_is_asked_to_end(home: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", READER, home], stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        beside = Path(reader.stdout.readline().rstrip())
        assert (beside / "catalog.db").is_file()
        reader.terminate()

    assert reader.returncode == 128 + signal.SIGTERM
    assert not beside.exists()


def test_whoever_would_change_it_is_refused_before_anything_is_done(unwritable: Path, docs: Path) -> None:
    engine = Engine(unwritable)
    (docs / "c.md").write_text("# New\n")

    for change in (lambda: engine.run(docs), lambda: reconcile(engine.context, engine.parts, repair=True)):
        with pytest.raises(ConfigError, match=f"{unwritable} is not writable"):
            change()

    engine.close()


def test_a_catalog_that_alone_cannot_be_written_is_named(
    home: Path, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    access, catalog = os.access, home / "catalog.db"
    monkeypatch.setattr(
        os, "access", lambda path, mode: not (mode & os.W_OK and Path(path) == catalog) and access(path, mode)
    )
    engine = Engine(home)

    with pytest.raises(ConfigError, match=f"{catalog} is not writable"):
        engine.run(docs)

    engine.close()


def test_it_is_read_while_another_process_writes_to_it(home: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(home / "catalog.db", isolation_level=None)) as writer:
        writer.execute("CREATE TABLE later (word TEXT)")
        writer.execute("INSERT INTO later VALUES ('committed')")
        writer.execute("BEGIN")
        writer.execute("INSERT INTO later VALUES ('not committed')")
        copy_for_reading(home / "catalog.db", tmp_path / "copy.db")
        writer.execute("ROLLBACK")

    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT word FROM later").fetchall() == [("committed",)]


def test_what_a_killed_process_left_in_the_log_is_read(home: Path, tmp_path: Path) -> None:
    left = tmp_path / "left"
    left.mkdir()
    with closing(sqlite3.connect(home / "catalog.db", isolation_level=None)) as writer:
        writer.execute("CREATE TABLE later (word TEXT)")
        writer.execute("INSERT INTO later VALUES ('committed')")
        for name in ("catalog.db", "catalog.db-wal"):
            shutil.copyfile(home / name, left / name)

    copy_for_reading(left / "catalog.db", tmp_path / "copy.db")

    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT word FROM later").fetchall() == [("committed",)]


def test_a_catalog_that_cannot_be_copied_is_told(home: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreDown, match=r"cannot be copied to .*: No such file or directory"):
        copy_for_reading(home / "catalog.db", tmp_path / "gone" / "copy.db")


def test_an_index_that_finds_no_room_for_a_copy_is_told(unwritable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(unwritable)
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: shutil._ntuple_diskusage(1, 1, 0))

    with pytest.raises(SinkDown, match="no room for a copy"):
        engine.current()

    engine.close()


def test_a_search_on_a_full_disk_is_told_and_does_not_end_without_a_word(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(home)
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: shutil._ntuple_diskusage(1, 1, 0))

    with pytest.raises(StoreDown, match=r"the disk of .* is full"):
        engine.current()

    engine.close()
