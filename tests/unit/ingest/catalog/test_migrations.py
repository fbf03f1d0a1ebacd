"""A catalog of the release before the compact tables opens, and says what it said."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest

from ingest.catalog.catalog import Catalog, open_catalog
from ingest.catalog.rows import DocumentRow, PointRow, VectorPlace
from ingest.catalog.survivors import SurvivorRow
from schemas.artifact import ArtifactRef
from schemas.point import OPEN

VERSION_4: Final = """
CREATE TABLE catalog_version (version BIGINT NOT NULL);
CREATE TABLE sources (
    tenant TEXT NOT NULL, source TEXT NOT NULL, kind TEXT NOT NULL, root TEXT NOT NULL,
    PRIMARY KEY (tenant, source));
CREATE TABLE files (
    tenant TEXT NOT NULL, source TEXT NOT NULL, path TEXT NOT NULL, size BIGINT NOT NULL,
    mtime_ns BIGINT NOT NULL, ctime_ns BIGINT NOT NULL, inode BIGINT NOT NULL, listed_at_ns BIGINT NOT NULL,
    sha256 TEXT NOT NULL, status TEXT NOT NULL,
    PRIMARY KEY (tenant, source, path));
CREATE TABLE documents (
    doc_id TEXT PRIMARY KEY, tenant TEXT NOT NULL, source TEXT NOT NULL, path TEXT NOT NULL,
    version BIGINT NOT NULL, sha256 TEXT NOT NULL, chunk_key TEXT NOT NULL, previous_doc_id TEXT,
    live INTEGER NOT NULL, stale INTEGER NOT NULL);
CREATE INDEX documents_by_source ON documents (tenant, source);
CREATE INDEX documents_by_content ON documents (tenant, sha256);
CREATE TABLE versions (
    doc_id TEXT NOT NULL, version BIGINT NOT NULL, seq BIGINT NOT NULL, run_number BIGINT NOT NULL,
    sha256 TEXT NOT NULL, chunk_key TEXT NOT NULL, gone INTEGER NOT NULL,
    PRIMARY KEY (doc_id, version));
CREATE TABLE points (
    point_id TEXT PRIMARY KEY, chunk_id TEXT NOT NULL, doc_id TEXT NOT NULL, payload_digest TEXT NOT NULL,
    vector_key TEXT, survivor TEXT, from_seq BIGINT NOT NULL, to_seq BIGINT NOT NULL);
CREATE INDEX points_by_document ON points (doc_id, to_seq);
CREATE INDEX points_by_survivor ON points (survivor, to_seq);
CREATE TABLE survivors (
    chunk_id TEXT PRIMARY KEY, tenant TEXT NOT NULL, doc_id TEXT NOT NULL, text_digest BLOB NOT NULL,
    point_id TEXT NOT NULL, seq BIGINT NOT NULL, place BIGINT NOT NULL);
CREATE INDEX survivors_by_text ON survivors (tenant, text_digest);
CREATE TABLE bands (
    tenant TEXT NOT NULL, band BLOB NOT NULL, chunk_id TEXT NOT NULL,
    PRIMARY KEY (tenant, band, chunk_id));
CREATE INDEX bands_by_chunk ON bands (chunk_id);
CREATE TABLE artifacts (
    stage TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, pack TEXT NOT NULL,
    start BIGINT NOT NULL, length BIGINT NOT NULL,
    PRIMARY KEY (stage, key));
CREATE TABLE vectors (key TEXT PRIMARY KEY, pack TEXT NOT NULL, place BIGINT NOT NULL);
CREATE INDEX vectors_by_pack ON vectors (pack);
CREATE TABLE failures (
    tenant TEXT NOT NULL, source TEXT NOT NULL, path TEXT NOT NULL, key TEXT NOT NULL, failure TEXT NOT NULL,
    PRIMARY KEY (tenant, source, path));
CREATE TABLE runs (
    number BIGINT PRIMARY KEY, run_id TEXT NOT NULL, started_ns BIGINT NOT NULL, finished_ns BIGINT,
    state TEXT NOT NULL, summary TEXT NOT NULL);
CREATE TABLE commits (seq BIGINT PRIMARY KEY, run_number BIGINT NOT NULL, at_ns BIGINT NOT NULL);
CREATE TABLE intents (seq BIGINT PRIMARY KEY, run_number BIGINT NOT NULL, plan BLOB NOT NULL);
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE collections (name TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, description TEXT NOT NULL);
ALTER TABLE files ADD COLUMN top TEXT NOT NULL DEFAULT '';
ALTER TABLE files ADD COLUMN sidecar TEXT NOT NULL DEFAULT '';
ALTER TABLE documents ADD COLUMN top TEXT NOT NULL DEFAULT '';
ALTER TABLE documents ADD COLUMN metadata_digest TEXT NOT NULL DEFAULT '';
ALTER TABLE failures ADD COLUMN top TEXT NOT NULL DEFAULT '';
CREATE INDEX files_by_top ON files (tenant, source, top);
CREATE INDEX documents_by_top ON documents (tenant, source, top);
CREATE INDEX artifacts_by_digest ON artifacts (stage, digest);
CREATE TABLE page_failures (
    tenant TEXT NOT NULL, source TEXT NOT NULL, path TEXT NOT NULL, page BIGINT NOT NULL,
    failure TEXT NOT NULL, top TEXT NOT NULL,
    PRIMARY KEY (tenant, source, path, page));
