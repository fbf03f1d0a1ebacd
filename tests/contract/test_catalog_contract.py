"""What every catalog does, whatever database is under it. Written against its public parts only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest
from patience import PATIENCE_S
from postgres_server import empty, postgres

from ingest.catalog.beside import CopiedRow, PointCounts, SourceRow
from ingest.catalog.catalog import Catalog, open_catalog
from ingest.catalog.collections import CollectionRow, CollectionState
from ingest.catalog.copying import copy_catalog
from ingest.catalog.database import Database, SqliteDatabase
from ingest.catalog.kept import KEPT, KeptRow, Kind
from ingest.catalog.keys import uuid_text
from ingest.catalog.measures import Measure
from ingest.catalog.plan import (
    PlannedDocument,
    PlannedDocumentText,
    PlannedFile,
    PlannedJudgement,
    PlannedPoint,
    PlannedRelation,
    PlannedSurvivor,
    PlannedVector,
    PublishPlan,
)
from ingest.catalog.postgres import PostgresDatabase
from ingest.catalog.rows import FileRow, PointRow
from ingest.catalog.schema import MIGRATIONS
from ingest.catalog.survivors import SurvivorRow
from schemas.artifact import ArtifactRef
from schemas.chunk import DocumentRelation
from schemas.errors import DocstrataError, InvariantError, SchemaMismatch, StoreDown
from schemas.ids import chunk_id, digest, doc_id, point_id
from schemas.point import OPEN, PointPayload
from schemas.report import Failure, RunSummary
from schemas.source import Route, SourceFile, SourceKind

TENANT = "default"
SOURCE = "manuals"

Connect = Callable[[float], Database]
"""Opens another connection to the same database; the argument is how long a writer waits, in seconds."""


def _sqlite(folder: Path) -> Connect:
    return lambda wait_s: SqliteDatabase(folder / "catalog.db", wait_s=wait_s)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def connect(request: pytest.FixtureRequest, tmp_path: Path) -> Connect:
    if request.param == "sqlite":
        return _sqlite(tmp_path)
    url: str = request.getfixturevalue("postgres_url")
    empty(url)
    return lambda wait_s: PostgresDatabase(url, wait_s=wait_s)


@pytest.fixture
def catalog(connect: Connect) -> Iterator[Catalog]:
    opened = Catalog(connect(10.0))
    yield opened
    opened.close()


@pytest.fixture
def second(connect: Connect, catalog: Catalog) -> Iterator[Catalog]:
    """Another process's view of the same catalog."""
    opened = Catalog(connect(0.2))
    yield opened
    opened.close()


# ------------------------------------------------------------------ what is stored


def file_row(path: str, status: str = "ok", **changes: int | str) -> FileRow:
    row = FileRow(
        path,
        10,
        1_700_000_000_123_456_789,
        1_700_000_000_223_456_789,
        2**63 - 1,
        1_700_000_001_000_000_000,
        "sha",
        status,
    )
    return replace(row, **changes)  # the fields' own types


def failure(path: str, key: str = "attempt", attempts: int = 1) -> Failure:
    return Failure(
        key=key,
        source=SOURCE,
        path=path,
        uri=f"file:///srv/{path}",
        stage="parse",
        code="corrupt_file",
        message="not a readable PDF; export it again",
        facts={"page": 3, "share": 0.5, "password": None},
        attempts=attempts,
    )


def ref(key: str, content: str, offset: int = 0) -> ArtifactRef:
    return ArtifactRef(
        stage="parse", key=key, digest=digest(content.encode()), pack=f"{content}.pack", offset=offset, length=7
    )


def source_file(path: str, content: str) -> SourceFile:
    return SourceFile(
        tenant=TENANT,
        source=SOURCE,
        path=path,
        uri=f"file:///srv/{path}",
        sha256=digest(content.encode()),
        size=len(content),
        mtime_ns=1_700_000_000_000_000_001,
        media_type="text/markdown",
        route=Route.MARKDOWN,
    )


def document_id(path: str) -> str:
    return doc_id(TENANT, SOURCE, path)


NOBODY = document_id("nobody")


def vector_keys(*texts: str) -> list[str]:
    return [digest(text.encode()) for text in texts]


def planned_point(path: str, text: str, seq: int, survivor: str | None = None) -> PlannedPoint:
    chunk = chunk_id(document_id(path), text, None, 0)
    payload = PointPayload(
        tenant=TENANT,
        source=SOURCE,
        path=path,
        doc_id=document_id(path),
        chunk_id=chunk,
        text=text,
        kind="text",
        heading_path=("泵", "Oil"),
        section="s",
        position=0,
        token_count=5,
        media_type="text/markdown",
        strategy="hybrid",
        metadata={"weight": 0.5, "approved": True},
        survivor=survivor,
        from_seq=seq,
    )
    own = digest(text.encode())
    beside = digest(b"another")
    vector = None if survivor else PlannedVector(key=digest(f"{own}{beside}".encode()), own=own, neighbours=(beside,))
    return PlannedPoint(
        point_id=point_id(chunk, payload.digest(), vector.key if vector else "", seq),
        payload=payload,
        payload_digest=payload.digest(),
        vector=vector,
    )


def planned_survivor(point: PlannedPoint, place: int, *bands: bytes) -> PlannedSurvivor:
    return PlannedSurvivor(
        chunk_id=point.payload.chunk_id,
        doc_id=point.payload.doc_id,
        point_id=point.point_id,
        text_digest=digest(point.payload.text.encode()),
        bands=tuple(band.hex() for band in bands),
        place=place,
    )


def text_digest(text: str) -> bytes:
    return bytes.fromhex(digest(text.encode()))


def plan_of(catalog: Catalog, run: int, at_ns: int = 1_000) -> PublishPlan:
    """An empty plan for the next commit."""
    return PublishPlan(
        seq=catalog.history.next_seq(),
        run_number=run,
        at_ns=at_ns,
        tenant=TENANT,
        points=(),
        retire=(),
        documents=(),
        survivors=(),
        leaving=(),
    )


def arrival(catalog: Catalog, run: int, path: str, *texts: str, version: int = 1, at_ns: int = 1_000) -> PublishPlan:
    """A document whose every text is a chunk that nobody had before."""
    plan = plan_of(catalog, run, at_ns)
    points = tuple(planned_point(path, text, plan.seq) for text in texts)
    file = source_file(path, "".join(texts))
    state = PlannedFile(
        source=SOURCE,
        path=path,
        size=file.size,
        mtime_ns=file.mtime_ns,
        ctime_ns=1,
        inode=2,
        listed_at_ns=3,
        sha256=file.sha256,
    )
    return plan.model_copy(
        update={
            "points": points,
            "documents": (PlannedDocument(doc_id=document_id(path), version=version, file=file, chunk_key="ck"),),
            "survivors": tuple(
                planned_survivor(p, i, b"band", text_digest(p.payload.text)) for i, p in enumerate(points)
            ),
            "files": (state,),
        }
    )


