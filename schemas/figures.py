"""Numbers of a chunk-quality report beyond its sums: spreads, groups, and single chunks.

As in `schemas.quality`: documents are the live ones that the report is of, chunks those of their chunk sets;
what needs the parse is over the documents whose parse is in the store ("judged"). A share of nothing is None.
The order of lists is part of their definition, so that equal homes give equal reports.
"""

from __future__ import annotations

from enum import StrEnum

from schemas.base import BBox, Record

WORST = 50
WORST_OF_ONE = 5
"""So many of one document come before others of it: fifty chunks of one bad file tell no more than five."""
SAMPLED = 500
SHORTENED = 600
"""Characters of a chunk's text that a report shows of the worst; `EXCERPT` of one in the sample."""
EXCERPT = 160


class DistributionBin(Record):
    """Values from `start` to below `end`, where `end` is None from `start` on. The last bin of values that have a
    largest possible one (a share: 1) holds that as well."""

    start: float
    end: float | None
    count: int


class Distribution(Record):
    """How one number is spread. Values are rounded to the nearest multiple of `step` (half to even), and everything
    here is of the rounded ones; so distributions of two homes can be added up from their counts.

    `p05` and so on: the least value that so many percent of the values do not exceed; None, as `mean`, `smallest`
    and `largest`, where there are none. `bins`: with the same edges in every report, empty ones included; they hold
    every value.

    name (unit): of what.

    heading_depth (headings): chunks; the length of `heading_path`.
    unknown_share (share): chunks; `ChunkSet.unknown_shares`.
    repeated_by_design (share): chunks; the characters of `added_prefix` and `overlap`, of those of `text`.
    confidence (share): judged chunks with a block that OCR has read; see `Fault.LOW_CONFIDENCE`.
    leanings (leanings): judged chunks; how many of those of `StandingCounts` each has.
    neighbour_similarity (similarity): `RedundancyCounts.pairs`; the Jaccard similarity of each.
    repeated_grams (share): chunks that begin in the first `RedundancyCounts.looked_at` characters and have runs of
    words; `repeated` of `grams`, of each.
    border_cohesion, inside_cohesion (cohesion): `CoherenceCounts.borders`; each one's own, and what it is compared
    with. border_difference (cohesion): the second less the first; above 0 the chunk ends where the text turns.
    table_parts (chunks): `TableCounts.total` without `lost`; the chunks that name the table.
    document_chunks (chunks): documents whose chunk set is there; how many chunks it has.
    document_covered (share): judged documents with characters; of `Completeness.characters`, those not `lost`.
    document_right_paths (share): judged documents with chunks; `HeadingCounts.right` of `judged`.
    document_cut_joints (share): judged documents with joints in prose (see `ChunkGroup`); `inside_sentence` of them.
    """

    name: str
    unit: str
    step: float
    count: int
    mean: float | None
    smallest: float | None
    p05: float | None
    p25: float | None
    median: float | None
    p75: float | None
    p95: float | None
    largest: float | None
    bins: tuple[DistributionBin, ...]


class GroupBy(StrEnum):
    """`format`: the media type of the file, by its content; "" where it is not known. `strategy`: `Chunk.strategy`.
    `language`: `Chunk.language`; "" where it is None."""

    FORMAT = "format"
    SOURCE = "source"
    STRATEGY = "strategy"
    LANGUAGE = "language"


class ChunkGroup(Record):
    """The headline numbers of a part of the chunks. The groups of one `by` add up to the whole, but for `documents`
    by strategy and by language, which count each document that has such a chunk. By format and by source, documents
    without chunks count too; those that are `DocumentCounts.unread` are in no group by format.

    `tokens_p05`, `tokens_median`, `tokens_p95`, `over_budget`, `below_minimum`: as in `TokenLengths`. `with_heading`:
    `HeadingCounts.chunks_with`. `judged`, `right`: as in `HeadingCounts`. `leaning`: `StandingCounts.leaning`.
    `prose_joints`: `between_blocks + between_sentences + inside_sentence` of `JointCounts`; a joint is of the chunk
    before it. `unread`: `ChunkCounts.unread`. `faulty`: chunks with a `Fault` or more. `characters`, `lost`: as in
    `Completeness`; None by strategy and language, since what is in no chunk is of none.
    """

    by: GroupBy
    name: str
    documents: int
    chunks: int
    tokens_p05: int | None
    tokens_median: int | None
    tokens_p95: int | None
    below_minimum: int
    over_budget: int
    with_heading: int
    judged: int
    right: int
    leaning: int
    prose_joints: int
    inside_sentence: int
    unread: int
    faulty: int
    characters: int | None
    lost: int | None


