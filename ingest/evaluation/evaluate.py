"""Evaluate: every question in every mode, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from typing import Protocol

import numpy as np

from ingest.context import Context
from ingest.evaluation.questions import Question, QuestionSet
from ingest.evaluation.scores import RESAMPLES, SEED, Values, latency_of, scores_of, values_of
from ingest.evaluation.truths import NoSuchDocument, Truth, Truths, shortened
from ingest.search.request import SearchResult
from schemas.errors import ConfigError
from schemas.evaluation import (
    LISTED_MISSES,
    SHOWN_HITS,
    Difference,
    Evaluation,
    ExpectedPlace,
    Latency,
    Miss,
    ModeResult,
    ModeScores,
    QuestionResult,
    ReturnedHit,
    ReturnedHits,
    RightRanks,
    Scores,
    SkippedQuestion,
    TagResult,
    Unpooled,
)
from schemas.point import Hit, SearchMode

STAGE = "ask"
MODES = (SearchMode.DENSE, SearchMode.SPARSE, SearchMode.HYBRID)
_WARM_UP = 3
"""Searches of each mode before the first that counts: models are loaded, files are mapped."""


class Search(Protocol):
    """A whole search, as an application makes it."""

    def __call__(self, question: str, *, limit: int, mode: SearchMode, under: str | None) -> SearchResult: ...


@dataclass(frozen=True, slots=True)
class Found:
    """Questions with their truth, and those whose document is not in this home."""

    questions: tuple[tuple[Question, Truth], ...]
    skipped: tuple[SkippedQuestion, ...]

    @property
    def lost(self) -> tuple[Question, ...]:
        """Those of which some place is in no chunk, though the document is there."""
        return tuple(question for question, truth in self.questions if not truth.found)

    @property
    def lost_places(self) -> tuple[tuple[Question, tuple[ExpectedPlace, ...]], ...]:
        """The same, each with the places that are in no chunk."""
        return tuple(
            (question, tuple(place for place in truth.expected if not place.found))
            for question, truth in self.questions
            if not truth.found
        )


def find_truths(context: Context, asked: QuestionSet) -> Found:
    """Asks nothing: neither index nor model is opened."""
    truths = Truths(context)
    found: list[tuple[Question, Truth]] = []
    skipped: list[SkippedQuestion] = []
    for question in asked.questions:
        try:
            found.append((question, truths.of(question)))
        except NoSuchDocument as error:
            skipped.append(SkippedQuestion(line=question.line, question=question.question, reason=str(error)))
    return Found(tuple(found), tuple(skipped))


def evaluate(
    context: Context, search: Search, asked: QuestionSet, *, k: int, modes: Iterable[SearchMode] = MODES
) -> Evaluation:
    """Raises `ConfigError` where no question can be asked."""
    if k < 1:
        raise ConfigError(f"an evaluation of {k} hits: ask for one or more")
    wanted = set(modes)
    chosen = [mode for mode in MODES if mode in wanted]
    if not chosen:
        raise ConfigError("an evaluation in no mode: give one of dense, sparse and hybrid")
    found = find_truths(context, asked)
    if not found.questions:
        raise ConfigError(
            f"no question of {asked.name} is about a document of this home: line {found.skipped[0].line}:"
            f" {found.skipped[0].reason}"
        )
    context.progress.expect(STAGE, len(found.questions) * len(chosen))
    legs = {mode: _ask(context, search, found.questions, k, mode) for mode in chosen}
    return _told(context, asked, found, legs, k)


@dataclass(frozen=True, slots=True)
class _Leg:
    """One mode; per question what came, the ranks of what is right, and those that are so by pooled places alone."""

    hits: tuple[tuple[Hit, ...], ...]
    ranks: tuple[tuple[int, ...], ...]
    pooled: tuple[tuple[int, ...], ...]
    latency: Latency

    def unpooled(self, at: int) -> tuple[int, ...]:
        return tuple(rank for rank in self.ranks[at] if rank not in self.pooled[at])


def _ask(
    context: Context, search: Search, questions: Sequence[tuple[Question, Truth]], k: int, mode: SearchMode
) -> _Leg:
    seconds: list[float] = []
    hits: list[tuple[Hit, ...]] = []
    for question, _ in questions[:_WARM_UP]:
        _search(search, question, k, mode)
    for question, _ in questions:
        began = time.perf_counter()
        came = _search(search, question, k, mode)
        seconds.append(time.perf_counter() - began)
        hits.append(came)
        context.progress.advance(STAGE)
    ranks = tuple(right_ranks(came, truth.right) for came, (_, truth) in zip(hits, questions, strict=True))
    pooled = tuple(right_ranks(came, truth.pooled) for came, (_, truth) in zip(hits, questions, strict=True))
    return _Leg(tuple(hits), ranks, pooled, latency_of(seconds, len(questions[:_WARM_UP])))


def _search(search: Search, question: Question, k: int, mode: SearchMode) -> tuple[Hit, ...]:
    try:
        return search(question.question, limit=k, mode=mode, under=question.under).hits
    except ConfigError as error:
        # A heading that is not there, for one.
        raise ConfigError(f"the question of line {question.line} cannot be asked: {error.message}") from error


def right_ranks(hits: Iterable[Hit], right: Set[str]) -> tuple[int, ...]:
    """From 1; of several duplicates of one chunk the first counts."""
    ranks: list[int] = []
    seen: set[str] = set()
    for rank, hit in enumerate(hits, 1):
        answer = _answer(hit)
        if answer in right and answer not in seen:
            ranks.append(rank)
        seen.add(answer)
    return tuple(ranks)


def _answer(hit: Hit) -> str:
    return hit.payload.survivor or hit.payload.chunk_id


def _told(context: Context, asked: QuestionSet, found: Found, legs: Mapping[SearchMode, _Leg], k: int) -> Evaluation:
    questions = found.questions
    main = SearchMode.HYBRID if SearchMode.HYBRID in legs else next(iter(legs))
    values = {
        mode: np.array([values_of(r, len(t.right), k) for r, (_, t) in zip(leg.ranks, questions, strict=True)])
        for mode, leg in legs.items()
    }
    scores, differences = _compared(values, k)
    missed = [at for at, ranks in enumerate(legs[main].ranks) if not ranks]
    tenant = context.settings.tenant
    collection = context.catalog.collections.active()
    runs = context.catalog.runs.last(1, tenant)
    return Evaluation(
        name=asked.name,
        digest=asked.digest,
        starter=asked.starter,
        made_at=datetime.fromtimestamp(context.clock() // 1_000_000_000, UTC),
        run_id=runs[0].run_id if runs else None,
        seq=context.catalog.history.next_seq() - 1,
        model=collection.model if collection else None,
        options=context.settings.search.model_dump(mode="json"),
        k=k,
        main=main,
        questions=len(questions),
        resamples=RESAMPLES,
        seed=SEED,
        modes=tuple(ModeResult(mode=m, scores=scores[m], latency=leg.latency) for m, leg in legs.items()),
        differences=differences,
        tags=tuple(_by_tag(questions, values, k)),
        unpooled=_unpooled(questions, legs, k),
        results=tuple(_result(at, questions, legs) for at in range(len(questions))),
        misses=tuple(_miss(at, questions, legs) for at in missed[:LISTED_MISSES]),
        misses_total=len(missed),
        skipped=found.skipped,
    )


def _unpooled(questions: Sequence[tuple[Question, Truth]], legs: Mapping[SearchMode, _Leg], k: int) -> Unpooled | None:
    if not any(truth.pooled for _, truth in questions):
        return None
    given = [len(truth.right) - len(truth.pooled) for _, truth in questions]
    values = {
        mode: np.array([values_of(leg.unpooled(at), right, k) for at, right in enumerate(given)])
        for mode, leg in legs.items()
    }
    scores, differences = _compared(values, k)
    modes = tuple(ModeScores(mode=mode, scores=of_mode) for mode, of_mode in scores.items())
    return Unpooled(modes=modes, differences=differences, tags=tuple(_by_tag(questions, values, k)))


def _compared(values: Mapping[SearchMode, Values], k: int) -> tuple[dict[SearchMode, Scores], tuple[Difference, ...]]:
    """One draw of questions serves all: modes and differences are of the same samples."""
    modes = list(values)
    pairs = [(new, old) for old, new in combinations(modes, 2) if new is SearchMode.HYBRID]
    told = scores_of([*values.values(), *(values[new] - values[old] for new, old in pairs)], k)
    differences = tuple(
        Difference(mode=new, against=old, scores=scores)
        for (new, old), scores in zip(pairs, told[len(modes) :], strict=True)
    )
    return dict(zip(modes, told, strict=False)), differences


def _by_tag(
    questions: Sequence[tuple[Question, Truth]], values: Mapping[SearchMode, Values], k: int
) -> Iterable[TagResult]:
    for tag in sorted({tag for question, _ in questions for tag in question.tags}):
        chosen = [at for at, (question, _) in enumerate(questions) if tag in question.tags]
        scores, differences = _compared({mode: of_mode[chosen] for mode, of_mode in values.items()}, k)
        modes = tuple(ModeScores(mode=mode, scores=of_mode) for mode, of_mode in scores.items())
        yield TagResult(tag=tag, questions=len(chosen), modes=modes, differences=differences)


def _result(at: int, questions: Sequence[tuple[Question, Truth]], legs: Mapping[SearchMode, _Leg]) -> QuestionResult:
    question, truth = questions[at]
    return QuestionResult(
        line=question.line,
        question=question.question,
        tags=question.tags,
        right=len(truth.right),
        pooled=len(truth.pooled),
        modes=tuple(RightRanks(mode=mode, ranks=leg.ranks[at], pooled=leg.pooled[at]) for mode, leg in legs.items()),
    )


def _miss(at: int, questions: Sequence[tuple[Question, Truth]], legs: Mapping[SearchMode, _Leg]) -> Miss:
    question, truth = questions[at]
    return Miss(
        line=question.line,
        question=question.question,
        tags=question.tags,
        answer=question.answer,
        expected=truth.expected,
        modes=tuple(
            ReturnedHits(mode=mode, hits=tuple(_returned(leg.hits[at], leg.ranks[at]))) for mode, leg in legs.items()
        ),
    )


def _returned(hits: Sequence[Hit], right: Sequence[int]) -> Iterable[ReturnedHit]:
    for rank, hit in enumerate(hits[:SHOWN_HITS], 1):
        payload = hit.payload
        yield ReturnedHit(
            rank=rank,
            document=f"{payload.source}/{payload.path}",
            pages=payload.pages,
            heading_path=payload.heading_path,
            text=shortened(payload.text),
            right=rank in right,
        )