def planned_documents(*paths: str) -> tuple[PlannedDocument, ...]:
    """In their first version."""
    return tuple(
        PlannedDocument(doc_id=document_id(path), version=1, file=source_file(path, path), chunk_key="ck")
        for path in paths
    )


def commit(catalog: Catalog, plan: PublishPlan) -> PublishPlan:
    catalog.history.open_intent(plan)
    catalog.history.close_intent(plan)
    return plan


@pytest.fixture
def run(catalog: Catalog) -> int:
    return catalog.runs.begin("run-1", 1)


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


def test_whoever_only_reads_opens_the_catalog_beside_a_writer(catalog: Catalog, connect: Connect) -> None:
    catalog.files.remember_source(TENANT, SOURCE, SourceKind.MIRROR, "/srv")
    with catalog.database.transaction():
        catalog.files.remember_source(TENANT, SOURCE, SourceKind.MIRROR, "/moved")
        reader = Catalog(connect(0.0))
        assert reader.files.roots(TENANT) == {SOURCE: "/srv"}
        reader.close()


# --------------------------------------------------------------------------- files


def test_a_source_is_remembered_and_can_move(catalog: Catalog) -> None:
    assert catalog.files.roots(TENANT) == {}

    catalog.files.remember_source(TENANT, SOURCE, SourceKind.MIRROR, "/srv")
    catalog.files.remember_source(TENANT, SOURCE, SourceKind.APPEND, "/mnt")
    catalog.files.remember_source("other", SOURCE, SourceKind.MIRROR, "/other")

    assert catalog.files.roots(TENANT) == {SOURCE: "/mnt"}


def test_a_file_is_given_back_as_it_was_and_the_last_word_counts(catalog: Catalog) -> None:
    first, changed = file_row("泵/a.md"), file_row("泵/a.md", "failed", size=11, sha256="other")
    catalog.files.remember(TENANT, SOURCE, [first, file_row("b.md")])
    catalog.files.remember("other", SOURCE, [file_row("c.md")])

    assert catalog.files.of_source(TENANT, SOURCE) == {"泵/a.md": first, "b.md": file_row("b.md")}
    catalog.files.remember(TENANT, SOURCE, [changed])
    assert catalog.files.of_source(TENANT, SOURCE)["泵/a.md"] == changed


def test_a_failure_is_kept_with_the_files_state(catalog: Catalog) -> None:
    catalog.files.quarantine(TENANT, file_row("b.pdf", "failed"), failure("b.pdf"))
    catalog.files.quarantine(TENANT, file_row("a.pdf", "failed"), failure("a.pdf"))

    assert catalog.files.failures(TENANT) == [failure("a.pdf"), failure("b.pdf")]
    assert catalog.files.failures(TENANT, SOURCE) == catalog.files.failures(TENANT)
    assert catalog.files.failures(TENANT, "elsewhere") == catalog.files.failures("other") == []
    assert catalog.files.failure_of(TENANT, SOURCE, "a.pdf") == failure("a.pdf")
    assert catalog.files.failure_of(TENANT, SOURCE, "c.pdf") is None
    assert catalog.files.of_source(TENANT, SOURCE)["a.pdf"].status == "failed"


def test_a_second_failure_takes_the_place_of_the_first(catalog: Catalog) -> None:
    catalog.files.quarantine(TENANT, file_row("a.pdf", "failed"), failure("a.pdf", "one"))
    catalog.files.quarantine(TENANT, file_row("a.pdf", "failed"), failure("a.pdf", "two", attempts=2))

    assert catalog.files.failures(TENANT) == [failure("a.pdf", "two", attempts=2)]


def test_pages_that_a_document_is_without_are_told_while_it_is_live(catalog: Catalog, run: int) -> None:
    commit(catalog, arrival(catalog, run, "a.pdf", "of a"))
    commit(catalog, arrival(catalog, run, "b.pdf", "of b"))
    for path in ("a.pdf", "b.pdf", "gone.pdf"):
        pages = [failure(path).model_copy(update={"page": number}) for number in (7, 2)]
        catalog.files.keep_page_failures(TENANT, SOURCE, path, "", pages)

    told = catalog.files.page_failures(TENANT)

    assert [(one.path, one.page) for one in told] == [("a.pdf", 2), ("a.pdf", 7), ("b.pdf", 2), ("b.pdf", 7)]
    assert catalog.files.failures(TENANT) == catalog.files.page_failures("other") == []
    catalog.files.keep_page_failures(TENANT, SOURCE, "a.pdf", "", [])
    catalog.files.forget(TENANT, SOURCE, ["b.pdf"])
    assert catalog.files.page_failures(TENANT) == []


def test_a_file_is_released_from_quarantine_alone(catalog: Catalog) -> None:
    for path in ("a.pdf", "b.pdf"):
        catalog.files.quarantine(TENANT, file_row(path, "failed"), failure(path))

    catalog.files.release(TENANT, SOURCE, ["a.pdf"])

    assert [f.path for f in catalog.files.failures(TENANT)] == ["b.pdf"]
    assert "a.pdf" in catalog.files.of_source(TENANT, SOURCE)


def test_settling_notes_what_was_touched_and_forgets_what_is_gone(catalog: Catalog, run: int) -> None:
    catalog.files.remember(TENANT, SOURCE, [file_row("a.md")])
    catalog.files.quarantine(TENANT, file_row("gone.pdf", "failed"), failure("gone.pdf"))

    catalog.files.settle(TENANT, SOURCE, run, [file_row("a.md", mtime_ns=5)], ["gone.pdf"])

    assert catalog.files.of_source(TENANT, SOURCE) == {"a.md": file_row("a.md", mtime_ns=5)}
    assert catalog.files.failures(TENANT) == []


def test_settling_is_all_or_nothing(catalog: Catalog, run: int) -> None:
    def gone() -> Iterator[str]:
        yield "a.md"
        raise KeyboardInterrupt

    catalog.files.remember(TENANT, SOURCE, [file_row("a.md")])
    with pytest.raises(KeyboardInterrupt):
        catalog.files.settle(TENANT, SOURCE, run, [file_row("a.md", mtime_ns=5)], gone())

    assert catalog.files.of_source(TENANT, SOURCE) == {"a.md": file_row("a.md")}
    catalog.files.settle(TENANT, SOURCE, run, [], ["a.md"])  # and the connection can go on
    assert catalog.files.of_source(TENANT, SOURCE) == {}


