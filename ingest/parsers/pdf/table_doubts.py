"""Grids of texts that are no tables for sure."""

from __future__ import annotations

from ingest.parsers.pdf.page import Grid
from ingest.parsers.pdf.text_blocks import MARK

_OPEN_ROWS = 0.2
"""Share of rows with nothing in their first column up to which such a cell may be blank."""


def is_list(grid: Grid) -> bool:
    """Marks with the text of their items; a symbol font's mark may come out as any letter."""
    first = [cell.text for cell in grid.cells if cell.col == 0]
    if len(set(first)) == 1 and len(first[0]) == 1:
        return True
    return sum(bool(MARK.match(text)) for text in first) > 0.5 * len(first)


def has_open_rows(grid: Grid, told: int) -> bool:
    """Many rows without a first cell: whether they go on with the row above is not plain, but of those
    that their texts have told, and of headings over several columns."""
    begun = {cell.row for cell in grid.cells if cell.col == 0} | set(range(grid.header_rows))
    return grid.n_rows - len(begun) - told > max(_OPEN_ROWS * grid.n_rows, 1)
