"""The verdict: which promises are broken, which gates are passed, and what a person should do about it.

`bad` is for what must never happen, or leaves nothing to rely on; `look` for what a gate of
`[report]` does not let through, and for what somebody has to decide or repeat.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingest.reports import totals
from ingest.reports.gate_sentences import sentence_of
from schemas.document import PageMethod
from schemas.quality import QualityReport
from schemas.verdict import Reason, Verdict


def judged(report: QualityReport) -> QualityReport:
    """The report with its verdict, and the reasons for it."""
    reasons = (*_bad(report), *_look(report))
    verdict = reasons[0].severity if reasons else Verdict.GOOD
    return report.model_copy(update={"verdict": verdict, "reasons": reasons})


def _bad(report: QualityReport) -> Iterator[Reason]:
    for code, sentence in (*_of_the_home(report), *_of_chunks(report), *_of_tables(report), *_of_points(report)):
        yield Reason(severity=Verdict.BAD, code=code, sentence=sentence)


def _of_the_home(report: QualityReport) -> Iterator[tuple[str, str]]:
    last = report.runs[0] if report.runs else None
    if last is not None and last.state == "failed":
        yield "run_failed", f"The last run, {last.run_id}, failed: run again, and heed what it says."
    if not report.documents.total:
        where = f"source '{report.source}'" if report.source else "home"
        what_to_do = (
            f"{_count(report.failures_total, 'file')} failed, and 'docstrata failures' says why."
            if report.failures_total
            else "take a folder in with 'docstrata run'."
        )
        yield "no_documents", f"There are no documents in this {where}: {what_to_do}"


def _of_chunks(report: QualityReport) -> Iterator[tuple[str, str]]:
    lost = report.completeness
    if lost.lost:
        of = _count(lost.documents_with_loss, "document")
        yield (
            totals.TEXT_LOST,
            f"{_count(lost.lost, 'character')} of {of} are in no chunk: a defect of docstrata, please report it.",
        )
    lengths = report.chunks.lengths
    if lengths.over_budget:
        yield (
            totals.OVER_BUDGET,
            f"{_count(lengths.over_budget, 'chunk')} above the budget of {lengths.budget} tokens: if"
            " chunk.max_tokens or the model was changed, run with --reprocess.",
        )


def _of_tables(report: QualityReport) -> Iterator[tuple[str, str]]:
    if report.tables.half_rows:
        yield (
            totals.HALF_ROW,
            f"{_count(report.tables.half_rows, 'table row')} in pieces without the flag row_cut: a defect of"
            " docstrata, unless chunk.strategy is 'character', 'recursive' or 'token', which do not know tables.",
        )
    if report.tables.headless:
        yield (
            totals.HEADLESS,
            f"{_count(report.tables.headless, 'part')} of tables without their header rows: a defect of docstrata,"
            " unless chunk.strategy is 'character', 'recursive' or 'token', which do not know tables.",
        )


def _of_points(report: QualityReport) -> Iterator[tuple[str, str]]:
    if not _is_going_on(report) and not report.documents.unread and report.chunks.total != report.points.current:
        yield (
            "points_differ",
            f"The documents have {_count(report.chunks.total, 'chunk')}, the catalog knows"
            f" {_count(report.points.current, 'current row')} of them in the index: run with --reprocess.",
        )


def _look(report: QualityReport) -> Iterator[Reason]:
    def look(code: str, sentence: str) -> Reason:
        return Reason(severity=Verdict.LOOK, code=code, sentence=sentence)

    yield from (look(code, sentence) for code, sentence in _of_runs(report))
    documents = report.documents
    if documents.unread:
        yield look(
            totals.UNREAD,
            f"The chunks of {_count(documents.unread, 'document')} are missing from the store or damaged, and are"
            " not counted: run with --reprocess to make them again.",
        )
    if report.pages.by_method[PageMethod.FAILED]:
        failed = _count(report.pages.by_method[PageMethod.FAILED], "page")
        yield look(
            totals.PAGE_FAILED,
            f"{failed} could not be read, and what stands there is not in the index: open the documents that the"
            " findings name in another program, save them anew, and run again.",
        )
    if documents.stale:
        yield look(
            totals.STALE,
            f"{_count(documents.stale, 'document')} in an older version than the file, which could not be read: see"
            " 'docstrata failures'.",
        )
    for gate in report.gates:
        if not gate.passed and gate.value is not None:
            yield look(gate.name.removeprefix("max_").removeprefix("min_"), sentence_of(report, gate))
    if documents.without_parse:
        yield look(
            totals.WITHOUT_PARSE,
            "What needs the parse (pages, tables, joints, completeness) is not known for"
            f" {_count(documents.without_parse, 'document')} whose parse is not in the store:"
            " run with --reprocess if an older docstrata made them.",
        )


def _of_runs(report: QualityReport) -> Iterator[tuple[str, str]]:
    last = report.runs[0] if report.runs else None
    if last is None:
        return
    if last.state == "interrupted":
        yield "run_interrupted", f"The last run, {last.run_id}, was interrupted: run again to go on."
    if _is_going_on(report):
        yield (
            "run_going_on",
            f"Run {last.run_id} is going on or was killed: these are the numbers of the moment; run again if it was.",
        )


def _is_going_on(report: QualityReport) -> bool:
    return bool(report.runs) and report.runs[0].state == "running"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
