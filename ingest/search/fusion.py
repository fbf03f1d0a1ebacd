"""Two rankings become one, by their ranks or by their scores; weighted, deterministic, pure.

The dense ranking counts for less where the model cannot read: a model that sees mostly unknown
tokens still ranks, and ranks noise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fused:
    """One place of the fused ranking. `score` is the sum of what each ranking gives it, None where it is not in it."""

    key: str
    score: float
    dense: float | None
    sparse: float | None


Ranking = Mapping[str, float]
"""Keys with their scores, best first."""


def dense_weight(unknown_query: float, unknown_text: float, *, full: float) -> float:
    """What the dense rank of a text counts, against 1 for its sparse rank.

    `unknown_…` are shares in [0, 1] of tokens that the model does not know; `full` is the weight
    where it knows them all.
    """
    return full * (1 - unknown_query) * (1 - unknown_text)


def fuse_ranks(dense: Ranking, sparse: Ranking, weights: Mapping[str, float], *, k: float) -> list[Fused]:
    """Weighted reciprocal rank fusion: `weight / (k + dense rank) + 1 / (k + sparse rank)`, best first, ties by key.

    `weights` holds the dense weight of every key of `dense`; what only a weight of 0 speaks for
    is left out.
    """
    return _summed(_by_rank(dense, k), _by_rank(sparse, k), weights)


def fuse_scores(dense: Ranking, sparse: Ranking, weights: Mapping[str, float]) -> list[Fused]:
    """`weight * normalised dense score + normalised sparse score`, best first, ties by key; `weights` as above."""
    return _summed(normalised(dense), normalised(sparse), weights)


def normalised(ranking: Ranking) -> dict[str, float]:
    """Scores in (0, 1], 1 for the best, in the same order.

    Min-max, with the least of what was fetched standing for 1 in a number that counts what was fetched, and not
    for 0: it was found, which is more than what was not. Unlike mean and deviation (DBSF) it gives every best hit
    the same 1, so that the weights mean what they say; a leg's scores say nothing of how good its best is, BM25
    having no upper limit and cosines of one model lying close together.
    """
    if not ranking:
        return {}
    best, least = max(ranking.values()), min(ranking.values())
    floor = 1 / (1 + len(ranking))
    if best == least:
        return dict.fromkeys(ranking, 1.0)
    return {key: 1 - (1 - floor) * (best - score) / (best - least) for key, score in ranking.items()}


def _by_rank(ranking: Ranking, k: float) -> dict[str, float]:
    return {key: 1 / (k + rank) for rank, key in enumerate(ranking, 1)}


def _summed(dense: Mapping[str, float], sparse: Mapping[str, float], weights: Mapping[str, float]) -> list[Fused]:
    weighed = {key: weights[key] * part for key, part in dense.items() if weights[key] > 0}
    fused = [
        Fused(key, weighed.get(key, 0.0) + sparse.get(key, 0.0), weighed.get(key), sparse.get(key))
        for key in weighed.keys() | sparse.keys()
    ]
    return sorted(fused, key=lambda place: (-place.score, place.key))
