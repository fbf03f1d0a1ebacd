"""The gates of an evaluation: those of `[report]` that have a limit."""

from __future__ import annotations

from ingest.options.report import ReportOptions
from ingest.reports.gates import at_least
from schemas.evaluation import Evaluation
from schemas.verdict import Gate

MIN_RECALL = "min_recall"
MIN_HIT = "min_hit"
MIN_MRR = "min_mrr"
MIN_NDCG = "min_ndcg"


def retrieval_gates(options: ReportOptions, evaluation: Evaluation | None) -> tuple[Gate, ...]:
    """Of the mode `Evaluation.main`. Nothing is measured without an evaluation, or at a cutoff beyond its hits."""
    scores = next(each.scores for each in evaluation.modes if each.mode is evaluation.main) if evaluation else None
    at = next((at for at in scores.at if at.k == options.at), None) if scores else None
    measured = (
        (MIN_RECALL, at.recall if at else None, options.min_recall),
        (MIN_HIT, at.hit if at else None, options.min_hit),
        (MIN_MRR, scores.mrr if scores else None, options.min_mrr),
        (MIN_NDCG, scores.ndcg if scores else None, options.min_ndcg),
    )
    return tuple(
        at_least(name, value.mean if value else None, limit) for name, value, limit in measured if limit is not None
    )