def test_a_document_whose_new_file_fails_is_stale_until_it_is_published_again(catalog: Catalog, run: int) -> None:
    commit(catalog, arrival(catalog, run, "a.md", "one"))
    catalog.files.quarantine(TENANT, file_row("a.md", "failed"), failure("a.md"))

    stale = catalog.history.documents(TENANT, SOURCE)["a.md"]
    assert (stale.live, stale.stale, stale.version) == (True, True, 1)
    assert catalog.history.totals(TENANT).stale == 1

    commit(catalog, arrival(catalog, run, "a.md", "two", version=2))
    assert not catalog.history.documents(TENANT, SOURCE)["a.md"].stale
    assert catalog.files.failures(TENANT) == []
    assert catalog.files.of_source(TENANT, SOURCE)["a.md"].status == "ok"


# ----------------------------------------------------------------- artifacts, vectors


def test_the_first_writer_of_an_artifact_wins(catalog: Catalog) -> None:
    catalog.artifacts.adopt([ref("k", "first"), ref("l", "other", offset=7)])
    catalog.artifacts.adopt([ref("k", "late")])

    assert catalog.artifacts.find("parse", "k") == ref("k", "first")
    assert catalog.artifacts.find("parse", "l") == ref("l", "other", offset=7)
    assert catalog.artifacts.find("chunk", "k") is None


def test_a_damaged_artifact_is_forgotten_and_can_be_made_again(catalog: Catalog) -> None:
    catalog.artifacts.adopt([ref("k", "first")])
    catalog.artifacts.drop("parse", "k")
    assert catalog.artifacts.find("parse", "k") is None

    catalog.artifacts.adopt([ref("k", "again")])
    assert catalog.artifacts.find("parse", "k") == ref("k", "again")


def vector_pack(key: str) -> ArtifactRef:
    return ref(key, key).model_copy(update={"stage": "vector"})


def test_a_vector_is_a_row_of_its_pack_and_the_first_writer_wins(catalog: Catalog) -> None:
    keys = vector_keys(*(f"v{number}" for number in range(1203)))
    new, unknown = vector_keys("new", "unknown")
    catalog.artifacts.adopt_vectors(vector_pack("p1"), keys)
    catalog.artifacts.adopt_vectors(vector_pack("p2"), [keys[0], new])

    places = catalog.artifacts.vector_places([*keys, new, unknown])

    assert len(places) == 1204
    assert [(places[key].pack, places[key].place) for key in (keys[0], keys[1202], new)] == [
        ("p1", 0),
        ("p1", 1202),
        ("p2", 1),
    ]
    assert catalog.artifacts.find("vector", "p1") == vector_pack("p1")
    assert catalog.artifacts.vector_places([]) == {}


def test_a_damaged_pack_of_vectors_is_forgotten_with_all_that_were_in_it(catalog: Catalog) -> None:
    a, b, c = vector_keys("a", "b", "c")
    catalog.artifacts.adopt_vectors(vector_pack("p1"), [a, b])
    catalog.artifacts.adopt_vectors(vector_pack("p2"), [c])

    catalog.artifacts.drop_vectors("p1")

    assert set(catalog.artifacts.vector_places([a, b, c])) == {c}
    assert catalog.artifacts.find("vector", "p1") is None


# ------------------------------------------------------------------------- history


def test_an_intent_survives_word_for_word(catalog: Catalog, second: Catalog, run: int) -> None:
    plan = arrival(catalog, run, "泵/a.md", "Check the oil.", "检查油位。")
    plan = plan.model_copy(
        update={
            "points": (*plan.points, planned_point("泵/a.md", "copy", plan.seq, survivor="another")),
            "retire": ("old-point",),
            "leaving": ("old-chunk",),
            "forgotten": ((SOURCE, "gone.md"),),
            "documents": (*plan.documents, PlannedDocument(doc_id="gone", version=3)),
        }
    )

    catalog.history.open_intent(plan)

    assert second.history.open_intents() == [plan]
    assert second.history.open_intents()[0].model_dump_json() == plan.model_dump_json()


def test_an_intent_changes_nothing_before_it_is_closed(catalog: Catalog, run: int) -> None:
    plan = arrival(catalog, run, "a.md", "one")
    catalog.history.open_intent(plan)

    assert catalog.history.documents(TENANT, SOURCE) == {}
    assert catalog.history.current_points([document_id("a.md")]) == []
    assert catalog.history.next_seq() == plan.seq


def test_closing_an_intent_writes_down_all_that_it_did(catalog: Catalog, run: int) -> None:
    plan = commit(catalog, arrival(catalog, run, "a.md", "one", "two"))

    (document,) = catalog.history.documents(TENANT, SOURCE).values()
    points = catalog.history.current_points([document.doc_id])
    assert (document.path, document.version, document.live, document.stale) == ("a.md", 1, True, False)
    assert (document.sha256, document.chunk_key) == (digest(b"onetwo"), "ck")
    assert {(p.point_id, p.payload_digest, p.vector_key, p.survivor, p.from_seq) for p in points} == {
        (p.point_id, p.payload_digest, p.vector_key, None, 1) for p in plan.points
    }
    assert catalog.files.of_source(TENANT, SOURCE)["a.md"] == FileRow(
        "a.md", 6, 1_700_000_000_000_000_001, 1, 2, 3, digest(b"onetwo"), "ok"
    )
    assert catalog.history.open_intents() == []
    assert catalog.history.next_seq() == 2


def test_the_chunk_set_of_a_version_is_known_as_of_every_commit(catalog: Catalog, run: int) -> None:
    first = commit(catalog, arrival(catalog, run, "a.md", "one"))
    (document,) = first.documents
    changed = document.model_copy(update={"version": 2, "chunk_key": "second"})
    second = commit(catalog, plan_of(catalog, run).model_copy(update={"documents": (changed,)}))
    gone = PlannedDocument(doc_id=document.doc_id, version=3)
    third = commit(catalog, plan_of(catalog, run).model_copy(update={"documents": (gone,)}))

    found = [catalog.history.chunk_key(document.doc_id, seq) for seq in (0, first.seq, second.seq, third.seq, None)]
    assert found == [None, "ck", "second", None, None]
    assert catalog.history.chunk_key(NOBODY) is None


def test_an_intent_is_closed_once(catalog: Catalog, second: Catalog, run: int) -> None:
    plan = commit(catalog, arrival(catalog, run, "a.md", "one"))

    with pytest.raises(InvariantError, match="another run has finished it"):
        second.history.close_intent(plan)
    assert catalog.history.totals(TENANT).points == 1


