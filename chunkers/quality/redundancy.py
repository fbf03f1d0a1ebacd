"""How much a chunk set says twice. Overlap and repeated header rows are meant, and are told apart from it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from chunkers.quality.texts import LOOKED_AT
from schemas.chunk import SPAN_JOIN, Chunk
from schemas.document import Document

_GRAM = 5
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
"""A Han or kana character, or a word of other scripts."""

Gram = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Redundancy:
    """`characters`: of all chunks' texts; `added`: of them, header rows that were repeated; `overlapping`: what the
    chunk before holds already.

    Over the chunks that begin within the first `LOOKED_AT` characters, without what was added and what overlaps:
    `pairs` of neighbours, `alike` ones; `grams`, each counted once a chunk, and `repeated` ones: of an earlier chunk.

    `similarities`: of the pairs; `grams_of`: of the chunks, how many grams and how many repeated ones.
    """

    characters: int = 0
    added: int = 0
    overlapping: int = 0
    pairs: int = 0
    alike: int = 0
    grams: int = 0
    repeated: int = 0
    similarities: tuple[float, ...] = field(default=(), compare=False)
    grams_of: tuple[tuple[int, int], ...] = field(default=(), compare=False)


ALIKE = 0.8
"""Jaccard similarity of the shingles of near-identical texts, as the stage that takes out duplicates has it."""


def redundancy(document: Document, chunks: Sequence[Chunk]) -> Redundancy:
    seen: set[Gram] = set()
    before: set[Gram] | None = None
    similarities: list[float] = []
    grams_of: list[tuple[int, int]] = []
    for chunk in chunks:
        if chunk.spans[0][0] >= LOOKED_AT:
            break
        own = _grams(SPAN_JOIN.join(document.text[start:end] for start, end in chunk.spans))
        grams_of.append((len(own), len(own & seen)))
        if before is not None:
            similarities.append(_similarity(before, own))
        seen |= own
        before = own
    return Redundancy(
        characters=sum(len(chunk.text) for chunk in chunks),
        added=sum(len(chunk.added_prefix) for chunk in chunks),
        overlapping=sum(end - start for chunk in chunks for start, end in chunk.overlap),
        pairs=len(similarities),
        alike=sum(similarity >= ALIKE for similarity in similarities),
        grams=sum(grams for grams, _ in grams_of),
        repeated=sum(repeated for _, repeated in grams_of),
        similarities=tuple(similarities),
        grams_of=tuple(grams_of),
    )


def _grams(text: str) -> set[Gram]:
    """Runs of five words or Han characters; of a shorter text, the whole."""
    words = _WORD.findall(text.casefold())
    if len(words) < _GRAM:
        return {tuple(words)} if words else set()
    return set(zip(*(words[at:] for at in range(_GRAM)), strict=False))


def _similarity(left: set[Gram], right: set[Gram]) -> float:
    shared = len(left & right)
    return shared / (len(left) + len(right) - shared) if shared else 0.0
