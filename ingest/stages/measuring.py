"""The numbers that a monitor asks for, kept up to date while a run goes on and when it has ended."""

from __future__ import annotations

import time

from ingest.catalog.measures import Measure
from ingest.context import Context
from ingest.stages.findings import Damage, Reconciled
from schemas.errors import StoreDown
from schemas.quality import QualityReport
from schemas.verdict import Verdict

_AT_LEAST_S = 15.0
_TIMES_AS_LONG = 100
"""Between two counts in mid-run lies so many times what one takes: counting costs a hundredth of a run at most."""


def recount(context: Context) -> int:
    """Counts the tenant's documents, points and quarantine for whoever asks next. Returns the current points."""
    return context.catalog.measures.recount(context.settings.tenant, context.clock()).points


class Recounting:
    """Counts now and then."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._next_at = time.monotonic() + _AT_LEAST_S

    def now_and_then(self) -> None:
        began = time.monotonic()
        if began < self._next_at:
            return
        recount(self._context)
        ended = time.monotonic()
        self._next_at = ended + max(_AT_LEAST_S, _TIMES_AS_LONG * (ended - began))


def tell_findings(context: Context, found: Reconciled) -> None:
    """What a comparison row by row has left unmended."""
    if found.repaired:
        left = {("", "lost"): float(len(found.lost))}
        tell_difference(context, 0, 0)
    else:
        left = {("", damage.name.lower()): float(found.damage[damage]) for damage in Damage}
        left["", "stale_mark"] = float(len(found.stale))
    context.catalog.measures.put(Measure.RECONCILE, "", left, context.clock())


def tell_difference(context: Context, in_catalog: int, in_index: int) -> None:
    """Of the tenant's current points."""
    difference = {("", ""): float(abs(in_catalog - in_index))}
    context.catalog.measures.put(Measure.INDEX_DIFFERENCE, context.settings.tenant, difference, context.clock())


def tell_report(context: Context, report: QualityReport) -> None:
    """Its verdict, and the values and limits of its gates. Where the catalog cannot be written, a monitor goes on with
    what it was told before."""
    measures, tenant, now = context.catalog.measures, context.settings.tenant, context.clock()
    about = report.source or ""
    verdicts = {(about, verdict.value): float(verdict is report.verdict) for verdict in Verdict}
    values = {(about, gate.name): gate.value for gate in report.gates if gate.value is not None}
    limits = {(about, gate.name): gate.limit for gate in report.gates}
    try:
        measures.put(Measure.REPORT_VERDICT, tenant, verdicts, now, only_source=about)
        measures.put(Measure.REPORT_GATE, tenant, values, now, only_source=about)
        measures.put(Measure.REPORT_LIMIT, tenant, limits, now, only_source=about)
    except StoreDown as error:
        context.progress.say(f"monitors are not told of this report: {error}")
