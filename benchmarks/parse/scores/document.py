"""Every score of one document."""

from __future__ import annotations

from collections.abc import Mapping

from scores.adjacency import table_scores
from scores.headings import heading_scores
from scores.mhs import mhs
from scores.nid import nid, nid_s, nid_text
from scores.reading import Reading
from scores.teds import teds

Scores = Mapping[str, float | None]

TABLE_METRICS = ("teds", "teds_s", "adjacency_f1", "adjacency_precision", "adjacency_recall", "cell_f1")
HEADING_METRICS = ("mhs", "mhs_s", "heading_f1", "heading_precision", "heading_recall", "parents", "levels")
METRICS = ("nid", "nid_s", "nid_text", *HEADING_METRICS, *TABLE_METRICS)
LEADING = ("nid", "heading_f1", "parents", "adjacency_f1")
"""The mean of those that a document has orders documents from worst to best."""


def published_scores(truth: Reading, found: Reading) -> Scores:
    """Those of opendataloader-bench. None where the reference has nothing to compare."""
    tables, headings = teds(truth, found), mhs(truth, found)
    return {
        "nid": nid(truth, found),
        "nid_s": nid_s(truth, found),
        "teds": tables.teds,
        "teds_s": tables.teds_s,
        "mhs": headings.mhs,
        "mhs_s": headings.mhs_s,
    }


def all_scores(truth: Reading, found: Reading) -> Scores:
    """A document whose reference has no table has no table score, whatever was found, and so for
    headings: `tables_extra` and `headings_extra` count what should not be there."""
    headings, tables = heading_scores(truth, found), table_scores(truth, found)
    has_headings = bool(truth.headings)
    return {
        **published_scores(truth, found),
        "nid_text": nid_text(truth, found),
        "heading_f1": headings.f1 if has_headings else None,
        "heading_precision": headings.precision if has_headings else None,
        "heading_recall": headings.recall,
        "parents": headings.parents,
        "levels": headings.levels,
        "adjacency_f1": tables.f1,
        "adjacency_precision": tables.precision,
        "adjacency_recall": tables.recall,
        "cell_f1": tables.cell_f1,
        "headings_extra": 0 if has_headings else len(found.headings),
        "tables_extra": tables.extra,
    }
