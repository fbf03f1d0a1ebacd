"""Chunks to be: units that were put together, and how a draft that is too large comes apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from chunkers.base import TokenCounter
from chunkers.outline import Section
from chunkers.units import COST, Joint, Unit, Units, spans_of
from schemas.base import Span
from schemas.chunk import SPAN_JOIN

Place = Callable[[Sequence[Unit]], tuple[Section, int]]
"""The section that units belong to, and how many of its headings open their text."""

DENSEST = 24
"""Characters that count as one token at least: a tokenizer that reads a giant word as one
unknown token must not make a giant chunk of it."""


class Measure:
    """Sizes of units: one call of the counter for many of them."""

    def __init__(self, text: str, counter: TokenCounter, specials: int) -> None:
        self._text = text
        self._counter = counter
        self._specials = specials

    def __call__(self, units: Sequence[Unit]) -> list[Unit]:
        if not units:
            return []
        texts = [self._text[unit.gap : unit.end] for unit in units]
        return [
            unit._replace(size=max(1, tokens - self._specials, 0 if unit.row >= 0 else len(text) // DENSEST))
            for unit, text, tokens in zip(units, texts, self._counter.count(texts), strict=True)
        ]

    def tokens(self, text: str) -> int:
        return self._counter.count([text])[0] - self._specials

    def settle(self, units: Sequence[Unit], pieces: Units, largest: int) -> list[Unit]:
        """Units none of which is above `largest` tokens; rows of tables are left as they are."""
        if all(unit.size <= largest or unit.row >= 0 for unit in units):
            return list(units)
        settled = self._without_gaps(units, largest)
        while True:
            finer: list[Unit] = []
            places: list[int] = []
            for at, unit in enumerate(settled):
                if unit.size > largest and unit.row < 0 and unit.end - unit.start > 1:
                    parts = pieces.finer(unit, characters_for(unit, largest))
                    places += [at] * len(parts)
                    finer += parts
            if not finer:
                return settled
            replaced: dict[int, list[Unit]] = {}
            for at, unit in zip(places, self(finer), strict=True):
                replaced.setdefault(at, []).append(unit)
            settled = [part for at, unit in enumerate(settled) for part in replaced.get(at, [unit])]

    def _without_gaps(self, units: Sequence[Unit], largest: int) -> list[Unit]:
        """What is too large only with the gap before it fits where it begins a chunk."""
        near = [at for at, unit in enumerate(units) if unit.size > largest and unit.row < 0 and unit.gap < unit.start]
        bare = self([units[at]._replace(gap=units[at].start) for at in near])
        fitting = {at: unit.size for at, unit in zip(near, bare, strict=True) if unit.size <= largest}
        return [unit._replace(size=fitting[at]) if at in fitting else unit for at, unit in enumerate(units)]


def characters_for(unit: Unit, largest: int) -> int:
    """Characters of `unit` that are about a quarter of `largest` tokens: pieces that pack well. Of a
    unit that was not measured a half: to peel off the end of a giant one would take quadratic time."""
    length = unit.end - unit.start
    return max(1, length * largest // (4 * unit.size) if unit.size else length // 2)


@dataclass(frozen=True, slots=True)
class Draft:
    """Units of one chunk. For a table or a part of it `table` is its ordinal, `rows` the rows
    in it and `columns` the columns, where a row was cut."""

    units: tuple[Unit, ...]
    place: Place
    prefix: str = ""
    table: int | None = None
    rows: Span | None = None
    columns: Span | None = None
    flags: tuple[str, ...] = ()

    def text(self, source: str) -> str:
        return self.prefix + SPAN_JOIN.join(source[start:end] for start, end in spans_of(self.units))

    @property
    def is_one(self) -> bool:
        """True where a cut would part what belongs together: a table's rows, or a single unit
        with the headings above it."""
        return self.table is not None or sum(1 for unit in self.units[1:] if unit.joint is not Joint.HEADING) == 0


def halves(draft: Draft, pieces: Units, largest: int) -> list[Draft]:
    """A text draft in two, at a weak joint near its middle; a single unit in finer pieces first."""
    units = draft.units
    if len(units) == 1:
        units = tuple(pieces.finer(units[0], characters_for(units[0], largest)))
        if len(units) == 1:
            return [draft]
    start, end = units[0].start, units[-1].end
    middle, width = (start + end) / 2, max(1, end - start)
    cut = min(range(1, len(units)), key=lambda at: COST[units[at].joint] + 4 * abs(units[at].start - middle) / width)
    return [replace(draft, units=units[:cut]), replace(draft, units=units[cut:])]
