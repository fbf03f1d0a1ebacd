"""How well tables are found: neighbouring cells, as in the ICDAR 2013 competition, and cell contents.

A relation is two cells with text, one right of or below the other with nothing but blank cells
between them, and the direction. A cell with spans neighbours every cell along its sides, once.
Relations are compared by their texts, normalised, as multisets. Each true table is compared with
one table that was found, the best pairs first; what is left over, on either side, counts in full:
a table cut in two, or two run together, loses the part that has no partner.

Cell contents: the texts of the same pairs of tables, as multisets, wherever they stand.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from markdown_it import MarkdownIt
from scores.counts import Counts
from scores.reading import Grid, Reading, inline_text, normalised

Relation = tuple[str, str, str]
_Thing = TypeVar("_Thing")
_MARKS = MarkdownIt("commonmark")


@dataclass(frozen=True, slots=True)
class TableScores:
    """None without a table in the reference. `extra`: tables found that are the match of none."""

    precision: float | None
    recall: float | None
    f1: float | None
    cell_f1: float | None
    extra: int


@dataclass(frozen=True, slots=True)
class _Facts:
    relations: Counter[Relation]
    contents: Counter[str]


def table_scores(truth: Reading, found: Reading) -> TableScores:
    return compare(truth.tables, found.tables)


def compare(truth: Sequence[Grid], found: Sequence[Grid]) -> TableScores:
    wanted, there = [_facts(grid) for grid in truth], [_facts(grid) for grid in found]
    if not any(facts.contents for facts in wanted):
        return TableScores(None, None, None, None, len(found))
    pairs = best_pairs(wanted, there)
    relations = sum((_counts(a.relations, b.relations) for a, b in pairs), Counts())
    contents = sum((_counts(a.contents, b.contents) for a, b in pairs), Counts())
    extra = sum(not a.contents for a, _ in pairs)
    return TableScores(relations.precision, relations.recall, relations.f1, contents.f1, extra)


def best_pairs(wanted: Sequence[_Facts], found: Sequence[_Facts]) -> list[tuple[_Facts, _Facts]]:
    """All tables of both sides, those without a partner against an empty one."""
    nothing = _Facts(Counter(), Counter())
    scored = sorted(
        ((_alike(a, b), i, j) for i, a in enumerate(wanted) for j, b in enumerate(found)),
        key=lambda row: (*(-score for score in row[0]), row[1:]),
    )
    left, right = set(range(len(wanted))), set(range(len(found)))
    pairs = []
    for score, i, j in scored:
        if any(score) and i in left and j in right:
            left.remove(i)
            right.remove(j)
            pairs.append((wanted[i], found[j]))
    pairs += [(wanted[i], nothing) for i in left]
    return pairs + [(nothing, found[j]) for j in right]


def relations_of(grid: Grid) -> Counter[Relation]:
    texts = [comparable(cell.text) for cell in grid.cells]
    columns = list(zip(*grid.slots, strict=True))
    pairs = {("right", *pair) for row in grid.slots for pair in _neighbours(row, texts)}
    pairs |= {("below", *pair) for column in columns for pair in _neighbours(column, texts)}
    return Counter((direction, texts[a], texts[b]) for direction, a, b in pairs)


def comparable(text: str) -> str:
    """Pipe tables carry marks of emphasis and code, HTML tables none: both are read as marks."""
    return normalised(inline_text(_MARKS.parseInline(text)[0])) if text else ""


def _neighbours(places: Sequence[int | None], texts: Sequence[str]) -> list[tuple[int, int]]:
    filled = [place for place in places if place is not None and texts[place]]
    return [(a, b) for a, b in itertools.pairwise(filled) if a != b]


def _facts(grid: Grid) -> _Facts:
    return _Facts(relations_of(grid), Counter(filter(None, (comparable(cell.text) for cell in grid.cells))))


def _alike(one: _Facts, other: _Facts) -> tuple[float, float]:
    relations, contents = _counts(one.relations, other.relations), _counts(one.contents, other.contents)
    return relations.f1 or 0.0, contents.f1 or 0.0


def _counts(one: Counter[_Thing], other: Counter[_Thing]) -> Counts:
    return Counts(common=(one & other).total(), wanted=one.total(), found=other.total())
