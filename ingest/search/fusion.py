"""Two rankings become one: weighted reciprocal rank fusion.

The dense ranking counts for less where the model cannot read: a model that sees mostly unknown
tokens still ranks, and ranks noise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fused:
    """One place of the fused ranking; ranks count from 1 within each of the two."""

    key: str
    score: float
    dense_rank: int | None
    sparse_rank: int | None


def dense_weight(unknown_query: float, unknown_text: float, *, full: float) -> float:
    """What the dense rank of a text counts, against 1 for its sparse rank.

    `unknown_…` are shares in [0, 1] of tokens that the model does not know; `full` is the weight
    where it knows them all.
    """
    return full * (1 - unknown_query) * (1 - unknown_text)


def fuse(dense: Sequence[str], sparse: Sequence[str], weights: Mapping[str, float], *, k: float) -> list[Fused]:
    """Keys by `weight / (k + dense rank) + 1 / (k + sparse rank)`, best first, ties by key.

    `weights` holds the dense weight of every key of `dense`; what only a weight of 0 speaks for
    is left out. Keys are distinct within each ranking.
    """
    dense_ranks = {key: rank for rank, key in enumerate(dense, 1)}
    sparse_ranks = {key: rank for rank, key in enumerate(sparse, 1)}
    scores = {key: 1 / (k + rank) for key, rank in sparse_ranks.items()}
    for key, rank in dense_ranks.items():
        if weights[key] > 0:
            scores[key] = scores.get(key, 0.0) + weights[key] / (k + rank)
    order = sorted(scores, key=lambda key: (-scores[key], key))
    return [Fused(key, scores[key], dense_ranks.get(key), sparse_ranks.get(key)) for key in order]
