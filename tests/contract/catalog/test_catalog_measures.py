"""What monitors and reports are told."""

from __future__ import annotations

from catalog_plans import SOURCE, TENANT, arrival, commit, planned_point

from ingest.catalog.catalog import Catalog
from ingest.catalog.kept import KEPT, KeptRow, Kind
from ingest.catalog.measures import Measure
from schemas.report import RunSummary
from schemas.source import SourceKind

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


# --------------------------------------------------------------- what reports told


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