def test_a_plan_that_cannot_be_written_down_leaves_no_trace_and_stays_open(catalog: Catalog, run: int) -> None:
    commit(catalog, arrival(catalog, run, "a.md", "one"))
    again = arrival(catalog, run, "a.md", "one", version=1)  # a version that is there already
    catalog.history.open_intent(again)

    with pytest.raises(InvariantError, match="refuses a statement"):
        catalog.history.close_intent(again)
    assert catalog.history.open_intents() == [again]
    assert catalog.history.totals(TENANT).points == 1
    assert catalog.history.next_seq() == 2


def test_a_writer_whose_time_is_over_promises_nothing(catalog: Catalog, second: Catalog, run: int) -> None:
    plan = arrival(catalog, run, "a.md", "one")
    second.runs.begin("run-2", 2)

    with pytest.raises(InvariantError, match="another run has taken over this home") as caught:
        catalog.history.open_intent(plan)
    assert caught.value.facts == {"run": run}
    assert catalog.history.open_intents() == []


def test_a_writer_whose_time_is_over_settles_nothing(catalog: Catalog, second: Catalog, run: int) -> None:
    late = arrival(catalog, run, "a.md", "one").model_copy(update={"points": (), "documents": (), "survivors": ()})
    later = second.runs.begin("run-2", 2)

    with pytest.raises(InvariantError, match="another run has taken over this home"):
        catalog.history.settle_files(late)
    with pytest.raises(InvariantError, match="another run has taken over this home"):
        catalog.files.settle(TENANT, SOURCE, run, [file_row("a.md")], [])
    catalog.runs.finish(run, "done", 3, None)

    assert catalog.files.of_source(TENANT, SOURCE) == {}
    assert [(row.number, row.state) for row in catalog.runs.last(2, TENANT)] == [
        (later, "running"),
        (run, "interrupted"),
    ]


def test_a_plan_that_was_made_before_another_commit_is_refused(catalog: Catalog, run: int) -> None:
    late = arrival(catalog, run, "b.md", "two")
    commit(catalog, arrival(catalog, run, "a.md", "one"))

    with pytest.raises(InvariantError):
        catalog.history.open_intent(late)


def test_no_second_promise_is_made_while_one_is_open(catalog: Catalog, run: int) -> None:
    first, other = arrival(catalog, run, "a.md", "one"), arrival(catalog, run, "b.md", "two")
    catalog.history.open_intent(first)

    with pytest.raises(InvariantError):
        catalog.history.open_intent(other)
    assert catalog.history.open_intents() == [first]


def test_a_later_run_finishes_what_an_earlier_one_promised(catalog: Catalog, second: Catalog, run: int) -> None:
    catalog.history.open_intent(arrival(catalog, run, "a.md", "one"))
    later = second.runs.begin("run-2", 2)

    (promised,) = second.history.open_intents()
    second.history.close_intent(promised)
    commit(second, arrival(second, later, "b.md", "two"))

    assert set(second.history.documents(TENANT, SOURCE)) == {"a.md", "b.md"}


def test_a_retired_row_is_history_and_the_new_one_is_current(catalog: Catalog, run: int) -> None:
    (old,) = commit(catalog, arrival(catalog, run, "a.md", "one")).points
    change = arrival(catalog, run, "a.md", "two", version=2)
    commit(catalog, change.model_copy(update={"retire": (old.point_id,), "leaving": (old.payload.chunk_id,)}))

    assert [p.point_id for p in catalog.history.current_points([document_id("a.md")])] == [change.points[0].point_id]
    totals = catalog.history.totals(TENANT)
    assert (totals.documents, totals.points, totals.history) == (1, 1, 1)
    assert catalog.database.rows("SELECT to_seq FROM points ORDER BY from_seq") == [(2,), (OPEN,)]


def test_a_document_goes_and_may_come_back_as_its_next_version(catalog: Catalog, run: int) -> None:
    (point,) = commit(catalog, arrival(catalog, run, "a.md", "one")).points
    gone = plan_of(catalog, run).model_copy(
        update={
            "retire": (point.point_id,),
            "leaving": (point.payload.chunk_id,),
            "documents": (PlannedDocument(doc_id=document_id("a.md"), version=2),),
            "forgotten": ((SOURCE, "a.md"),),
        }
    )
    commit(catalog, gone)

    left = catalog.history.document(document_id("a.md"))
    assert left is not None
    assert (left.live, left.version) == (False, 2)
    assert catalog.history.documents(TENANT, SOURCE) == {}
    assert catalog.files.of_source(TENANT, SOURCE) == {}
    assert catalog.history.totals(TENANT).documents == 0

    commit(catalog, arrival(catalog, run, "a.md", "one", version=3))
    assert catalog.history.documents(TENANT, SOURCE)["a.md"].version == 3


def test_every_version_is_kept_with_its_commit_and_run(catalog: Catalog, run: int) -> None:
    commit(catalog, arrival(catalog, run, "a.md", "one"))
    commit(catalog, arrival(catalog, run, "a.md", "two", version=2))

    rows = catalog.database.rows("SELECT version, seq, run_number, sha256, gone FROM versions ORDER BY version")
    assert rows == [(1, 1, run, digest(b"one"), 0), (2, 2, run, digest(b"two"), 0)]


def test_where_a_document_came_from_is_remembered_until_it_comes_from_elsewhere(catalog: Catalog, run: int) -> None:
    def publish(version: int, previous: str | None) -> str:
        plan = arrival(catalog, run, "a.md", f"text {version}", version=version)
        document = plan.documents[0].model_copy(update={"previous_doc_id": previous})
        commit(catalog, plan.model_copy(update={"documents": (document,)}))
        found = catalog.database.rows("SELECT previous_doc_id FROM documents")[0][0]
        return uuid_text(found) if found is not None else ""

    b, c = document_id("b.md"), document_id("c.md")
    assert [publish(1, None), publish(2, b), publish(3, None), publish(4, c)] == ["", b, b, c]


def test_a_document_that_nobody_published_is_none(catalog: Catalog) -> None:
    assert catalog.history.document(NOBODY) is None


def test_the_bytes_of_another_live_document_are_known(catalog: Catalog, run: int) -> None:
    commit(catalog, arrival(catalog, run, "a.md", "one"))
    own, sha256 = document_id("a.md"), digest(b"one")

    assert not catalog.history.has_content(TENANT, sha256, apart_from=own)
    assert catalog.history.has_content(TENANT, sha256, apart_from=document_id("copy.md"))
    assert not catalog.history.has_content("other", sha256, apart_from=NOBODY)
    assert not catalog.history.has_content(TENANT, digest(b"two"), apart_from=NOBODY)

    commit(
        catalog,
        plan_of(catalog, run).model_copy(update={"documents": (PlannedDocument(doc_id=own, version=2),)}),
    )
    assert not catalog.history.has_content(TENANT, sha256, apart_from=NOBODY)


