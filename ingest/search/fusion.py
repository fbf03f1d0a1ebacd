"""Two rankings become one, by their ranks or by their scores; weighted, deterministic, pure.

The dense ranking counts for less where the model cannot read: a model that sees mostly unknown
tokens still ranks, and ranks noise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MOSTLY: Final = 0.5
"""Share of a question: what the model cannot read more of is found by its words alone."""


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

    `unknown_…` are shares in [0, 1] of what the model cannot read; `full` is the weight where it reads all. Exactly
    0 for a question that it mostly cannot read: the fused order is then that of the words.
    """
    return 0.0 if unknown_query > MOSTLY else full * (1 - unknown_query) * (1 - unknown_text)


def fuse_ranks(dense: Ranking, sparse: Ranking, weights: Mapping[str, float], *, k: float) -> list[Fused]:
    """Weighted reciprocal rank fusion: `weight / (k + dense rank) + 1 / (k + sparse rank)`, best first, ties by key.

    `weights` holds the dense weight of every key of `dense`; what only a weight of 0 speaks for
    is left out.
    """
    return _summed(_by_rank(dense, k), _by_rank(sparse, k), weights)


def fuse_scores(dense: Ranking, sparse: Ranking, weights: Mapping[str, float]) -> list[Fused]:
    """`weight * normalised dense score + sparse score / the best one`, best first, ties by key; `weights` as above.

    Each ranking by what its scores mean. BM25 counts from 0, where no word is held: half a score is half the words'
    weight, and a passage that stands out by a rare word or a code stands out in the sum. Cosines have no such zero,
    those of one model lying close together: they are spread over what was fetched.
    """
    return _summed(normalised(dense), of_best(sparse), weights)


def normalised(ranking: Ranking) -> dict[str, float]:
    """Scores in (0, 1], 1 for the best, in the same order.

    Min-max, with the least of what was fetched standing for 1 in a number that counts what was fetched, and not
    for 0: it was found, which is more than what was not. Unlike mean and deviation (DBSF) it gives every best hit
    the same 1, so that the weights mean what they say.
    """
    if not ranking:
        return {}
    best, least = max(ranking.values()), min(ranking.values())
    floor = 1 / (1 + len(ranking))
    if best == least:
        return dict.fromkeys(ranking, 1.0)
    return {key: 1 - (1 - floor) * (best - score) / (best - least) for key, score in ranking.items()}


def of_best(ranking: Ranking) -> dict[str, float]:
    """Scores in (0, 1], 1 for the best, in the same order and with the same ratios. All must be above 0."""
    best = max(ranking.values(), default=1.0)
    return {key: score / best for key, score in ranking.items()}


def _by_rank(ranking: Ranking, k: float) -> dict[str, float]:
    return {key: 1 / (k + rank) for rank, key in enumerate(ranking, 1)}


def _summed(dense: Mapping[str, float], sparse: Mapping[str, float], weights: Mapping[str, float]) -> list[Fused]:
    weighed = {key: weights[key] * part for key, part in dense.items() if weights[key] > 0}
    fused = [
        Fused(key, weighed.get(key, 0.0) + sparse.get(key, 0.0), weighed.get(key), sparse.get(key))
        for key in weighed.keys() | sparse.keys()
    ]
    return sorted(fused, key=lambda place: (-place.score, place.key))
