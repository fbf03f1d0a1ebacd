"""Whether all of the text is in chunks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chunkers.span_sets import Gaps, merged
from schemas.chunk import Chunk
from schemas.document import Document


@dataclass(frozen=True, slots=True)
class Coverage:
    """Characters of blocks that are not furniture, white space left out."""

    characters: int
    lost: int


def coverage(document: Document, chunks: Sequence[Chunk]) -> Coverage:
    """What of the document's text is in a chunk."""
    gaps = Gaps(merged(span for chunk in chunks for span in chunk.spans))
    characters = lost = 0
    for block in document.blocks:
        if block.is_furniture:
            continue
        characters += _visible(document.text_of(block))
        lost += sum(_visible(document.text[start:end]) for start, end in gaps.of(block.start, block.end))
    return Coverage(characters, lost)


def _visible(text: str) -> int:
    return sum(map(len, text.split()))