def test_duplicates_are_found_by_the_chunk_that_stands_for_them(catalog: Catalog, run: int) -> None:
    first = commit(catalog, arrival(catalog, run, "a.md", "one"))
    survivor = first.points[0].payload.chunk_id
    plan = arrival(catalog, run, "copy.md")
    duplicate = planned_point("copy.md", "one", plan.seq, survivor=survivor)
    commit(catalog, plan.model_copy(update={"points": (duplicate,)}))

    assert [row.point_id for row in catalog.history.current_duplicates_of([survivor])] == [duplicate.point_id]
    assert catalog.history.current_duplicates_of([NOBODY]) == []
    assert catalog.history.totals(TENANT).duplicates == 1


def test_rows_of_more_documents_than_one_statement_takes_are_found(catalog: Catalog, run: int) -> None:
    plan = plan_of(catalog, run)
    paths = [f"{number}.md" for number in range(1203)]
    points = tuple(planned_point(path, "t", 1) for path in paths)
    commit(catalog, plan.model_copy(update={"points": points, "documents": planned_documents(*paths)}))

    assert len(catalog.history.current_points([document_id(path) for path in paths])) == 1203


def test_a_moment_has_the_last_commit_that_was_made_by_then(catalog: Catalog, run: int) -> None:
    commit(catalog, arrival(catalog, run, "a.md", "one", at_ns=100))
    commit(catalog, arrival(catalog, run, "b.md", "two", at_ns=200))

    assert [catalog.history.seq_at(at) for at in (99, 100, 199, 200, 2**62)] == [0, 1, 1, 2, 2]


def test_totals_are_of_one_tenant(catalog: Catalog, run: int) -> None:
    commit(catalog, arrival(catalog, run, "a.md", "one", "two"))
    catalog.files.quarantine(TENANT, file_row("x.pdf", "failed"), failure("x.pdf"))

    mine, others = catalog.history.totals(TENANT), catalog.history.totals("other")
    assert (mine.documents, mine.stale, mine.points, mine.duplicates, mine.failures, mine.history) == (1, 0, 2, 0, 1, 0)
    assert (others.documents, others.points, others.failures) == (0, 0, 0)


def test_a_plan_without_changes_only_settles_its_files(catalog: Catalog, run: int) -> None:
    catalog.files.quarantine(TENANT, file_row("a.md", "failed"), failure("a.md"))
    plan = arrival(catalog, run, "a.md", "one").model_copy(update={"points": (), "documents": (), "survivors": ()})

    assert plan.is_empty
    catalog.history.settle_files(plan)

    assert catalog.files.of_source(TENANT, SOURCE)["a.md"].status == "ok"
    assert catalog.files.failures(TENANT) == []
    assert catalog.history.next_seq() == 1


# ----------------------------------------------------------------------- survivors


def document_text(path: str, bands: tuple[int, ...], furniture: str | None = "For Acme") -> PlannedDocumentText:
    return PlannedDocumentText(
        doc_id=document_id(path),
        text_digest=digest(b"text"),
        facts_digest=digest(b"facts"),
        furniture=furniture,
        words=9,
        bands=bands,
    )


def relation(path: str, other: str, kind: DocumentRelation) -> PlannedRelation:
    return PlannedRelation(
        doc_id=document_id(path), other=document_id(other), kind=kind, similarity=0.95, reason=f"{path} {kind}"
    )


def relations_in(catalog: Catalog) -> set[tuple[str, str, str]]:
    return {(row.path, row.other_path, row.kind.value) for row in catalog.duplicate_lists.relations(TENANT, None, 99)}


@pytest.fixture
def related(catalog: Catalog, run: int) -> Catalog:
    """b and c are copies of a, d is near it, e is told apart from it."""
    commit(
        catalog,
        plan_of(catalog, run).model_copy(
            update={
                "documents": planned_documents("a.md", "b.md", "c.md", "d.md", "e.md"),
                "document_texts": (
                    document_text("a.md", (-(2**63), 2**63 - 1)),
                    document_text("b.md", ()),
                    document_text("c.md", ()),
                    document_text("d.md", (7, 2**63 - 1), None),
                    document_text("e.md", (2**63 - 1,), "For Globex"),
                ),
                "relations": (
                    relation("b.md", "a.md", DocumentRelation.EXACT),
                    relation("c.md", "a.md", DocumentRelation.EXACT),
                    relation("d.md", "a.md", DocumentRelation.NEAR),
                    relation("e.md", "a.md", DocumentRelation.APART),
                ),
            }
        ),
    )
    return catalog


def test_documents_are_found_by_band_and_what_is_known_of_them_is_told(related: Catalog) -> None:
    a, b, c, d, e = (document_id(f"{name}.md") for name in "abcde")
    found = related.duplicates.documents_by_bands([2**63 - 1, -(2**63), 5])
    assert found == {2**63 - 1: [a, d, e], -(2**63): [a]}
    texts = related.duplicates.texts([d, e, document_id("unknown")])
    assert {row.doc_id: row.furniture for row in texts.values()} == {d: None, e: "For Globex"}
    assert texts[e].text_digest == text_digest("text")
    assert {one: sorted(own) for one, own in related.duplicates.bands_of([b, d]).items()} == {d: [7, 2**63 - 1]}
    assert related.duplicates.originals([c, d]) == {c: a, d: d}
    assert relations_in(related) == {
        ("b.md", "a.md", "exact"),
        ("c.md", "a.md", "exact"),
        ("d.md", "a.md", "near"),
        ("e.md", "a.md", "apart"),
    }


def test_the_heir_of_a_document_that_goes_takes_over_its_bands_and_relations(related: Catalog, run: int) -> None:
    a, b, c = (document_id(f"{name}.md") for name in "abc")
    assert related.duplicates.heirs([a, b], frozenset({a})) == {a: b}
    assert related.duplicates.heirs([a], frozenset({a, b})) == {a: c}
    gone = PlannedDocument(doc_id=a, version=2)
    commit(related, plan_of(related, run).model_copy(update={"documents": (gone,), "heirs": {a: b}}))
    assert relations_in(related) == {("c.md", "b.md", "exact"), ("d.md", "b.md", "near"), ("e.md", "b.md", "apart")}
    assert related.duplicates.documents_by_bands([-(2**63)]) == {-(2**63): [b]}
    assert related.duplicates.texts([a]) == {}


