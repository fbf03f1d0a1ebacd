"""Tables whose cells are framed: rules that cross each other give rows, columns and spans exactly."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from ingest.parsers.pdf.boxes import share_inside
from ingest.parsers.pdf.grid import FoundTable, count_header_rows, part_of, slot
from ingest.parsers.pdf.page import Grid, GridCell
from ingest.parsers.pdf.rules import Rule, bands_with_rows
from ingest.parsers.pdf.text import join_lines
from ingest.parsers.pdf.words import Run, to_lines
from schemas.base import BBox

_SAME = 2.0
"""Points within which two rules are on one line."""
_JOINED = 3.0
"""Points between the ends of two rules that are one, and between a rule and one that it meets."""
_DRAWN = 0.6
"""Share of a cell's side along which a rule runs that parts it from the next cell."""
_SMALLEST = 3.0
"""Points: nearer to each other two rules are one thick or double line."""
_INSIDE = 0.6
"""Share of a text that lies in the frame that it stands in."""
_FILLED = 0.34
_BESIDE, _SAME_HEIGHT = 12.0, 0.8
_OUTSIDE, _LABEL, _MOSTLY_OUTSIDE = 40.0, 30, 0.6
"""Points beside a frame, and characters, of a text that may belong to a row in it; share of rows with one."""
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
        home = next((o for o in open_rules if rule.start <= o.end + _JOINED and o.start <= rule.end + _JOINED), None)
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
        level.start - _JOINED <= upright.at <= level.end + _JOINED
        and upright.start - _JOINED <= level.at <= upright.end + _JOINED
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


def stacks(rules: Sequence[Rule]) -> list[tuple[BBox, tuple[float, ...]]]:
    """Where at least three rules of one length stand above each other, as between a table's rows,
    and at what heights."""
    groups: defaultdict[tuple[int, int], list[Rule]] = defaultdict(list)
    for rule in _joined(rule for rule in rules if rule.horizontal):
        groups[round(rule.start / _SMALLEST), round(rule.end / _SMALLEST)].append(rule)
    found: list[tuple[BBox, tuple[float, ...]]] = []
    for group in groups.values():
        heights = tuple(sorted(rule.at for rule in group))
        if len(heights) >= _FEWEST_STACKED and heights[-1] - heights[0] <= _ROW * (len(heights) - 1):
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
    """Slots with no rule between them are one cell; what that makes of them is squared."""
    taken: set[tuple[int, int]] = set()
    for row in range(len(rows) - 1):
        for col in range(len(columns) - 1):
            if (row, col) in taken:
                continue
            last_col = col
            while (
                last_col + 2 < len(columns)
                and (row, last_col + 1) not in taken
                and not _is_drawn(down, columns[last_col + 1], rows[row], rows[row + 1])
            ):
                last_col += 1
            last_row = row
            while last_row + 2 < len(rows) and not any(
                _is_drawn(across, rows[last_row + 1], columns[c], columns[c + 1]) for c in range(col, last_col + 1)
            ):
                last_row += 1
            taken.update((r, c) for r in range(row, last_row + 1) for c in range(col, last_col + 1))
            yield RuledCell(row, col, last_row, last_col)


def _is_drawn(rules: Iterable[Rule], at: float, start: float, end: float) -> bool:
    covered = sum(
        max(min(rule.end, end) - max(rule.start, start), 0.0) for rule in rules if abs(rule.at - at) <= _SMALLEST
    )
    return covered >= _DRAWN * (end - start)


def _is_table(grid: Grid) -> bool:
    """Frames beside each other are panels, or one row of a table whose other rows are framed otherwise."""
    return grid.n_rows > 1


