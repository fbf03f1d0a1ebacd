"""What the metrics of a home are now. Costs the same however much the home holds: nothing is counted here.

Only the drop folder is looked into file by file, and those are few as long as somebody takes them in.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

from ingest.catalog.catalog import Catalog, open_catalog
from ingest.catalog.measures import CHUNK_EVENTS, FILE_OUTCOMES, Measure, MeasureRow
from ingest.catalog.postgres import PostgresDatabase
from ingest.catalog.rows import RunRow
from ingest.config import Settings
from ingest.context import Home, borrow_catalog
from ingest.metrics import names
from ingest.metrics.names import Metric
from ingest.options.index import IndexEngine
from ingest.sources.drop_waiting import count_waiting
from ingest.sources.folder import FolderRules
from ingest.sources.places import Root, place_of
from schemas.document import PageMethod
from schemas.errors import ConfigError, DocstrataError, StoreDown
from schemas.report import RunSummary

_WAIT_S = 5.0
"""A scrape gives up before the monitor does."""
_STATES = ("running", "done", "failed", "interrupted")

_BY_LABEL: dict[tuple[Measure, str], Metric] = {
    (Measure.DOCUMENTS, "live"): names.DOCUMENTS,
    (Measure.DOCUMENTS, "stale"): names.STALE,
    (Measure.POINTS, "current"): names.POINTS,
    (Measure.POINTS, "duplicate"): names.DUPLICATES,
    (Measure.POINTS, "history"): names.HISTORY,
    (Measure.PAGES_FAILED, ""): names.PAGES_FAILED,
}
"""Measures of a source whose label chooses the metric."""

_OF_SOURCE: dict[Measure, Metric] = {
    Measure.QUARANTINE: names.QUARANTINED,
    Measure.REPORT_VERDICT: names.VERDICT,
    Measure.REPORT_GATE: names.GATE_VALUE,
    Measure.REPORT_LIMIT: names.GATE_LIMIT,
}
"""Labels: tenant, source and the measure's own."""

_OF_TENANT: dict[Measure, Metric] = {
    Measure.RUNS: names.RUNS,
    Measure.FILES: names.FILES,
    Measure.CHUNKS: names.CHUNKS,
    Measure.PAGES: names.PAGES,
    Measure.DOCUMENTS_READ: names.READ,
    Measure.STAGE_SECONDS: names.STAGE_SECONDS,
}
"""Labels: tenant and the measure's own."""

_SUMS: dict[Measure, tuple[str, ...]] = {
    Measure.RUNS: ("done", "failed", "interrupted"),
    Measure.FILES: FILE_OUTCOMES,
    Measure.CHUNKS: CHUNK_EVENTS,
    Measure.DOCUMENTS_READ: ("parsed", "adopted"),
    Measure.PAGES: tuple(method.value for method in PageMethod),
}
"""Labels that are known before anything was counted."""


