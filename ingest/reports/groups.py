"""Headline numbers by format, source, strategy and language. What is counted is defined in `schemas.figures`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ingest.reports.document_figures import Cell, DocumentFigures
from ingest.reports.lengths import Budget, token_lengths
from schemas.figures import ChunkGroup, GroupBy

_WITHOUT_TEXT_OUTSIDE = frozenset({GroupBy.STRATEGY, GroupBy.LANGUAGE})


@dataclass(slots=True)
class _Sums:
    documents: int = 0
    tokens: Counter[int] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, cell: Cell) -> None:
        self.tokens.update(cell.tokens)
        self.counts.update(cell.counts)


@dataclass(slots=True)
class Groups:
    _sums: dict[tuple[GroupBy, str], _Sums] = field(default_factory=dict)

    def add(self, source: str, figures: DocumentFigures | None) -> None:
        """`figures`: None where the chunk set is missing."""
        whole = [self._of(GroupBy.SOURCE, source)]
        if figures is not None:
            whole.append(self._of(GroupBy.FORMAT, figures.media_type))
        for sums in whole:
            sums.documents += 1
            if figures is not None:
                sums.counts["characters"] += figures.counts.get("completeness.characters", 0)
                sums.counts["lost"] += figures.counts.get("completeness.lost", 0)
        if figures is None:
            return
        parts: set[tuple[GroupBy, str]] = set()
        for cell in figures.cells:
            own = {(GroupBy.STRATEGY, cell.strategy), (GroupBy.LANGUAGE, cell.language)}
            for sums in (*whole, *(self._of(*key) for key in own)):
                sums.add(cell)
            parts |= own
        for key in parts:
            self._of(*key).documents += 1

    def _of(self, by: GroupBy, name: str) -> _Sums:
        return self._sums.setdefault((by, name), _Sums())

    def told(self, budget: Budget) -> tuple[ChunkGroup, ...]:
        order = list(GroupBy)
        keys = sorted(self._sums, key=lambda key: (order.index(key[0]), key[1]))
        return tuple(_group(by, name, self._sums[by, name], budget) for by, name in keys)


def _group(by: GroupBy, name: str, sums: _Sums, budget: Budget) -> ChunkGroup:
    lengths, counts = token_lengths(sums.tokens, budget), sums.counts
    has_outside = by not in _WITHOUT_TEXT_OUTSIDE
    return ChunkGroup(
        by=by,
        name=name,
        documents=sums.documents,
        chunks=sums.tokens.total(),
        tokens_p05=lengths.p05,
        tokens_median=lengths.median,
        tokens_p95=lengths.p95,
        below_minimum=lengths.below_minimum,
        over_budget=lengths.over_budget,
        with_heading=counts["with_heading"],
        judged=counts["judged"],
        right=counts["right"],
        leaning=counts["leaning"],
        prose_joints=counts["prose_joints"],
        inside_sentence=counts["inside_sentence"],
        unread=counts["unread"],
        faulty=counts["faulty"],
        characters=counts["characters"] if has_outside else None,
        lost=counts["lost"] if has_outside else None,
    )