def framed_tables(runs: Sequence[Run], rules: Sequence[Rule]) -> list[FoundTable]:
    """Tables that need nobody's guess: most of the cells hold something (else it is the grid
    behind a chart), no cell holds several rows that no rule parts, nothing stands on its side, and
    no row goes on outside the frame."""
    found: list[FoundTable] = []
    tables = ruled_tables(rules)
    for table in tables:
        inside = [run for run in runs if share_inside(run.bbox, table.bbox) >= _INSIDE]
        members = [run for run in inside if run.horizontal]
        if len(members) < len(inside) or bands_with_rows(table.rows, table.columns, members):
            continue
        others = [other for other in tables if other is not table]
        free = [run for run in runs if not any(share_inside(run.bbox, other.bbox) >= _INSIDE for other in others)]
        if any(_is_beside(table, other) for other in others) or _goes_on_outside(table, free):
            continue
        grid = _grid(table, members)
        if grid is not None and _is_table(grid) and len(grid.cells) >= _FILLED * len(table.cells):
            found.append(FoundTable(table.bbox, grid, tuple(members)))
    return found


def _is_beside(table: RuledTable, other: RuledTable) -> bool:
    """Parts of one table with a blank between them."""
    a, b = table.bbox, other.bbox
    gap = max(a[0], b[0]) - min(a[2], b[2])
    shared = min(a[3], b[3]) - max(a[1], b[1])
    return 0 <= gap <= _BESIDE and shared >= _SAME_HEIGHT * max(a[3] - a[1], b[3] - b[1])


def _goes_on_outside(table: RuledTable, runs: Sequence[Run]) -> bool:
    """Short texts right beside most of its rows: a column without a frame."""
    x0, y0, x1, y1 = table.bbox
    rows = {
        slot(table.rows, (run.bbox[1] + run.bbox[3]) / 2)
        for run in runs
        if run.length <= _LABEL
        and y0 < (run.bbox[1] + run.bbox[3]) / 2 < y1
        and (0 <= x0 - run.bbox[2] + _JOINED <= _OUTSIDE or 0 <= run.bbox[0] - x1 + _JOINED <= _OUTSIDE)
    }
    return len(rows) >= max(2, _MOSTLY_OUTSIDE * (len(table.rows) - 1))


def _grid(table: RuledTable, runs: Sequence[Run]) -> Grid | None:
    """The table's texts in its cells; None where fewer than two columns hold any. Rows and columns
    without text are left out."""
    owner = {
        (row, col): cell
        for cell in table.cells
        for row in range(cell.row, cell.last_row + 1)
        for col in range(cell.col, cell.last_col + 1)
    }
    parts: defaultdict[RuledCell, list[Run]] = defaultdict(list)
    for run in runs:
        for cell, part in _cut(run, table, owner):
            parts[cell].append(part)
    rows = [row for row in range(len(table.rows) - 1) if any(cell.row == row for cell in parts)]
    cols = [col for col in range(len(table.columns) - 1) if any(cell.col == col for cell in parts)]
    if len(cols) < 2 or not rows:
        return None
    cells = tuple(_grid_cell(cell, parts[cell], rows, cols) for cell in sorted(parts, key=lambda c: (c.row, c.col)))
    borders = (*(table.columns[col] for col in cols), table.columns[cols[-1] + 1])
    extents = tuple((table.columns[col], table.columns[col + 1]) for col in cols)
    grid = Grid(len(rows), len(cols), cells, tuple(round(x, 2) for x in borders), extents)
    return replace(grid, header_rows=count_header_rows(grid))


def _cut(run: Run, table: RuledTable, owner: Mapping[tuple[int, int], RuledCell]) -> Iterator[tuple[RuledCell, Run]]:
    """The run's words by the cell that holds their middles."""
    row = slot(table.rows, (run.bbox[1] + run.bbox[3]) / 2)
    homes = [owner[row, slot(table.columns, (word.bbox[0] + word.bbox[2]) / 2)] for word in run.words]
    start = 0
    for end in range(1, len(homes) + 1):
        if end == len(homes) or homes[end] != homes[start]:
            yield homes[start], part_of(run, start, end)
            start = end


def _grid_cell(cell: RuledCell, runs: Sequence[Run], rows: Sequence[int], cols: Sequence[int]) -> GridCell:
    lines = to_lines(runs)
    return GridCell(
        row=rows.index(cell.row),
        col=cols.index(cell.col),
        text=join_lines(line.text for line in lines),
        bold=all(line.bold for line in lines),
        lines=lines,
        col_span=sum(cell.col <= col <= cell.last_col for col in cols),
        row_span=sum(cell.row <= row <= cell.last_row for row in rows),
    )
