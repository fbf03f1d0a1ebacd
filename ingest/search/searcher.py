"""Questions to hits: both rankings, weighed, fused, and if wished ordered anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Final, Protocol

from ingest.logs import get_logger
from ingest.options.index import SearchOptions
from ingest.search.explaining import Explanation, HeldTerm, HitExplanation, QuestionTerm, Stopwatch
from ingest.search.fusion import MOSTLY, Fused, dense_weight, fuse_ranks, fuse_scores
from ingest.search.legs import Leg, newest, unknown_share_of
from ingest.search.query_route import Known, QueryForm, Route, read_form, route
from ingest.search.reading import QuestionReading
from ingest.search.request import SearchRequest, SearchResult
from ingest.search.reranking import Reranker, rerank
from ingest.search.stand_ins import StandIns
from ingest.search.subtree import Subtree, find_subtree
from ingest.search.term_weights import TermEncoder, rare, text_of, weigh_terms
from ingest.vectors import IndexPoint, PayloadFilter, ScoredPoint, SparseWeights, Vector
from schemas.errors import ConfigError
from schemas.point import Fusion, Hit, PointPayload, SearchMode

__all__ = ["SearchRequest", "SearchResult", "Searcher"]

log = get_logger(__name__)

_MOST_LOOKED_UP: Final = 8
"""Words of a question that the index is asked about one by one, to see which are rare: a search each."""
_DEEPER: Final = 4
"""Times as many hits are asked of each ranking, where what came left fewer than were asked for."""


class SearchedIndex(Protocol):
    """What searching needs of a vector index."""

    def reading(self) -> AbstractContextManager[None]: ...

    def values(self, field: str, where: PayloadFilter) -> dict[str, int]: ...

    def scroll(self, where: PayloadFilter) -> Iterator[IndexPoint]: ...

    def search_dense(
        self, vector: Vector, where: PayloadFilter, limit: int, *, exact: bool = False
    ) -> list[ScoredPoint]: ...

    def search_sparse(self, query: SparseWeights, where: PayloadFilter, limit: int) -> list[ScoredPoint]: ...


class QueryEmbedder(Protocol):
    limit: int
    """Tokens of the longest question."""

    def embed_query(self, text: str) -> Vector: ...


class QueryReader(Protocol):
    """The embedder's tokenizer."""

    def count(self, texts: Sequence[str]) -> list[int]: ...

    def unknown_shares(self, texts: Sequence[str]) -> list[float]: ...


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question, read: its vector where the ranking by meaning is to be asked, the share that the model cannot
    read, and what its form says."""

    request: SearchRequest
    vector: Vector | None
    unread: float
    form: QueryForm
    depth: int
    """Hits that each ranking is asked for."""


@dataclass(frozen=True, slots=True)
class _Answers:
    """What the index said."""

    subtree: Subtree
    stand_ins: StandIns
    dense: Leg
    sparse: Leg
    more: bool
    """A ranking may hold more than it was asked for."""
    terms: tuple[QuestionTerm, ...]

    def rows(self) -> dict[str, ScoredPoint]:
        return newest([*self.dense.newest.values(), *self.sparse.newest.values()])


@dataclass(frozen=True, slots=True)
class _Fusion:
    """`weights`: of the dense ranking, by chunk. `places` by chunk too; `hits` in their order, a duplicate in
    the stead of its survivor."""

    way: Route
    weights: dict[str, float]
    places: dict[str, Fused]
    hits: list[Hit]


class Searcher:
    """Asks both rankings of an index, and fuses them by what the embedding model can read and by the form of
    the question.

    In the modes `dense` and `sparse` a hit's score is that ranking's own.
    """

    def __init__(
        self,
        index: SearchedIndex,
        embedder: QueryEmbedder,
        encoder: TermEncoder,
        reader: QueryReader,
        options: SearchOptions,
        *,
        reranker: Reranker | None = None,
    ) -> None:
        self._index = index
        self._embedder = embedder
        self._encoder = encoder
        self._reader = reader
        self._reading = QuestionReading(reader)
        self._options = options
        self._reranker = reranker
        self._told_unknown = False

    def search(self, request: SearchRequest) -> SearchResult:
        """The best passages, one for a chunk. Nothing for a question without a word that can be looked for."""
        watch, warnings = Stopwatch(), list[str]()
        reranker = self._chosen_reranker(request)
        reranked = max(self._options.rerank_depth, request.limit) if reranker is not None else 0
        asked = self._read(request, reranked, watch, warnings)
        # Held for both rankings, and not while a model is loaded and run.
        with self._index.reading():
            asked, answers, fused = self._answered(asked, watch)
        hits = fused.hits
        if reranker is not None:
            with watch.step("rerank"):
                hits, cut = rerank(reranker, request.query, hits, reranked)
                warnings += cut
        found = SearchResult(tuple(hits[: request.limit]), (*warnings, *answers.subtree.warnings))
        if not request.explain:
            return found
        with watch.step("explain"):
            explained = self._explained_hits(found.hits, fused, answers)
        explanation = Explanation(
            query=request.query,
            mode=request.mode,
            fusion=self._options.fusion,
            depth=asked.depth,
            conditions=answers.stand_ins.asked.conditions(),
            under=tuple(tuple(sorted(level)) for level in answers.subtree.levels),
            as_of=request.as_of,
            dense_found=len(answers.dense.scores),
            sparse_found=len(answers.sparse.scores),
            dense_weight=dense_weight(asked.unread, 0.0, full=self._options.full_dense_weight * fused.way.dense),
            reasons=fused.way.reasons,
            terms=answers.terms,
            reranker=reranker.name if reranker is not None else "",
            reranked=min(reranked, len(fused.hits)),
            steps=watch.steps(),
            hits=explained,
        )
        return replace(found, explanation=explanation)

    def _chosen_reranker(self, request: SearchRequest) -> Reranker | None:
        if request.rerank is False:
            return None
        if request.rerank and self._reranker is None:
            raise ConfigError("no reranker is configured: name a cross-encoder in [search] rerank_model")
        return self._reranker

    def _read(self, request: SearchRequest, reranked: int, watch: Stopwatch, warnings: list[str]) -> _Asked:
        with watch.step("embed"):
            vector, unread = self._dense_query(request, warnings)
        depth = max(self._options.per_leg, 5 * request.limit, reranked)
        return _Asked(request, vector, unread, read_form(request.query), depth)

    def _answered(self, asked: _Asked, watch: Stopwatch) -> tuple[_Asked, _Answers, _Fusion]:
        """As many hits as were asked for, or all there are. The index cannot tell the order of headings, and old
        rows stand beside new ones: what it returns may come to less."""
        subtree, stand_ins = self._selected(asked.request, watch)
        while True:
            answers = self._ask(asked, subtree, stand_ins, watch)
            with watch.step("fuse"):
                fused = self._fused(asked, answers)
            if len(fused.hits) >= asked.request.limit or not answers.more:
                return asked, answers, fused
            asked = replace(asked, depth=_DEEPER * asked.depth)

    def _selected(self, request: SearchRequest, watch: Stopwatch) -> tuple[Subtree, StandIns]:
        where = request.where()
        subtree = Subtree()
        if request.under is not None:
            with watch.step("headings"):
                subtree = find_subtree(self._index, where, request.under)
        with watch.step("duplicates"):
            return subtree, StandIns.find(self._index, where, subtree)

    def _ask(self, asked: _Asked, subtree: Subtree, stand_ins: StandIns, watch: Stopwatch) -> _Answers:
        request = asked.request
        with watch.step("dense"):
            dense = (
                self._index.search_dense(asked.vector, stand_ins.where, asked.depth) if asked.vector is not None else []
            )
        with watch.step("sparse"):
            sparse = (
                self._index.search_sparse(self._encoder.encode_query(request.query), stand_ins.where, asked.depth)
                if request.mode is not SearchMode.DENSE
                else []
            )
        with watch.step("words"):
            looked_up = self._looked_up(asked)
            terms = weigh_terms(self._index, self._encoder, looked_up, stand_ins.where)
        more = asked.depth <= max(len(dense), len(sparse))
        return _Answers(subtree, stand_ins, Leg(dense), Leg(sparse), more, terms)

    def _looked_up(self, asked: _Asked) -> tuple[str, ...]:
        """The words that the index is asked about one by one."""
        if asked.request.mode is SearchMode.DENSE:
            return ()
        return self._encoder.terms(asked.request.query) if asked.request.explain else self._decisive(asked)

    def _decisive(self, asked: _Asked) -> tuple[str, ...]:
        """Those that the route depends on: of identifiers, or of a few words that are no sentence. In a sentence
        some word always is rare, and it is the meaning that is asked for."""
        if not self._routes(asked):
            return ()
        if asked.form.identifiers:
            return self._encoder.terms(" ".join(asked.form.identifiers))
        terms = self._encoder.terms(asked.request.query)
        return terms if not asked.form.asks and len(terms) <= _MOST_LOOKED_UP else ()

    def _routes(self, asked: _Asked) -> bool:
        return self._options.routing and asked.request.mode is SearchMode.HYBRID

    def _route(self, asked: _Asked, told: Sequence[QuestionTerm]) -> Route:
        if not self._routes(asked):
            return Route()
        decisive = frozenset(self._decisive(asked))
        terms = {term.term: term for term in told if term.term in decisive}
        absent = tuple(
            each
            for each in asked.form.identifiers
            if all(term in terms and terms[term].idf is None for term in self._encoder.terms(each))
        )
        return route(asked.form, Known(rare([*terms.values()]), absent), asked.unread)

    def _fused(self, asked: _Asked, answers: _Answers) -> _Fusion:
        way = self._route(asked, answers.terms)
        full = self._options.full_dense_weight * way.dense
        weights = {
            key: dense_weight(asked.unread, unknown_share_of(row), full=full)
            for key, row in answers.dense.newest.items()
        }
        places = self._places(asked.request.mode, answers.dense, answers.sparse, weights)
        rows = answers.rows()
        found = [_hit(rows[place.key], place.score, answers.dense, answers.sparse) for place in places]
        return _Fusion(way, weights, {place.key: place for place in places}, answers.stand_ins.put_back(found))

    def _places(self, mode: SearchMode, dense: Leg, sparse: Leg, weights: dict[str, float]) -> list[Fused]:
        if mode is SearchMode.DENSE:
            return [Fused(key, score, score, None) for key, score in dense.scores.items()]
        if mode is SearchMode.SPARSE:
            return [Fused(key, score, None, score) for key, score in sparse.scores.items()]
        if self._options.fusion is Fusion.SCORES:
            return fuse_scores(dense.scores, sparse.scores, weights)
        return fuse_ranks(dense.scores, sparse.scores, weights, k=self._options.rrf_k)

    def _explained_hits(self, hits: Sequence[Hit], fused: _Fusion, answers: _Answers) -> tuple[HitExplanation, ...]:
        ranks = {hit.point_id: rank for rank, hit in enumerate(fused.hits, 1)}
        rows = answers.rows()
        idf = {term.term: term.idf for term in answers.terms if term.idf is not None}
        explained = []
        for hit in hits:
            # A duplicate was found as its survivor.
            key = hit.payload.survivor or hit.payload.chunk_id
            held = self._encoder.held([*idf], text_of(rows[key]))
            terms = sorted((HeldTerm(term, idf[term] * weight) for term, weight in held.items()), key=_heaviest)
            place = fused.places[key]
            weight = fused.weights.get(key)
            explained.append(HitExplanation(ranks[hit.point_id], weight, place.dense, place.sparse, tuple(terms)))
        return tuple(explained)

    def _dense_query(self, request: SearchRequest, warnings: list[str]) -> tuple[Vector | None, float]:
        """The question's vector, where it is wanted and says anything, and the share that the model cannot read."""
        if request.mode is SearchMode.SPARSE:
            return None, 0.0
        unknown = self._reader.unknown_shares([request.query])[0]
        unread = self._reading.unread(request.query, unknown)
        if unread > self._options.unknown_warning and not self._told_unknown:
            self._told_unknown = True
            warnings.append(
                f"the embedding model cannot read {unread:.0%} of this question, so passages are found by their "
                "words rather than by their meaning: set [embed] model to a multilingual model and index again"
            )
        # A ranking of noise would only push down what the words found; asked alone, it is shown as it is.
        if unknown >= 1 or (request.mode is SearchMode.HYBRID and unread > MOSTLY):
            return None, unread
        return self._embedder.embed_query(self._cut(request.query, warnings)), unread

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
        log.info("query_cut", extra={"facts": {"tokens": tokens, "limit": limit}})  # whoever asked is told in words
        warnings.append(
            f"the question is {tokens} tokens long and the embedding model reads {limit}: "
            "its meaning is taken from the beginning, its words from all of it"
        )
        return query[:fits]


def _heaviest(term: HeldTerm) -> tuple[float, str]:
    return -term.weight, term.term


def _hit(row: ScoredPoint, score: float, dense: Leg, sparse: Leg) -> Hit:
    payload = PointPayload.model_validate(row.payload)
    dense_rank, dense_score = dense.place(payload.chunk_id)
    sparse_rank, sparse_score = sparse.place(payload.chunk_id)
    return Hit(
        score=score,
        payload=payload,
        point_id=row.id,
        dense_rank=dense_rank,
        dense_score=dense_score,
        sparse_rank=sparse_rank,
        sparse_score=sparse_score,
    )
