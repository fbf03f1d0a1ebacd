"""The tables of one sheet: what stands apart, titles above, and rows that head the columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from ingest.parsers.office.sheet_cells import SheetCell

_YEAR = re.compile(r"(?:19|20)\d\d(?:\s*年)?$")
_MOST_HEADER_ROWS = 5
_LONGEST_HEADER = 200
"""Characters; what is longer is text and heads no column."""


@dataclass(frozen=True, slots=True)
class Region:
    """Cells that make one table, counted from its own top left corner, or lines of text."""

    cells: tuple[SheetCell, ...]
    header_rows: int = 0
    lines: tuple[str, ...] = ()


def regions(cells: Sequence[SheetCell], *, columns_part: bool = True) -> list[Region]:
    """Top to bottom, left to right. Rows and columns without any cell part tables:

    - lines with one text across the top of a table are its titles
    - rows below a gap that have no header of their own belong to the table above, when they
      keep to its columns and it has a header, or is nothing but one
    - an empty column parts only what has a header on either side, and is else a spacer: numbers
      belong to the texts at their left; with `columns_part` false, none does
    - what has one column is lines of text, but for a file that has no more
    """
    found: list[Region] = []
    last: _Table | None = None
    has_prose = columns_part or len({cell.col for cell in cells}) > 1
    for band in _runs(cells, _row, _row_span):
        titles, rest = _titles(band)
        if last and not titles and last.takes(rest):
            last.add(rest)
            continue
        found += _finished(last)
        last = None
        if titles:
            found.append(Region((), lines=titles))
        parts = _columns(rest) if columns_part else [rest]
        if len(parts) > 1:
            for part in parts:
                found += regions(part, columns_part=columns_part)
        elif rest and len({cell.col for cell in rest}) == 1 and has_prose:
            found.append(Region((), lines=tuple(cell.text for cell in rest)))
        elif rest:
            last = _Table(list(rest), _header_rows(_packed(rest)))
    return found + _finished(last)


@dataclass(slots=True)
class _Table:
    cells: list[SheetCell]
    header_rows: int

    def takes(self, band: Sequence[SheetCell]) -> bool:
        """Rows that go on under the header above them."""
        if not band or _header_rows(_packed(band)) or len({cell.col for cell in band}) < 2:
            return False
        (first, end), (band_first, band_end) = _extent(self.cells), _extent(band)
        if self.header_rows:
            return band_first == first and band_end <= end and not _heads(band, self.cells)
        return _heads(self.cells, band) and band_first <= first and end <= band_end

    def add(self, band: Sequence[SheetCell]) -> None:
        if not self.header_rows:
            self.header_rows = len({cell.row for cell in self.cells})
        self.cells.extend(band)


def _heads(names: Sequence[SheetCell], body: Sequence[SheetCell]) -> bool:
    """A few rows of names, of columns that hold numbers elsewhere."""
    few = len({cell.row for cell in names}) <= _MOST_HEADER_ROWS
    return few and _names_columns(names) and any(cell.number for cell in body)


def _extent(cells: Sequence[SheetCell]) -> tuple[int, int]:
    return min(map(_col, cells)), max(cell.col + cell.col_span for cell in cells)


def _finished(table: _Table | None) -> list[Region]:
    return [Region(_packed(table.cells), table.header_rows)] if table else []


def _row(cell: SheetCell) -> int:
    return cell.row


def _col(cell: SheetCell) -> int:
    return cell.col


def _row_span(cell: SheetCell) -> int:
    return cell.row_span


def _col_span(cell: SheetCell) -> int:
    return cell.col_span


def _runs(
    cells: Sequence[SheetCell], place: Callable[[SheetCell], int], span: Callable[[SheetCell], int]
) -> list[list[SheetCell]]:
    """Parted where no cell is, nor reaches to; the order within stays."""
    ordered = sorted(cells, key=place)
    bounds: list[int] = []
    end = -1
    for cell in ordered:
        if place(cell) > end:
            bounds.append(place(cell))
        end = max(end, place(cell) + span(cell))
    runs: list[list[SheetCell]] = [[] for _ in bounds]
    index = {start: number for number, start in enumerate(bounds)}
    current = -1
    for cell in ordered:
        current = index.get(place(cell), current)
        runs[current].append(cell)
    return [sorted(run) for run in runs]


def _titles(band: Sequence[SheetCell]) -> tuple[tuple[str, ...], Sequence[SheetCell]]:
    """Single texts at the left, or across all, above rows of several cells."""
    left = min(map(_col, band), default=0)
    taken = 0
    for _, row in groupby(band, key=_row):
        cells = list(row)
        if len(cells) > 1 or cells[0].number or cells[0].col != left or cells[0].row_span > 1:
            break
        taken += 1
    return (tuple(cell.text for cell in band[:taken]), band[taken:]) if taken < len(band) else ((), band)


def _columns(cells: Sequence[SheetCell]) -> list[list[SheetCell]]:
    parts: list[list[SheetCell]] = []
    for run in _runs(cells, _col, _col_span):
        if parts and not (
            _stands_alone(parts[-1]) and _stands_alone(run) and _is_labelled(run) >= _is_labelled(parts[-1])
        ):
            parts[-1] = sorted(parts[-1] + run)
        else:
            parts.append(run)
    return parts


def _stands_alone(cells: Sequence[SheetCell]) -> bool:
    below_titles = _titles(cells)[1]
    return _header_rows(_packed(below_titles)) > 0


def _is_labelled(cells: Sequence[SheetCell]) -> bool:
    """The first column names its rows."""
    left, top = min(map(_col, cells)), min(map(_row, cells))
    return any(not cell.number for cell in cells if cell.col == left and cell.row > top)


def _packed(cells: Sequence[SheetCell]) -> tuple[SheetCell, ...]:
    """Without rows and columns where no cell begins; spans are as much shorter."""
    rows = {row: number for number, row in enumerate(sorted({cell.row for cell in cells}))}
    cols = {col: number for number, col in enumerate(sorted({cell.col for cell in cells}))}
    return tuple(
        cell._replace(
            row=rows[cell.row],
            col=cols[cell.col],
            row_span=_kept(rows, cell.row, cell.row_span),
            col_span=_kept(cols, cell.col, cell.col_span),
        )
        for cell in cells
    )


def _kept(places: dict[int, int], first: int, span: int) -> int:
    if span == 1:
        return 1
    reach = range(first, first + span)
    # A merge may reach over a million rows, of which few are used.
    return sum(each in reach for each in places) if span > len(places) else sum(each in places for each in reach)


def _header_rows(cells: Sequence[SheetCell]) -> int:
    """Rows of text that fill the width (the corner may be empty), above others; a row whose texts
    span several columns needs the row below as well."""
    width = max((cell.col + cell.col_span for cell in cells), default=0)
    n_rows = cells[-1].row + 1 if cells else 0
    covered: list[int] = [0] * width
    for number, row in groupby(cells, key=_row):
        if number == min(_MOST_HEADER_ROWS, n_rows - 1) or width < 2:
            return 0
        head = list(row)
        for cell in head:
            for col in range(cell.col, min(cell.col + cell.col_span, width)):
                covered[col] = max(covered[col], number + cell.row_span)
        filled = sum(end > number for end in covered)
        if filled < width - (number == 0 and covered[0] == 0) or not _names_columns(head):
            return 0
        if not any(cell.col_span > 1 for cell in head) and max(covered) <= number + 1:
            return number + 1
    return 0


def _names_columns(row: Sequence[SheetCell]) -> bool:
    """Texts, and years among them."""
    texts = [cell for cell in row if not cell.number]
    years = all(_YEAR.match(cell.text) for cell in row if cell.number)
    return bool(texts) and years and all(len(cell.text) <= _LONGEST_HEADER for cell in texts)
