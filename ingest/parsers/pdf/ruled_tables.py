"""Tables whose cells are framed: rules that cross each other give rows, columns and spans exactly."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from ingest.parsers.pdf.rules import Rule
from schemas.base import BBox

_SAME = 2.0
"""Points within which two rules are on one line."""
JOINED = 3.0
"""Points between the ends of two rules that are one, and between a rule and one that it meets."""
_DRAWN = 0.6
"""Share of a cell's side along which a rule runs that parts it from the next cell."""
_SMALLEST = 3.0
"""Points: nearer to each other two rules are one thick or double line."""
_BRIDGES = 0.34
"""Of the rules on either side of a gap: so few that run over it do not make one table of two."""
_FEWEST_STACKED = 3
_ROW = 60.0
"""Points that rows are high at the most, on average."""
_MOST_RULES = 4_000


@dataclass(frozen=True, slots=True)
class RuledCell:
    """Rows and columns from the first to the last that the cell covers."""

    row: int
    col: int
    last_row: int
    last_col: int


@dataclass(frozen=True, slots=True)
class RuledTable:
    """`rows` and `columns` are the borders, outer ones included, ascending; `cells` cover the grid."""

    bbox: BBox
    rows: tuple[float, ...]
    columns: tuple[float, ...]
    cells: tuple[RuledCell, ...]

    def box_of(self, cell: RuledCell) -> BBox:
        columns, rows = self.columns, self.rows
        return (columns[cell.col], rows[cell.row], columns[cell.last_col + 1], rows[cell.last_row + 1])


def ruled_tables(rules: Sequence[Rule]) -> list[RuledTable]:
    """Every set of rules that cross each other and frame at least two columns; a frame around
    text, or a rule below it, is none."""
    if not 4 <= len(rules) <= _MOST_RULES:
        return []
    across = _joined(rule for rule in rules if rule.horizontal)
    down = _joined(rule for rule in rules if not rule.horizontal)
    parts = [inner for part in _connected(across, down) for inner in _connected(*_without_bridges(*part))]
    tables = [_table(*part) for part in parts]
    return [table for table in tables if table is not None]


def _joined(rules: Iterable[Rule]) -> list[Rule]:
    """Rules on one line that touch or overlap, as one."""
    result: list[Rule] = []
    open_rules: list[Rule] = []
    for rule in sorted(rules, key=lambda r: (r.at, r.start)):
        open_rules = [other for other in open_rules if rule.at - other.at <= _SAME]
        home = next((o for o in open_rules if rule.start <= o.end + JOINED and o.start <= rule.end + JOINED), None)
        if home is None:
            open_rules.append(rule)
            result.append(rule)
            continue
        grown = Rule(rule.horizontal, home.at, min(home.start, rule.start), max(home.end, rule.end))
        open_rules[open_rules.index(home)] = result[result.index(home)] = grown
    return result