def test_a_document_that_changes_without_an_heir_leaves_no_relation(related: Catalog, run: int) -> None:
    (changed,) = planned_documents("e.md")
    plan = plan_of(related, run).model_copy(
        update={
            "documents": (changed.model_copy(update={"version": 2}),),
            "document_texts": (document_text("e.md", (11,)),),
        }
    )
    commit(related, plan)
    assert {kind for _, _, kind in relations_in(related)} == {"exact", "near"}
    assert related.duplicates.bands_of([document_id("e.md")]) == {document_id("e.md"): [11]}


def test_why_a_row_is_a_duplicate_is_kept_until_it_is_retired(catalog: Catalog, run: int) -> None:
    commit(catalog, arrival(catalog, run, "a.md", "same"))
    plan = arrival(catalog, run, "b.md", "near")
    survivor = chunk_id(document_id("a.md"), "same", None, 0)
    point = planned_point("b.md", "near", plan.seq, survivor)
    judged = PlannedJudgement(point_id=point.point_id, kind="near", similarity=0.93, reason="a reason")
    commit(catalog, plan.model_copy(update={"points": (point,), "survivors": (), "judgements": (judged,)}))
    lists = catalog.duplicate_lists
    assert catalog.duplicates.judgements([point.point_id]) == {point.point_id: judged}
    (cluster,) = lists.clusters(TENANT, SOURCE, 1, 9)
    assert (cluster.survivor.path, cluster.duplicates, cluster.documents) == ("a.md", 1, 1)
    (copy,) = lists.duplicates_of(survivor, 9)
    assert (copy.chunk.path, copy.kind, copy.similarity, copy.reason) == ("b.md", "near", 0.93, "a reason")
    assert lists.counts(TENANT, None) == {"near": 1}
    assert lists.clusters(TENANT, "other", 1, 9) == []
    assert lists.clusters(TENANT, None, 2, 9) == []
    assert lists.counts("other", None) == {}
    commit(catalog, plan_of(catalog, run).model_copy(update={"retire": (point.point_id,)}))
    assert catalog.duplicates.judgements([point.point_id]) == {}
    assert lists.clusters(TENANT, None, 1, 9) == []


def by_text(catalog: Catalog, tenant: str, digest_: bytes) -> list[SurvivorRow]:
    return catalog.survivors.by_texts(tenant, [b"unknown", digest_]).get(digest_, [])


def by_bands(catalog: Catalog, tenant: str, bands: list[bytes], most: int = 64) -> list[SurvivorRow]:
    found = catalog.survivors.by_bands(tenant, {"asked": bands, "nobody's": [b"unknown"]}, most)
    return found.get("asked", [])


def test_survivors_of_a_text_come_in_the_order_of_their_arrival(catalog: Catalog, run: int) -> None:
    paths = ("z.md", "a.md", "m.md")
    points = [planned_point(path, "same", 1) for path in paths]
    survivors = tuple(planned_survivor(point, place, b"band") for place, point in enumerate(points))
    changes = {"points": tuple(points), "survivors": survivors[::-1], "documents": planned_documents(*paths)}
    commit(catalog, plan_of(catalog, run).model_copy(update=changes))
    commit(catalog, arrival(catalog, run, "0.md", "same"))

    wanted = [document_id(path) for path in ("z.md", "a.md", "m.md", "0.md")]
    assert [row.doc_id for row in by_text(catalog, TENANT, text_digest("same"))] == wanted
    assert [row.doc_id for row in by_bands(catalog, TENANT, [b"band"])] == wanted
    assert by_text(catalog, TENANT, text_digest("other")) == []
    assert by_text(catalog, "other", text_digest("same")) == []


def test_a_survivor_that_shares_several_bands_is_told_once(catalog: Catalog, run: int) -> None:
    plan = arrival(catalog, run, "a.md")
    points = [planned_point("a.md", text, 1) for text in ("one", "two")]
    survivors = (planned_survivor(points[0], 0, b"\x00\xff", b"b"), planned_survivor(points[1], 1, b"b", b"c"))
    commit(catalog, plan.model_copy(update={"points": tuple(points), "survivors": survivors}))

    def found(*bands: bytes) -> list[str]:
        return [row.point_id for row in by_bands(catalog, TENANT, bands)]

    both = [point.point_id for point in points]
    assert found(b"\x00\xff", b"b", b"c") == both
    assert found(b"\x00\xff") == both[:1]
    assert found(b"c", b"unknown") == both[1:]
    assert found() == []
    assert by_bands(catalog, "other", [b"b"]) == []


def test_a_chunk_that_leaves_stands_for_nobody(catalog: Catalog, run: int) -> None:
    (point,) = commit(catalog, arrival(catalog, run, "a.md", "one")).points
    leaving = {"leaving": (point.payload.chunk_id,), "retire": (point.point_id,)}
    commit(catalog, plan_of(catalog, run).model_copy(update=leaving))

    assert by_text(catalog, TENANT, text_digest("one")) == []
    assert by_bands(catalog, TENANT, [b"band"]) == []


def test_a_survivor_keeps_its_place_when_its_row_is_written_anew(catalog: Catalog, run: int) -> None:
    (old,) = commit(catalog, arrival(catalog, run, "a.md", "same")).points
    commit(catalog, arrival(catalog, run, "b.md", "same"))
    new = planned_point("a.md", "same", 3)
    moved = PlannedSurvivor(
        chunk_id=new.payload.chunk_id,
        doc_id=new.payload.doc_id,
        point_id=new.point_id,
        text_digest="",
        bands=(),
        place=0,
    )
    commit(
        catalog,
        plan_of(catalog, run).model_copy(update={"points": (new,), "retire": (old.point_id,), "survivors": (moved,)}),
    )

    rows = by_text(catalog, TENANT, text_digest("same"))
    assert [row.doc_id for row in rows] == [document_id("a.md"), document_id("b.md")]
    assert rows[0].point_id == new.point_id
    assert rows == by_bands(catalog, TENANT, [text_digest("same")])


# ---------------------------------------------------------------------------- runs


def test_runs_are_numbered_and_an_open_one_is_over_when_the_next_begins(catalog: Catalog) -> None:
    first, second = catalog.runs.begin("r1", 10), catalog.runs.begin("r2", 20)
    summary = RunSummary(run_id="r2", seen=1, parsed=1, seconds={"total": 1.5})
    catalog.runs.finish(second, "done", 30, summary)

    newest, oldest = catalog.runs.last(5, "default")
    assert (first, second) == (1, 2)
    assert (newest.number, newest.run_id, newest.state, newest.started_ns, newest.finished_ns) == (
        2,
        "r2",
        "done",
        20,
        30,
    )
    assert RunSummary.model_validate_json(newest.summary) == summary
    assert (oldest.state, oldest.finished_ns, oldest.summary) == ("interrupted", None, "")
    assert [row.number for row in catalog.runs.last(1, "default")] == [2]


