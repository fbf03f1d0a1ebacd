"""The verdict: which promises are broken, which gates are passed, and what a person should do about it.

`bad` is for what must never happen, or leaves nothing to rely on; `look` for what a gate of
`[report]` does not let through, and for what somebody has to decide or repeat.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ingest.options.report import ReportOptions
from ingest.reports import totals
from ingest.reports.check_gates import SENTENCES
from ingest.reports.retrieval_gates import MIN_HIT, MIN_MRR, MIN_NDCG, MIN_RECALL
from schemas.chunk_counts import ChunkCounts, HeadingCounts, JointCounts
from schemas.document import PageMethod
from schemas.inventory import FileOutcomes
from schemas.quality import QualityReport
from schemas.verdict import Gate, Reason, Verdict

MAX_FAILED = "max_failed_share"
MAX_CUT = "max_cut_share"
MAX_UNREAD = "max_unread_share"
MIN_HEADING = "min_heading_share"


def gates_of(
    options: ReportOptions, files: FileOutcomes, joints: JointCounts, chunks: ChunkCounts, headings: HeadingCounts
) -> tuple[Gate, ...]:
    prose = joints.between_blocks + joints.between_sentences + joints.inside_sentence
    least = _share(headings.chunks_with, chunks.total)
    return (
        _at_most(MAX_FAILED, _share(files.quarantined + files.stale, files.listed), options.max_failed_share),
        _at_most(MAX_CUT, _share(joints.inside_sentence, prose), options.max_cut_share),
        _at_most(MAX_UNREAD, _share(chunks.unread, chunks.total), options.max_unread_share),
        Gate(
            name=MIN_HEADING,
            value=least,
            limit=options.min_heading_share,
            passed=least is None or least >= options.min_heading_share,
        ),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _at_most(name: str, value: float | None, limit: float) -> Gate:
    return Gate(name=name, value=value, limit=limit, passed=value is None or value <= limit)


def judged(report: QualityReport) -> QualityReport:
    """The report with its verdict, and the reasons for it."""
    reasons = (*_bad(report), *_look(report))
    verdict = reasons[0].severity if reasons else Verdict.GOOD
    return report.model_copy(update={"verdict": verdict, "reasons": reasons})


def _bad(report: QualityReport) -> Iterator[Reason]:
    def bad(code: str, sentence: str) -> Reason:
        return Reason(severity=Verdict.BAD, code=code, sentence=sentence)

    last = report.runs[0] if report.runs else None
    if last is not None and last.state == "failed":
        yield bad("run_failed", f"The last run, {last.run_id}, failed: run again, and heed what it says.")
    if not report.documents.total:
        where = f"source '{report.source}'" if report.source else "home"
        what_to_do = (
            f"{_count(report.failures_total, 'file')} failed, and 'docstrata failures' says why."
            if report.failures_total
            else "take a folder in with 'docstrata run'."
        )
        yield bad("no_documents", f"There are no documents in this {where}: {what_to_do}")
    lost = report.completeness
    if lost.lost:
        of = _count(lost.documents_with_loss, "document")
        yield bad(
            totals.TEXT_LOST,
            f"{_count(lost.lost, 'character')} of {of} are in no chunk: a defect of docstrata, please report it.",
        )
    lengths = report.chunks.lengths
    if lengths.over_budget:
        yield bad(
            totals.OVER_BUDGET,
            f"{_count(lengths.over_budget, 'chunk')} above the budget of {lengths.budget} tokens: if"
            " chunk.max_tokens or the model was changed, run with --reprocess.",
        )
    if report.tables.half_rows:
        yield bad(
            totals.HALF_ROW,
            f"{_count(report.tables.half_rows, 'table row')} in pieces without the flag row_cut: a defect of"
            " docstrata, unless chunk.strategy is 'character', 'recursive' or 'token', which do not know tables.",
        )
    if report.tables.headless:
        yield bad(
            totals.HEADLESS,
            f"{_count(report.tables.headless, 'part')} of tables without their header rows: a defect of docstrata,"
            " unless chunk.strategy is 'character', 'recursive' or 'token', which do not know tables.",
        )
    if not _is_going_on(report) and not report.documents.unread and report.chunks.total != report.points.current:
        yield bad(
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
            yield look(gate.name.removeprefix("max_").removeprefix("min_"), _GATES[gate.name](report, gate))
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


def _failed(report: QualityReport, gate: Gate) -> str:
    files = report.files
    return (
        f"{_of(files.quarantined + files.stale, files.listed, 'files', gate)} are in quarantine: 'docstrata failures'"
        " says what to do about each."
    )


def _cut(report: QualityReport, gate: Gate) -> str:
    joints = report.joints
    prose = joints.between_blocks + joints.between_sentences + joints.inside_sentence
    return (
        f"{_of(joints.inside_sentence, prose, 'joints between chunks', gate)} lie inside a sentence: a larger"
        " chunk.max_tokens cuts fewer."
    )


def _unread(report: QualityReport, gate: Gate) -> str:
    return (
        f"{_of(report.chunks.unread, report.chunks.total, 'chunks', gate)} are in a language that"
        f" {report.model or 'the model'} cannot read, and are found by their words alone: set embed.model to a"
        " multilingual model and use another home."
    )


def _heading(report: QualityReport, gate: Gate) -> str:
    return (
        f"Only {_of(report.headings.chunks_with, report.chunks.total, 'chunks', gate)} know the headings above them:"
        " look whether the parsers find the headings of these documents."
    )


def _found(report: QualityReport, gate: Gate) -> str:
    name = report.evaluation.name if report.evaluation is not None else "the questions"
    return (
        f"Retrieval by {name} is worse than it shall be ({gate.name.removeprefix('min_')} {gate.value:.3f}; {gate.name}"
        f" is {gate.limit:.3f}): 'docstrata eval {name}' shows which questions are missed, and what came instead."
    )


def _of(part: int, whole: int, what: str, gate: Gate) -> str:
    return f"{part:,} of {whole:,} {what} ({part / whole:.1%}; {gate.name} is {gate.limit:.1%})"


_GATES: dict[str, Callable[[QualityReport, Gate], str]] = {
    MAX_FAILED: _failed,
    MAX_CUT: _cut,
    MAX_UNREAD: _unread,
    MIN_HEADING: _heading,
    **SENTENCES,
    MIN_RECALL: _found,
    MIN_HIT: _found,
    MIN_MRR: _found,
    MIN_NDCG: _found,
}


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
