"""Collect: the numbers of a report, from the catalog and the store, a document at a time.

Nobody is waited for: while a run goes on, the numbers are of the moment. Nothing is written, unless the figures of
documents are to be kept for the next report.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from chunkers.cohesion import LexicalCohesion
from ingest.catalog.rows import DocumentRow, RunRow
from ingest.context import Context
from ingest.reports.document_figures import DocumentFigures, Limits
from ingest.reports.gathering import Gatherer
from ingest.reports.headlines import with_trend
from ingest.reports.lengths import Budget
from ingest.reports.outcomes import Inventory, copies_among, failure_line, file_outcomes, source_lines
from ingest.reports.passages import sampled_chunks, worst_chunks
from ingest.reports.picks import Picks
from ingest.reports.totals import Totals, by_name, total_of
from ingest.reports.verdict import gates_of, judged
from schemas.errors import ConfigError
from schemas.figures import ChunkSample
from schemas.quality import LISTED, DocumentCounts, PointCounts, QualityReport, RunLine
from schemas.report import RunSummary

_RUNS = 5
STAGE = "report"


def collect(
    context: Context,
    *,
    token_limit: int | None,
    source: str | None = None,
    as_of: int | None = None,
    keep: bool = False,
) -> QualityReport:
    """`token_limit`: what the embedder reads, where that is known. `as_of`: of the documents as they were live after
    that commit. `keep`: figures that are counted anew are kept. Raises `ConfigError` for a source that is not there
    and for a commit that cannot be looked back at, `StoreDown` when catalog or store cannot be reached."""
    catalog, settings = context.catalog, context.settings
    # All that is compared is read before the documents are, which may take minutes: runs come and go meanwhile.
    runs, collection = catalog.runs.last(_RUNS, settings.tenant), catalog.collections.active()
    inventory = inventory_of(context, source, as_of)
    current, through_survivor = catalog.history.point_counts(settings.tenant, source, as_of)
    totals = totals_of(context, inventory, token_limit, keep=keep)
    files, chunks, joints, headings = file_outcomes(inventory), totals.chunks(), totals.joints(), totals.headings()
    findings = totals.gravest()
    report = QualityReport(
        home=os.fsencode(context.home.path).decode("utf-8", "backslashreplace"),
        tenant=settings.tenant,
        source=source,
        model=collection.model if collection else None,
        made_at=_time(context.clock()),
        gates=gates_of(settings.report, files, joints, chunks, headings),
        runs=tuple(map(_run_line, runs)),
        sources=source_lines(inventory),
        files=files,
        documents=_document_counts(inventory, totals),
        pages=totals.pages(),
        chunks=chunks,
        tables=totals.tables(),
        integrity=totals.integrity(),
        joints=joints,
        headings=headings,
        standing=totals.standing(),
        coherence=totals.coherence(),
        redundancy=totals.redundancy(),
        completeness=totals.completeness(),
        points=PointCounts(current=current, through_survivor=through_survivor),
        findings=tuple(findings[:LISTED]),
        findings_total=len(findings),
        failures=tuple(map(failure_line, inventory.failures[:LISTED])),
        failures_total=len(inventory.failures),
        as_of=as_of,
        distributions=totals.distributions(),
        groups=totals.groups.told(totals.budget),
        faults=totals.by_fault(),
        faulty=totals.faulty,
        worst=worst_chunks(context, totals.picks.worst()),
        sample=ChunkSample(total=totals.picks.total, chunks=sampled_chunks(context, totals.picks.sample())),
    )
    return with_trend(context, judged(report))


def inventory_of(context: Context, source: str | None, as_of: int | None = None) -> Inventory:
    """Raises `ConfigError`."""
    catalog, tenant = context.catalog, context.settings.tenant
    roots = catalog.files.roots(tenant)
    if source is not None and source not in roots:
        known = ", ".join(f"'{name}'" for name in sorted(roots)) or "none yet"
        raise ConfigError(f"this home has no source '{source}'; its sources: {known}")
    chosen = {name: root for name, root in roots.items() if source in {None, name}}
    if as_of is not None:
        catalog.versions.check(tenant, as_of)
    documents = catalog.history.live_documents(tenant, as_of)
    return Inventory(
        roots=chosen,
        files={name: catalog.files.of_source(tenant, name) for name in chosen},
        documents=[row for row in documents if source in {None, row.source}],
        copies=copies_among(documents),
        failures=catalog.files.failures(tenant, source),
    )


def totals_of(context: Context, inventory: Inventory, token_limit: int | None, *, keep: bool) -> Totals:
    settings = context.settings
    budget = Budget(settings.chunk, token_limit)
    limits = Limits(
        budget=budget.tokens,
        minimum=settings.chunk.min_tokens,
        target=settings.chunk.target_tokens,
        unknown_warning=settings.search.unknown_warning,
    )
    cohesion = LexicalCohesion.fingerprint
    totals = Totals(budget, limits.unknown_warning, cohesion, Picks(inventory.copies))
    return total_of(totals, _told(context, inventory.documents, Gatherer(context, limits, keep=keep)))


def _told(
    context: Context, documents: Sequence[DocumentRow], gatherer: Gatherer
) -> Iterator[tuple[DocumentRow, DocumentFigures | None]]:
    context.progress.expect(STAGE, len(documents))
    for found in gatherer.gather(documents):
        yield found
        context.progress.advance(STAGE)


def _document_counts(inventory: Inventory, totals: Totals) -> DocumentCounts:
    rows = inventory.documents
    return DocumentCounts(
        total=len(rows),
        members=sum(bool(row.top) for row in rows),
        copies=sum(row.doc_id in inventory.copies for row in rows),
        stale=sum(row.stale for row in rows),
        unread=totals.unread,
        without_parse=totals.without_parse,
        without_headings=totals.without_headings,
        by_parser=by_name(totals.parsers),
    )


def _run_line(row: RunRow) -> RunLine:
    return RunLine(
        run_id=row.run_id,
        state=row.state,
        started_at=_time(row.started_ns),
        finished_at=_time(row.finished_ns) if row.finished_ns is not None else None,
        summary=RunSummary.model_validate_json(row.summary) if row.summary else None,
    )


def _time(at_ns: int) -> datetime:
    return datetime.fromtimestamp(at_ns // 1_000_000_000, UTC)
