"""Grids as Markdown rows and as the table record, and tables put together over pages."""

from __future__ import annotations

from dataclasses import replace

from ingest.parsers.pdf.page import Grid
from ingest.parsers.table_text import table_text
from schemas.document import Table, TableCell

_SLACK = 0.02
"""Of the table's width: how far the middle of a column may stand outside the other's borders."""
_EDGE_SLACK = 5
"""Times that: how far the edge that the parts share may move; borders hug the text of each part."""


def render(grid: Grid) -> tuple[str, Table]:
    cells = [TableCell(row=c.row, col=c.col, row_span=c.row_span, col_span=c.col_span, text=c.text) for c in grid.cells]
    return table_text(cells, grid.header_rows, shape=(grid.n_rows, grid.n_cols))


def continues(first: Grid, second: Grid, shift: float = 0.0) -> bool:
    """The same columns at the same places, and no header of its own: the second goes on where the
    first page ended. Borders move with the text of each page; what counts is that the text of
    every column stands in the same column of the other. `shift`: points by which the second
    stands to the right, in the next column of the page."""
    if first.n_cols != second.n_cols or _has_other_header(first, second):
        return False
    slack = _SLACK * max(first.columns[-1] - first.columns[0], 1.0)
    edges = (first.columns[0] + shift - second.columns[0], first.columns[-1] + shift - second.columns[-1])
    return min(map(abs, edges)) <= _EDGE_SLACK * slack and all(
        _holds(one, other, slack, moved) for one, other, moved in ((first, second, shift), (second, first, -shift))
    )


def _holds(one: Grid, other: Grid, slack: float, shift: float) -> bool:
    """Outer columns are as wide as they need to be: where one part has short texts, the other may not."""
    last = one.n_cols - 1
    for col, (start, end) in enumerate(other.extents):
        middle = (start + end) / 2 - shift
        left = float("-inf") if col == 0 else one.columns[col] - slack
        right = float("inf") if col == last else one.columns[col + 1] + slack
        if not left <= middle <= right:
            return False
    return True


def _has_other_header(first: Grid, second: Grid) -> bool:
    """Its first row is bold and what is below is not, and it says something else."""
    top = [cell for cell in second.cells if cell.row == 0]
    below = [cell for cell in second.cells if cell.row > 0]
    own = all(cell.bold for cell in top) and not all(cell.bold for cell in below)
    return own and _rows(second, 1) != _rows(first, 1)


def merge(first: Grid, second: Grid) -> Grid:
    """Rows of both; a header that the second repeats is dropped."""
    repeated = repeated_rows(first, second)
    moved = tuple(
        replace(cell, row=cell.row - repeated + first.n_rows) for cell in second.cells if cell.row >= repeated
    )
    return replace(first, n_rows=first.n_rows + second.n_rows - repeated, cells=first.cells + moved)


def repeated_rows(first: Grid, second: Grid) -> int:
    """Rows of the first's header that the second begins with again: all of them, or none."""
    return first.header_rows if _header(first) and _header(first) == _rows(second, first.header_rows) else 0


def _header(grid: Grid) -> list[tuple[int, int, str]]:
    return _rows(grid, grid.header_rows)


def _rows(grid: Grid, count: int) -> list[tuple[int, int, str]]:
    return [(cell.row, cell.col, " ".join(cell.text.split())) for cell in grid.cells if cell.row < count]
