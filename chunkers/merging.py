"""Small neighbouring sections in one chunk, where the options ask for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from chunkers.drafts import Draft, Place
from chunkers.options import Limits
from chunkers.outline import Section
from chunkers.units import Unit, Units


@dataclass(frozen=True, slots=True)
class Planned:
    """A draft, and the section that it holds all the text of, if it does."""

    draft: Draft
    whole: Section | None = None

    @property
    def size(self) -> int:
        return sum(unit.size for unit in self.draft.units)


def merged(planned: Iterable[Planned], units: Units, limits: Limits) -> Iterator[Draft]:
    """Sections of one parent and level that are each below the minimum share a draft, up to the
    target. Its heading path is the first one's."""
    group: list[Planned] = []
    for one in planned:
        if group and not (_small(one, limits) and _siblings(group[0], one) and _total([*group, one]) <= limits.target):
            yield _joined(group, units)
            group = []
        group.append(one)
        if not _small(one, limits):
            yield _joined(group, units)
            group = []
    if group:
        yield _joined(group, units)


def _small(one: Planned, limits: Limits) -> bool:
    return one.whole is not None and one.draft.table is None and one.size < limits.minimum


def _siblings(left: Planned, right: Planned) -> bool:
    if left.whole is None or right.whole is None or not right.whole.path:
        return False
    return (left.whole.parent, left.whole.level) == (right.whole.parent, right.whole.level)


def _total(group: Sequence[Planned]) -> int:
    return sum(one.size for one in group)


def _joined(group: Sequence[Planned], units: Units) -> Draft:
    if len(group) == 1:
        return group[0].draft
    together: list[Unit] = []
    places: list[tuple[int, Place]] = []
    for one in group:
        first, *others = one.draft.units
        places.append((first.block, one.draft.place))
        together += [units.behind(together[-1] if together else None, first), *others]
    return replace(group[0].draft, units=tuple(together), place=partial(_first_of, tuple(places)))


def _first_of(places: Sequence[tuple[int, Place]], units: Sequence[Unit]) -> tuple[Section, int]:
    """The place of the section that the first of `units` is in; the headings of later ones do
    not open the text."""
    begin, place = max((entry for entry in places if entry[0] <= units[0].block), key=lambda entry: entry[0])
    ends = [other for other, _ in places if other > begin]
    return place([unit for unit in units if not ends or unit.block < min(ends)])
