"""Sums over documents of how well chunks keep what they were cut from, and can be read by themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields

from chunkers.base import Cohesion
from chunkers.cohesion import LexicalCohesion
from chunkers.quality import coherence, redundancy
from chunkers.quality.coherence import Coherence
from chunkers.quality.headings import paths_right
from chunkers.quality.integrity import KEPT_WHOLE, block_fates, notes_together
from chunkers.quality.redundancy import Redundancy
from chunkers.quality.standing import Leaning, leanings
from chunkers.quality.texts import LOOKED_AT
from schemas.chunk import Chunk
from schemas.document import Document
from schemas.quality import (
    CoherenceCounts,
    HeadingCounts,
    IntegrityCounts,
    KindFate,
    RedundancyCounts,
    StandingCounts,
)


@dataclass(slots=True)
class Keeping:
    """`cohesion` is that of words: a report loads no model. `depths`: chunks by the length of their heading path."""

    cohesion: Cohesion = field(default_factory=LexicalCohesion)
    depths: Counter[int] = field(default_factory=Counter)
    _judged: int = 0
    _right: int = 0
    _fates: Counter[tuple[str, str]] = field(default_factory=Counter)
    _notes: Counter[bool] = field(default_factory=Counter)
    _leanings: Counter[Leaning] = field(default_factory=Counter)
    _leaning: int = 0
    _coherence: Coherence = field(default_factory=Coherence)
    _redundancy: Counter[str] = field(default_factory=Counter)

    def add(self, document: Document, chunks: Sequence[Chunk], budget: int) -> None:
        """`budget`: tokens that a chunk may have."""
        right = list(paths_right(document, chunks))
        self._judged += len(right)
        self._right += sum(right)
        for fate in block_fates(document, chunks, budget):
            self._fates[fate.kind, "cut" if fate.chunks > 1 else "whole" if fate.chunks else "lost"] += 1
            self._fates[fate.kind, "needless"] += fate.needless
        self._notes.update(notes_together(document, chunks))
        for found in leanings(document, chunks):
            self._leanings.update(found)
            self._leaning += bool(found)
        self._coherence += coherence.coherence(document, chunks, self.cohesion)
        self._add_redundancy(redundancy.redundancy(document, chunks))

    def _add_redundancy(self, found: Redundancy) -> None:
        self._redundancy.update({each.name: getattr(found, each.name) for each in fields(found)})

    # ------------------------------------------------------------ as records

    def integrity(self) -> IntegrityCounts:
        return IntegrityCounts(
            by_kind={kind.value: self._kind(kind) for kind in KEPT_WHOLE},
            notes=self._notes.total(),
            notes_together=self._notes[True],
        )

    def _kind(self, kind: str) -> KindFate:
        whole, cut, lost = (self._fates[kind, group] for group in ("whole", "cut", "lost"))
        return KindFate(
            total=whole + cut + lost, whole=whole, cut=cut, lost=lost, needless=self._fates[kind, "needless"]
        )

    def headings(self) -> HeadingCounts:
        return HeadingCounts(
            chunks_with=self.depths.total() - self.depths[0],
            depths=dict(sorted(self.depths.items())),
            judged=self._judged,
            right=self._right,
        )

    def standing(self) -> StandingCounts:
        return StandingCounts(
            chunks=self._judged,
            leaning=self._leaning,
            by_leaning={leaning.value: self._leanings[leaning] for leaning in Leaning},
        )

    def coherence(self) -> CoherenceCounts:
        found = self._coherence
        return CoherenceCounts(
            method=self.cohesion.fingerprint,
            looked_at=LOOKED_AT,
            borders=found.borders,
            between_mean=found.between / found.borders if found.borders else None,
            inside_mean=found.inside / found.borders if found.borders else None,
            clear=found.clear,
            even=found.even,
        )

    def redundancy(self) -> RedundancyCounts:
        return RedundancyCounts(
            looked_at=LOOKED_AT,
            **{each.name: self._redundancy[each.name] for each in fields(Redundancy)},
        )