@dataclass(frozen=True, slots=True)
class Reading:
    """`labels` are the values of the metric's labels, in its order."""

    metric: Metric
    value: float
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a home is, and what is known of it from outside. `inbox`: its drop folder, where there is one."""

    home: Home
    settings: Settings
    inbox: Root | None = None


def read_home(place: Place) -> list[Reading]:
    """Raises `StoreDown` when the catalog cannot be read, and `SchemaMismatch` when it is from the future."""
    with _opened(place) as catalog:
        rows, tenants = catalog.measures.all(), catalog.files.tenants()
        return [
            *_measured(rows),
            *_not_yet(rows, tenants),
            *_runs(catalog, tenants),
            Reading(names.OPEN_COMMITS, catalog.history.count_open_intents()),
            *_sizes(place),
        ]


def read_surroundings(place: Place) -> list[Reading]:
    """What can be told although the catalog cannot be read."""
    return [Reading(names.BUILD, 1, (metadata.version("docstrata"),)), *_disk(place.home.path), *_inbox(place)]


@contextmanager
def _opened(place: Place) -> Iterator[Catalog]:
    """Of a home that cannot be written a copy, made anew for each answer."""
    home, options = place.home, place.settings.catalog
    wait_s = min(_WAIT_S, options.wait_s)
    if options.url is not None:
        with closing(Catalog(PostgresDatabase(options.url.get_secret_value(), wait_s=wait_s))) as catalog:
            yield catalog
        return
    if not home.catalog.is_file():  # to open one makes it
        raise StoreDown(f"there is no catalog in {home.path} any more: was the home moved, or is it not mounted?")
    if home.unwritable() is None:
        with closing(open_catalog(home.catalog, wait_s=wait_s)) as catalog:
            yield catalog
        return
    with (
        closing(borrow_catalog(home, options)) as folder,
        closing(open_catalog(replace(home, beside=folder.path).catalog, wait_s=wait_s)) as catalog,
    ):
        yield catalog


# ---------------------------------------------------------------------- the catalog


def _measured(rows: Sequence[MeasureRow]) -> Iterator[Reading]:
    for row in rows:
        by_label = _BY_LABEL.get((row.measure, row.label))
        if by_label is not None:
            yield Reading(by_label, row.value, (row.tenant, row.source))
        elif row.measure in _OF_SOURCE:
            yield Reading(_OF_SOURCE[row.measure], row.value, (row.tenant, row.source, row.label))
        elif row.measure in _OF_TENANT and row.tenant:  # upkeep of the whole home is nobody's run
            yield Reading(_OF_TENANT[row.measure], row.value, (row.tenant, row.label))
        elif row.measure is Measure.RECONCILE:
            yield Reading(names.RECONCILE, row.value, (row.label,))
        elif row.measure is Measure.INDEX_DIFFERENCE:
            yield Reading(names.INDEX_DIFFERENCE, row.value, (row.tenant,))
        elif row.measure is Measure.STORE:
            yield Reading(names.STORE_BYTES, row.value, (row.label,))
    yield from _times(rows, Measure.DOCUMENTS, names.COUNTED_AT, lambda row: (row.tenant,))
    yield from _times(rows, Measure.REPORT_VERDICT, names.REPORT_AT, lambda row: (row.tenant, row.source))
    yield from _times(rows, Measure.RECONCILE, names.RECONCILE_AT, lambda row: ())


def _times(
    rows: Sequence[MeasureRow], measure: Measure, metric: Metric, labels: Callable[[MeasureRow], tuple[str, ...]]
) -> Iterator[Reading]:
    found = {labels(row): row.at_ns / 1e9 for row in rows if row.measure is measure and row.at_ns}
    for values, at_s in found.items():
        yield Reading(metric, at_s, values)


def _not_yet(rows: Sequence[MeasureRow], tenants: Sequence[str]) -> Iterator[Reading]:
    """Sums that nothing was added to, as 0: a sum that appeared with its first value would never have grown."""
    known = {(row.measure, row.tenant, row.label) for row in rows}
    for tenant in tenants:
        for measure, labels in _SUMS.items():
            for label in labels:
                if (measure, tenant, label) not in known:
                    yield Reading(_OF_TENANT[measure], 0, (tenant, label))


def _runs(catalog: Catalog, tenants: Sequence[str]) -> Iterator[Reading]:
    for tenant in tenants:
        last = catalog.runs.intake(tenant, 2)
        if not last:
            continue
        for state in _STATES:
            yield Reading(names.RUN_STATE, float(last[0].state == state), (tenant, state))
        yield Reading(names.RUN_STARTED_AT, last[0].started_ns / 1e9, (tenant,))
        ended = next((row for row in last if row.finished_ns is not None), None)
        if ended is not None:
            yield from _ended(tenant, ended)
        done = next(iter(catalog.runs.intake(tenant, 1, "done")), None)
        if done is not None and done.finished_ns is not None:
            yield Reading(names.SUCCESS_AT, done.finished_ns / 1e9, (tenant,))


def _ended(tenant: str, run: RunRow) -> Iterator[Reading]:
    ended_ns = run.finished_ns or run.started_ns
    yield Reading(names.RUN_ENDED_AT, ended_ns / 1e9, (tenant,))
    yield Reading(names.RUN_SECONDS, (ended_ns - run.started_ns) / 1e9, (tenant,))
    if not run.summary:
        return
    summary = RunSummary.model_validate_json(run.summary)
    for outcome in FILE_OUTCOMES:
        yield Reading(names.RUN_FILES, getattr(summary, outcome), (tenant, outcome))
    for event in CHUNK_EVENTS:
        yield Reading(names.RUN_CHUNKS, getattr(summary, event), (tenant, event))
    for method, pages in summary.pages.items():
        yield Reading(names.RUN_PAGES, pages, (tenant, method))
    for stage, seconds in summary.seconds.items():
        if stage != "total":
            yield Reading(names.RUN_STAGE_SECONDS, seconds, (tenant, stage))


# ---------------------------------------------------------------------------- files


def _sizes(place: Place) -> Iterator[Reading]:
    home = place.home
    if place.settings.catalog.url is None:
        log = home.catalog.with_name(f"{home.catalog.name}-wal")
        yield Reading(names.CATALOG_BYTES, sum(_size(file) for file in (home.catalog, log)))
    if place.settings.index.engine is IndexEngine.EDGE:
        # An embedded index has some dozens of files, of segments, whatever it holds.
        files = (Path(folder, file) for folder, _, inside in os.walk(home.index) for file in inside)
        yield Reading(names.INDEX_BYTES, sum(map(_size, files)))


def _size(file: Path) -> int:
    """On the disk, not as it is mapped: an index's files are made large and filled later."""
    try:
        return file.stat().st_blocks * 512
    except FileNotFoundError:
        return 0  # the engine has just replaced it


def _disk(home: Path) -> Iterator[Reading]:
    try:
        usage = shutil.disk_usage(home)
    except OSError:
        return  # `up` tells
    yield Reading(names.DISK_FREE, usage.free)
    yield Reading(names.DISK_SIZE, usage.total)


def _inbox(place: Place) -> Iterator[Reading]:
    if place.inbox is None:
        return
    source = place.settings.source
    try:
        found = count_waiting(place.inbox, FolderRules(source.include, source.exclude, source.hidden))
    except DocstrataError:
        yield Reading(names.INBOX_UP, 0)
        return
    yield Reading(names.INBOX_UP, 1)
    yield Reading(names.INBOX_FILES, found.waiting, ("waiting",))
    yield Reading(names.INBOX_FILES, found.claimed, ("claimed",))
    if found.oldest_ns is not None:
        yield Reading(names.INBOX_OLDEST_AT, found.oldest_ns / 1e9)


def inbox_of(settings: Settings, given: str | None) -> Root | None:
    """The drop folder that is watched: `given`, else that of the DAGs. Raises `ConfigError` when it is not there."""
    named = given or settings.airflow.inbox
    root = place_of(named).root if named else None
    if given and isinstance(root, Path) and not root.is_dir():
        raise ConfigError(f"there is no folder {given}: name the drop folder that shall be watched")
    return root
