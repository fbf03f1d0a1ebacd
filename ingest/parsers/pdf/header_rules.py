"""The rule below the names of columns tells how many rows name them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ingest.parsers.pdf.grid import is_number
from ingest.parsers.pdf.page import Grid, GridCell
from ingest.parsers.pdf.rules import Rule

_MOST_ROWS = 4
_SLACK = 3.0
"""Points by which a rule may end short of the table's texts, or touch them."""


def with_header_by_rule(grid: Grid, rules: Sequence[Rule]) -> Grid:
    """Rows of words above the first rule that runs from side to side below a row; not where every row has
    one, nor where only words stand below it: it may part any two rows then."""
    rows: list[list[GridCell]] = [[] for _ in range(grid.n_rows)]
    for cell in grid.cells:
        rows[cell.row].append(cell)
    below = _ruled_rows(rows, _across(grid, rules))
    if not below or len(below) >= grid.n_rows - 1:
        return grid
    count = below[0] + 1
    names = [cell for row in rows[:count] for cell in row]
    if count > min(_MOST_ROWS, grid.n_rows - 1) or any(is_number(cell.text) for cell in names):
        return grid
    is_told = len(rows[below[0]]) > 1 and (count == 1 or len(below) == 1 or count <= grid.header_rows + 1)
    return replace(grid, header_rows=count) if is_told else grid


def _across(grid: Grid, rules: Iterable[Rule]) -> list[float]:
    """Heights of rules from the first to the last text."""
    left, right = grid.extents[0][0], grid.extents[-1][1]
    parts: defaultdict[int, list[Rule]] = defaultdict(list)
    for rule in rules:
        if rule.horizontal and rule.start < right and left < rule.end:
            parts[round(rule.at)].append(rule)
    return [found[0].at for _, found in sorted(parts.items()) if _reaches(found, left, right)]


def _reaches(parts: Iterable[Rule], left: float, right: float) -> bool:
    """Whole, or in parts that meet."""
    at = left
    for rule in sorted(parts, key=lambda r: r.start):
        if rule.start <= at + _SLACK:
            at = max(at, rule.end)
    return at >= right - _SLACK


def _ruled_rows(rows: Sequence[Sequence[GridCell]], heights: Iterable[float]) -> list[int]:
    """Rows right below which there is such a rule."""
    tops = [min((line.bbox[1] for cell in row for line in cell.lines), default=0.0) for row in rows]
    ends = [
        max((line.bbox[3] for cell in row if cell.row_span == 1 for line in cell.lines), default=0.0) for row in rows
    ]
    gaps = [(end - _SLACK, top + _SLACK) for end, top in zip(ends, tops[1:], strict=False)]
    return sorted({row for at in heights for row, (above, under) in enumerate(gaps) if above < at < under})
