"""Ranks of right hits become figures, and figures means with their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from chunkers.retrieval_quality import hit, ndcg, precision_at, recall_at, reciprocal_rank
from schemas.evaluation import AtCutoff, Estimate, Latency, Scores

CUTOFFS: Final = (1, 3, 5, 10)
RESAMPLES: Final = 9_999
SEED: Final = 0
_AT_ONCE = 8_000_000
"""Numbers of a bootstrap in memory."""

Values = npt.NDArray[np.float64]
"""Questions by figures."""


def cutoffs_of(k: int) -> tuple[int, ...]:
    return (*(cutoff for cutoff in CUTOFFS if cutoff < k), k)


def values_of(ranks: Sequence[int], right: int, k: int) -> list[float]:
    """Of one question: recall, precision and hit of each cutoff, reciprocal rank, nDCG. `ranks`: of the right hits;
    `right`: how many chunks are."""
    gains = [int(rank in ranks) for rank in range(1, k + 1)]
    values: list[float] = []
    for cutoff in cutoffs_of(k):
        values += [recall_at(gains, right, cutoff), precision_at(gains, cutoff), float(hit(gains, cutoff))]
    return [*values, reciprocal_rank(gains), ndcg(gains, [1] * right, k)]


def scores_of(values: Sequence[Values], k: int, *, resamples: int = RESAMPLES) -> list[Scores]:
    """Of several lists of figures about the same questions: paired, as every sample of questions is drawn for all."""
    estimates = estimated(np.hstack(values), resamples=resamples)
    width = values[0].shape[1]
    return [_scores(estimates[at : at + width], k) for at in range(0, len(estimates), width)]


def estimated(values: Values, *, resamples: int = RESAMPLES, seed: int = SEED) -> list[Estimate]:
    """The mean of each column, and its interval: bias corrected and accelerated (Efron, 1987)."""
    from scipy.stats import bootstrap

    means = values.mean(axis=0)
    spread = np.ptp(values, axis=0) > 0
    low, high = means.copy(), means.copy()
    # Where all questions are alike, so are all samples of them, and there is nothing to correct.
    if spread.any():
        columns = np.ascontiguousarray(values[:, spread].T)
        interval = bootstrap(
            (columns,),
            np.mean,
            axis=-1,
            n_resamples=resamples,
            batch=max(1, _AT_ONCE // columns.size),
            vectorized=True,
            confidence_level=0.95,
            method="BCa",
            rng=np.random.default_rng(seed),
        ).confidence_interval
        low[spread], high[spread] = interval.low, interval.high
    if len(values) < 2:
        return [Estimate(mean=float(mean)) for mean in means]
    return [Estimate(mean=float(m), low=float(a), high=float(b)) for m, a, b in zip(means, low, high, strict=True)]


def _scores(estimates: Sequence[Estimate], k: int) -> Scores:
    at = tuple(
        AtCutoff(k=cutoff, recall=recall, precision=precision, hit=found)
        for cutoff, recall, precision, found in zip(
            cutoffs_of(k), estimates[0:-2:3], estimates[1:-2:3], estimates[2:-2:3], strict=True
        )
    )
    return Scores(at=at, mrr=estimates[-2], ndcg=estimates[-1])


def latency_of(seconds: Sequence[float], warm_up: int) -> Latency:
    """`seconds`: of each search; one at least."""
    ordered = sorted(seconds)

    def percentile(percent: int) -> float:
        return 1000 * ordered[math.ceil(percent / 100 * len(ordered)) - 1]

    return Latency(
        searches=len(ordered),
        warm_up=warm_up,
        p50_ms=percentile(50),
        p95_ms=percentile(95),
        p99_ms=percentile(99),
        per_second=len(ordered) / sum(ordered),
    )
