"""What a report makes of its numbers."""

from __future__ import annotations

from enum import StrEnum

from schemas.base import Record


class Verdict(StrEnum):
    """`bad`: a promise is broken, or nothing can be relied on. `look`: a gate is passed, or a person
    has to decide something. `good`: neither."""

    GOOD = "good"
    LOOK = "look"
    BAD = "bad"


class Reason(Record):
    """Why the verdict is not `good`: a constant word, and a sentence that says what to do."""

    severity: Verdict
    code: str
    sentence: str


class Gate(Record):
    """A limit of `[report]`: `value` was measured, and is None where there was nothing to measure.

    `passed` also where nothing was measured, and where the limit is just met.

    max_failed_share: `FileOutcomes.quarantined` and `stale`, of `listed`.
    max_cut_share: `Joints.inside_sentence`, of `between_blocks + between_sentences + inside_sentence`.
    max_unread_share: `ChunkCounts.unread`, of `total`.
    min_heading_share: `HeadingCounts.chunks_with`, of `ChunkCounts.total`.
    min_paragraph_share: `ParagraphCompleteness.found`, of `paragraphs`, with 20 or more; the least of that
    and of the same of each media type with 100 or more.
    max_needless_table_cut_share: `TableCounts.needless`, of `total`.
    max_miscounted_share: `TokenRecount.differing`, of `sampled`.
    max_equal_vector_share: `VectorSample.nearly_equal + broken`, of `sampled + broken`, with 20 or more.
    max_broken_border_share: `BorderCheck.inside`, of `total`, with 20 or more.
    max_lone_han_share: `HanTerms.alone`, of `characters`; max_han_term_length: `mean_length`; with 200
    characters or more.
    max_drift: the largest `DriftLine.distance` of those beyond chance, formats left out; 0 where none is.
    min_recall, min_hit: recall and hit at `[report] at`; min_mrr, min_ndcg: MRR and nDCG; means of the mode
    `Evaluation.main`. These four are there where `[report]` sets them.
    """

    name: str
    value: float | None
    limit: float
    passed: bool
