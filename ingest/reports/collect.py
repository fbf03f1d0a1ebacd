"""Collect: the numbers of a report, from the catalog and the store, a document at a time.

Nobody is waited for: while a run goes on, the numbers are of the moment. Nothing is written, unless the figures of
documents are to be kept for the next report.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import ValidationError

from chunkers.cohesion import LexicalCohesion
from ingest.catalog.kept import Kind
from ingest.catalog.rows import DocumentRow, RunRow
from ingest.checks.checking import Checked, Checks
from ingest.checks.tokens import Instruments
from ingest.context import Context
from ingest.reports.check_gates import gates_of_checks
from ingest.reports.document_figures import DocumentFigures, Limits
from ingest.reports.gates import gates_of
from ingest.reports.gathering import Gatherer
from ingest.reports.headlines import with_trend
from ingest.reports.lengths import Budget
from ingest.reports.outcomes import Inventory, copies_among, failure_line, file_outcomes, source_lines
from ingest.reports.passages import sampled_chunks, worst_chunks
from ingest.reports.picks import Picks
from ingest.reports.retrieval_gates import retrieval_gates
from ingest.reports.totals import Totals, by_name
from ingest.reports.verdict import judged
from schemas.evaluation import Evaluation
from schemas.figures import ChunkSample
from schemas.inventory import DocumentCounts, PointCounts, RunLine
from schemas.quality import LISTED, QualityReport
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
    instruments: Instruments | None = None,
) -> QualityReport:
    """`token_limit`: what the embedder reads, where that is known. `as_of`: of the documents as they were live after
    that commit. `keep`: figures that are counted anew are kept. `instruments`: what is checked with; without them,
    and of the past, nothing is checked against anything else. Raises `ConfigError` for a source that is not there
    and for a commit that cannot be looked back at, `StoreDown` when catalog or store cannot be reached."""
    # All that is compared is read before the documents are, which may take minutes: runs come and go meanwhile.
    moment = moment_of(context, source, as_of)
    totals = new_totals(context, moment.inventory, token_limit)
    checks = Checks(context, instruments, source) if instruments is not None and as_of is None else None
    for row, figures in gathered(context, moment.inventory.documents, totals, keep=keep):
        totals.add(row, figures)
        if checks is not None and figures is not None:
            checks.add(row, figures.parse, figures.facts)
    report = told(context, moment, totals, checks.found(moment.inventory.failures) if checks is not None else None)
    sample = ChunkSample(total=totals.picks.total, chunks=sampled_chunks(context, totals.picks.sample()))
    shown = {"worst": worst_chunks(context, totals.picks.worst()), "sample": sample}
    return with_trend(context, judged(report.model_copy(update=shown)))


@dataclass(frozen=True, slots=True)
class Moment:
    """What the catalog says, all of it read at once. `points`: current ones, and those that answer through a
    survivor. `evaluation`: the last one of all sources; None where one source is looked at, or the past."""

    source: str | None
    as_of: int | None
    runs: Sequence[RunRow]
    model: str | None
    inventory: Inventory
    points: tuple[int, int]
    evaluation: Evaluation | None


def moment_of(context: Context, source: str | None, as_of: int | None) -> Moment:
    """Raises `ConfigError`."""
    catalog, tenant = context.catalog, context.settings.tenant
    collection = catalog.collections.active()
    return Moment(
        source=source,
        as_of=as_of,
        runs=catalog.runs.last(_RUNS, tenant),
        model=collection.model if collection else None,
        inventory=inventory_of(context, source, as_of),
        points=catalog.history.point_counts(tenant, source, as_of),
        evaluation=_last_evaluation(context) if source is None and as_of is None else None,
    )


def _last_evaluation(context: Context) -> Evaluation | None:
    kept = context.catalog.kept.last(Kind.EVALUATION, context.settings.tenant, 1)
    try:
        return Evaluation.model_validate_json(kept[0].body) if kept else None
    except ValidationError:
        return None  # of a release that told it otherwise: after the next evaluation there is one again


def told(context: Context, moment: Moment, totals: Totals, checked: Checked | None = None) -> QualityReport:
    """Everything but the verdict, single chunks and what was before."""
    files, chunks, tables = file_outcomes(moment.inventory), totals.chunks(), totals.tables()
    joints, headings = totals.joints(), totals.headings()
    findings, failures = totals.gravest(), moment.inventory.failures
    return QualityReport(
        home=os.fsencode(context.home.path).decode("utf-8", "backslashreplace"),
        tenant=context.settings.tenant,
        source=moment.source,
        model=moment.model,
        made_at=_time(context.clock()),
        gates=(
            *gates_of(context.settings.report, files, joints, chunks, headings),
            *gates_of_checks(context.settings.report, tables, checked),
            *retrieval_gates(context.settings.report, moment.evaluation),
        ),
        runs=tuple(map(_run_line, moment.runs)),
        sources=source_lines(moment.inventory),
        files=files,
        documents=_document_counts(moment.inventory, totals),
        pages=totals.pages(),
        chunks=chunks,
        tables=tables,
        integrity=totals.integrity(),
        joints=joints,
        headings=headings,
        standing=totals.standing(),
        coherence=totals.coherence(),
        redundancy=totals.redundancy(),
        completeness=totals.completeness(),
        points=PointCounts(current=moment.points[0], through_survivor=moment.points[1]),
        findings=tuple(findings[:LISTED]),
        findings_total=len(findings),
        failures=tuple(map(failure_line, failures[:LISTED])),
        failures_total=len(failures),
        parsing=checked.parsing if checked else None,
        duplication=checked.duplication if checked else None,
        fit=checked.fit if checked else None,
        segmentation=checked.segmentation if checked else None,
        drift=checked.drift if checked else None,
        evaluation=moment.evaluation,
        as_of=moment.as_of,
        distributions=totals.distributions(),
        groups=totals.groups.told(totals.budget),
        faults=totals.by_fault(),
        faulty=totals.faulty,
    )


def inventory_of(context: Context, source: str | None, as_of: int | None = None) -> Inventory:
    """Raises `ConfigError`."""
    catalog, tenant = context.catalog, context.settings.tenant
    catalog.files.require_source(tenant, source)
    chosen = {name: root for name, root in catalog.files.roots(tenant).items() if source in {None, name}}
    if as_of:  # 0: before the first commit there was nothing, whatever is kept
        catalog.versions.check(tenant, as_of)
    documents = catalog.history.live_documents(tenant, as_of)
    return Inventory(
        roots=chosen,
        files={name: catalog.files.of_source(tenant, name) for name in chosen},
        documents=[row for row in documents if source in {None, row.source}],
        copies=copies_among(documents),
        failures=catalog.files.failures(tenant, source),
    )


def new_totals(context: Context, inventory: Inventory, token_limit: int | None) -> Totals:
    settings = context.settings
    return Totals(
        budget=Budget(settings.chunk, token_limit),
        unknown_warning=settings.search.unknown_warning,
        cohesion=LexicalCohesion.fingerprint,
        picks=Picks(inventory.copies),
    )


def gathered(
    context: Context, documents: Sequence[DocumentRow], totals: Totals, *, keep: bool
) -> Iterator[tuple[DocumentRow, DocumentFigures | None]]:
    """The figures of the documents by the limits of the totals."""
    options = context.settings.chunk
    limits = Limits(totals.budget.tokens, options.min_tokens, options.target_tokens, totals.unknown_warning)
    context.progress.expect(STAGE, len(documents))
    keep = keep and context.home.beside is None
    for found in Gatherer(context, limits, keep=keep).gather(documents):
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
        coarse=totals.coarse,
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
