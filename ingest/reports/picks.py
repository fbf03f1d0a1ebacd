"""Which chunks a report shows one by one: the worst, and a sample of all. Chosen by their figures alone, so that the
same home gives the same ones in whatever order its documents come."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from heapq import heappush, heappushpop, nsmallest

from ingest.catalog.rows import DocumentRow
from ingest.reports.document_figures import DocumentFigures, PageRun
from schemas.figures import GRAVITY, SAMPLED, WORST, WORST_OF_ONE, Fault

_Weight = tuple[int, int]
"""The largest gravity of its faults, and their sum, both negative: the least is the gravest."""
_Rank = tuple[bool, _Weight, str, str, int]
"""Whether others of its document come first; its weight, source, path, place."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A chunk by its place in the chunk set."""

    row: DocumentRow
    place: int
    faults: tuple[Fault, ...]
    page_runs: tuple[PageRun, ...]


def faults_by_place(figures: DocumentFigures) -> dict[int, tuple[Fault, ...]]:
    """The gravest first."""
    found: dict[int, list[Fault]] = {}
    for fault in Fault:
        for place in figures.faults.get(fault, ()):
            found.setdefault(place, []).append(fault)
    return {place: tuple(faults) for place, faults in found.items()}


def gravity(figures: DocumentFigures) -> int:
    """Of all faults of all chunks."""
    return sum(GRAVITY[fault] * len(places) for fault, places in figures.faults.items())


@dataclass(slots=True)
class Picks:
    """`copies`: ids of documents whose chunks are another's."""

    copies: frozenset[str]
    _worst: list[tuple[_Rank, Pick]] = field(default_factory=list)
    _sample: list[tuple[int, int, Pick]] = field(default_factory=list)
    _total: int = 0

    def add(self, row: DocumentRow, figures: DocumentFigures) -> None:
        faults = faults_by_place(figures)
        if faults and row.doc_id not in self.copies:
            self._add_worst(row, faults, figures.page_runs)
        self._add_sampled(row, figures, faults)

    def _add_worst(
        self, row: DocumentRow, faults: dict[int, tuple[Fault, ...]], page_runs: tuple[PageRun, ...]
    ) -> None:
        weights = {place: _weight(each) for place, each in faults.items()}
        first = nsmallest(WORST, ((weight, place) for place, weight in weights.items()))
        self._worst += [
            ((at >= WORST_OF_ONE, weight, row.source, row.path, place), Pick(row, place, faults[place], page_runs))
            for at, (weight, place) in enumerate(first)
        ]
        if len(self._worst) > 20 * WORST:
            self._worst = self._least()

    def _least(self) -> list[tuple[_Rank, Pick]]:
        return nsmallest(WORST, self._worst, key=lambda each: each[0])

    def _add_sampled(self, row: DocumentRow, figures: DocumentFigures, faults: dict[int, tuple[Fault, ...]]) -> None:
        """A heap of the smallest, the largest of them on top."""
        begun = hashlib.sha256(f"{row.doc_id}/".encode())
        for place in range(figures.chunks):
            hashed = begun.copy()
            hashed.update(b"%d" % place)
            rank = -int.from_bytes(hashed.digest(), "big")
            if len(self._sample) < SAMPLED or rank > self._sample[0][0]:
                pick = Pick(row, place, faults.get(place, ()), figures.page_runs)
                put = heappush if len(self._sample) < SAMPLED else heappushpop
                put(self._sample, (rank, self._total, pick))
            self._total += 1

    @property
    def total(self) -> int:
        """Chunks that the sample is of."""
        return self._total

    def worst(self) -> list[Pick]:
        """In the order in which they are told."""
        return [pick for _, pick in self._least()]

    def sample(self) -> list[Pick]:
        picks = [pick for _, _, pick in self._sample]
        return sorted(picks, key=lambda pick: (pick.row.source, pick.row.path, pick.place))


def _weight(faults: tuple[Fault, ...]) -> _Weight:
    each = [-GRAVITY[fault] for fault in faults]
    return min(each), sum(each)
