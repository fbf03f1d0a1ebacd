"""How well the chunks of one document keep what they were cut from. What is counted is defined in
`schemas.quality`; here it is counted."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from chunkers.sentences import lines, sentences
from chunkers.table_parts import ROW_CUT
from schemas.base import Span
from schemas.chunk import Chunk
from schemas.document import Block, BlockKind, Document

LINED = frozenset({BlockKind.CODE, BlockKind.FORMULA, BlockKind.METADATA})
"""Kinds that have lines and no sentences."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Characters of blocks that are not furniture, white space left out."""

    characters: int
    lost: int


def coverage(document: Document, chunks: Sequence[Chunk]) -> Coverage:
    """What of the document's text is in a chunk."""
    covered = _merged(sorted(span for chunk in chunks for span in chunk.spans))
    ends = [end for _, end in covered]
    characters = lost = 0
    for block in document.blocks:
        if block.is_furniture:
            continue
        characters += _visible(document.text_of(block))
        for start, end in _gaps(covered, ends, block.start, block.end):
            lost += _visible(document.text[start:end])
    return Coverage(characters, lost)


def _visible(text: str) -> int:
    return sum(map(len, text.split()))


def _merged(spans: Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _gaps(covered: Sequence[Span], ends: Sequence[int], start: int, end: int) -> Iterator[Span]:
    """What of `[start, end)` is not covered."""
    for at in range(bisect_right(ends, start), len(covered)):
        first, last = covered[at]
        if first >= end:
            break
        if start < first:
            yield start, first
        start = last
    if start < end:
        yield start, end


@dataclass(frozen=True, slots=True)
class TableFate:
    """What became of one table: the number of its chunks, and of its rows that were cut; of the
    latter, `half` are not flagged."""

    chunks: int
    cut_rows: int
    half_rows: int


def table_fates(document: Document, chunks: Sequence[Chunk]) -> Iterator[TableFate]:
    """Of every table that holds more than white space, in order."""
    tables = [block for block in document.blocks if block.kind is BlockKind.TABLE and document.text_of(block).strip()]
    holders: dict[int, list[Chunk]] = {block.ordinal: [] for block in tables}
    for chunk in chunks:
        for ordinal in chunk.blocks:
            if ordinal in holders:
                holders[ordinal].append(chunk)
    for block in tables:
        yield _fate(document, block, holders[block.ordinal])


def _fate(document: Document, block: Block, holders: Sequence[Chunk]) -> TableFate:
    if len(holders) < 2:
        return TableFate(len(holders), 0, 0)
    places = sorted((start, end, number) for number, chunk in enumerate(holders) for start, end in chunk.spans)
    starts, ends = [start for start, _, _ in places], [end for _, end, _ in places]
    cut = half = 0
    for start, end in _rows(document, block):
        # Spans do not overlap, so their ends ascend with their starts.
        touching = {places[at][2] for at in range(bisect_right(ends, start), bisect_left(starts, end))}
        if len(touching) > 1:
            cut += 1
            half += any(ROW_CUT not in holders[number].flags for number in touching)
    return TableFate(len(holders), cut, half)


def _rows(document: Document, block: Block) -> Iterator[Span]:
    """Rows without the white space at their ends, empty ones left out."""
    if block.table is not None and block.table.rows:
        found: Iterator[Span] = ((block.start + start, block.start + end) for start, end in block.table.rows)
    else:
        found = ((start, end) for start, end, _ in lines(document.text, block.start, block.end))
    for start, end in found:
        row = _stripped(document.text, start, end)
        if row is not None:
            yield row


def _stripped(text: str, start: int, end: int) -> Span | None:
    piece = text[start:end]
    stripped = piece.strip()
    begin = start + len(piece) - len(piece.lstrip())
    return (begin, begin + len(stripped)) if stripped else None


class Joint(StrEnum):
    """Where two chunks meet."""

    BETWEEN_BLOCKS = "between_blocks"
    BETWEEN_SENTENCES = "between_sentences"
    INSIDE_SENTENCE = "inside_sentence"
    IN_TABLES = "in_tables"
    IN_LINES = "in_lines"


def joints(document: Document, chunks: Sequence[Chunk]) -> Iterator[Joint]:
    """One between each chunk and the next."""
    block: Block | None = None
    inner: list[Span] = []
    for chunk, after in pairwise(chunks):
        if not chunk.blocks or not after.blocks or chunk.blocks[-1] != after.blocks[0]:
            yield Joint.BETWEEN_BLOCKS
            continue
        if block is None or block.ordinal != after.blocks[0]:
            block = document.blocks[after.blocks[0]]
            inner = _sentences(document, block) if _has_sentences(block) else []
        if block.kind is BlockKind.TABLE:
            yield Joint.IN_TABLES
        elif not _has_sentences(block):
            yield Joint.IN_LINES
        elif _is_inside(inner, chunk.spans[-1][1]) or _is_inside(inner, after.spans[0][0]):
            yield Joint.INSIDE_SENTENCE
        else:
            yield Joint.BETWEEN_SENTENCES


def _has_sentences(block: Block) -> bool:
    return block.kind is not BlockKind.TABLE and block.kind not in LINED


def _sentences(document: Document, block: Block) -> list[Span]:
    found = (_stripped(document.text, *span) for span in sentences(document.text, block.start, block.end))
    return [span for span in found if span is not None]


def _is_inside(spans: Sequence[Span], position: int) -> bool:
    """Strictly inside one of them."""
    before = bisect_left(spans, (position, 0)) - 1
    return before >= 0 and position < spans[before][1]
