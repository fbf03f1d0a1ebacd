"""How well retrieved passages answer questions whose answers are known as spans of characters.

Recall, precision, precision_omega and IoU are those of Chroma's chunking evaluation (Smith and
Troynikov, 2024), as its published code counts them: in characters, not in tokens. The ranked
measures (hit, MRR, nDCG) take a passage as relevant where it holds a character of an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log2, sqrt
from typing import NamedTuple

from chunkers.span_sets import common, length, merged
from schemas.base import Span


class Passage(NamedTuple):
    """A chunk: the corpus that it is cut from, and where it lies there."""

    corpus: str
    spans: Sequence[Span]


@dataclass(frozen=True, slots=True)
class Question:
    """`references`: where the answer stands in `corpus`; at least one, none of them empty."""

    corpus: str
    references: tuple[Span, ...]

    def __post_init__(self) -> None:
        if not self.references or any(start >= end for start, end in self.references):
            raise ValueError(f"a question needs references that are not empty: {self.references}")


class Overlap(NamedTuple):
    """Of one question and the passages that were retrieved for it, each in [0, 1]."""

    recall: float
    precision: float
    iou: float


def overlap(question: Question, retrieved: Sequence[Passage]) -> Overlap:
    """What of the answer was retrieved, and how much beside it.

    Lengths are plain sums: text that two passages share counts twice, and passages of other
    corpora count too. What was found of the answer counts once.
    """
    found = length(_found(question, retrieved))
    size = sum(length(passage.spans) for passage in retrieved)
    missing = length(merged(question.references)) - found
    return Overlap(
        recall=found / length(question.references),
        precision=found / size if size else 0.0,
        iou=found / (size + missing) if size + missing else 0.0,
    )


def precision_omega(question: Question, passages: Iterable[Passage]) -> float:
    """The precision of a perfect retrieval, over all `passages`: those of the corpus that touch a
    reference. One that only ends where a reference begins, or begins where one ends, touches it.
    """
    touching = [passage for passage in passages if _touches(question, passage)]
    found = _found(question, touching)
    held = [span for passage in touching for span in passage.spans]
    return length(found) / length(merged([*held, *question.references]))


def gains(question: Question, passages: Iterable[Passage]) -> list[int]:
    """The characters of the answer that each passage holds: its relevance, in the order given."""
    answer = merged(question.references)
    return [
        length(common(answer, merged(passage.spans))) if passage.corpus == question.corpus else 0
        for passage in passages
    ]


def recall_at(ranked: Sequence[int], relevant: int, k: int) -> float:
    """The relevant ones among the first `k`, of the `relevant` that there are; 0 where there are none."""
    return _hits(ranked, k) / relevant if relevant else 0.0


def precision_at(ranked: Sequence[int], k: int) -> float:
    """The relevant ones among the first `k`, of `k`: places that nothing came back for count as wrong."""
    return _hits(ranked, k) / k


def hit(ranked: Sequence[int], k: int) -> bool:
    """Whether one of the first `k` is relevant; `ranked` are gains, the best rank first."""
    return any(ranked[:k])


def reciprocal_rank(ranked: Sequence[int]) -> float:
    """Of the first relevant one, 0 where there is none."""
    return next((1 / rank for rank, gain in enumerate(ranked, 1) if gain), 0.0)


def ndcg(ranked: Sequence[int], ideal: Iterable[int], k: int) -> float:
    """Linear gains, discounted by the logarithm of the rank (Järvelin and Kekäläinen), against the
    best order of `ideal`: the gains of everything that could have been retrieved."""
    best = _discounted(sorted(ideal, reverse=True)[:k])
    return _discounted(ranked[:k]) / best if best else 0.0


@dataclass(frozen=True, slots=True)
class Mean:
    """Over questions. `deviation` is the population's, as published."""

    mean: float
    deviation: float
    n: int


def mean(values: Sequence[float]) -> Mean:
    """The published figures are such means, of one value a question."""
    if not values:
        raise ValueError("a mean of no questions")
    middle = sum(values) / len(values)
    return Mean(middle, sqrt(sum((value - middle) ** 2 for value in values) / len(values)), len(values))


def _found(question: Question, passages: Iterable[Passage]) -> list[Span]:
    held = merged(span for passage in passages if passage.corpus == question.corpus for span in passage.spans)
    return common(held, merged(question.references))


def _touches(question: Question, passage: Passage) -> bool:
    return passage.corpus == question.corpus and any(
        start <= last and first <= end for start, end in passage.spans for first, last in question.references
    )


def _hits(ranked: Sequence[int], k: int) -> int:
    return sum(gain > 0 for gain in ranked[:k])


def _discounted(ranked: Sequence[int]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(ranked, 1))