def _connected(across: Sequence[Rule], down: Sequence[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Sets of rules that meet, directly or through others."""
    parent = list(range(len(across) + len(down)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for i, level in enumerate(across):
        for j, upright in enumerate(down):
            if _meet(level, upright):
                parent[root(i)] = root(len(across) + j)
    groups: defaultdict[int, tuple[list[Rule], list[Rule]]] = defaultdict(lambda: ([], []))
    for i, level in enumerate(across):
        groups[root(i)][0].append(level)
    for j, upright in enumerate(down):
        groups[root(len(across) + j)][1].append(upright)
    return list(groups.values())


def _without_bridges(across: Sequence[Rule], down: Sequence[Rule]) -> tuple[list[Rule], list[Rule]]:
    """Rules cut at gutters: a lone rule that runs on over the gap between two tables, such as the
    one below a running head, joins what nothing else does."""
    return _cut_at_gutters(across, down), _cut_at_gutters(down, across)


def _cut_at_gutters(rules: Sequence[Rule], others: Sequence[Rule]) -> list[Rule]:
    result = list(rules)
    places = _borders((other.at for other in others), *_ends(others)) if others else ()
    crossing = [len({round(r.at) for r in rules if r.start < middle < r.end}) for middle in _middles(places)]
    for gap in range(1, len(crossing) - 1):
        if crossing[gap] <= _BRIDGES * min(crossing[gap - 1], crossing[gap + 1]):
            middle = (places[gap] + places[gap + 1]) / 2
            result = [part for rule in result for part in _cut_rule(rule, places[gap], middle, places[gap + 1])]
    return result


def _ends(rules: Sequence[Rule]) -> tuple[float, float]:
    return min(rule.at for rule in rules), max(rule.at for rule in rules)


def _middles(places: Sequence[float]) -> list[float]:
    return [(one + other) / 2 for one, other in itertools.pairwise(places)]


def _cut_rule(rule: Rule, before: float, middle: float, after: float) -> list[Rule]:
    if not rule.start < middle < rule.end:
        return [rule]
    return [replace(rule, end=before), replace(rule, start=after)]


def _meet(level: Rule, upright: Rule) -> bool:
    return (
        level.start - JOINED <= upright.at <= level.end + JOINED
        and upright.start - JOINED <= level.at <= upright.end + JOINED
    )


def _table(across: Sequence[Rule], down: Sequence[Rule]) -> RuledTable | None:
    if len(across) < 2 or not down:
        return None
    # Where most rules run out to a side, with no upright at their ends, the table is open there.
    left, right = median(rule.start for rule in across), median(rule.end for rule in across)
    top, bottom = median(rule.start for rule in down), median(rule.end for rule in down)
    rows = _borders([rule.at for rule in across], top, bottom)
    columns = _borders([rule.at for rule in down], left, right)
    if len(rows) < 2 or len(columns) < 3:
        return None
    cells = tuple(_cells(rows, columns, across, down))
    if len(cells) < 2:
        return None
    return RuledTable((columns[0], rows[0], columns[-1], rows[-1]), rows, columns, cells)


def stacks(rules: Sequence[Rule], highest: float = _ROW) -> list[tuple[BBox, tuple[float, ...]]]:
    """Where at least three rules of one length stand above each other, as between a table's rows,
    and at what heights: no more than `highest` points from each other, on average."""
    groups: defaultdict[tuple[int, int], list[Rule]] = defaultdict(list)
    for rule in _joined(rule for rule in rules if rule.horizontal):
        groups[round(rule.start / _SMALLEST), round(rule.end / _SMALLEST)].append(rule)
    found: list[tuple[BBox, tuple[float, ...]]] = []
    for group in groups.values():
        heights = tuple(sorted(rule.at for rule in group))
        if len(heights) >= _FEWEST_STACKED and heights[-1] - heights[0] <= highest * (len(heights) - 1):
            found.append(((group[0].start, heights[0], group[0].end, heights[-1]), heights))
    return found


def _borders(found: Iterable[float], first: float, last: float) -> tuple[float, ...]:
    borders: list[float] = []
    for at in sorted([*found, first, last]):
        if not borders or at - borders[-1] > _SMALLEST:
            borders.append(at)
    return tuple(borders)


def _cells(
    rows: Sequence[float], columns: Sequence[float], across: Sequence[Rule], down: Sequence[Rule]
) -> Iterable[RuledCell]:
    """Slots with no rule between them are one cell; what that makes of them is squared, row by row: a
    box in the corner of a larger one leaves an angle."""
    open_below = [[not _is_drawn(across, at, *side) for side in itertools.pairwise(columns)] for at in rows[1:]]
    open_beside = [[not _is_drawn(down, at, *side) for at in columns[1:-1]] for side in itertools.pairwise(rows)]
    taken: set[tuple[int, int]] = set()
    for row in range(len(rows) - 1):
        for col in range(len(columns) - 1):
            if (row, col) in taken:
                continue
            last_col = col
            while last_col + 2 < len(columns) and (row, last_col + 1) not in taken and open_beside[row][last_col]:
                last_col += 1
            last_row = row
            while (
                last_row + 2 < len(rows)
                and all(open_below[last_row][col : last_col + 1])
                and _is_as_broad(open_beside[last_row + 1], col, last_col)
            ):
                last_row += 1
            taken.update((r, c) for r in range(row, last_row + 1) for c in range(col, last_col + 1))
            yield RuledCell(row, col, last_row, last_col)


def _is_as_broad(open_beside: Sequence[bool], first: int, last: int) -> bool:
    """A cell from the first to the last column goes on in a row where it is open within, and closed at
    its sides."""
    sides = open_beside[max(first - 1, 0) : first], open_beside[last : last + 1]
    return all(open_beside[first:last]) and not any(any(side) for side in sides)


def _is_drawn(rules: Iterable[Rule], at: float, start: float, end: float) -> bool:
    covered = sum(
        max(min(rule.end, end) - max(rule.start, start), 0.0) for rule in rules if abs(rule.at - at) <= _SMALLEST
    )
    return covered >= _DRAWN * (end - start)
