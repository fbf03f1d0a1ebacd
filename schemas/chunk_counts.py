"""What a report says of chunks: sums over documents, defined as in `schemas.quality`."""

from __future__ import annotations

from schemas.base import Record


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

    @property
    def prose(self) -> int:
        """Of text that has sentences."""
        return self.between_blocks + self.between_sentences + self.inside_sentence


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
