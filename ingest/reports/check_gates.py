"""Gates on what was checked against something independent."""

from __future__ import annotations

from ingest.checks.checking import Checked
from ingest.options.report import ReportOptions
from ingest.reports.gates import at_least, at_most, share
from schemas.chunk_counts import TableCounts
from schemas.drift import DriftLine
from schemas.fit import FEWEST, FEWEST_HAN, BorderCheck, HanTerms, VectorSample
from schemas.parsing import FEWEST_OF_FORMAT, ParagraphCompleteness
from schemas.verdict import Gate

MIN_PARAGRAPH = "min_paragraph_share"
MAX_TABLE_CUT = "max_needless_table_cut_share"
MAX_MISCOUNTED = "max_miscounted_share"
MAX_EQUAL_VECTOR = "max_equal_vector_share"
MAX_BROKEN_BORDER = "max_broken_border_share"
MAX_LONE_HAN = "max_lone_han_share"
MAX_HAN_TERM = "max_han_term_length"
MAX_DRIFT = "max_drift"

TOLD_ONLY = frozenset({"formats"})
"""A new folder of another format is seldom a fault: that measure is shown, and breaks no gate."""


def gates_of_checks(options: ReportOptions, tables: TableCounts, checked: Checked | None) -> tuple[Gate, ...]:
    cut = at_most(MAX_TABLE_CUT, share(tables.needless, tables.total), options.max_needless_table_cut_share)
    if checked is None:
        return (cut,)
    fit, segmentation = checked.fit, checked.segmentation
    recount = fit.recount
    return (
        at_least(MIN_PARAGRAPH, _paragraphs(checked.parsing.paragraphs), options.min_paragraph_share),
        cut,
        at_most(
            MAX_MISCOUNTED,
            share(recount.differing, recount.sampled) if recount else None,
            options.max_miscounted_share,
        ),
        at_most(MAX_EQUAL_VECTOR, _equal_vectors(fit.vectors), options.max_equal_vector_share),
        at_most(MAX_BROKEN_BORDER, _broken_borders(segmentation.borders), options.max_broken_border_share),
        at_most(MAX_LONE_HAN, _lone_han(segmentation.han), options.max_lone_han_share),
        at_most(MAX_HAN_TERM, _han_term(segmentation.han), options.max_han_term_length),
        at_most(MAX_DRIFT, _drift(checked.drift.lines if checked.drift else ()), options.max_drift),
    )


def _paragraphs(found: ParagraphCompleteness | None) -> float | None:
    """Of the format that lost most: a hundred thousand text files must not hide what is wrong with ten PDFs."""
    if found is None or found.paragraphs < FEWEST:
        return None
    shares = [one.found / one.paragraphs for one in found.by_format if one.paragraphs >= FEWEST_OF_FORMAT]
    return min([*shares, found.found / found.paragraphs])


def _equal_vectors(sample: VectorSample | None) -> float | None:
    if sample is None or sample.sampled + sample.broken < FEWEST:
        return None
    return share(sample.nearly_equal + sample.broken, sample.sampled + sample.broken)


def _broken_borders(found: BorderCheck) -> float | None:
    return share(found.inside, found.total) if found.total >= FEWEST else None


def _lone_han(found: HanTerms) -> float | None:
    return share(found.alone, found.characters) if found.characters >= FEWEST_HAN else None


def _han_term(found: HanTerms) -> float | None:
    return found.mean_length if found.characters >= FEWEST_HAN else None


def _drift(lines: tuple[DriftLine, ...]) -> float | None:
    """0 where nothing is beyond chance."""
    judged = [line for line in lines if line.chance is not None and line.name not in TOLD_ONLY]
    if not judged:
        return None
    return max((line.distance for line in judged if line.beyond and line.distance is not None), default=0.0)
