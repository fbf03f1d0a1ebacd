"""Chunks to be: units that were put together, and how a draft that is too large comes apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from chunkers.base import TokenCounter
from chunkers.options import Limits
from chunkers.outline import Section
from chunkers.units import COST, Grain, Joint, Unit, Units, spans_of
from schemas.base import Span
from schemas.chunk import SPAN_JOIN

Place = Callable[[Sequence[Unit]], tuple[Section, int]]
"""The section that units belong to, and how many of its headings open their text."""

DENSEST = 24
"""Characters that count as one token at least: a tokenizer that reads a giant word as one
unknown token must not make a giant chunk of it."""

_USUAL = 3
"""Characters of a token, where a guess is good enough."""


class Measure:
    """Sizes of units: one call of the counter for many of them."""

    def __init__(self, text: str, counter: TokenCounter, limits: Limits) -> None:
        self._text = text
        self._counter = counter
        self._specials = limits.specials
        self._largest = limits.content

    def __call__(self, units: Sequence[Unit]) -> list[Unit]:
        texts = ["" if self._is_hopeless(unit) else self._text[unit.gap : unit.end] for unit in units]
        return [
            Unit(*unit[:-1], self._size(unit, tokens))
            for unit, tokens in zip(units, self._counter.count(texts) if texts else (), strict=True)
        ]

    def _size(self, unit: Unit, tokens: int) -> int:
        length = unit.end - unit.gap
        if self._is_hopeless(unit):
            return length // _USUAL
        return max(1, tokens - self._specials, 0 if unit.row >= 0 else length // DENSEST)

    def tokens(self, text: str) -> int:
        return self.each([text])[0]

    def each(self, texts: Sequence[str]) -> list[int]:
        return [size - self._specials for size in self._counter.count(texts)]

    def shares(self, unit: Unit, parts: Sequence[Unit]) -> list[Unit]:
        """Sizes of the parts of a unit that was counted, by their share of its characters: text is
        counted once for the plan. A sentence that comes near the largest size is counted, since it may fit."""
        length = max(1, unit.end - unit.gap)
        guessed = [part._replace(size=unit.size * (part.end - part.gap) // length + 1) for part in parts]
        doubtful = [at for at, part in enumerate(guessed) if self._is_doubtful(part)]
        for at, counted in zip(doubtful, self([guessed[at] for at in doubtful]), strict=True):
            guessed[at] = counted
        return guessed

    def _is_doubtful(self, part: Unit) -> bool:
        if part.grain in {Grain.SENTENCE, Grain.PASSAGE}:
            return self._largest < 2 * part.size < 4 * self._largest
        return 4 * self._largest < 5 * part.size < 6 * self._largest

    def settle(self, units: Sequence[Unit], pieces: Units, largest: int, *, counted: bool = False) -> list[Unit]:
        """Units none of which is above `largest` tokens; rows of tables are left as they are.
        `counted`: their sizes come from a count, however long they are."""
        if all(unit.size <= largest or unit.row >= 0 for unit in units):
            return list(units)
        return [
            part
            for unit in self._without_gaps(units, largest)
            for part in self._settled(unit, pieces, largest, counted=counted)
        ]

    def _settled(self, unit: Unit, pieces: Units, largest: int, *, counted: bool) -> list[Unit]:
        if unit.size <= largest or unit.row >= 0 or unit.end - unit.start <= 1:
            return [unit]
        parts = pieces.finer(unit, characters_for(unit, largest))
        sized = self.shares(unit, parts) if counted or not self._is_hopeless(unit) else self(parts)
        return [part for one in sized for part in self._settled(one, pieces, largest, counted=counted)]

    def _is_hopeless(self, unit: Unit) -> bool:
        """Too long to fit whatever its tokens are: only its parts are counted."""
        return unit.row < 0 and (unit.end - unit.gap) // DENSEST > self._largest

    def _without_gaps(self, units: Sequence[Unit], largest: int) -> list[Unit]:
        """What is too large only with the gap before it fits where it begins a chunk."""
        near = [at for at, unit in enumerate(units) if unit.row < 0 and largest < unit.size <= largest + reach(unit)]
        bare = self([units[at]._replace(gap=units[at].start) for at in near])
        fitting = {at: unit.size for at, unit in zip(near, bare, strict=True) if unit.size <= largest}
        return [unit._replace(size=fitting[at]) if at in fitting else unit for at, unit in enumerate(units)]


def reach(unit: Unit) -> int:
    """The most tokens that the gap before a unit can have."""
    return 4 * (unit.start - unit.gap)


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
