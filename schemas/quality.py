"""What a chunk-quality report says, and how each of its numbers is counted.

Documents are the live ones of the tenant (of one source where the report names one), members of
archives and mails included; their chunks are those of the chunk set that the catalog names. What
needs the parse (pages, tables, integrity, joints, right paths, standing, coherence, redundancy,
completeness) is counted over the documents whose parse is
in the store; the others are in `DocumentCounts.without_parse`. White space is what
`str.isspace()` says. A share of nothing is None.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from schemas.base import Record
from schemas.document import PageMethod
from schemas.drift import Drift
from schemas.duplication import DuplicationFigures
from schemas.evaluation import Evaluation
from schemas.figures import Change, ChunkGroup, ChunkSample, Distribution, Fault, ShownChunk, TrendLine
from schemas.fit import EmbedderFit, SegmentationCheck
from schemas.parsing import ParsingCounts
from schemas.report import RunSummary

LISTED = 200
"""Failures, and findings, that a report lists at most; it tells how many there are."""
TREND = 30
"""Earlier reports that a report tells of."""


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


class RunLine(Record):
    """A run of the home, whatever its sources. `state`: running, done, failed or interrupted. Times are
    in whole seconds."""

    run_id: str
    state: str
    started_at: datetime
    finished_at: datetime | None
    summary: RunSummary | None


class SourceLine(Record):
    """`files`: as `FileOutcomes.listed`. `failures`: in quarantine, members included."""

    name: str
    root: str
    files: int
    documents: int
    failures: int


class FileOutcomes(Record):
    """Files that lie in a source themselves (members are not among them) and that a run has dealt
    with; ignored ones are not known. Each is in one of five groups, which add up to `listed`:

    `indexed`: it went well, and gave a live document that is not a copy.
    `copies`: it went well, and its document is one of `DocumentCounts.copies`.
    `opened`: it went well, and has no document of its own: an archive.
    `stale`: it failed, and an older version of it, or of what it holds, is still live.
    `quarantined`: it failed, and nothing of it is live.

    `failed_members`: members in quarantine. `by_code`: everything in quarantine, files and members,
    by error code.
    """

    listed: int
    indexed: int
    copies: int
    opened: int
    stale: int
    quarantined: int
    failed_members: int
    by_code: dict[str, int]


class DocumentCounts(Record):
    """`total`: live documents. `members`: of them, out of an archive or a mail.

    `copies`: those whose file has the same SHA-256 as that of a live document of the tenant before
    them, in the order of source and path. `stale`: the last attempt to read a newer version failed.
    `unread`: their chunk set is missing from the store or damaged; nothing below counts them.
    `without_parse`: their chunks are there, but the parse is not, is damaged, or is not named.
    `without_headings`: no chunk of them has a heading path, or they have no chunk. `by_parser`: by the
    name of the parser, where the parse is there.
    """

    total: int
    members: int
    copies: int
    stale: int
    unread: int
    without_parse: int
    without_headings: int
    by_parser: dict[str, int]


class PageCounts(Record):
    """Pages of parses, by `Page.method`; every method is named. `documents_without`: parses that
    have no pages (text, Markdown, sheets)."""

    total: int
    by_method: dict[PageMethod, int]
    documents_without: int


class LengthBin(Record):
    """Chunks of `first` to `last` tokens, both included."""

    first: int
    last: int
    chunks: int


class TokenLengths(Record):
    """`Chunk.token_count`: tokens of the text to embed, special ones included.

    `target`, `minimum`, `maximum`: as in `[chunk]` now. `limit`: what the embedder reads, None where
    its files are not on this disk. `budget`: the smaller of `maximum` and `limit`. `below_minimum`:
    chunks of fewer tokens than `minimum`. `over_target`, `over_budget`: of more than that. `median`,
    `p05`, `p25`, `p75` and `p95`: the least length that half of the chunks, or so many percent of them,
    do not exceed; they, `smallest` and `largest` are None where there are no chunks. `bins`:
    sixteenths of the budget, each up to the whole number nearest to its end, the first from 0,
    whether chunks are there or not; and one more up to `largest` where that is above the budget.
    """

    target: int
    minimum: int
    maximum: int
    limit: int | None
    budget: int
    below_minimum: int
    over_target: int
    over_budget: int
    smallest: int | None
    p05: int | None
    p25: int | None
    median: int | None
    p75: int | None
    p95: int | None
    largest: int | None
    bins: tuple[LengthBin, ...]


class ChunkCounts(Record):
    """`by_rule`: by `strategy/rule`. `by_flag`: a chunk counts once for each of its flags. `unread`:
    chunks more of whose tokens are unknown to the embedder than `search.unknown_warning`."""

    total: int
    by_kind: dict[str, int]
    by_rule: dict[str, int]
    by_flag: dict[str, int]
    unread: int
    unknown_warning: float
    lengths: TokenLengths


class TableCounts(Record):
    """Table blocks that hold more than white space; each is in one of four groups.

    A table's chunks are those that name its block. A row is a row span of the table (a line of the
    block, ended by a line feed, where the table has none) without the white space at its ends; it is
    cut when two of the table's chunks or more have spans in it.

    `whole`: in one chunk. `between_rows`: in several, no row cut. `row_cut`: in several, a row cut.
    `lost`: in none. `parts`: of the tables in several chunks, how many have so many.
    `half_rows`: cut rows of which some chunk lacks the flag `row_cut`. `headless`: chunks of tables in
    several that hold some of the rows below the header, neither the header rows themselves nor their
    text in `added_prefix`, and have neither of the flags `header_omitted` and `row_cut`. `needless`:
    of the tables in several chunks, those that would have fitted into one (see `KindFate`).
    """

    total: int
    whole: int
    between_rows: int
    row_cut: int
    lost: int
    parts: dict[int, int]
    half_rows: int
    headless: int
    needless: int


class KindFate(Record):
    """Blocks of one kind that hold more than white space, by the chunks that name them: one (`whole`),
    several (`cut`), none (`lost`).

    `needless`: of those that are cut, the ones that would have fitted into one chunk. That is an
    estimate: each of its chunks has as many tokens of it as the part of the characters of the text to
    embed that are in a span and in the block, and the context of the first is counted in the same
    way. They would have fitted where that is at most 0.9 of the budget.
    """

    total: int
    whole: int
    cut: int
    lost: int
    needless: int


class IntegrityCounts(Record):
    """`by_kind`: figures, list items, code and formulas. `notes`: captions and footnotes with text that
    belong to a figure or table with text, and are in a chunk; `notes_together`: of them, those of which a
    chunk holds some and some of what they belong to."""

    by_kind: dict[str, KindFate]
    notes: int
    notes_together: int


class JointCounts(Record):
    """Joints between chunks that follow each other in a document: `total` is, over the documents whose
    parse is there and that have chunks, the chunks less one each. A joint is in one of five groups, by
    the last block of the one chunk and the first of the next (`Chunk.blocks`):

    `between_blocks`: they are two blocks. `in_tables`: they are one table. `in_lines`: they are one
    block of code, a formula or metadata, which have lines and no sentences. Where they are one block
    of anything else, its text is cut into sentences (`chunkers.sentences.sentences`), each without
    the white space at its ends: `inside_sentence`: the end of the one chunk's last span, or the
    start of the next one's first, lies strictly inside of one. `between_sentences`: neither does.

    `needless`: of `inside_sentence`, where that sentence would have fitted into one chunk, estimated as for `KindFate`
    from all chunks in a row around the joint that hold some of it.
    """

    total: int
    between_blocks: int
    between_sentences: int
    inside_sentence: int
    in_tables: int
    in_lines: int
    needless: int


class HeadingCounts(Record):
    """`chunks_with`: chunks whose heading path is not empty. `depths`: chunks by the length of that
    path, those of length 0 included.

    `judged`: chunks of documents whose parse is there. `right`: of them, those whose path is the one that
    the levels of the headings give, read anew, for the chunk's first block that is no heading, or its
    last block where all are.
    """

    chunks_with: int
    depths: dict[int, int]
    judged: int
    right: int


class StandingCounts(Record):
    """Whether chunks can be read by themselves, as their first and last words tell: what is named here leans
    on its neighbours, more may. `chunks`: all that were looked at; `leaning`: with one of `by_leaning` or more.

    `pronoun`, `conjunction`: it opens with running text and such a word (the words are in
    `chunkers.quality.standing`). `open_end`: it closes with running text or a caption and one of the marks
    : , ; ( — or their Chinese forms. `hanging_heading`: it closes with a heading, and the next chunk
    of the document does not begin with one.
    """

    chunks: int
    leaning: int
    by_leaning: dict[str, int]


class CoherenceCounts(Record):
    """How much the text holds together where chunks meet. `method`: what told it, by its fingerprint, from 0
    (nothing in common) to 1; only values of one method compare.

    Joints are those between neighbouring sentences of running text (paragraphs, quotes, list items) that no other
    block but furniture parts, in the first `looked_at` characters of each document. A joint is a border where the
    two sentences begin in two chunks. Each border that has a joint inside a chunk in its stretch of text is
    compared with the nearest such one before it and the nearest behind it, their mean where there are two.

    `borders`: those that are compared. `between_mean`: of their values; `inside_mean`: of what they are compared
    with. `clear`: borders below it; `even`: borders that are equal.
    """

    method: str
    looked_at: int
    borders: int
    between_mean: float | None
    inside_mean: float | None
    clear: int
    even: int


class RedundancyCounts(Record):
    """What chunks say twice. `characters`: of all chunks' texts; of them, `added` in `added_prefix`, which
    repeats header rows, and `overlapping` in `overlap`, which the chunk before holds too: both are meant.

    The rest is over the chunks' spans that begin in the first `looked_at` characters of each document.
    `pairs`: of neighbours; `alike`: of them, those whose runs of five words (a Han or kana character is a
    word; a shorter text is one run) have a Jaccard similarity of 0.8 or more. `grams`: such runs, each
    once a chunk; `repeated`: of them, those that an earlier chunk of the document has.
    """

    looked_at: int
    characters: int
    added: int
    overlapping: int
    pairs: int
    alike: int
    grams: int
    repeated: int


class Completeness(Record):
    """`characters`: of all blocks that are not furniture, white space left out. `lost`: of them,
    those that no span of a chunk covers. What stands in no block (the syntax of Markdown) is not
    text and is not counted."""

    characters: int
    lost: int
    documents_with_loss: int


class PointCounts(Record):
    """Current rows of the index, as the catalog knows them, of live documents. `through_survivor`:
    those without a vector, for which another chunk answers."""

    current: int
    through_survivor: int


class FailureLine(Record):
    source: str
    path: str
    stage: str
    code: str
    message: str
    attempts: int


class Finding(Record):
    """A document that something is wrong with. `code` is that of a `Reason`, `count` what it counts:
    characters (text_lost), chunks (over_budget, headless), rows (half_row), pages (page_failed); 1 for
    chunks_missing, stale and parse_missing."""

    source: str
    path: str
    code: str
    count: int


class QualityReport(Record):
    """One report. `source`: the only one that it is of; the runs are those of the home all the same.

    `model`: the embedding model that the home was filled with. `reasons`: the gravest first.
    `runs`: the last five, newest first. `failures`: by source and path, at most `LISTED` of
    `failures_total`. `findings`: in the order text_lost, over_budget, half_row,
    headless, chunks_missing, page_failed, stale, parse_missing, at most `LISTED` of `findings_total`.

    `as_of`: the documents, chunks and points are those that were current after that commit, with the parses that are
    still kept; runs, files, failures and what is stale are of now. None: everything is of now.
    `distributions`: each of those that `Distribution` names, in its order. `groups`: by format, source, strategy and
    language, each by name. `faults`: of each fault, the chunks that have it, the gravest first, 0 included;
    `faulty`: chunks with one or more. `worst`: at most `WORST` of them, `DocumentCounts.copies` left out, by the
    largest `GRAVITY` of the faults, then by its sum, the graver first, then by source, path and ordinal; the first
    `WORST_OF_ONE` of each document before all others. `trend`: earlier reports of the same tenant and source, newest
    first, at most `TREND`. `changes`: since the first of `trend`, in the order of `Headline`.
    `parsing`, `duplication`, `fit`, `segmentation`: None in reports of releases that did not look at them. `drift`:
    None too where no run has taken anything in. `evaluation`: the last one of retrieval; None where there was none, and
    in reports of one source or of the past.
    """

    home: str
    tenant: str
    source: str | None = None
    model: str | None
    made_at: datetime
    verdict: Verdict = Verdict.GOOD
    reasons: tuple[Reason, ...] = ()
    gates: tuple[Gate, ...]
    runs: tuple[RunLine, ...]
    sources: tuple[SourceLine, ...]
    files: FileOutcomes
    documents: DocumentCounts
    pages: PageCounts
    chunks: ChunkCounts
    tables: TableCounts
    integrity: IntegrityCounts
    joints: JointCounts
    headings: HeadingCounts
    standing: StandingCounts
    coherence: CoherenceCounts
    redundancy: RedundancyCounts
    completeness: Completeness
    points: PointCounts
    findings: tuple[Finding, ...]
    findings_total: int = Field(ge=0)
    failures: tuple[FailureLine, ...]
    failures_total: int = Field(ge=0)
    as_of: int | None = None
    distributions: tuple[Distribution, ...] = ()
    groups: tuple[ChunkGroup, ...] = ()
    faults: dict[Fault, int] = Field(default_factory=dict)
    faulty: int = 0
    worst: tuple[ShownChunk, ...] = ()
    sample: ChunkSample = ChunkSample(total=0, chunks=())
    trend: tuple[TrendLine, ...] = ()
    changes: tuple[Change, ...] = ()
    parsing: ParsingCounts | None = None
    duplication: DuplicationFigures | None = None
    fit: EmbedderFit | None = None
    segmentation: SegmentationCheck | None = None
    drift: Drift | None = None
    evaluation: Evaluation | None = None
