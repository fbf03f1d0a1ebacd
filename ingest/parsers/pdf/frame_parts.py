"""Parts of a table that its frame leaves out: a row that is set apart from the others, as totals are,
and a column of labels that stands beside the frame."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ingest.parsers.pdf.grid import slot
from ingest.parsers.pdf.ruled_tables import JOINED, RuledCell, RuledTable
from ingest.parsers.pdf.words import Run, same_row, union

_SET_APART = 24.0
"""Points between a table and a row of it that is set apart, at the most."""
_FEWEST_ROWS, _FEWEST_COLUMNS, _MOST_COLUMNS = 3, 3, 0.66
"""Rows of that table and columns of that row at the least, and share of the table's columns."""
_IN_LINE = 4.0
"""Points within which two borders go on in each other: a row set apart is often framed thicker."""
_BESIDE = 40.0
"""Points between the frame and the longest label beside it, at the most."""
_LABEL = 30
"""Characters of a label at the most: above it, it is the next column of the page."""
_A_TABLE, _OF_A_TABLE = 3, 0.4
"""Texts in a row beside the frame, and share of rows with as many, from which they are another table."""
_MOST_ROWS = 0.6
"""Share of the rows with texts that have a label where there is a column of them."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Texts beside a frame that belong into its rows: `table` has a column for them. `unclear`: they
    would need more columns than one, or their rows are not told."""

    table: RuledTable
    labels: tuple[Run, ...] = ()
    unclear: bool = False


def with_rows_apart(tables: Sequence[RuledTable]) -> list[RuledTable]:
    """A single row of frames right below or above a table, in its columns, is a row of it."""
    result: list[RuledTable] = []
    for table in sorted(tables, key=lambda t: t.bbox[1]):
        last = next((other for other in result if _is_apart(other, table)), None)
        if last is None:
            result.append(table)
        else:
            result[result.index(last)] = _stacked(last, table)
    return result


def _is_apart(upper: RuledTable, lower: RuledTable) -> bool:
    """Frames of one row each are panels, or headings of columns that have no frames."""
    few, many = sorted((len(upper.rows) - 1, len(lower.rows) - 1))
    if not 0 < lower.rows[0] - upper.rows[-1] <= _SET_APART or few > 1 or many < _FEWEST_ROWS:
        return False
    broad, narrow = sorted((upper.columns, lower.columns), key=len, reverse=True)
    whole = len(narrow) - 1 >= max(_FEWEST_COLUMNS, _MOST_COLUMNS * (len(broad) - 1))
    return whole and all(min(abs(at - other) for other in broad) <= _IN_LINE for at in narrow)


def _stacked(upper: RuledTable, lower: RuledTable) -> RuledTable:
    columns = max((upper.columns, lower.columns), key=len)
    rows = (*upper.rows, *lower.rows)
    cells = [*_moved(upper, columns, 0), *_moved(lower, columns, len(upper.rows))]
    taken = {
        (row, col)
        for cell in cells
        for row in range(cell.row, cell.last_row + 1)
        for col in range(cell.col, cell.last_col + 1)
    }
    free = [(row, col) for row in range(len(rows) - 1) for col in range(len(columns) - 1) if (row, col) not in taken]
    cells += [RuledCell(row, col, row, col) for row, col in free]
    return RuledTable((columns[0], rows[0], columns[-1], rows[-1]), rows, columns, tuple(cells))


def _moved(table: RuledTable, columns: Sequence[float], down: int) -> list[RuledCell]:
    place = [_nearest(columns, at) for at in table.columns]
    return [
        RuledCell(cell.row + down, place[cell.col], cell.last_row + down, place[cell.last_col + 1] - 1)
        for cell in table.cells
    ]


def _nearest(columns: Sequence[float], at: float) -> int:
    return min(range(len(columns)), key=lambda index: abs(columns[index] - at))


