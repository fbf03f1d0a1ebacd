"""Why these hits, in this order: what was asked of the index, and what each hit owes to which ranking."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from ingest.vectors import Condition
from schemas.point import Fusion, SearchMode


@dataclass(frozen=True, slots=True)
class QuestionTerm:
    """A word of the question as the index knows it. `idf` is the index's own, among the passages that were searched;
    `share` of them, in [0, 1], hold it. None where no passage does."""

    term: str
    idf: float | None
    share: float | None


@dataclass(frozen=True, slots=True)
class HeldTerm:
    """`weight` is what the term adds to the BM25 score of the passage: they sum up to `Hit.sparse_score`."""

    term: str
    weight: float


@dataclass(frozen=True, slots=True)
class HitExplanation:
    """Of the hit at the same place. `dense` and `sparse` are what each ranking added to the fused score, weighted;
    None where it did not find the passage, or was not asked. `rank` counts from 1 in the fused list, before any
    reranking; `dense_weight` is what the dense ranking counted for this passage,
    None where it did not find it."""

    rank: int
    dense_weight: float | None
    dense: float | None
    sparse: float | None
    terms: tuple[HeldTerm, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """`milliseconds` that a part of the search took."""

    name: str
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """`depth`: hits that each ranking was asked for; `dense_found`, `sparse_found`: those that came.
    `conditions`: what the index was asked to filter by, all of which hold. `under`: the headings of each level that
    what was asked fits. `dense_weight`: of the dense ranking against 1 for the sparse one, before what the model
    cannot read of a single passage is taken off; `reasons`: why it is not `search.dense_weight`."""

    query: str
    mode: SearchMode
    fusion: Fusion
    depth: int
    conditions: tuple[Condition, ...]
    under: tuple[tuple[str, ...], ...]
    as_of: int | None
    dense_found: int
    sparse_found: int
    dense_weight: float
    reasons: tuple[str, ...]
    terms: tuple[QuestionTerm, ...]
    reranker: str
    reranked: int
    steps: tuple[Step, ...]
    hits: tuple[HitExplanation, ...]


@dataclass(slots=True)
class Stopwatch:
    """Sums what each named step takes, in the order in which they began."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self.seconds.setdefault(name, 0.0)
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] += time.perf_counter() - began

    def steps(self) -> tuple[Step, ...]:
        return steps_of(self.seconds)


def steps_of(seconds: Mapping[str, float]) -> tuple[Step, ...]:
    return tuple(Step(name, 1000 * taken) for name, taken in seconds.items())
