"""Runs, collections, and one that is built beside another."""

from __future__ import annotations

from dataclasses import replace

import pytest
from catalog_plans import TENANT, arrival, commit, document_id, plan_of

from ingest.catalog.beside import CopiedRow, PointCounts, SourceRow
from ingest.catalog.catalog import Catalog
from ingest.catalog.collections import CollectionRow, CollectionState
from ingest.catalog.rows import PointRow
from schemas.errors import InvariantError
from schemas.ids import digest
from schemas.point import OPEN
from schemas.report import RunSummary

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


# ----------------------------------------------------------- the collection beside


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
