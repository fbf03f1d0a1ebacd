"""Headline numbers by format, source, strategy and language. What is counted is defined in `schemas.figures`."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from ingest.reports.document_figures import DocumentFigures
from ingest.reports.lengths import Budget, token_lengths
from schemas.figures import ChunkGroup, GroupBy

_WITHOUT_TEXT_OUTSIDE = frozenset({GroupBy.STRATEGY, GroupBy.LANGUAGE})


@dataclass(slots=True)
class _Sums:
    documents: int = 0
    tokens: Counter[int] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)


_Place = tuple[str, str, str, str]
"""Source, format, strategy and language: chunks are summed up by all four at once, and by each at the end."""
_AT = {GroupBy.SOURCE: 0, GroupBy.FORMAT: 1, GroupBy.STRATEGY: 2, GroupBy.LANGUAGE: 3}


@dataclass(slots=True)
class Groups:
    _cells: dict[_Place, _Sums] = field(default_factory=lambda: defaultdict(_Sums))
    _outside: dict[tuple[GroupBy, str], _Sums] = field(default_factory=lambda: defaultdict(_Sums))
    """Documents of each group, and their characters."""

    def add(self, source: str, figures: DocumentFigures | None) -> None:
        """`figures`: None where the chunk set is missing."""
        if figures is None:
            self._outside[GroupBy.SOURCE, source].documents += 1
            return
        for by, name in ((GroupBy.SOURCE, source), (GroupBy.FORMAT, figures.media_type)):
            sums = self._outside[by, name]
            sums.documents += 1
            sums.counts["characters"] += figures.counts.get("completeness.characters", 0)
            sums.counts["lost"] += figures.counts.get("completeness.lost", 0)
        parts: set[tuple[GroupBy, str]] = set()
        for cell in figures.cells:
            sums = self._cells[source, figures.media_type, cell.strategy, cell.language]
            sums.tokens.update(cell.tokens)
            sums.counts.update(cell.counts)
            parts |= {(GroupBy.STRATEGY, cell.strategy), (GroupBy.LANGUAGE, cell.language)}
        for key in parts:
            self._outside[key].documents += 1

    def lengths(self) -> Counter[int]:
        """All chunks by their number of tokens."""
        return sum((sums.tokens for sums in self._cells.values()), Counter())

    def count(self, name: str) -> int:
        return sum(sums.counts[name] for sums in self._cells.values())

    def told(self, budget: Budget) -> tuple[ChunkGroup, ...]:
        order = list(GroupBy)
        keys = sorted(self._outside, key=lambda key: (order.index(key[0]), key[1]))
        return tuple(_group(by, name, self._sum(by, name), budget) for by, name in keys)

    def _sum(self, by: GroupBy, name: str) -> _Sums:
        outside = self._outside[by, name]
        found = _Sums(outside.documents, Counter(), Counter(outside.counts))
        for place, sums in self._cells.items():
            if place[_AT[by]] == name:
                found.tokens.update(sums.tokens)
                found.counts.update(sums.counts)
        return found


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
