"""The home of an earlier release is opened: all that was in it is there, and it goes on."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from strata_fakes import Engine, HashEmbedder, engine

from ingest.catalog.catalog import Catalog, open_catalog
from ingest.catalog.database import SqliteDatabase
from ingest.catalog.keys import digest_text, uuid_text
from ingest.catalog.schema import MIGRATIONS, migrate
from ingest.stages.reconcile import reconcile
from ingest.stages.versions import list_versions
from ingest.vectors import IndexPoint, PayloadFilter, SparseWeights

HOME = Path(__file__).parent / "released" / "home-v4"
VERSION = 4
TENANT, SOURCE = "default", "manuals"


def put_catalog(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.executescript((HOME / "catalog.sql").read_text("utf-8"))
    connection.close()


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """What the release answered."""
    answers: dict[str, Any] = json.loads((HOME / "answers.json").read_text("utf-8"))
    return answers


@pytest.fixture
def old(tmp_path: Path) -> Path:
    put_catalog(tmp_path / "catalog.db")
    return tmp_path / "catalog.db"


@pytest.fixture
def catalog(old: Path) -> Iterator[Catalog]:
    opened = open_catalog(old)
    yield opened
    opened.close()


def as_told(row: object, names: dict[str, Any]) -> dict[str, Any]:
    """Fields that came later are not compared."""
    return {name: getattr(row, name) for name in names}


# ------------------------------------------------------------------------ the tables


def test_what_the_release_made_is_what_its_migrations_make_still(old: Path, tmp_path: Path) -> None:
    made = sqlite3.connect(tmp_path / "made.db")
    for statements in MIGRATIONS[:VERSION]:
        assert isinstance(statements, tuple)
        for statement in statements:
            made.execute(statement.format(blob="BLOB", clustered=""))
    released = sqlite3.connect(old)

    def tables(connection: sqlite3.Connection) -> set[str]:
        rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'catalog_version'")
        return {" ".join(sql.split()) for (sql,) in rows}

    assert tables(made) == tables(released)
    made.close()
    released.close()


def test_every_row_is_moved_and_nothing_of_the_old_tables_is_left(old: Path) -> None:
    database = SqliteDatabase(old)
    versions = database.rows("SELECT doc_id, version, seq, run_number, sha256, chunk_key, gone FROM versions")
    points = database.rows(
        "SELECT point_id, chunk_id, doc_id, payload_digest, vector_key, survivor, from_seq, to_seq FROM points"
    )
    bands = database.rows("SELECT count(*) FROM bands")

    migrate(database)

    moved = database.rows(
        "SELECT d.doc_id, v.version, v.seq, v.run_number, v.sha256, v.chunk_key, v.gone"
        " FROM versions v JOIN documents d ON d.doc_no = v.doc_no"
    )
    assert {(uuid_text(row[0]), *row[1:]) for row in moved} == set(versions)
    rows = database.rows(
        "SELECT p.point_id, p.chunk_id, d.doc_id, p.payload_digest, p.vector_key, p.survivor, p.from_seq, p.to_seq"
        " FROM points p JOIN documents d ON d.doc_no = p.doc_no"
    )
    assert {
        (
            *map(uuid_text, row[:3]),
            digest_text(row[3]),
            None if row[4] is None else digest_text(row[4]),
            None if row[5] is None else uuid_text(row[5]),
            *row[6:],
        )
        for row in rows
    } == set(points)
    assert database.rows("SELECT count(*) FROM bands") == bands
    assert database.rows("SELECT name FROM sqlite_master WHERE name LIKE 'old!_%' ESCAPE '!'") == []
    assert database.rows("SELECT version FROM catalog_version") == [(len(MIGRATIONS),)]
    database.close()


def test_a_second_opening_changes_nothing(old: Path) -> None:
    open_catalog(old).close()
    once = list(sqlite3.connect(old).iterdump())

    open_catalog(old).close()

    assert list(sqlite3.connect(old).iterdump()) == once


def test_a_migration_that_breaks_off_leaves_the_release_its_catalog(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = list(sqlite3.connect(old).iterdump())
    monkeypatch.setattr("ingest.catalog.schema.band_key", lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        open_catalog(old)

    assert list(sqlite3.connect(old).iterdump()) == before


# ----------------------------------------------------------------------- the answers


def test_documents_and_their_history_are_told_as_before(catalog: Catalog, told: dict[str, Any]) -> None:
    history = catalog.history

    found = {doc_id: as_told(history.document(doc_id), row) for doc_id, row in told["documents"].items()}
    assert found == told["documents"]
    assert [row.doc_id for row in history.live_documents(TENANT)] == told["live"]
    assert [history.seq_at(at_ns) for at_ns in told["times"]] == told["seqs"]
    for doc_id, keys in told["chunk_keys"].items():
        assert [history.chunk_key(doc_id, seq) for seq in range(len(keys))] == keys


def test_rows_of_the_index_are_told_as_before(catalog: Catalog, told: dict[str, Any]) -> None:
    history = catalog.history
    chunks = sorted({row["chunk_id"] for row in told["points"]})

    current = history.current_points(sorted(told["documents"]))
    duplicates = history.current_duplicates_of(chunks)

    assert [as_told(row, told["points"][0]) for row in current] == told["points"]
    assert [as_told(row, told["points"][0]) for row in duplicates] == told["duplicates"]
    assert as_told(history.totals(TENANT), told["totals"]) == told["totals"]


def test_artifacts_and_vectors_are_found_as_before(catalog: Catalog, told: dict[str, Any]) -> None:
    for row in told["artifacts"]:
        ref = catalog.artifacts.find(row["stage"], row["key"])
        assert ref is not None
        assert ref.model_dump(mode="json") == row
        by_digest = catalog.artifacts.of_digest(row["stage"], row["digest"])
        assert by_digest is not None
        assert by_digest.digest == row["digest"]
    places = catalog.artifacts.vector_places(sorted(told["vectors"]))
    assert {key: [place.pack, place.place] for key, place in places.items()} == told["vectors"]


def test_survivors_are_found_as_before(catalog: Catalog, told: dict[str, Any]) -> None:
    assert catalog.survivors.scheme() == told["scheme"]
    for asked in told["survivors"]:
        digest = bytes.fromhex(asked["digest"])
        found = catalog.survivors.by_texts(TENANT, [digest])[digest]
        assert [as_told(row, asked["found"][0]) for row in found] == asked["found"]
    assert told["bands"]
    for asked in told["bands"]:
        near = catalog.survivors.by_bands(TENANT, {"new": [bytes.fromhex(asked["band"])]}, most=10)["new"]
        assert [as_told(row, asked["found"][0]) for row in near] == asked["found"]


def test_files_failures_and_runs_are_told_as_before(catalog: Catalog, told: dict[str, Any]) -> None:
    files = catalog.files.of_source(TENANT, SOURCE)
    assert {path: as_told(files[path], row) for path, row in told["files"].items()} == told["files"]
    assert files.keys() == told["files"].keys()
    assert [failure.model_dump(mode="json") for failure in catalog.files.failures(TENANT)] == told["failures"]
    runs = catalog.runs.last(10, TENANT)
    assert [as_told(run, row) for run, row in zip(runs, told["runs"], strict=True)] == told["runs"]
    active = catalog.collections.active()
    assert active is not None
    assert [active.name, active.fingerprint, active.model] == told["collection"]


def test_an_open_promise_of_the_release_is_read_and_can_be_kept(catalog: Catalog, told: dict[str, Any]) -> None:
    (plan,) = catalog.history.open_intents()
    (before,) = told["intents"]
    later = plan.model_dump(mode="json")
    assert {name: later[name] for name in before if name not in {"documents", "files"}} == {
        name: value for name, value in before.items() if name not in {"documents", "files"}
    }

    catalog.history.close_intent(plan)

    (document,) = plan.documents
    row = catalog.history.document(document.doc_id)
    assert row is not None
    assert row.live
    assert len(catalog.history.current_points([document.doc_id])) == len(plan.points)


# ------------------------------------------------------------------------- the home


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """The folder as the release saw it last."""
    folder = tmp_path / SOURCE
    same = "# Care\n\nEvery three hundred hours of work somebody has to oil the bearings of the pump.\n"
    texts = {"moved.md": same, "b/copy.md": same, "c.md": "\n", "late.md": "# Late\n\nPromised and not yet done.\n"}
    for name, text in {**texts, "broken.pdf": "%PDF-1.4 broken"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Engine]:
    place = tmp_path / "home"
    place.mkdir()
    put_catalog(place / "catalog.db")
    shutil.copytree(HOME / "artifacts", place / "artifacts")
    embedder = HashEmbedder()
    embedder.fingerprint = "hash-8"  # as the release's tests called it
    with engine(place, embedder) as opened:
        opened.parts.index.upsert(released_rows())
        yield opened


def released_rows() -> list[IndexPoint]:
    return [
        IndexPoint(
            row["id"],
            row["payload"],
            None if row["dense"] is None else np.asarray(row["dense"], dtype=np.float32),
            None
            if row["sparse"] is None
            else SparseWeights(np.asarray(row["sparse"][0], np.uint32), np.asarray(row["sparse"][1], np.float32)),
        )
        for row in json.loads((HOME / "rows.json").read_text("utf-8"))
    ]


def test_a_home_of_the_release_keeps_its_promise_and_does_nothing_twice(home: Engine, inbox: Path) -> None:
    before = {row.id: row.payload for row in released_rows()}

    summary = home.run(inbox, source=SOURCE, allow_vanish=True)

    after = {row.id: row.payload for row in home.rows(history=True)}
    assert home.embedder.texts == []
    assert (summary.parsed, summary.embedded, summary.written, summary.retired) == (0, 0, 0, 0)
    assert {id_: after[id_] for id_ in before} == before
    assert [payload["path"] for id_, payload in after.items() if id_ not in before] == ["late.md"]
    assert reconcile(home.context, home.parts, repair=False, vectors=False).findings == []


def test_a_home_of_the_release_takes_in_what_changes(home: Engine, inbox: Path) -> None:
    (inbox / "c.md").write_text("# C\n\nOne.\n\n# D\n\nTwo, once more.\n", "utf-8")
    (inbox / "third.md").write_text((inbox / "moved.md").read_text("utf-8"), "utf-8")
    (inbox / "moved.md").unlink()

    home.run(inbox, source=SOURCE, allow_vanish=True)

    assert sorted(home.texts("c.md")) == ["C\n\nOne.", "D\n\nTwo, once more."]
    assert [version.version for version in list_versions(home.context, "c.md").versions][-1] == 3
    by_path = {payload.path: payload for payload in home.current()}
    survivor = next(payload for payload in by_path.values() if payload.survivor is None and "bearings" in payload.text)
    others = [payload for payload in by_path.values() if "bearings" in payload.text and payload != survivor]
    assert [payload.survivor for payload in others] == [survivor.chunk_id]
    where = PayloadFilter(equals={"tenant": TENANT}, as_of=1)
    assert {row.payload["path"] for row in home.parts.index.scroll(where)} == {"a.md", "b/copy.md", "c.md", "gone.md"}


@pytest.mark.parametrize("left", [0, 1])
def test_rows_of_the_release_which_kept_no_manifests_are_mended(home: Engine, left: int) -> None:
    """From the rows that are left of their documents, or from nothing but chunks."""
    before = {row.id: row.payload for row in home.rows(history=True)}
    by_document: dict[object, list[str]] = {}
    for id_, payload in before.items():
        by_document.setdefault(payload["doc_id"], []).append(id_)
    home.parts.index.delete([id_ for rows in by_document.values() for id_ in rows[left:]])

    found = reconcile(home.context, home.parts, repair=True, vectors=True)

    after = {row.id: row.payload for row in home.rows(history=True) if row.payload["path"] != "late.md"}
    assert found.is_sound
    assert after == before
    assert home.embedder.texts == []
