"""Questions to hits: both rankings, fused."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from ingest.index_options import SearchOptions
from ingest.search.fusion import dense_weight, fuse
from ingest.search.request import SearchRequest, SearchResult
from ingest.search.stand_ins import StandIns
from ingest.vectors import IndexPoint, PayloadFilter, ScoredPoint, SparseWeights, Vector
from schemas.errors import InvariantError
from schemas.point import Hit, PointPayload, SearchMode

__all__ = ["SearchRequest", "SearchResult", "Searcher"]

log = logging.getLogger(__name__)


class SearchedIndex(Protocol):
    """What searching needs of a vector index."""

    def reading(self) -> AbstractContextManager[None]: ...

    def scroll(self, where: PayloadFilter) -> Iterator[IndexPoint]: ...

    def search_dense(
        self, vector: Vector, where: PayloadFilter, limit: int, *, exact: bool = False
    ) -> list[ScoredPoint]: ...

    def search_sparse(self, query: SparseWeights, where: PayloadFilter, limit: int) -> list[ScoredPoint]: ...


class QueryEmbedder(Protocol):
    limit: int
    """Tokens of the longest question."""

    def embed_query(self, text: str) -> Vector: ...


class QueryEncoder(Protocol):
    def encode_query(self, text: str) -> SparseWeights: ...


class QueryReader(Protocol):
    """The embedder's tokenizer."""

    def count(self, texts: Sequence[str]) -> list[int]: ...

    def unknown_shares(self, texts: Sequence[str]) -> list[float]: ...


class Searcher:
    """Asks both rankings of an index, and fuses them by what the embedding model can read.

    In the modes `dense` and `sparse` a hit's score is that ranking's own.
    """

    def __init__(
        self,
        index: SearchedIndex,
        embedder: QueryEmbedder,
        encoder: QueryEncoder,
        reader: QueryReader,
        options: SearchOptions,
    ) -> None:
        self._index = index
        self._embedder = embedder
        self._encoder = encoder
        self._reader = reader
        self._options = options
        self._told_unknown = False

    def search(self, request: SearchRequest) -> SearchResult:
        """The best passages, one for a chunk. Nothing for a question without a word that can be looked for."""
        warnings: list[str] = []
        vector, unknown = self._dense_query(request, warnings)
        terms = None if request.mode is SearchMode.DENSE else self._encoder.encode_query(request.query)
        depth = max(self._options.per_leg, 5 * request.limit)
        # Held for both rankings, and not while a model is loaded and run.
        with self._index.reading():
            stand_ins = StandIns.find(self._index, request)
            where = stand_ins.where
            dense = [] if vector is None else self._index.search_dense(vector, where, depth)
            sparse = [] if terms is None else self._index.search_sparse(terms, where, depth)
        hits = stand_ins.put_back(self._fused(request.mode, _Leg(dense), _Leg(sparse), unknown))
        return SearchResult(tuple(hits[: request.limit]), tuple(warnings))

    def _dense_query(self, request: SearchRequest, warnings: list[str]) -> tuple[Vector | None, float]:
        """The question's vector, where it is wanted and the model can read any of it, and the share it cannot."""
        if request.mode is SearchMode.SPARSE or not request.query.strip():
            return None, 0.0
        unknown = self._reader.unknown_shares([request.query])[0]
        if unknown > self._options.unknown_warning and not self._told_unknown:
            self._told_unknown = True
            warnings.append(
                f"the embedding model cannot read {unknown:.0%} of this question, so passages are found by their "
                "words rather than by their meaning: set [embed] model to a multilingual model and index again"
            )
        if unknown >= 1:
            return None, unknown
        return self._embedder.embed_query(self._cut(request.query, warnings)), unknown

    def _cut(self, query: str, warnings: list[str]) -> str:
        """The longest beginning of the question that the model reads."""
        limit = self._embedder.limit
        tokens = self._reader.count([query])[0]
        if tokens <= limit:
            return query
        fits, too_long = 0, len(query)
        while too_long - fits > 1:
            middle = (fits + too_long) // 2
            if self._reader.count([query[:middle]])[0] <= limit:
                fits = middle
            else:
                too_long = middle
        log.warning("query_cut", extra={"tokens": tokens, "limit": limit})
        warnings.append(
            f"the question is {tokens} tokens long and the embedding model reads {limit}: "
            "its meaning is taken from the beginning, its words from all of it"
        )
        return query[:fits]

    def _fused(self, mode: SearchMode, dense: _Leg, sparse: _Leg, unknown: float) -> list[Hit]:
        if mode is SearchMode.DENSE:
            return [_hit(row, row.score, dense, sparse) for row in dense.newest.values()]
        if mode is SearchMode.SPARSE:
            return [_hit(row, row.score, dense, sparse) for row in sparse.newest.values()]
        rows = _newest([*dense.newest.values(), *sparse.newest.values()])
        weights = {
            key: dense_weight(unknown, _unknown_share(row), full=self._options.dense_weight)
            for key, row in dense.newest.items()
        }
        fused = fuse([*dense.newest], [*sparse.newest], weights, k=self._options.rrf_k)
        return [_hit(rows[place.key], place.score, dense, sparse) for place in fused]


class _Leg:
    """One ranking with one row a chunk: the old and the new one may both be there for a moment.
    The chunk keeps the better place, and the newer row stands there."""

    def __init__(self, points: Sequence[ScoredPoint]) -> None:
        # Of equal scores not by the row's id, which tells when it was written: what was rolled back
        # and forward again, or is asked as of the past, is found in the same order.
        points = sorted(points, key=lambda point: (-point.score, _chunk_id(point)))
        self.newest = _newest(points)
        self._scores: dict[str, float] = {}
        for point in points:
            self._scores.setdefault(_chunk_id(point), point.score)
        self._ranks = {key: rank for rank, key in enumerate(self.newest, 1)}

    def place(self, chunk: str) -> tuple[int | None, float | None]:
        return self._ranks.get(chunk), self._scores.get(chunk)


def _newest(points: Iterable[ScoredPoint]) -> dict[str, ScoredPoint]:
    """Of each chunk the row that began last, in the order in which the chunks come first."""
    rows: dict[str, ScoredPoint] = {}
    for point in points:
        known = rows.setdefault(_chunk_id(point), point)
        if _from_seq(point) > _from_seq(known):
            rows[_chunk_id(point)] = point
    return rows


def _hit(row: ScoredPoint, score: float, dense: _Leg, sparse: _Leg) -> Hit:
    chunk = _chunk_id(row)
    dense_rank, dense_score = dense.place(chunk)
    sparse_rank, sparse_score = sparse.place(chunk)
    return Hit(
        score=score,
        payload=PointPayload.model_validate(row.payload),
        point_id=row.id,
        dense_rank=dense_rank,
        dense_score=dense_score,
        sparse_rank=sparse_rank,
        sparse_score=sparse_score,
    )


def _chunk_id(point: ScoredPoint) -> str:
    return str(point.payload["chunk_id"])


def _from_seq(point: ScoredPoint) -> int:
    value = point.payload["from_seq"]
    if not isinstance(value, int):
        raise InvariantError("a row of the index without a sequence number", point=point.id)
    return value


def _unknown_share(point: ScoredPoint) -> float:
    value = point.payload.get("unknown_share", 0.0)
    return float(value) if isinstance(value, int | float) else 0.0