class Fault(StrEnum):
    """What is wrong with a chunk, the gravest first. All but `OVER_BUDGET`, `UNREAD`, `ROW_CUT` and `WORD_CUT` are
    known of judged chunks only.

    OVER_BUDGET: more tokens than `TokenLengths.budget`.
    PATH_WRONG: not `HeadingCounts.right`.
    HALF_ROW: it has some of a row that is in several chunks of its table, and not the flag row_cut.
    HEADLESS: as in `TableCounts`.
    NEEDLESS_CUT: a joint at its beginning or its end is `JointCounts.needless`.
    TABLE_CUT: it has some of a table that is `TableCounts.needless`.
    REPEATS: `RedundancyCounts.alike` to the chunk before it.
    LOW_CONFIDENCE: OCR was less sure of it than 0.8: the mean of `Block.confidence` over the blocks that it names
    and that have one, each weighed by its characters that are in the chunk's spans.
    WORD_CUT, ROW_CUT: it has that flag.
    SENTENCE_CUT: a joint at its beginning or its end is `JointCounts.inside_sentence`, and none is needless.
    UNREAD: as in `ChunkCounts`.
    HANGING_HEADING, OPEN_END, PRONOUN, CONJUNCTION: as in `StandingCounts`.
    FRAGMENT: a text or list of fewer tokens than half of `TokenLengths.minimum`, though a text or list before
    or behind it in the same section has room for it: both together have at most `TokenLengths.target`.
    """

    OVER_BUDGET = "over_budget"
    PATH_WRONG = "path_wrong"
    HALF_ROW = "half_row"
    HEADLESS = "headless"
    NEEDLESS_CUT = "needless_cut"
    TABLE_CUT = "table_cut"
    REPEATS = "repeats"
    LOW_CONFIDENCE = "low_confidence"
    WORD_CUT = "word_cut"
    ROW_CUT = "row_cut"
    SENTENCE_CUT = "sentence_cut"
    UNREAD = "unread"
    HANGING_HEADING = "hanging_heading"
    OPEN_END = "open_end"
    PRONOUN = "pronoun"
    CONJUNCTION = "conjunction"
    FRAGMENT = "fragment"


GRAVITY: dict[Fault, int] = {
    Fault.OVER_BUDGET: 4, Fault.PATH_WRONG: 4, Fault.HALF_ROW: 4, Fault.HEADLESS: 4,
    Fault.NEEDLESS_CUT: 3, Fault.TABLE_CUT: 3, Fault.REPEATS: 3, Fault.LOW_CONFIDENCE: 3,
    Fault.WORD_CUT: 2, Fault.ROW_CUT: 2, Fault.SENTENCE_CUT: 2,
    Fault.UNREAD: 1, Fault.HANGING_HEADING: 1, Fault.OPEN_END: 1, Fault.PRONOUN: 1, Fault.CONJUNCTION: 1,
    Fault.FRAGMENT: 1,
}  # fmt: skip
"""4: a promise is broken. 3: it should not be so. 2: something could not be kept whole. 1: it leans on others, or is no
worse than all chunks of its language are with this model."""


class PagePlace(Record):
    """Where a chunk stands on a page. `width`, `height`: in PDF points, as shown; None where the page is not known.
    `boxes`: those of its regions there, in order; a region without a box gives none."""

    page: int
    width: float | None
    height: float | None
    boxes: tuple[BBox, ...]


class ShownChunk(Record):
    """A chunk that a report shows by itself. `ordinal`: its place in the chunk set, from 0. `language`: "" where it is
    not known. `faults`: the gravest first. `text`: the beginning of its `characters`, at most `SHORTENED` in
    `QualityReport.worst` and `EXCERPT` in `ChunkSample`.
    """

    source: str
    path: str
    doc_id: str
    chunk_id: str
    ordinal: int
    pages: tuple[PagePlace, ...]
    tokens: int
    kind: str
    strategy: str
    language: str
    heading_path: tuple[str, ...]
    faults: tuple[Fault, ...]
    flags: tuple[str, ...]
    text: str
    characters: int


class ChunkSample(Record):
    """`chunks`: of all `total`, the `SAMPLED` whose `SHA-256("doc_id/ordinal")` are the smallest; by source, path and
    ordinal. All of them where there are no more than that."""

    total: int
    chunks: tuple[ShownChunk, ...]
