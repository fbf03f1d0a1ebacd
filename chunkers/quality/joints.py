"""Where chunks meet."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from chunkers.quality.texts import LINED, clearly_fits
from chunkers.sentences import sentences
from chunkers.span_sets import stripped
from schemas.base import Span
from schemas.chunk import Chunk
from schemas.document import Block, BlockKind, Document


class Place(StrEnum):
    """What lies on both sides."""

    BETWEEN_BLOCKS = "between_blocks"
    BETWEEN_SENTENCES = "between_sentences"
    INSIDE_SENTENCE = "inside_sentence"
    IN_TABLES = "in_tables"
    IN_LINES = "in_lines"


@dataclass(frozen=True, slots=True)
class Joint:
    """`needless`: it lies inside a sentence that would have fitted into one chunk."""

    place: Place
    needless: bool = False


def joints(document: Document, chunks: Sequence[Chunk], budget: int) -> Iterator[Joint]:
    """One between each chunk and the next. `budget`: tokens that a chunk may have."""
    block: Block | None = None
    inner: list[Span] = []
    weighed: Span | None = None
    row, fits = range(0), False
    for place, (chunk, after) in enumerate(pairwise(chunks)):
        if not chunk.blocks or not after.blocks or chunk.blocks[-1] != after.blocks[0]:
            yield Joint(Place.BETWEEN_BLOCKS)
            continue
        if block is None or block.ordinal != after.blocks[0]:
            block = document.blocks[after.blocks[0]]
            inner = _sentences(document, block) if _has_sentences(block) else []
        if not _has_sentences(block):
            yield Joint(Place.IN_TABLES if block.kind is BlockKind.TABLE else Place.IN_LINES)
            continue
        cut = _around(inner, chunk.spans[-1][1]) or _around(inner, after.spans[0][0])
        if cut is not None and (cut != weighed or place not in row):
            weighed, row = cut, _row(chunks, place, cut)
            fits = clearly_fits(cut, chunks[row.start : row.stop + 1], budget)
        needless = cut is not None and fits
        yield Joint(Place.INSIDE_SENTENCE if cut else Place.BETWEEN_SENTENCES, needless)


def _has_sentences(block: Block) -> bool:
    return block.kind is not BlockKind.TABLE and block.kind not in LINED


def _sentences(document: Document, block: Block) -> list[Span]:
    found = (stripped(document.text, *span) for span in sentences(document.text, block.start, block.end))
    return [span for span in found if span is not None]


def _row(chunks: Sequence[Chunk], place: int, sentence: Span) -> range:
    """The joints in a row, the one behind chunk `place` among them, at which a chunk that holds some of the sentence
    meets another one: it may go through many."""
    first = place
    while first > 0 and chunks[first - 1].spans[-1][1] > sentence[0]:
        first -= 1
    last = place + 1
    while last + 1 < len(chunks) and chunks[last + 1].spans[0][0] < sentence[1]:
        last += 1
    return range(first, last)


def _around(spans: Sequence[Span], position: int) -> Span | None:
    """The one that the position lies strictly inside of."""
    before = bisect_left(spans, (position, 0)) - 1
    return spans[before] if before >= 0 and position < spans[before][1] else None
