"""A second look at the first hits: a model that reads question and passage together orders them anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from schemas.chunk import build_embed_text
from schemas.point import Hit


class Reranker(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def limit(self) -> int:
        """Tokens of a question and a passage together."""
        ...

    def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        """One for each passage, higher for the better answer; of the model's own scale."""
        ...

    def too_long(self, question: str, passages: Sequence[str]) -> int:
        """How many passages are judged by their beginning, because the model does not read all of them."""
        ...


def rerank(reranker: Reranker, question: str, hits: Sequence[Hit], depth: int) -> tuple[list[Hit], list[str]]:
    """The first `depth` by the reranker's scores, ties as they were, then the others as they were; and warnings."""
    first, others = hits[:depth], hits[depth:]
    if not first:
        return list(hits), []
    passages = [build_embed_text(hit.payload.context, hit.payload.text) for hit in first]
    scored = [
        hit.model_copy(update={"rerank_score": score})
        for hit, score in zip(first, reranker.scores(question, passages), strict=True)
    ]
    order = sorted(scored, key=lambda hit: -(hit.rerank_score or 0.0))
    return [*order, *others], _cut(reranker, reranker.too_long(question, passages), len(passages))


def _cut(reranker: Reranker, cut: int, passages: int) -> list[str]:
    if not cut:
        return []
    return [
        f"{cut} of {passages} passages are longer than the {reranker.limit} tokens that {reranker.name} reads with the"
        " question: they were ordered by their beginning"
    ]