def test_a_run_without_a_summary_can_be_finished(catalog: Catalog, run: int) -> None:
    catalog.runs.finish(run, "failed", 5, None)

    assert [(row.state, row.summary) for row in catalog.runs.last(1, "default")] == [("failed", "")]


def collection(name: str) -> CollectionRow:
    return CollectionRow(name, f"fingerprint of {name}", "all-MiniLM-L6-v2", '{"embed.model": "a"}', 384)


def test_the_first_collection_stays(catalog: Catalog) -> None:
    assert catalog.collections.active() is None

    catalog.collections.remember_active(collection("c1"))
    catalog.collections.remember_active(replace(collection("c1"), fingerprint="another", settings="{}"))

    assert catalog.collections.active() == replace(collection("c1"), number=1)


# ------------------------------------------------------------------ the collection beside


def copied(catalog: Catalog, number: int, limit: int = 100) -> list[SourceRow]:
    """What is left is written there."""
    rows = catalog.beside.left(number, None, limit)
    catalog.beside.put(
        number, [CopiedRow(row.point_id, digest(row.point_id.encode()), digest(b"v"), row.to_seq) for row in rows]
    )
    return rows


@pytest.fixture
def built(catalog: Catalog, run: int) -> CollectionRow:
    """Three points are in the active one, of which one is retired; none was copied."""
    catalog.collections.remember_active(collection("old"))
    plan = commit(catalog, arrival(catalog, run, "a.md", "one", "two"))
    commit(catalog, arrival(catalog, run, "b.md", "three"))
    commit(catalog, plan_of(catalog, run).model_copy(update={"retire": (plan.points[0].point_id,)}))
    return catalog.collections.begin(collection("new"))


def current(catalog: Catalog) -> list[PointRow]:
    return catalog.history.current_points([document_id("a.md"), document_id("b.md")])


def test_what_is_left_comes_in_order_and_piece_by_piece(catalog: Catalog, built: CollectionRow) -> None:
    first = catalog.beside.left(built.number, None, 2)
    others = catalog.beside.left(built.number, first[-1], 2)

    assert [row.doc_id for row in (*first, *others)] == [document_id(path) for path in ("a.md", "a.md", "b.md")]
    assert [row.to_seq for row in (*first, *others)] == [3, OPEN, OPEN]
    assert catalog.beside.count_left(built.number) == 3
    assert copied(catalog, built.number, limit=2) == first
    assert catalog.beside.left(built.number, None, 9) == others
    assert (catalog.beside.count_left(built.number), catalog.beside.count(built.number)) == (1, 2)


def test_what_ended_and_what_went_since_is_told(catalog: Catalog, run: int, built: CollectionRow) -> None:
    rows = copied(catalog, built.number)
    assert catalog.beside.ended(built.number, 9) == catalog.beside.gone(built.number, 9) == []

    commit(catalog, plan_of(catalog, run).model_copy(update={"retire": (rows[1].point_id,)}))
    assert catalog.beside.ended(built.number, 9) == [(rows[1].point_id, 4)]
    catalog.beside.end(built.number, [(rows[1].point_id, 4)])
    assert catalog.beside.ended(built.number, 9) == []

    catalog.database.execute("DELETE FROM points WHERE to_seq = 4")
    assert catalog.beside.gone(built.number, 9) == [rows[1].point_id]
    catalog.beside.forget(built.number, [rows[1].point_id])
    assert catalog.beside.gone(built.number, 9) == []
    assert catalog.beside.known(built.number, [row.point_id for row in rows]) == {rows[0].point_id, rows[2].point_id}
    assert catalog.beside.page(built.number, None, 9) == sorted((rows[0].point_id, rows[2].point_id))


def test_points_are_counted_by_tenant(catalog: Catalog, built: CollectionRow) -> None:
    assert catalog.beside.points_of_tenants() == {TENANT: PointCounts(current=2, duplicates=0, all=3)}
    copied(catalog, built.number)
    assert len(catalog.beside.sample(built.number, 9)) == 2


def test_a_switch_exchanges_what_is_known_of_points_and_another_undoes_it(
    catalog: Catalog, run: int, built: CollectionRow
) -> None:
    was = current(catalog)
    copied(catalog, built.number)

    catalog.beside.switch(run)

    assert [(row.payload_digest, row.vector_key) for row in current(catalog)] == [
        (digest(row.point_id.encode()), digest(b"v")) for row in was
    ]
    active, kept = catalog.collections.active(), catalog.collections.beside()
    assert active is not None and kept is not None
    assert (active.name, kept.name, kept.state) == ("new", "old", CollectionState.KEPT)
    assert catalog.beside.count_left(kept.number) == 0

    catalog.beside.switch(run)
    assert current(catalog) == was


def test_nothing_is_switched_while_anything_is_left(catalog: Catalog, run: int, built: CollectionRow) -> None:
    copied(catalog, built.number, limit=2)
    with pytest.raises(InvariantError, match="does not hold what"):
        catalog.beside.switch(run)


def test_a_late_switch_is_refused(catalog: Catalog, run: int, built: CollectionRow) -> None:
    copied(catalog, built.number)
    newer = catalog.runs.begin("r2", 2)
    with pytest.raises(InvariantError, match="another run"):
        catalog.beside.switch(run)
    catalog.history.open_intent(arrival(catalog, newer, "c.md", "four"))
    with pytest.raises(InvariantError, match="another run"):
        catalog.beside.switch(newer)


def test_one_collection_stands_beside_the_active_one_at_most(catalog: Catalog, built: CollectionRow) -> None:
    copied(catalog, built.number)
    assert catalog.collections.begin(collection("new")) == built
    assert catalog.beside.count_left(built.number) == 0
    with pytest.raises(InvariantError, match="another collection"):
        catalog.collections.begin(collection("third"))

    catalog.collections.forget(built)

    assert catalog.collections.beside() is None
    assert catalog.beside.count(built.number) == 0
    assert catalog.collections.begin(collection("third")).state is CollectionState.BUILDING


# ------------------------------------------------------------------ two connections


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


# ------------------------------------------------------------------------ measures


def measured(catalog: Catalog, measure: Measure, tenant: str = TENANT) -> dict[tuple[str, str], float]:
    rows = [row for row in catalog.measures.all() if (row.measure, row.tenant) == (measure, tenant)]
    return {(row.source, row.label): row.value for row in rows}


