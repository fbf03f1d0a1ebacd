"""What the index knows of a single word: its IDF among the passages that are searched."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, Protocol

from ingest.search.explaining import QuestionTerm
from ingest.vectors import PayloadFilter, ScoredPoint, SparseWeights
from schemas.chunk import build_embed_text

RARE_SHARE: Final = 1 / 200
"""Of the passages, that hold a rare word at most."""


class TermEncoder(Protocol):
    def encode_query(self, text: str) -> SparseWeights: ...

    def encode_term(self, term: str) -> SparseWeights: ...

    def terms(self, query: str) -> tuple[str, ...]: ...

    def held(self, terms: Sequence[str], text: str) -> dict[str, float]: ...


class _Searched(Protocol):
    def search_sparse(self, query: SparseWeights, where: PayloadFilter, limit: int) -> list[ScoredPoint]: ...


def weigh_terms(
    index: _Searched, encoder: TermEncoder, terms: Sequence[str], where: PayloadFilter
) -> tuple[QuestionTerm, ...]:
    """One search a term: no engine tells an IDF, but the score of the best passage for a word alone is its IDF times
    the weight that the word has in that passage, which can be reckoned again."""
    return tuple(_weighed(index, encoder, term, where) for term in terms)


def rare(terms: Sequence[QuestionTerm]) -> tuple[str, ...]:
    """What no passage holds is not rare: it finds nothing, however much the sparse ranking counts."""
    return tuple(term.term for term in terms if term.share is not None and term.share <= RARE_SHARE)


def text_of(point: ScoredPoint) -> str:
    return build_embed_text(str(point.payload.get("context", "")), str(point.payload["text"]))


def _weighed(index: _Searched, encoder: TermEncoder, term: str, where: PayloadFilter) -> QuestionTerm:
    found = index.search_sparse(encoder.encode_term(term), where, 1)
    weight = encoder.held([term], text_of(found[0])).get(term, 0.0) if found else 0.0
    if not weight:
        return QuestionTerm(term, None, None)
    idf = found[0].score / weight
    # The engine's IDF is log(1 + (n - held + 1/2) / (held + 1/2)), which is log((n + 1) / (held + 1/2)).
    return QuestionTerm(term, idf, min(1.0, math.exp(-idf)))
