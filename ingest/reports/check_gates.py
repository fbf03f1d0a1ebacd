"""Gates on what was checked against something independent, and the sentences that say what to do."""

from __future__ import annotations

from collections.abc import Callable

from ingest.checks.checking import Checked
from ingest.options.report import ReportOptions
from schemas.chunk_counts import TableCounts
from schemas.drift import DriftLine
from schemas.fit import FEWEST, FEWEST_HAN, BorderCheck, HanTerms, VectorSample
from schemas.parsing import FEWEST_OF_FORMAT, ParagraphCompleteness
from schemas.quality import QualityReport
from schemas.verdict import Gate

MIN_PARAGRAPH = "min_paragraph_share"
MAX_TABLE_CUT = "max_needless_table_cut_share"
MAX_MISCOUNTED = "max_miscounted_share"
MAX_EQUAL_VECTOR = "max_equal_vector_share"
MAX_BROKEN_BORDER = "max_broken_border_share"
MAX_LONE_HAN = "max_lone_han_share"
MAX_HAN_TERM = "max_han_term_length"
MAX_DRIFT = "max_drift"

_TOLD_ONLY = frozenset({"formats"})
"""A new folder of another format is seldom a fault: that measure is shown, and breaks no gate."""


def gates_of_checks(options: ReportOptions, tables: TableCounts, checked: Checked | None) -> tuple[Gate, ...]:
    cut = _at_most(MAX_TABLE_CUT, _share(tables.needless, tables.total), options.max_needless_table_cut_share)
    if checked is None:
        return (cut,)
    fit, segmentation = checked.fit, checked.segmentation
    recount = fit.recount
    return (
        _at_least(MIN_PARAGRAPH, _paragraphs(checked.parsing.paragraphs), options.min_paragraph_share),
        cut,
        _at_most(
            MAX_MISCOUNTED,
            _share(recount.differing, recount.sampled) if recount else None,
            options.max_miscounted_share,
        ),
        _at_most(MAX_EQUAL_VECTOR, _equal_vectors(fit.vectors), options.max_equal_vector_share),
        _at_most(MAX_BROKEN_BORDER, _broken_borders(segmentation.borders), options.max_broken_border_share),
        _at_most(MAX_LONE_HAN, _lone_han(segmentation.han), options.max_lone_han_share),
        _at_most(MAX_HAN_TERM, _han_term(segmentation.han), options.max_han_term_length),
        _at_most(MAX_DRIFT, _drift(checked.drift.lines if checked.drift else ()), options.max_drift),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _at_most(name: str, value: float | None, limit: float) -> Gate:
    return Gate(name=name, value=value, limit=limit, passed=value is None or value <= limit)


def _at_least(name: str, value: float | None, limit: float) -> Gate:
    return Gate(name=name, value=value, limit=limit, passed=value is None or value >= limit)


# ------------------------------------------------------------------ what is measured


def _paragraphs(found: ParagraphCompleteness | None) -> float | None:
    """Of the format that lost most: a hundred thousand text files must not hide what is wrong with ten PDFs."""
    if found is None or found.paragraphs < FEWEST:
        return None
    shares = [one.found / one.paragraphs for one in found.by_format if one.paragraphs >= FEWEST_OF_FORMAT]
    return min([*shares, found.found / found.paragraphs])


def _equal_vectors(sample: VectorSample | None) -> float | None:
    if sample is None or sample.sampled + sample.broken < FEWEST:
        return None
    return _share(sample.nearly_equal + sample.broken, sample.sampled + sample.broken)


def _broken_borders(found: BorderCheck) -> float | None:
    return _share(found.inside, found.total) if found.total >= FEWEST else None


def _lone_han(found: HanTerms) -> float | None:
    return _share(found.alone, found.characters) if found.characters >= FEWEST_HAN else None


def _han_term(found: HanTerms) -> float | None:
    return found.mean_length if found.characters >= FEWEST_HAN else None


def _drift(lines: tuple[DriftLine, ...]) -> float | None:
    """0 where nothing is beyond chance."""
    judged = [line for line in lines if line.chance is not None and line.name not in _TOLD_ONLY]
    if not judged:
        return None
    return max((line.distance for line in judged if line.beyond and line.distance is not None), default=0.0)


# --------------------------------------------------------------------- the sentences


def _of_paragraphs(report: QualityReport, gate: Gate) -> str:
    found = report.parsing.paragraphs if report.parsing else None
    missing = found.paragraphs - found.found if found else 0
    worst = found.worst[0] if found and found.worst else None
    where = f", most of them in {worst.path}" if worst else ""
    return (
        f"{missing:,} of {found.paragraphs if found else 0:,} paragraphs of the originals are not in the parsed"
        f" documents{where}; of the format that lost most {gate.value:.1%} are ({gate.name} is {gate.limit:.1%}):"
        " compare the documents that the report lists with their originals, and report what a parser leaves out."
    )


def _of_tables(report: QualityReport, gate: Gate) -> str:
    tables = report.tables
    return (
        f"{tables.needless:,} of {tables.total:,} tables ({gate.value:.1%}; {gate.name} is {gate.limit:.1%}) are cut"
        " though they fit into one chunk: use the chunk.strategy 'hybrid' or 'document', which keep tables whole, and"
        " run with --reprocess."
    )


def _of_tokens(report: QualityReport, gate: Gate) -> str:
    recount = report.fit.recount if report.fit else None
    differing, sampled = (recount.differing, recount.sampled) if recount else (0, 0)
    return (
        f"{differing:,} of {sampled:,} sampled chunks have other token counts by the tokenizer of"
        f" {report.model or 'the model'}: its files have changed, or another one counted; run with --reprocess, or"
        " the model will cut texts that are too long for it."
    )


def _of_vectors(report: QualityReport, gate: Gate) -> str:
    sample = report.fit.vectors if report.fit else None
    equal, broken, sampled = (sample.nearly_equal, sample.broken, sample.sampled) if sample else (0, 0, 0)
    return (
        f"{equal:,} of {sampled + broken:,} sampled vectors are nearly equal to that of another text, and {broken:,}"
        f" are broken ({gate.name} is {gate.limit:.1%}): {report.model or 'the model'} does not tell these texts apart;"
        " set embed.model to one that reads their language, and build it with 'docstrata reindex'."
    )


def _of_borders(report: QualityReport, gate: Gate) -> str:
    found = report.segmentation.borders if report.segmentation else None
    inside, total = (found.inside, found.total) if found else (0, 0)
    return (
        f"{inside:,} of {total:,} borders between chunks inside a paragraph ({gate.value:.1%}; {gate.name} is"
        f" {gate.limit:.1%}) have no end of a sentence before them: look at those that the report lists; a larger"
        " chunk.max_tokens cuts fewer, and if the sentences are short it is a defect, please report it."
    )


def _of_lone_han(report: QualityReport, gate: Gate) -> str:
    return (
        f"The word search has no word for {gate.value:.1%} of the Han characters ({gate.name} is {gate.limit:.1%}) and"
        " finds them singly and in pairs: if the text is simplified Chinese, install rjieba anew and run with"
        " --reprocess; otherwise raise the limit."
    )


def _of_han_terms(report: QualityReport, gate: Gate) -> str:
    return (
        f"Han words of the word search have {gate.value:.1f} characters in the mean ({gate.name} is {gate.limit:g}), so"
        " that questions do not meet them: install rjieba anew and run with --reprocess."
    )


def _of_drift(report: QualityReport, gate: Gate) -> str:
    lines = report.drift.lines if report.drift else ()
    worst = max(
        (line for line in lines if line.beyond and line.name not in _TOLD_ONLY),
        key=lambda line: line.distance or 0.0,
        default=None,
    )
    name = worst.name.replace("_", " ") if worst else "some measures"
    return (
        f"The documents of the last run differ from those before in {name} (distance {gate.value:.2f}; {gate.name} is"
        f" {gate.limit:g}) by more than chance allows: look whether the right files came, and whether they were read"
        " as the others were."
    )


SENTENCES: dict[str, Callable[[QualityReport, Gate], str]] = {
    MIN_PARAGRAPH: _of_paragraphs,
    MAX_TABLE_CUT: _of_tables,
    MAX_MISCOUNTED: _of_tokens,
    MAX_EQUAL_VECTOR: _of_vectors,
    MAX_BROKEN_BORDER: _of_borders,
    MAX_LONE_HAN: _of_lone_han,
    MAX_HAN_TERM: _of_han_terms,
    MAX_DRIFT: _of_drift,
}
