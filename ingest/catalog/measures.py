"""What a monitor asks for, kept where it costs one look: counts as they last were, and sums over all runs.

A scrape must not count a million rows. So whoever changes the catalog writes its numbers here when it is
done: `recount` reads them from the tables, so that they cannot drift away from what is there.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ingest.catalog.database import Database
from schemas.point import OPEN
from schemas.report import RunSummary


class Measure(StrEnum):
    """Names in the table; what `label` is stands behind each. Those of `_total` only grow."""

    DOCUMENTS = "documents"  # live, stale
    POINTS = "points"  # current, duplicate, history; duplicates are current as well
    QUARANTINE = "quarantine"  # the error's code
    PAGES_FAILED = "pages_failed"  # none
    STORE = "store"  # the stage; bytes of its artifacts, of all tenants
    REPORT_VERDICT = "report_verdict"  # good, look, bad: 1 for the one that it is
    REPORT_GATE = "report_gate"  # the gate's name
    REPORT_LIMIT = "report_limit"  # the gate's name
    RECONCILE = "reconcile"  # what is wrong with rows, of all tenants
    INDEX_DIFFERENCE = "index_difference"  # none: current points that only one of catalog and index knows
    FILES = "files_total"  # as in a run's summary
    CHUNKS = "chunks_total"  # embedded, reused, written, retired
    PAGES = "pages_total"  # how a page was read
    DOCUMENTS_READ = "documents_read_total"  # parsed, adopted
    STAGE_SECONDS = "stage_seconds_total"  # the stage
    RUNS = "runs_total"  # done, failed, interrupted


@dataclass(frozen=True, slots=True)
class MeasureRow:
    measure: Measure
    tenant: str
    source: str
    label: str
    value: float
    at_ns: int


@dataclass(frozen=True, slots=True)
class Recount:
    """Of one tenant."""

    documents: int
    points: int


Values = Mapping[tuple[str, str], float]
"""By source and label."""

_KNOWN = frozenset(Measure)


class Measures:
    def __init__(self, database: Database) -> None:
        self._db = database

    def all(self) -> list[MeasureRow]:
        """A few dozen rows for each source, however much it holds. What a newer release keeps is left out."""
        rows = self._db.rows(
            "SELECT name, tenant, source, label, value, at_ns FROM measures ORDER BY name, tenant, source, label"
        )
        return [
            MeasureRow(Measure(str(name)), str(tenant), str(source), str(label), float(str(value)), int(str(at_ns)))
            for name, tenant, source, label, value, at_ns in rows
            if name in _KNOWN
        ]

    def put(self, measure: Measure, tenant: str, values: Values, at_ns: int, *, only_source: str | None = None) -> None:
        """In place of what was told before, of that source only where one is named."""
        with self._db.transaction():
            self._put(measure, tenant, values, at_ns, only_source)

    def add(self, tenant: str, more: Iterable[tuple[Measure, str, float]], at_ns: int) -> None:
        """To sums: each a measure, its label and by how much it grows."""
        with self._db.transaction():
            add_to_sums(self._db, tenant, more, at_ns)

    def recount(self, tenant: str, at_ns: int) -> Recount:
        """Counts the tenant's documents, rows of the index and quarantine anew. Takes about a second for a
        million rows, outside of any transaction."""
        sources = [str(row[0]) for row in self._db.rows("SELECT source FROM sources WHERE tenant = ?", (tenant,))]
        documents = self._documents(tenant, sources)
        points = self._points(tenant, sources)
        quarantine = self._quarantine(tenant)
        rows = self._db.rows("SELECT stage, sum(length) FROM artifacts GROUP BY stage")
        stored = {("", str(stage)): float(str(size)) for stage, size in rows}
        with self._db.transaction():
            self._put(Measure.DOCUMENTS, tenant, documents, at_ns)
            self._put(Measure.POINTS, tenant, points, at_ns)
            self._put(Measure.QUARANTINE, tenant, quarantine, at_ns)
            self._put(Measure.PAGES_FAILED, tenant, self._pages_failed(tenant, sources), at_ns)
            self._put(Measure.STORE, "", stored, at_ns)
        return Recount(_sum(documents, "live"), _sum(points, "current"))

    # ------------------------------------------------------------------ counting

    def _documents(self, tenant: str, sources: list[str]) -> dict[tuple[str, str], float]:
        found = _zeros(sources, "live", "stale")
        rows = self._db.rows(
            "SELECT source, count(*), sum(stale) FROM documents WHERE tenant = ? AND live = 1 GROUP BY source",
            (tenant,),
        )
        for source, live, stale in rows:
            found[str(source), "live"], found[str(source), "stale"] = float(str(live)), float(str(stale))
        return found

    def _points(self, tenant: str, sources: list[str]) -> dict[tuple[str, str], float]:
        """Two questions, each of an index that answers it alone: the rows themselves lie in the order of
        their ids, and reading them all takes twenty times as long."""
        found = _zeros(sources, "current", "duplicate", "history")
        of_tenant = "FROM documents d JOIN points p ON p.doc_no = d.doc_no WHERE d.tenant = ?"
        rows = self._db.rows(
            f"SELECT d.source, sum(CASE WHEN p.to_seq = ? THEN 1 ELSE 0 END), count(*) {of_tenant} GROUP BY d.source",
            (OPEN, tenant),
        )
        for source, current, every in rows:
            found[str(source), "current"] = float(str(current))
            found[str(source), "history"] = float(str(every)) - float(str(current))
        rows = self._db.rows(
            f"SELECT d.source, count(*) {of_tenant} AND p.to_seq = ? AND p.survivor IS NOT NULL GROUP BY d.source",
            (tenant, OPEN),
        )
        for source, duplicates in rows:
            found[str(source), "duplicate"] = float(str(duplicates))
        return found

    def _quarantine(self, tenant: str) -> dict[tuple[str, str], float]:
        """A code that was there before and is not any more says 0: a monitor sees it end."""
        before = self._db.rows(
            "SELECT source, label FROM measures WHERE name = ? AND tenant = ?", (Measure.QUARANTINE.value, tenant)
        )
        rows = self._db.rows("SELECT source, failure FROM failures WHERE tenant = ?", (tenant,))
        found = Counter((str(source), str(json.loads(str(failure))["code"])) for source, failure in rows)
        return {(str(source), str(code)): 0.0 for source, code in before} | {
            key: float(count) for key, count in found.items()
        }

    def _pages_failed(self, tenant: str, sources: list[str]) -> dict[tuple[str, str], float]:
        rows = self._db.rows(
            "SELECT p.source, count(*) FROM page_failures p JOIN documents d"
            " ON d.tenant = p.tenant AND d.source = p.source AND d.path = p.path AND d.live = 1"
            " WHERE p.tenant = ? GROUP BY p.source",
            (tenant,),
        )
        return {**_zeros(sources, ""), **{(str(source), ""): float(str(count)) for source, count in rows}}

    def _put(self, measure: Measure, tenant: str, values: Values, at_ns: int, only_source: str | None = None) -> None:
        where = "" if only_source is None else " AND source = ?"
        parameters = (measure.value, tenant) if only_source is None else (measure.value, tenant, only_source)
        self._db.execute(f"DELETE FROM measures WHERE name = ? AND tenant = ?{where}", parameters)
        self._db.execute_many(
            "INSERT INTO measures (name, tenant, source, label, value, at_ns) VALUES (?, ?, ?, ?, ?, ?)",
            [(measure.value, tenant, source, label, value, at_ns) for (source, label), value in values.items()],
        )


def add_to_sums(database: Database, tenant: str, more: Iterable[tuple[Measure, str, float]], at_ns: int) -> None:
    """Within a transaction."""
    database.execute_many(
        "INSERT INTO measures (name, tenant, source, label, value, at_ns) VALUES (?, ?, '', ?, ?, ?)"
        " ON CONFLICT (name, tenant, source, label) DO UPDATE SET"
        " value = measures.value + excluded.value, at_ns = excluded.at_ns",
        [(measure.value, tenant, label, value, at_ns) for measure, label, value in more],
    )


def sums_of_run(state: str, summary: RunSummary | None) -> list[tuple[Measure, str, float]]:
    """By how much a run that has ended lets the sums grow. Pages: those that it has read itself."""
    grown: list[tuple[Measure, str, float]] = [(Measure.RUNS, state, 1)]
    if summary is None:
        return grown
    grown += [(Measure.FILES, name, getattr(summary, name)) for name in FILE_OUTCOMES]
    grown += [(Measure.CHUNKS, name, getattr(summary, name)) for name in CHUNK_EVENTS]
    grown += [(Measure.DOCUMENTS_READ, "adopted", summary.adopted), (Measure.DOCUMENTS_READ, "parsed", summary.read)]
    grown += [(Measure.PAGES, method, count) for method, count in summary.pages.items()]
    grown += [(Measure.STAGE_SECONDS, stage, s) for stage, s in summary.seconds.items() if stage != "total"]
    return grown


FILE_OUTCOMES = ("seen", "parsed", "unchanged", "duplicates", "failed", "ignored", "renamed", "removed")
CHUNK_EVENTS = ("embedded", "reused", "written", "retired")
"""Fields of `RunSummary`."""


def _zeros(sources: Iterable[str], *labels: str) -> dict[tuple[str, str], float]:
    """A source that holds nothing yet says so."""
    return {(source, label): 0.0 for source in sources for label in labels}


def _sum(values: Values, label: str) -> int:
    return int(sum(value for (_, named), value in values.items() if named == label))
