"""What an evaluation of retrieval says, and how each of its numbers is counted.

A question names one or several places where its answer stands. The chunks there are the right ones; a
duplicate counts as its survivor, which answers for it, and once. Each question is asked in every mode, for
`Evaluation.k` hits, as a person would ask it. A hit is right where its chunk is.

With `R` right chunks, and `r` of them among the first `k` hits:

recall@k: r / R; 0 where R is 0. precision@k: r / k, also where fewer than k came back. hit@k: 1 where
r > 0, else 0. MRR: 1 / rank of the first right hit, 0 where none is among the hits. nDCG: the sum of
1 / log2(rank + 1) over the right hits, over the same sum for ranks 1 to min(R, k); `k` is `Evaluation.k`. They
are trec_eval's recall_k, P_k, success_k, recip_rank and ndcg_cut_k.

All figures are means over questions. `QuestionResult` holds all that they follow from.

Places may have been pooled: a person judged what searches brought, and found that it answers, too. They are right in
all figures but those of `Evaluation.unpooled`.
"""

from __future__ import annotations

from datetime import datetime

from schemas.base import Record
from schemas.point import SearchMode

LISTED_MISSES = 50
"""Misses that an evaluation shows with what came back; it tells how many there are."""

SHOWN_HITS = 3
"""Hits that a miss shows, of each mode."""

SHOWN_CHARACTERS = 300
"""Of a text that is shown; `…` stands for the rest."""


class Estimate(Record):
    """A mean over questions, and where it would lie in 95 of 100 such samples of questions (bootstrap, bias
    corrected and accelerated, over questions). `low` and `high` are None where there are fewer than two questions."""

    mean: float
    low: float | None = None
    high: float | None = None


class AtCutoff(Record):
    """Over the first `k` hits."""

    k: int
    recall: Estimate
    precision: Estimate
    hit: Estimate


class Scores(Record):
    """`at`: by k, ascending: 1, 3, 5 and 10 as far as `Evaluation.k` goes, and that one itself."""

    at: tuple[AtCutoff, ...]
    mrr: Estimate
    ndcg: Estimate


class Latency(Record):
    """Milliseconds of whole searches, one after the other, after `warm_up` that are not counted: the question's
    vector, the legs, their fusion. Percentiles are the nearest rank: the least time that so many percent of the
    searches do not exceed. `per_second`: `searches` over the sum of their times."""

    searches: int
    warm_up: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    per_second: float


class ModeResult(Record):
    """A leg by itself (dense, sparse), or both (hybrid)."""

    mode: SearchMode
    scores: Scores
    latency: Latency


class Difference(Record):
    """`scores` are means of what `mode` has more than `against` on the same question: paired. Where an interval
    holds 0, these questions do not tell which is better."""

    mode: SearchMode
    against: SearchMode
    scores: Scores


class ModeScores(Record):
    mode: SearchMode
    scores: Scores


class TagResult(Record):
    """The questions that carry one tag; a question may have several."""

    tag: str
    questions: int
    modes: tuple[ModeScores, ...]
    differences: tuple[Difference, ...]


class Unpooled(Record):
    """The same hits, where nothing is right by a pooled place alone. A search whose hits were not judged has nothing
    in the pool but what others brought, too: compare it with them by these figures."""

    modes: tuple[ModeScores, ...]
    differences: tuple[Difference, ...] = ()
    tags: tuple[TagResult, ...] = ()


class RightRanks(Record):
    """Ranks from 1 of the right hits of one mode, ascending; a chunk counts once. `pooled`: those of `ranks` that are
    right by pooled places alone."""

    mode: SearchMode
    ranks: tuple[int, ...]
    pooled: tuple[int, ...] = ()

    @property
    def first(self) -> int | None:
        return self.ranks[0] if self.ranks else None


class QuestionResult(Record):
    """`line`: of the questions file, from 1. `right`: right chunks, R; 0 where the document is there and the place
    is in none of its chunks: such a question is missed by every mode. `pooled`: those of them that are right by
    pooled places alone."""

    line: int
    question: str
    tags: tuple[str, ...] = ()
    right: int
    pooled: int = 0
    modes: tuple[RightRanks, ...]


class ExpectedPlace(Record):
    """`document`: source/path. `text`: what was asked for, or the text of the first chunk there, shortened.
    `found`: False where no chunk of the document holds it."""

    document: str
    pages: tuple[int, ...] = ()
    heading_path: tuple[str, ...] = ()
    text: str = ""
    found: bool = True


class ReturnedHit(Record):
    """`document`: source/path. `text`: the chunk's, shortened."""

    rank: int
    document: str
    pages: tuple[int, ...] = ()
    heading_path: tuple[str, ...] = ()
    text: str
    right: bool


class ReturnedHits(Record):
    """The first `SHOWN_HITS` of one mode."""

    mode: SearchMode
    hits: tuple[ReturnedHit, ...]


class Miss(Record):
    """A question for which `Evaluation.main` found nothing right; `modes` shows what came in every mode."""

    line: int
    question: str
    tags: tuple[str, ...] = ()
    answer: str = ""
    expected: tuple[ExpectedPlace, ...]
    modes: tuple[ReturnedHits, ...]


class SkippedQuestion(Record):
    """Not asked, and in no figure: its document is not in this home. `reason` is a sentence."""

    line: int
    question: str
    reason: str


class Evaluation(Record):
    """One evaluation of the live documents of a tenant.

    `name`: of the questions file, without its folder. `digest`: the SHA-256 of its bytes. `starter`: the questions
    were drawn from headings and tables by a program: their words are the documents' words, which favours the sparse
    leg, and they are no measure of what people ask. `made_at` is in whole seconds. `run_id`: the last run that was
    done, `seq`: the last commit, `model`: the embedding model that was searched by. `options`: those of `[search]`.
    `k`: hits that were asked for. `main`: hybrid, or the first of the modes that were asked for. `questions`:
    those in the figures. `resamples`, `seed`: of the bootstrap. `modes`: in the order dense, sparse, hybrid.
    `differences`: of hybrid against dense and against sparse, where those were asked for. `tags`: by name.
    `misses`: by line, at most `LISTED_MISSES` of `misses_total`. `unpooled`: None where no place was pooled.
    """

    name: str
    digest: str
    starter: bool
    made_at: datetime
    run_id: str | None
    seq: int
    model: str | None
    options: dict[str, int | float | str | bool | None]
    k: int
    main: SearchMode
    questions: int
    resamples: int
    seed: int
    modes: tuple[ModeResult, ...]
    differences: tuple[Difference, ...] = ()
    tags: tuple[TagResult, ...] = ()
    unpooled: Unpooled | None = None
    results: tuple[QuestionResult, ...]
    misses: tuple[Miss, ...] = ()
    misses_total: int
    skipped: tuple[SkippedQuestion, ...] = ()
