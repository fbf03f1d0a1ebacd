"""What stands under a heading: the words that somebody typed become the exact headings that the index holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from ingest.search.headings import fitting, levels_of, near, stands_under
from ingest.vectors import Condition, IndexPoint, PayloadFilter
from schemas.errors import ConfigError

_FIELD: Final = "heading_path"
_TOLD: Final = 4
"""Headings that are named where several fit."""


class HeadedIndex(Protocol):
    def values(self, field: str, where: PayloadFilter) -> dict[str, int]: ...

    def scroll(self, where: PayloadFilter) -> Iterator[IndexPoint]: ...


@dataclass(frozen=True, slots=True)
class Subtree:
    """`levels`: from above, each the headings that fit what was asked; a passage stands under one of each."""

    levels: tuple[frozenset[str], ...] = ()
    warnings: tuple[str, ...] = ()

    def narrowed(self, where: PayloadFilter) -> PayloadFilter:
        """Filters run inside the index, which knows values and not their order: `holds` sees to that."""
        return replace(where, every=(*where.every, *(Condition(_FIELD, tuple(sorted(level))) for level in self.levels)))

    def holds(self, heading_path: Sequence[str]) -> bool:
        return stands_under(heading_path, self.levels)


def find_subtree(index: HeadedIndex, where: PayloadFilter, under: str) -> Subtree:
    """Raises `ConfigError` where no heading of what `where` selects fits, and names near ones.

    A level is sought among the headings that stand in one path with those of the levels above it.
    """
    known = index.values(_FIELD, where)
    asked = (under,) if under in known else levels_of(under)
    if not asked:
        raise ConfigError("a search under no heading: name one, or leave it out")
    if not known:  # as where nothing is selected at all
        return Subtree((frozenset(),), ("nothing that was to be searched stands below a heading",))
    found = Subtree()
    for level in asked:
        headings = known if not found.levels else index.values(_FIELD, found.narrowed(where))
        fit = fitting(level, headings)
        if not fit:
            raise ConfigError(_unfit(level, headings, asked), under=under)
        found = Subtree((*found.levels, frozenset(fit)), (*found.warnings, *_several(level, fit)))
    if len(asked) > 1 and not any(found.holds(_path(row)) for row in index.scroll(found.narrowed(where))):
        raise ConfigError(
            f"'{asked[-1]}' does not stand under '{asked[0]}', but above it: turn them round", under=under
        )
    return found


def headings_below(index: HeadedIndex, where: PayloadFilter, under: str | None) -> list[str]:
    """Those that could stand in `under`, sorted; where it names some, those that stand in one path with them.
    Raises `ConfigError` as `find_subtree` does."""
    found = find_subtree(index, where, under) if under is not None else Subtree()
    named = frozenset().union(*found.levels)
    return sorted(index.values(_FIELD, found.narrowed(where)).keys() - named)


def _path(row: IndexPoint) -> list[str]:
    path = row.payload[_FIELD]
    return [str(each) for each in path] if isinstance(path, list | tuple) else []


def _unfit(level: str, headings: dict[str, int], asked: Sequence[str]) -> str:
    place = f" under '{' › '.join(asked[: asked.index(level)])}'" if level != asked[0] else ""
    names = ", ".join(f"'{heading}'" for heading in near(level, headings))
    return f"no heading{place} fits '{level}'; near ones are {names}"


def _several(level: str, fit: Sequence[str]) -> tuple[str, ...]:
    if len(fit) == 1:
        return ()
    names = ", ".join(f"'{heading}'" for heading in fit[:_TOLD])
    more = f" and {len(fit) - _TOLD} more" if len(fit) > _TOLD else ""
    return (f"'{level}' fits {len(fit)} headings, all of which are searched: {names}{more}",)