def test_a_measure_is_put_in_place_of_what_was_told_before_each_tenant_and_source_its_own(catalog: Catalog) -> None:
    put, verdict = catalog.measures.put, Measure.REPORT_VERDICT
    put(verdict, TENANT, {("", "good"): 1, ("", "bad"): 0}, 1)
    put(verdict, TENANT, {("manuals", "good"): 1}, 2, only_source="manuals")
    put(verdict, "other", {("", "bad"): 1}, 3)
    put(verdict, TENANT, {("", "bad"): 1}, 4, only_source="")

    assert measured(catalog, verdict) == {("", "bad"): 1, ("manuals", "good"): 1}
    assert measured(catalog, verdict, "other") == {("", "bad"): 1}
    put(verdict, TENANT, {}, 5)
    assert measured(catalog, verdict) == {}


def test_sums_grow_by_what_a_run_tells_and_by_its_steps(catalog: Catalog) -> None:
    first = catalog.runs.begin("abc", 1, TENANT)
    summary = RunSummary(
        run_id="abc", seen=3, parsed=2, failed=1, embedded=7, pages={"ocr": 4}, seconds={"total": 3, "parse": 2.5}
    )
    catalog.runs.finish(first, "done", 2, summary)
    catalog.runs.finish(first, "done", 2, summary)  # it is over: nothing is counted twice
    catalog.measures.add(TENANT, [(Measure.PAGES, "ocr", 6), (Measure.PAGES, "digital", 1)], 3)
    catalog.runs.begin("def", 4, TENANT)
    catalog.runs.begin("ghi", 5, TENANT)

    assert measured(catalog, Measure.PAGES) == {("", "ocr"): 10, ("", "digital"): 1}
    assert measured(catalog, Measure.FILES)["", "parsed"] == 2
    assert measured(catalog, Measure.CHUNKS)["", "embedded"] == 7
    assert measured(catalog, Measure.STAGE_SECONDS) == {("", "parse"): 2.5}
    assert measured(catalog, Measure.RUNS) == {("", "done"): 1, ("", "interrupted"): 1}


def test_only_runs_that_took_files_in_are_asked_for_by_a_monitor(catalog: Catalog) -> None:
    for name, state in (("aaa", "done"), ("bbb", "failed"), ("rollback-ccc", "done"), ("purge-ddd", "done")):
        catalog.runs.finish(catalog.runs.begin(name, 1, TENANT), state, 2, None)
    catalog.runs.finish(catalog.runs.begin("eee", 1, "other"), "done", 2, None)

    assert [row.run_id for row in catalog.runs.intake(TENANT, 5)] == ["bbb", "aaa"]
    assert [row.run_id for row in catalog.runs.intake(TENANT, 5, "done")] == ["aaa"]


def test_a_recount_says_what_the_tables_hold(catalog: Catalog, run: int) -> None:
    catalog.files.remember_source(TENANT, "empty", SourceKind.MIRROR, "/srv/empty")
    first = commit(catalog, arrival(catalog, run, "a.md", "one")).points[0]
    plan = arrival(catalog, run, "copy.md")
    copy = planned_point("copy.md", "one", plan.seq, survivor=first.payload.chunk_id)
    commit(catalog, plan.model_copy(update={"points": (copy,)}))
    change = arrival(catalog, run, "b.md", "two")
    (old,) = commit(catalog, change).points
    newer = arrival(catalog, run, "b.md", "three", version=2)
    commit(catalog, newer.model_copy(update={"retire": (old.point_id,), "leaving": (old.payload.chunk_id,)}))

    found = catalog.measures.recount(TENANT, 9)

    totals = catalog.history.totals(TENANT)
    assert (found.documents, found.points) == (totals.documents, totals.points)
    assert (totals.points, totals.duplicates, totals.history) == (3, 1, 1)
    points, documents = measured(catalog, Measure.POINTS), measured(catalog, Measure.DOCUMENTS)
    assert sum(n for (_, label), n in points.items() if label == "current") == totals.points
    assert sum(n for (_, label), n in points.items() if label == "duplicate") == totals.duplicates
    assert sum(n for (_, label), n in points.items() if label == "history") == totals.history
    assert sum(n for (_, label), n in documents.items() if label == "live") == totals.documents
    assert documents["empty", "live"] == points["empty", "current"] == 0
    assert {row.at_ns for row in catalog.measures.all() if row.measure is Measure.POINTS} == {9}


# ------------------------------------------------------------------------ what reports told


def test_what_was_told_is_kept_newest_first_each_kind_tenant_and_source_its_own(catalog: Catalog) -> None:
    put, last = catalog.kept.put, catalog.kept.last
    put(Kind.REPORT, TENANT, "one", 1, run_id="run-1")
    put(Kind.REPORT, TENANT, "two", 2)
    put(Kind.REPORT, TENANT, "of a source", 3, source=SOURCE)
    put(Kind.EVALUATION, TENANT, "asked", 4)
    put(Kind.REPORT, "other", "theirs", 5)

    assert last(Kind.REPORT, TENANT, 9) == [
        KeptRow(Kind.REPORT, None, None, 2, "two"),
        KeptRow(Kind.REPORT, None, "run-1", 1, "one"),
    ]
    assert [row.body for row in last(Kind.REPORT, TENANT, 1)] == ["two"]
    assert [row.body for row in last(Kind.REPORT, TENANT, 9, source=SOURCE)] == ["of a source"]
    assert [row.body for row in last(Kind.EVALUATION, TENANT, 9)] == ["asked"]


def test_the_oldest_of_what_was_told_goes_and_other_scopes_keep_theirs(catalog: Catalog) -> None:
    catalog.kept.put(Kind.REPORT, TENANT, "of a source", 0, source=SOURCE)
    for number in range(KEPT + 2):
        catalog.kept.put(Kind.REPORT, TENANT, str(number), number)

    bodies = [row.body for row in catalog.kept.last(Kind.REPORT, TENANT, KEPT + 9)]
    assert (len(bodies), bodies[0], bodies[-1]) == (KEPT, str(KEPT + 1), "2")
    assert len(catalog.kept.last(Kind.REPORT, TENANT, 9, source=SOURCE)) == 1


def test_what_was_told_of_a_tenant_can_be_forgotten(catalog: Catalog) -> None:
    for tenant in (TENANT, "other"):
        catalog.kept.put(Kind.EVALUATION, tenant, "asked", 1)
    catalog.kept.put(Kind.REPORT, TENANT, "told", 1)

    catalog.kept.forget(Kind.EVALUATION, TENANT)

    assert catalog.kept.last(Kind.EVALUATION, TENANT, 9) == []
    assert len(catalog.kept.last(Kind.EVALUATION, "other", 9)) == len(catalog.kept.last(Kind.REPORT, TENANT, 9)) == 1
