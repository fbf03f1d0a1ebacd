"""What became of tables."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from chunkers.quality.integrity import holders_of
from chunkers.quality.texts import clearly_fits
from chunkers.sentences import lines
from chunkers.span_sets import stripped
from chunkers.table_parts import HEADER_OMITTED, ROW_CUT
from schemas.base import Span
from schemas.chunk import Chunk
from schemas.document import Block, BlockKind, Document


@dataclass(frozen=True, slots=True)
class TableFate:
    """What became of one table: the number of its chunks, and of its rows that were cut; of the
    latter, `half_rows` are not flagged. `headless`: chunks that hold rows from below the header, do
    not tell the header, and are not flagged. `needless`: it was cut, and would have fitted.

    Of a table in several chunks, `parts` are their ordinals; `with_half_rows` and `without_header` those of them that
    hold a piece of such a row without the flag, and that are headless."""

    chunks: int
    cut_rows: int = 0
    half_rows: int = 0
    headless: int = 0
    needless: bool = False
    parts: tuple[int, ...] = field(default=(), compare=False)
    with_half_rows: tuple[int, ...] = field(default=(), compare=False)
    without_header: tuple[int, ...] = field(default=(), compare=False)


def table_fates(document: Document, chunks: Sequence[Chunk], budget: int) -> Iterator[TableFate]:
    """Of every table that holds more than white space, in order. `budget`: tokens that a chunk may have."""
    for block, holders in holders_of(document, chunks, frozenset({BlockKind.TABLE})):
        yield _fate(document, block, holders, budget)


def _fate(document: Document, block: Block, holders: Sequence[Chunk], budget: int) -> TableFate:
    if len(holders) < 2:
        return TableFate(len(holders))
    places = sorted((start, end, number) for number, chunk in enumerate(holders) for start, end in chunk.spans)
    starts, ends = [start for start, _, _ in places], [end for _, end, _ in places]
    cut = half = 0
    unflagged: set[int] = set()
    for start, end in _rows(document, block):
        # Spans do not overlap, so their ends ascend with their starts.
        touching = {places[at][2] for at in range(bisect_right(ends, start), bisect_left(starts, end))}
        if len(touching) > 1:
            cut += 1
            silent = {number for number in touching if ROW_CUT not in holders[number].flags}
            half += bool(silent)
            unflagged |= silent
    headless = tuple(chunk.ordinal for chunk in holders if _is_headless(document, block, chunk))
    return TableFate(
        chunks=len(holders),
        cut_rows=cut,
        half_rows=half,
        headless=len(headless),
        needless=clearly_fits((block.start, block.end), holders, budget),
        parts=tuple(chunk.ordinal for chunk in holders),
        with_half_rows=tuple(sorted(holders[number].ordinal for number in unflagged)),
        without_header=headless,
    )


def _rows(document: Document, block: Block) -> Iterator[Span]:
    """Rows without the white space at their ends, empty ones left out."""
    if block.table is not None and block.table.rows:
        found: Iterator[Span] = ((block.start + start, block.start + end) for start, end in block.table.rows)
    else:
        found = ((start, end) for start, end, _ in lines(document.text, block.start, block.end))
    for start, end in found:
        row = stripped(document.text, start, end)
        if row is not None:
            yield row


def _is_headless(document: Document, block: Block, chunk: Chunk) -> bool:
    """Parts of a cut row tell the names of their columns instead, or cannot: they are told apart by their flag."""
    table = block.table
    if table is None or not table.header_rows or {HEADER_OMITTED, ROW_CUT} & set(chunk.flags):
        return False
    rows_end = table.rows[table.header_rows - 1][1]
    header = stripped(document.text, block.start, block.start + rows_end)
    own = [span for span in chunk.spans if block.start < span[1] and span[0] < block.end]
    # The delimiter line of Markdown below the header is no row.
    body = block.start + max(rows_end, table.header_end)
    if header is None or all(end <= body for _, end in own):
        return False
    first, last = header
    stands = any(start <= first and last <= end for start, end in own)
    return not stands and document.text[first:last] not in chunk.added_prefix
