"""The numbers that are told of every report, what they were before, and what changed."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from ingest.catalog.kept import Kind
from ingest.context import Context
from ingest.reports.gates import MAX_CUT, MAX_FAILED, MAX_UNREAD, MIN_HEADING, share
from schemas.comparison import Change, Headline, TrendLine
from schemas.errors import StoreDown
from schemas.quality import TREND, QualityReport


def headline(report: QualityReport) -> Headline:
    gates = {gate.name: gate.value for gate in report.gates}
    return Headline(
        failed_share=gates[MAX_FAILED],
        documents=report.documents.total,
        chunks=report.chunks.total,
        tokens_median=report.chunks.lengths.median,
        over_budget=report.chunks.lengths.over_budget,
        cut_share=gates[MAX_CUT],
        heading_share=gates[MIN_HEADING],
        right_share=share(report.headings.right, report.headings.judged),
        leaning_share=share(report.standing.leaning, report.standing.chunks),
        unread_share=gates[MAX_UNREAD],
        faulty_share=share(report.faulty, report.chunks.total),
        lost=report.completeness.lost,
        without_parse=report.documents.without_parse,
        unread_documents=report.documents.unread,
    )


def changes(before: Headline, now: Headline) -> tuple[Change, ...]:
    """Of the numbers that differ."""
    was, is_now = before.model_dump(exclude={"schema_version"}), now.model_dump(exclude={"schema_version"})
    return tuple(Change(name=name, before=was[name], now=is_now[name]) for name in was if was[name] != is_now[name])


def with_trend(context: Context, report: QualityReport) -> QualityReport:
    """With what was told before of the same tenant and source."""
    trend = tuple(_lines(context, report.source))
    since = changes(trend[0].headline, headline(report)) if trend else ()
    return report.model_copy(update={"trend": trend, "changes": since})


def _lines(context: Context, source: str | None) -> Sequence[TrendLine]:
    rows = context.catalog.kept.last(Kind.REPORT, context.settings.tenant, TREND, source=source)
    found = []
    for row in rows:
        try:
            found.append(TrendLine.model_validate_json(row.body))
        except ValidationError:
            break  # of a release that told other numbers: those before it are of no use either
    return found


def keep_report(context: Context, report: QualityReport) -> None:
    """A line for the next reports. Where nothing can be written they go without."""
    line = TrendLine(
        made_at=report.made_at,
        run_id=report.runs[0].run_id if report.runs else None,
        verdict=report.verdict.value,
        headline=headline(report),
    )
    try:
        context.catalog.kept.put(
            Kind.REPORT,
            context.settings.tenant,
            line.model_dump_json(),
            round(report.made_at.timestamp()) * 10**9,
            source=report.source,
            run_id=line.run_id,
        )
    except StoreDown as error:
        context.progress.say(f"this report is not kept for the next one's trend: {error}")
