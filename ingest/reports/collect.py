"""Collect: the numbers of a report, from the catalog and the store, one document in memory at a time.

Nothing is written, and nobody is waited for: while a run goes on, the numbers are of the moment.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import ValidationError

from ingest.catalog.kept import Kind
from ingest.catalog.rows import DocumentRow, RunRow
from ingest.context import Context
from ingest.reports.lengths import Budget
from ingest.reports.outcomes import Inventory, copies_among, failure_line, file_outcomes, source_lines
from ingest.reports.retrieval_gates import retrieval_gates
from ingest.reports.totals import Totals, by_name
from ingest.reports.verdict import gates_of, judged
from ingest.store import DamagedArtifact
from schemas.artifact import ArtifactRef
from schemas.base import Record
from schemas.chunk import ChunkSet
from schemas.document import Document
from schemas.errors import ConfigError
from schemas.evaluation import Evaluation
from schemas.quality import LISTED, DocumentCounts, PointCounts, QualityReport, RunLine
from schemas.report import RunSummary

_RUNS = 5
STAGE = "report"
_Kind = TypeVar("_Kind", bound=Record)


def collect(context: Context, *, token_limit: int | None, source: str | None = None) -> QualityReport:
    """`token_limit`: what the embedder reads, where that is known. Raises `ConfigError` for a
    source that is not there, `StoreDown` when catalog or store cannot be reached."""
    catalog, settings = context.catalog, context.settings
    # All that is compared is read before the documents are, which may take minutes: runs come and go meanwhile.
    runs, collection = catalog.runs.last(_RUNS, settings.tenant), catalog.collections.active()
    inventory = _inventory(context, source)
    current, through_survivor = catalog.history.point_counts(settings.tenant, source)
    totals = _totals(context, inventory.documents, token_limit)
    files, chunks, joints, keeping = file_outcomes(inventory), totals.chunks(), totals.joints(), totals.keeping
    headings = keeping.headings()
    findings = totals.gravest()
    evaluation = _last_evaluation(context) if source is None else None
    report = QualityReport(
        home=os.fsencode(context.home.path).decode("utf-8", "backslashreplace"),
        tenant=settings.tenant,
        source=source,
        model=collection.model if collection else None,
        made_at=_time(context.clock()),
        gates=(
            *gates_of(settings.report, files, joints, chunks, headings),
            *retrieval_gates(settings.report, evaluation),
        ),
        runs=tuple(map(_run_line, runs)),
        sources=source_lines(inventory),
        files=files,
        documents=_document_counts(inventory, totals),
        pages=totals.pages(),
        chunks=chunks,
        tables=totals.tables(),
        integrity=keeping.integrity(),
        joints=joints,
        headings=headings,
        standing=keeping.standing(),
        coherence=keeping.coherence(),
        redundancy=keeping.redundancy(),
        completeness=totals.completeness(),
        points=PointCounts(current=current, through_survivor=through_survivor),
        findings=tuple(findings[:LISTED]),
        findings_total=len(findings),
        failures=tuple(map(failure_line, inventory.failures[:LISTED])),
        failures_total=len(inventory.failures),
        evaluation=evaluation,
    )
    return judged(report)


def _last_evaluation(context: Context) -> Evaluation | None:
    kept = context.catalog.kept.last(Kind.EVALUATION, context.settings.tenant, 1)
    return Evaluation.model_validate_json(kept[0].body) if kept else None


def _inventory(context: Context, source: str | None) -> Inventory:
    catalog, tenant = context.catalog, context.settings.tenant
    roots = catalog.files.roots(tenant)
    if source is not None and source not in roots:
        known = ", ".join(f"'{name}'" for name in sorted(roots)) or "none yet"
        raise ConfigError(f"this home has no source '{source}'; its sources: {known}")
    chosen = {name: root for name, root in roots.items() if source in {None, name}}
    documents = catalog.history.live_documents(tenant)
    return Inventory(
        roots=chosen,
        files={name: catalog.files.of_source(tenant, name) for name in chosen},
        documents=[row for row in documents if source in {None, row.source}],
        copies=copies_among(documents),
        failures=catalog.files.failures(tenant, source),
    )


def _totals(context: Context, documents: Sequence[DocumentRow], token_limit: int | None) -> Totals:
    settings = context.settings
    totals = Totals(Budget(settings.chunk, token_limit), settings.search.unknown_warning)
    context.progress.expect(STAGE, len(documents))
    for row in documents:
        artifacts = context.catalog.artifacts
        chunk_set = _load(context, artifacts.find("chunk", row.chunk_key), ChunkSet)
        parsed = artifacts.of_digest("parse", chunk_set.document) if chunk_set is not None else None
        totals.add(row, chunk_set, _load(context, parsed, Document))
        context.progress.advance(STAGE)
    return totals


def _load(context: Context, ref: ArtifactRef | None, kind: type[_Kind]) -> _Kind | None:
    """None for what is not there or damaged: the report tells of it, and is made all the same."""
    if ref is None:
        return None
    try:
        return kind.model_validate_json(context.store.read(ref))
    except (DamagedArtifact, ValidationError):
        return None


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
