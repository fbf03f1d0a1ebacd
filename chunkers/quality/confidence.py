"""How sure OCR was of what a chunk holds."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from schemas.chunk import Chunk
from schemas.document import Document

DOUBTFUL = 0.8
"""Below it a person finds wrong characters in most lines."""


def confidences(document: Document, chunks: Sequence[Chunk]) -> Iterator[float | None]:
    """Of each chunk: the mean of its blocks' confidences, by the characters of each that are in its spans. None where
    OCR has read nothing of it."""
    if all(block.confidence is None for block in document.blocks):
        yield from (None for _ in chunks)
        return
    for chunk in chunks:
        total = held = 0.0
        starts, ends = [start for start, _ in chunk.spans], [end for _, end in chunk.spans]
        for ordinal in chunk.blocks:
            block = document.blocks[ordinal]
            if block.confidence is not None:
                places = range(bisect_right(ends, block.start), bisect_left(starts, block.end))
                own = sum(min(ends[at], block.end) - max(starts[at], block.start) for at in places)
                total += own * block.confidence
                held += own
        yield total / held if held else None
