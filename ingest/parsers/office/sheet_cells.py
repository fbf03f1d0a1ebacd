"""Cells of a sheet as they are shown, before they become tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from schemas.errors import TooLarge

MAX_CELLS = 500_000
"""Cells with content in one file. Reading takes about 2.3 KB a cell at its peak (1.2 GB in all),
which stays within the 2 GiB that a worker may hold by default."""


class SheetCell(NamedTuple):
    """`number`: a number, a date or a truth value, and so no name of a column. Rows and columns
    count from 0. A tuple, for there may be very many."""

    row: int
    col: int
    text: str
    number: bool = False
    row_span: int = 1
    col_span: int = 1


@dataclass(frozen=True, slots=True)
class Sheet:
    """`cells` are those with content, row by row. `comments` on cells begin with the cell's name;
    `notes` are the texts of charts and shapes."""

    name: str
    cells: Sequence[SheetCell]
    comments: Sequence[str] = ()
    notes: Sequence[str] = ()
    hidden: bool = False

    @property
    def has_text(self) -> bool:
        return bool(self.cells or self.comments or self.notes)


class CellCount:
    """Stops the reading of a file that is data and no document."""

    def __init__(self, name: str, limit: int) -> None:
        self._name = name
        self._limit = limit
        self._count = 0

    def add(self, cells: int = 1) -> None:
        """Raises `TooLarge`."""
        self._count += cells
        if self._count > self._limit:
            raise TooLarge(
                f"{self._name} has more than {self._limit:,} filled cells: split it, or put in a summary of it; "
                "so much data is better kept in a database.",
                name=self._name,
                max_cells=self._limit,
            )


def coordinate(row: int, col: int) -> str:
    """`B3`."""
    letters = ""
    col += 1
    while col:
        col, rest = divmod(col - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row + 1}"
