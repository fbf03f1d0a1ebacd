"""Whether chunks are cut where the text turns: cohesion at joints inside chunks against that at their borders.

MoC (Zhao et al., 2025) asks a language model how much a passage's perplexity falls when the one before is known,
HOPE (Brådland et al., 2025) how alike passages and what lies beside them are. Here the likeness is a `Cohesion`'s,
by default that of the words, so that it can be counted over everything; its scale is its own, and what tells is
how far inside and between lie apart.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from chunkers.base import Cohesion
from chunkers.quality.texts import LOOKED_AT, PROSE
from chunkers.sentences import sentences
from chunkers.span_sets import stripped
from schemas.base import Span
from schemas.chunk import Chunk
from schemas.document import Document


@dataclass(frozen=True, slots=True)
class Coherence:
    """Borders: joints between neighbouring sentences of running text, that no heading, table or code parts, and that
    lie between two chunks. Each is compared with the joint inside a chunk that is nearest before it, and the
    nearest behind it: sentences near each other are of like length, and long ones have more in common anyway.

    `between`: the sum of the borders' cohesions; `inside`: of those of the joints that they are compared with, their
    mean where there are two. `clear`: borders that are below it, `even`: that are it.
    """

    borders: int = 0
    between: float = 0.0
    inside: float = 0.0
    clear: int = 0
    even: int = 0

    def __add__(self, other: Coherence) -> Coherence:
        return Coherence(
            self.borders + other.borders,
            self.between + other.between,
            self.inside + other.inside,
            self.clear + other.clear,
            self.even + other.even,
        )


def coherence(document: Document, chunks: Sequence[Chunk], cohesion: Cohesion) -> Coherence:
    """Over the first `LOOKED_AT` characters."""
    found = Coherence()
    for border, inside in borders(document, chunks, cohesion):
        found += Coherence(1, border, inside, int(border < inside), int(border == inside))
    return found


def borders(document: Document, chunks: Sequence[Chunk], cohesion: Cohesion) -> Iterator[tuple[float, float]]:
    """Each border's cohesion, and what it is compared with."""
    starts = [chunk.spans[0][0] for chunk in chunks]
    for stretch in _stretches(document):
        holders = [bisect_right(starts, start) for start, _ in stretch]
        between = [left != right for left, right in pairwise(holders)]
        if any(between) and not all(between):
            yield from _compared(cohesion.joints([document.text[start:end] for start, end in stretch]), between)


def _compared(values: Sequence[float], borders: Sequence[bool]) -> Iterator[tuple[float, float]]:
    """Each border, and the mean of the joints inside that are nearest before and behind it."""
    inner = [at for at, border in enumerate(borders) if not border]
    for at, border in enumerate(borders):
        if border:
            place = bisect_right(inner, at)
            near = [values[inner[n]] for n in (place - 1, place) if 0 <= n < len(inner)]
            yield values[at], sum(near) / len(near)


def _stretches(document: Document) -> Iterator[list[Span]]:
    stretch: list[Span] = []
    for block in document.blocks:
        if block.is_furniture or block.start == block.end:
            continue
        if block.kind in PROSE and block.start < LOOKED_AT:
            end = min(block.end, LOOKED_AT)
            found = (stripped(document.text, *span) for span in sentences(document.text, block.start, end))
            stretch += [span for span in found if span is not None]
            continue
        yield stretch
        stretch = []
        if block.start >= LOOKED_AT:
            return
    yield stretch
