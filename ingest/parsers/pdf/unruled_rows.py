"""Rows that stand between two rules of a framed table with nothing drawn between them.

Many tables have rules below each group of rows only, or below the header alone, or have the rows of
one column shaded and those of the others not.
"""

from __future__ import annotations

import bisect
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ingest.parsers.pdf.row_breaks import Break, CellLines, cell_lines, is_one_text, off_line, row_breaks
from ingest.parsers.pdf.ruled_tables import RuledCell, RuledTable
from ingest.parsers.pdf.words import Run


def with_unruled_rows(table: RuledTable, parts: Mapping[RuledCell, Sequence[Run]]) -> RuledTable:
    """The table with those rows told apart. A cell with one text beside several rows spans them."""
    bands: defaultdict[tuple[int, int], list[RuledCell]] = defaultdict(list)
    for cell in table.cells:
        bands[cell.row, cell.last_row].append(cell)
    added: list[float] = []
    cut: dict[RuledCell, list[float]] = {}
    for cells in bands.values():
        columns = [_lines_of(cell, table, parts) for cell in cells]
        borders = [_border(found, table.rows) for found in row_breaks(columns)]
        if borders:
            added += [at for at in borders if at not in table.rows]
            apart, first = off_line(columns), min(cell.col for cell in cells)
            cut |= {
                cell: borders
                for col, (cell, column) in enumerate(zip(cells, columns, strict=True))
                if not _spans(column, apart=col in apart, first=cell.col == first)
            }
    if not cut:
        return table
    rows = tuple(sorted([*table.rows, *added]))
    cells_now = tuple(part for cell in table.cells for part in _parts(cell, table.rows, rows, cut.get(cell, ())))
    return replace(table, rows=rows, cells=cells_now)


def _lines_of(cell: RuledCell, table: RuledTable, parts: Mapping[RuledCell, Sequence[Run]]) -> CellLines:
    left, _, right, _ = table.box_of(cell)
    return cell_lines([run for run in parts.get(cell, ()) if run.horizontal], left, right)


def _border(found: Break, rows: Sequence[float]) -> float:
    """One that another column has there, or a new one."""
    first = bisect.bisect_right(rows, found.above)
    if first < len(rows) and rows[first] < found.below:
        return rows[first]
    return (found.above + found.below) / 2


def _spans(column: CellLines, *, apart: bool, first: bool) -> bool:
    """It is one text, of all the rows beside it: not on their lines, or alone where groups are named."""
    if not column.lines or column.lines[0].figure:
        return False
    return (apart and is_one_text(column)) or (first and len(column.lines) == 1)


def _parts(
    cell: RuledCell, before: Sequence[float], rows: Sequence[float], borders: Iterable[float]
) -> Iterator[RuledCell]:
    """The cell among the new rows, cut at those of the borders that lie in it."""
    top, bottom = before[cell.row], before[cell.last_row + 1]
    edges = [top, *sorted(at for at in borders if top < at < bottom), bottom]
    for start, end in itertools.pairwise(edges):
        yield replace(cell, row=rows.index(start), last_row=rows.index(end) - 1)
