"""Promises, commits, versions and rows of the index."""

from __future__ import annotations

import pytest
from catalog_plans import (
    NOBODY,
    SOURCE,
    TENANT,
    arrival,
    commit,
    document_id,
    failure,
    file_row,
    plan_of,
    planned_documents,
    planned_point,
)

from ingest.catalog.catalog import Catalog
from ingest.catalog.keys import uuid_text
from ingest.catalog.plan import PlannedDocument
from ingest.catalog.rows import FileRow
from schemas.errors import InvariantError
from schemas.ids import digest
from schemas.point import OPEN


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