INSERT INTO catalog_version VALUES (4);
"""
TENANT: Final = "default"


def uuid(number: int) -> str:
    return str(UUID(int=number))


def sha(number: int) -> str:
    return f"{number:064x}"


# The manual has two versions, the copy of it answers through the manual, the letter moved away and is gone.
MANUAL, COPY, LETTER, MOVED, FOREIGN = (uuid(number) for number in range(1, 6))
FIRST, SECOND, COPIED, ELSEWHERE = (uuid(number) for number in range(11, 15))
OLD_POINT, FIRST_POINT, SECOND_POINT, COPIED_POINT, FOREIGN_POINT = (uuid(number) for number in range(21, 26))

DOCUMENTS: Final = [
    (MANUAL, TENANT, "manuals", "pump.md", 2, sha(1), "chunks-2", None, 1, 0, "", "told"),
    (COPY, TENANT, "manuals", "box.zip/pump.md", 1, sha(1), "chunks-2", None, 1, 1, "box.zip", ""),
    (LETTER, TENANT, "letters", "a.md", 2, sha(3), "", None, 0, 0, "", ""),
    (MOVED, TENANT, "letters", "b.md", 1, sha(3), "chunks-3", LETTER, 1, 0, "", ""),
    (FOREIGN, "other", "manuals", "pump.md", 1, sha(1), "chunks-2", None, 1, 0, "", ""),
]
VERSIONS: Final = [
    (MANUAL, 1, 1, 1, sha(9), "chunks-1", 0),
    (MANUAL, 2, 3, 2, sha(1), "chunks-2", 0),
    (COPY, 1, 3, 2, sha(1), "chunks-2", 0),
    (LETTER, 1, 2, 1, sha(3), "chunks-3", 0),
    (LETTER, 2, 4, 3, "", "", 1),
    (MOVED, 1, 4, 3, sha(3), "chunks-3", 0),
    (FOREIGN, 1, 5, 4, sha(1), "chunks-2", 0),
]
POINTS: Final = [
    (OLD_POINT, FIRST, MANUAL, sha(31), sha(41), None, 1, 3),
    (FIRST_POINT, FIRST, MANUAL, sha(32), sha(41), None, 3, OPEN),
    (SECOND_POINT, SECOND, MANUAL, sha(33), sha(42), None, 3, OPEN),
    (COPIED_POINT, COPIED, COPY, sha(34), None, FIRST, 3, OPEN),
    (FOREIGN_POINT, ELSEWHERE, FOREIGN, sha(35), sha(41), None, 5, OPEN),
]
SURVIVORS: Final = [
    (FIRST, TENANT, MANUAL, b"text one", FIRST_POINT, 3, 1),
    (SECOND, TENANT, MANUAL, b"text two", SECOND_POINT, 3, 0),
    (ELSEWHERE, "other", FOREIGN, b"text one", FOREIGN_POINT, 5, 0),
]
BANDS: Final = [
    (TENANT, b"band a", FIRST),
    (TENANT, b"band b", FIRST),
    (TENANT, b"band b", SECOND),
    ("other", b"band a", ELSEWHERE),
]
ARTIFACTS: Final = [
    ("chunk", "chunks-1", sha(51), "chunk/aa.pack", 0, 100),
    ("chunk", "chunks-2", sha(52), "chunk/aa.pack", 100, 50),
    ("chunk", "chunks-3", sha(53), "chunk/bb.pack", 0, 70),
    ("vector", "pack-1", sha(54), "vector/cc.pack", 0, 900),
]
VECTORS: Final = [(sha(41), "pack-1", 0), (sha(42), "pack-1", 1)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "catalog.db"
    connection = sqlite3.connect(place)
    connection.executescript(VERSION_4)
    filled = {
        "documents": DOCUMENTS, "versions": VERSIONS, "points": POINTS, "survivors": SURVIVORS, "bands": BANDS,
        "artifacts": ARTIFACTS, "vectors": VECTORS,
        "sources": [(TENANT, "manuals", "mirror", "/srv/manuals"), (TENANT, "letters", "append", "/srv/letters")],
        "runs": [(number, f"run-{number}", number, number + 1, "done", "") for number in (1, 2, 3, 4)],
        "commits": [(seq, 1, seq * 10) for seq in (1, 2, 3, 4, 5)],
        "facts": [("dedup", "the scheme")],
        "collections": [("docstrata-abc", "abc", "a model")],
    }  # fmt: skip
    for table, rows in filled.items():
        connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
    connection.commit()
    connection.close()
    return place


@pytest.fixture
def catalog(path: Path) -> Iterator[Catalog]:
    opened = open_catalog(path)
    yield opened
    opened.close()


def test_documents_are_as_they_were(catalog: Catalog) -> None:
    assert catalog.history.document(MANUAL) == DocumentRow(
        MANUAL, "manuals", "pump.md", 2, sha(1), "chunks-2", live=True, stale=False, metadata_digest="told"
    )
    assert catalog.history.document(COPY) == DocumentRow(
        COPY, "manuals", "box.zip/pump.md", 1, sha(1), "chunks-2", live=True, stale=True, top="box.zip"
    )
    letter = catalog.history.document(LETTER)
    assert letter is not None and not letter.live
    assert [row.doc_id for row in catalog.history.live_documents(TENANT)] == [MOVED, COPY, MANUAL]
    assert catalog.history.document(uuid(99)) is None
    previous = "SELECT previous_doc_id FROM documents WHERE path = 'b.md'"
    assert catalog.database.rows(previous) == [(UUID(LETTER).bytes,)]


def test_versions_are_as_they_were(catalog: Catalog) -> None:
    keys = {seq: catalog.history.chunk_key(MANUAL, as_of=seq) for seq in range(5)}

    assert keys == {0: None, 1: "chunks-1", 2: "chunks-1", 3: "chunks-2", 4: "chunks-2"}
    assert catalog.history.chunk_key(LETTER, as_of=3) == "chunks-3"
    assert catalog.history.chunk_key(LETTER) is None


def test_points_are_as_they_were(catalog: Catalog) -> None:
    assert catalog.history.current_points([MANUAL, COPY]) == [
        PointRow(FIRST_POINT, FIRST, MANUAL, sha(32), sha(41), None, 3),
        PointRow(SECOND_POINT, SECOND, MANUAL, sha(33), sha(42), None, 3),
        PointRow(COPIED_POINT, COPIED, COPY, sha(34), None, FIRST, 3),
    ]
    assert [row.point_id for row in catalog.history.current_duplicates_of([FIRST])] == [COPIED_POINT]
    totals = catalog.history.totals(TENANT)
    assert (totals.documents, totals.points, totals.duplicates, totals.history) == (3, 3, 1, 1)


def test_survivors_are_found_by_text_and_by_band_each_tenants_own(catalog: Catalog) -> None:
    first = SurvivorRow(FIRST, MANUAL, FIRST_POINT, (3, 1))
    second = SurvivorRow(SECOND, MANUAL, SECOND_POINT, (3, 0))

    assert catalog.survivors.by_texts(TENANT, [b"text one", b"text two", b"none"]) == {
        b"text one": [first],
        b"text two": [second],
    }
    bands = {"both": [b"band b"], "one": [b"band a"], "none": [b"band c"]}
    assert catalog.survivors.by_bands(TENANT, bands, 10) == {"both": [second, first], "one": [first]}
    assert catalog.survivors.by_bands("other", bands, 10) == {
        "one": [SurvivorRow(ELSEWHERE, FOREIGN, FOREIGN_POINT, (5, 0))]
    }
    assert catalog.survivors.scheme() == "the scheme"


def test_artifacts_and_vectors_are_where_they_were(catalog: Catalog) -> None:
    found = catalog.artifacts.find("chunk", "chunks-2")

    assert found == ArtifactRef(
        stage="chunk", key="chunks-2", digest=sha(52), pack="chunk/aa.pack", offset=100, length=50
    )
    assert catalog.artifacts.of_digest("chunk", sha(53)) == catalog.artifacts.find("chunk", "chunks-3")
    assert catalog.artifacts.vector_places([sha(41), sha(42), sha(43)]) == {
        sha(41): VectorPlace("pack-1", 0),
        sha(42): VectorPlace("pack-1", 1),
    }


def test_what_was_not_moved_is_as_it_was(catalog: Catalog) -> None:
    active = catalog.collections.active()

    assert active is not None and (active.name, active.fingerprint, active.model) == ("docstrata-abc", "abc", "a model")
    assert catalog.files.roots(TENANT) == {"manuals": "/srv/manuals", "letters": "/srv/letters"}
    assert catalog.history.next_seq() == 6
    assert [run.number for run in catalog.runs.last(2, TENANT)] == [4, 3]


def test_a_monitor_is_told_of_it_before_its_next_run(catalog: Catalog) -> None:
    told = {(row.source, row.label): row.value for row in catalog.measures.all() if row.tenant == TENANT}

    assert (told["manuals", "live"], told["letters", "live"]) == (2, 1)
    assert (told["manuals", "stale"], told["letters", "stale"]) == (1, 0)
    assert (told["manuals", "current"], told["manuals", "history"], told["manuals", "duplicate"]) == (3, 1, 1)


def test_it_is_migrated_once(path: Path) -> None:
    open_catalog(path).close()
    migrated = path.read_bytes()

    open_catalog(path).close()

    assert path.read_bytes() == migrated


def test_a_migration_that_breaks_leaves_the_catalog_as_it_was(path: Path) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE points SET chunk_id = 'no uuid' WHERE point_id = ?", (SECOND_POINT,))
    before = list(connection.iterdump())

    with pytest.raises(ValueError, match="badly formed"):
        open_catalog(path)
    assert list(connection.iterdump()) == before
    connection.close()
