"""Texts in the cells of ruled tables, where frame and texts together leave nothing to guess."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ingest.parsers.pdf.boxes import share_inside
from ingest.parsers.pdf.frame_parts import Beside, count_up, with_labels, with_rows_apart
from ingest.parsers.pdf.grid import FoundTable, count_header_rows, part_of, slot
from ingest.parsers.pdf.page import Grid, GridCell
from ingest.parsers.pdf.ruled_tables import RuledCell, RuledTable, ruled_tables
from ingest.parsers.pdf.rules import Rule, bands_with_rows
from ingest.parsers.pdf.text import join_lines
from ingest.parsers.pdf.unruled_rows import with_unruled_rows
from ingest.parsers.pdf.words import Run, to_lines

_INSIDE = 0.6
"""Share of a text that lies in the frame that it stands in."""
_FILLED = 0.34
_FEW_CELLS, _SEVERAL_LINES, _MOST_TEXT = 6, 4, 0.6
"""Cells, lines of one of them, and share of the text that it holds, where a frame stands around text."""
_BESIDE, _SAME_HEIGHT = 12.0, 0.8

_Parts = Mapping[RuledCell, Sequence[Run]]


def framed_tables(runs: Sequence[Run], rules: Sequence[Rule]) -> list[FoundTable]:
    """Tables that need nobody's guess: most of the cells hold something (else it is the grid
    behind a chart), no cell holds several rows that nothing parts, what stands on its side stands
    in one cell, and no row goes on outside the frame."""
    found: list[FoundTable] = []
    tables = with_rows_apart(ruled_tables(rules))
    for table in tables:
        members = [run for run in runs if share_inside(run.bbox, table.bbox) >= _INSIDE]
        if not all(run.horizontal or _is_in_one_cell(run, table) for run in members):
            continue
        others = [other for other in tables if other is not table]
        free = [run for run in runs if not any(share_inside(run.bbox, other.bbox) >= _INSIDE for other in tables)]
        beside = with_labels(table, members, free)
        if beside.unclear or any(_is_beside(table, other) for other in others):
            continue
        whole = _with_texts(beside, members)
        if whole is not None:
            found.append(whole)
    return found


def _with_texts(beside: Beside, members: Sequence[Run]) -> FoundTable | None:
    runs = (*members, *beside.labels)
    table = with_unruled_rows(beside.table, _by_cell(beside.table, runs))
    if bands_with_rows(table.rows, table.columns, [run for run in runs if run.horizontal]):
        return None
    grid = _grid(table, _by_cell(table, runs))
    # Frames beside each other are panels, or one row of a table whose other rows are framed otherwise.
    if grid is None or grid.n_rows < 2:
        return None
    if _is_around_text(grid) or _is_numbered_code(grid):
        return None
    filled = beside.labels or len(grid.cells) >= _FILLED * len(table.cells)
    return FoundTable(table.bbox, grid, runs) if filled else None


def _is_around_text(grid: Grid) -> bool:
    """Few cells, and one from side to side that holds most of the text on several lines: a slide, or a box with
    a head and a foot."""
    if len(grid.cells) > _FEW_CELLS:
        return False
    letters = sum(len(cell.text) for cell in grid.cells)
    return any(
        cell.col_span == grid.n_cols and len(cell.lines) >= _SEVERAL_LINES and len(cell.text) >= _MOST_TEXT * letters
        for cell in grid.cells
    )


def _is_numbered_code(grid: Grid) -> bool:
    """The frame of a listing, with the numbers of its lines before them."""
    first = [line for cell in grid.cells if cell.col == 0 for line in cell.lines]
    rest = [line for cell in grid.cells if cell.col > 0 for line in cell.lines]
    return count_up([line.text for line in first]) and all(line.mono for line in rest)


def _is_in_one_cell(run: Run, table: RuledTable) -> bool:
    """Of a text on its side, or one that is slanted."""
    x0, y0, x1, y1 = run.bbox
    box = next((cell for cell in table.cells if _holds(table.box_of(cell), ((x0 + x1) / 2, (y0 + y1) / 2))), None)
    return box is not None and share_inside(run.bbox, table.box_of(box)) >= _INSIDE


def _holds(box: tuple[float, float, float, float], point: tuple[float, float]) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def _is_beside(table: RuledTable, other: RuledTable) -> bool:
    """Parts of one table with a blank between them."""
    a, b = table.bbox, other.bbox
    gap = max(a[0], b[0]) - min(a[2], b[2])
    shared = min(a[3], b[3]) - max(a[1], b[1])
    return 0 <= gap <= _BESIDE and shared >= _SAME_HEIGHT * max(a[3] - a[1], b[3] - b[1])


def _by_cell(table: RuledTable, runs: Sequence[Run]) -> dict[RuledCell, list[Run]]:
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
    return parts


def _grid(table: RuledTable, parts: _Parts) -> Grid | None:
    """The table's texts in its cells; None where fewer than two columns hold any. Rows and columns
    without text are left out."""
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