def with_labels(table: RuledTable, members: Sequence[Run], free: Sequence[Run]) -> Beside:
    """`members` stand in the frame, `free` are the other texts of the page."""
    level = [run for run in members if run.horizontal]
    filled = {_row(table, run) for run in level}
    in_line = [run for run in free if any(same_row([member], run) for member in level)]
    found = Beside(table)
    for left in (True, False):
        labels = _beside(table, in_line, left=left)
        rows = {_row(table, run) for run in labels}
        if len(rows) < max(2, _MOST_ROWS * len(filled)) or _are_a_table(_beside(table, free, left=left)):
            continue
        if len(rows) < len(labels) or not _is_column(labels, free, table) or _number_code(labels, members):
            return replace(found, unclear=True)
        found = Beside(_widened(found.table, labels, left=left), (*found.labels, *labels))
    return found


def _row(table: RuledTable, run: Run) -> int:
    return slot(table.rows, (run.bbox[1] + run.bbox[3]) / 2)


def _beside(table: RuledTable, runs: Sequence[Run], *, left: bool) -> list[Run]:
    """Short texts beside its rows, where the longest of them comes near the frame."""
    x0, y0, x1, y1 = table.bbox
    short = [
        run
        for run in runs
        if run.horizontal
        and run.length <= _LABEL
        and y0 < (run.bbox[1] + run.bbox[3]) / 2 < y1
        and (run.bbox[2] <= x0 + JOINED if left else run.bbox[0] >= x1 - JOINED)
    ]
    gaps = [x0 - run.bbox[2] if left else run.bbox[0] - x1 for run in short]
    return short if gaps and min(gaps) <= _BESIDE else []


def _are_a_table(texts: Sequence[Run]) -> bool:
    rows: list[list[Run]] = []
    for text in sorted(texts, key=lambda run: run.bbox[3]):
        if rows and same_row(rows[-1], text):
            rows[-1].append(text)
        else:
            rows.append([text])
    return sum(len(row) >= _A_TABLE for row in rows) >= _OF_A_TABLE * max(len(rows), 1)


def _number_code(labels: Sequence[Run], members: Iterable[Run]) -> bool:
    """Numbers of lines: the frame is one around code."""
    texts = [" ".join(word.text for word in run.words) for run in sorted(labels, key=lambda r: r.bbox[1])]
    return all(word.mono for run in members for word in run.words) and count_up(texts)


def count_up(texts: Sequence[str]) -> bool:
    """Numbers of lines below each other."""
    numbers = [int(text) for text in texts if text.isascii() and text.isdigit()]
    return len(numbers) == len(texts) > 0 and all(one < other for one, other in itertools.pairwise(numbers))


def _is_column(labels: Sequence[Run], free: Sequence[Run], table: RuledTable) -> bool:
    """All begin or end on one line or nearly so, and nothing else stands among them."""
    box = union(run.bbox for run in labels)
    starts, ends = [run.bbox[0] for run in labels], [run.bbox[2] for run in labels]
    known = {id(run) for run in labels}
    among = [
        run
        for run in free
        if id(run) not in known
        and run.horizontal
        and table.bbox[1] < (run.bbox[1] + run.bbox[3]) / 2 < table.bbox[3]
        and run.bbox[0] < box[2]
        and box[0] < run.bbox[2]
    ]
    return not among and (_share_in_line(starts) or _share_in_line(ends))


def _share_in_line(places: Sequence[float]) -> bool:
    return any(sum(abs(other - at) <= _IN_LINE for other in places) >= _MOST_ROWS * len(places) for at in places)


def _widened(table: RuledTable, labels: Sequence[Run], *, left: bool) -> RuledTable:
    box = union(run.bbox for run in labels)
    count = range(len(table.rows) - 1)
    if left:
        columns = (min(box[0], table.columns[0]) - 1, *table.columns)
        cells = [replace(cell, col=cell.col + 1, last_col=cell.last_col + 1) for cell in table.cells]
        cells += [RuledCell(row, 0, row, 0) for row in count]
    else:
        columns, last = (*table.columns, max(box[2], table.columns[-1]) + 1), len(table.columns) - 1
        cells = [*table.cells, *(RuledCell(row, last, row, last) for row in count)]
    return RuledTable(union([table.bbox, box]), table.rows, columns, tuple(cells))
