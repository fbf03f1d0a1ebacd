"""Headings over several columns of a table that has no frames: a rule below them, or where they are centred, tells
which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ingest.parsers.pdf.page import Grid, GridCell
from ingest.parsers.pdf.rules import Rule
from ingest.parsers.pdf.words import union
from schemas.base import BBox

_BELOW = 1.0
"""Of the type size: how far below its text such a rule is at the most."""
_SLACK = 1.5
_WHOLE = 0.9
"""Share of the table's width from which a rule parts rows and groups nothing."""
_CENTRED = 0.2
"""Of the mean width of the columns: how far a heading's middle is from that of its columns at the most."""


def with_header_spans(grid: Grid, rules: Sequence[Rule]) -> Grid:
    """In all rows of the header but the last, which names the columns one by one."""
    across = [rule for rule in rules if rule.horizontal]
    rows = [[cell for cell in grid.cells if cell.row == row] for row in range(grid.header_rows - 1)]
    wider = {
        (cell.row, cell.col): found
        for row in rows
        for cell in row
        if cell.col_span == cell.row_span == 1 and cell.lines
        if (found := _columns(cell, row, grid, across)) is not None
    }
    if not wider:
        return grid
    cells = [
        cell if (cell.row, cell.col) not in wider else _spanning(cell, wider[cell.row, cell.col]) for cell in grid.cells
    ]
    return replace(grid, cells=tuple(sorted(cells, key=lambda cell: (cell.row, cell.col))))


def _spanning(cell: GridCell, columns: range) -> GridCell:
    return replace(cell, col=columns.start, col_span=len(columns))


def _columns(cell: GridCell, row: Sequence[GridCell], grid: Grid, rules: Iterable[Rule]) -> range | None:
    """Of blank columns beside it that have texts in the row below."""
    others = {col for other in row if other is not cell for col in range(other.col, other.col + other.col_span)}
    below = {other.col for other in grid.cells if other.row == cell.row + 1 and other.col_span == 1}
    free = [col for col in range(grid.n_cols) if col not in others and col in below]
    if cell.col not in free:
        return None
    first = last = cell.col
    while first - 1 in free:
        first -= 1
    while last + 1 in free:
        last += 1
    if first == last:
        return None
    box = union(line.bbox for line in cell.lines)
    return _by_rule(cell, box, range(first, last + 1), grid, rules) or _by_centre(
        cell, box, range(first, last + 1), grid
    )


def _by_rule(cell: GridCell, box: BBox, free: range, grid: Grid, rules: Iterable[Rule]) -> range | None:
    reach = _BELOW * max(line.size for line in cell.lines)
    width = grid.columns[-1] - grid.columns[0]
    for rule in rules:
        is_below = -_SLACK <= rule.at - box[3] <= reach
        holds = rule.start <= box[0] + _SLACK and box[2] - _SLACK <= rule.end
        if is_below and holds and rule.end - rule.start < _WHOLE * width:
            held = [col for col in free if rule.start - _SLACK <= _middle(grid, col) <= rule.end + _SLACK]
            if len(held) > 1 and cell.col in held:
                return range(held[0], held[-1] + 1)
    return None


def _by_centre(cell: GridCell, box: BBox, free: range, grid: Grid) -> range | None:
    """The most columns over whose middle it stands."""
    centre = (box[0] + box[2]) / 2
    near = _CENTRED * (grid.columns[-1] - grid.columns[0]) / grid.n_cols
    found = [
        range(first, last + 1)
        for first in range(free.start, cell.col + 1)
        for last in range(max(cell.col, first + 1), free.stop)
        if abs((grid.extents[first][0] + grid.extents[last][1]) / 2 - centre) <= near
    ]
    return max(found, key=len, default=None)


def _middle(grid: Grid, col: int) -> float:
    return sum(grid.extents[col]) / 2
