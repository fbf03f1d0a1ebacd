"""What to do about a gate that is not passed: a sentence for each."""

from __future__ import annotations

from collections.abc import Callable

from ingest.reports.check_gates import (
    MAX_BROKEN_BORDER,
    MAX_DRIFT,
    MAX_EQUAL_VECTOR,
    MAX_HAN_TERM,
    MAX_LONE_HAN,
    MAX_MISCOUNTED,
    MAX_TABLE_CUT,
    MIN_PARAGRAPH,
    TOLD_ONLY,
)
from ingest.reports.gates import MAX_CUT, MAX_FAILED, MAX_UNREAD, MIN_HEADING
from ingest.reports.retrieval_gates import MIN_HIT, MIN_MRR, MIN_NDCG, MIN_RECALL
from schemas.quality import QualityReport
from schemas.verdict import Gate


def sentence_of(report: QualityReport, gate: Gate) -> str:
    return _SENTENCES[gate.name](report, gate)


def _failed(report: QualityReport, gate: Gate) -> str:
    files = report.files
    return (
        f"{_of(files.quarantined + files.stale, files.listed, 'files', gate)} are in quarantine: 'docstrata failures'"
        " says what to do about each."
    )


def _cut(report: QualityReport, gate: Gate) -> str:
    joints = report.joints
    return (
        f"{_of(joints.inside_sentence, joints.prose, 'joints between chunks', gate)} lie inside a sentence: a larger"
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


def _retrieval(report: QualityReport, gate: Gate) -> str:
    name = report.evaluation.name if report.evaluation is not None else "the questions"
    return (
        f"Retrieval by {name} is worse than it shall be ({gate.name.removeprefix('min_')} {gate.value:.3f}; {gate.name}"
        f" is {gate.limit:.3f}): 'docstrata eval {name}' shows which questions are missed, and what came instead."
    )


def _paragraphs(report: QualityReport, gate: Gate) -> str:
    found = report.parsing.paragraphs if report.parsing else None
    missing = found.paragraphs - found.found if found else 0
    worst = found.worst[0] if found and found.worst else None
    where = f", most of them in {worst.path}" if worst else ""
    return (
        f"{missing:,} of {found.paragraphs if found else 0:,} paragraphs of the originals are not in the parsed"
        f" documents{where}; of the format that lost most {gate.value:.1%} are ({gate.name} is {gate.limit:.1%}):"
        " compare the documents that the report lists with their originals, and report what a parser leaves out."
    )


def _tables(report: QualityReport, gate: Gate) -> str:
    tables = report.tables
    return (
        f"{tables.needless:,} of {tables.total:,} tables ({gate.value:.1%}; {gate.name} is {gate.limit:.1%}) are cut"
        " though they fit into one chunk: use the chunk.strategy 'hybrid' or 'document', which keep tables whole, and"
        " run with --reprocess."
    )


def _tokens(report: QualityReport, gate: Gate) -> str:
    recount = report.fit.recount if report.fit else None
    differing, sampled = (recount.differing, recount.sampled) if recount else (0, 0)
    return (
        f"{differing:,} of {sampled:,} sampled chunks have other token counts by the tokenizer of"
        f" {report.model or 'the model'}: its files have changed, or another one counted; run with --reprocess, or"
        " the model will cut texts that are too long for it."
    )


def _vectors(report: QualityReport, gate: Gate) -> str:
    sample = report.fit.vectors if report.fit else None
    equal, broken, sampled = (sample.nearly_equal, sample.broken, sample.sampled) if sample else (0, 0, 0)
    return (
        f"{equal:,} of {sampled + broken:,} sampled vectors are nearly equal to that of another text, and {broken:,}"
        f" are broken ({gate.name} is {gate.limit:.1%}): {report.model or 'the model'} does not tell these texts apart;"
        " set embed.model to one that reads their language, and build it with 'docstrata reindex'."
    )


def _borders(report: QualityReport, gate: Gate) -> str:
    found = report.segmentation.borders if report.segmentation else None
    inside, total = (found.inside, found.total) if found else (0, 0)
    return (
        f"{inside:,} of {total:,} borders between chunks inside a paragraph ({gate.value:.1%}; {gate.name} is"
        f" {gate.limit:.1%}) have no end of a sentence before them: look at those that the report lists; a larger"
        " chunk.max_tokens cuts fewer, and if the sentences are short it is a defect, please report it."
    )


def _lone_han(report: QualityReport, gate: Gate) -> str:
    return (
        f"The word search has no word for {gate.value:.1%} of the Han characters ({gate.name} is {gate.limit:.1%}) and"
        " finds them singly and in pairs: if the text is simplified Chinese, install rjieba anew and run with"
        " --reprocess; otherwise raise the limit."
    )


def _han_terms(report: QualityReport, gate: Gate) -> str:
    return (
        f"Han words of the word search have {gate.value:.1f} characters in the mean ({gate.name} is {gate.limit:g}), so"
        " that questions do not meet them: install rjieba anew and run with --reprocess."
    )


def _drift(report: QualityReport, gate: Gate) -> str:
    lines = report.drift.lines if report.drift else ()
    worst = max(
        (line for line in lines if line.beyond and line.name not in TOLD_ONLY),
        key=lambda line: line.distance or 0.0,
        default=None,
    )
    name = worst.name.replace("_", " ") if worst else "some measures"
    return (
        f"The documents of the last run differ from those before in {name} (distance {gate.value:.2f}; {gate.name} is"
        f" {gate.limit:g}) by more than chance allows: look whether the right files came, and whether they were read"
        " as the others were."
    )


def _of(part: int, whole: int, what: str, gate: Gate) -> str:
    return f"{part:,} of {whole:,} {what} ({part / whole:.1%}; {gate.name} is {gate.limit:.1%})"


_SENTENCES: dict[str, Callable[[QualityReport, Gate], str]] = {
    MAX_FAILED: _failed,
    MAX_CUT: _cut,
    MAX_UNREAD: _unread,
    MIN_HEADING: _heading,
    MIN_PARAGRAPH: _paragraphs,
    MAX_TABLE_CUT: _tables,
    MAX_MISCOUNTED: _tokens,
    MAX_EQUAL_VECTOR: _vectors,
    MAX_BROKEN_BORDER: _borders,
    MAX_LONE_HAN: _lone_han,
    MAX_HAN_TERM: _han_terms,
    MAX_DRIFT: _drift,
    MIN_RECALL: _retrieval,
    MIN_HIT: _retrieval,
    MIN_MRR: _retrieval,
    MIN_NDCG: _retrieval,
}
