"""Words and a table's lines become a grid of cells."""

from __future__ import annotations

import bisect
import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.parsers.pdf.page import Grid, GridCell
from ingest.parsers.pdf.text import join_lines
from ingest.parsers.pdf.words import Run, Word, same_row, to_lines, union
from schemas.base import BBox

_WIDE_GAP = 0.6
"""Of the type size: a gap between words that separates columns; a space is about 0.25."""
_COVERS = 0.3
"""Share of a column's width that text must cover to span it."""
_UNDER = 0.5
"""Share of a text that stands right below another that it goes on with."""
_FEWEST_ROWS = 3
_HEADER_ROWS = 4
_HEADER_CHARS = 60
_NUMBER = re.compile(
    r"^[\s(+\-–−$€£¥￥~<>≤≥]*\d[\d\s.,:/%‰\-–−)]*[a-zA-Z*†‡%]{0,3}$|^[\-–—.*]+$|^(?:n/?a|nil)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table with the box of its frame, or of its texts, and the runs that are in its cells."""

    bbox: BBox
    grid: Grid
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """Part of a run that belongs to one cell."""

    run: Run
    row: int
    col: int
    last_col: int


def is_number(text: str) -> bool:
    """A figure, a date, or a dash that stands for one."""
    return bool(_NUMBER.match(text.strip()))


def build_grid(runs: Sequence[Run], rows: Sequence[float], columns: Sequence[float]) -> Grid | None:
    """None when what is there has not even two columns: a frame around text is no table.

    `rows` and `columns` are borders from the first to the last, ascending.
    """
    columns = split_columns([part for run in runs for part in _figures(run)], rows, columns)
    cells: defaultdict[tuple[int, int], list[_Piece]] = defaultdict(list)
    for piece in _in_order(list(_pieces(runs, rows, columns))):
        cells[piece.row, piece.col].append(piece)
    used_rows = sorted({row for row, _ in cells})
    used_cols = sorted({col for _, col in cells})
    if len(used_cols) < 2:
        return None
    made = tuple(
        _cell(cells[row, col], used_rows.index(row), used_cols, {c for r, c in cells if r == row})
        for row, col in sorted(cells)
    )
    borders = (*(columns[col] for col in used_cols), columns[used_cols[-1] + 1])
    extents = tuple(_extent(col, columns, cells) for col in used_cols)
    grid = Grid(len(used_rows), len(used_cols), made, tuple(round(x, 2) for x in borders), extents)
    return replace(grid, header_rows=count_header_rows(grid))


def _pieces(runs: Iterable[Run], rows: Sequence[float], columns: Sequence[float]) -> Iterator[_Piece]:
    for run in runs:
        row = _row(run, rows)
        for part in _parts(run, columns):
            yield _Piece(part, row, *_columns_of(part.bbox, columns))


def _in_order(pieces: Sequence[_Piece]) -> Iterator[_Piece]:
    """A line with as many texts as there are columns has one in each, though the names of columns may
    stand at the left and their figures at the right. What stands below it in its row goes on with it."""
    used = sorted({piece.col for piece in pieces})
    by_row: defaultdict[int, list[_Piece]] = defaultdict(list)
    for piece in pieces:
        by_row[piece.row].append(piece)
    for row in by_row.values():
        top = min(row, key=lambda piece: piece.run.bbox[1])
        first = sorted((p for p in row if same_row([top.run], p.run)), key=lambda piece: piece.run.bbox[0])
        if len(first) != len(used) or not _are_near(first, used):
            yield from row
            continue
        placed = [replace(piece, col=col, last_col=col) for piece, col in zip(first, used, strict=True)]
        yield from placed
        yield from (_below(piece, placed) for piece in row if piece not in first)


def _are_near(line: Sequence[_Piece], used: Sequence[int]) -> bool:
    """Each by itself, in its column or one beside it."""
    apart = all(one.run.bbox[2] <= other.run.bbox[0] for one, other in itertools.pairwise(line))
    return apart and all(abs(used.index(piece.col) - place) <= 1 for place, piece in enumerate(line))


def _below(piece: _Piece, line: Sequence[_Piece]) -> _Piece:
    x0, _, x1, _ = piece.run.bbox
    for other in line:
        if min(x1, other.run.bbox[2]) - max(x0, other.run.bbox[0]) >= _UNDER * (x1 - x0):
            return replace(piece, col=other.col, last_col=other.col)
    return piece


def _extent(
    col: int, columns: Sequence[float], cells: Mapping[tuple[int, int], Sequence[_Piece]]
) -> tuple[float, float]:
    boxes = [piece.run.bbox for (_, c), pieces in cells.items() for piece in pieces if c == col == piece.last_col]
    if not boxes:
        return columns[col], columns[col + 1]
    return min(box[0] for box in boxes), max(box[2] for box in boxes)


def split_columns(runs: Sequence[Run], rows: Sequence[float], columns: Sequence[float]) -> list[float]:
    """The borders, and those that were missed: where most rows of a column hold two texts with
    the same gap between them."""
    found = list(columns)
    for left, right in itertools.pairwise(columns):
        inside = [run for run in runs if run.bbox[0] >= left - 1 and run.bbox[2] <= right + 1]
        found.extend(_gaps(inside, rows))
    return sorted(found)


def _gaps(runs: Sequence[Run], rows: Sequence[float]) -> Iterator[float]:
    ordered = sorted(runs, key=lambda run: run.bbox[0])
    used = {_row(run, rows) for run in runs}
    end = float("inf")
    for index, run in enumerate(ordered):
        size = max(word.size for word in run.words)
        if run.bbox[0] - end > _WIDE_GAP * size:
            before, after = ordered[:index], ordered[index:]
            both = {_row(r, rows) for r in before if _says(r)} & {_row(r, rows) for r in after if _says(r)}
            if len(both) >= max(_FEWEST_ROWS, len(used) / 2):
                yield (end + run.bbox[0]) / 2
        end = run.bbox[2] if end == float("inf") else max(end, run.bbox[2])


def _row(run: Run, rows: Sequence[float]) -> int:
    return slot(rows, (run.bbox[1] + run.bbox[3]) / 2)


def _says(run: Run) -> bool:
    """A currency or a percent sign beside its figure is no column."""
    return any(character.isalnum() for word in run.words for character in word.text)


def slot(borders: Sequence[float], value: float) -> int:
    """Between which two borders a value lies; the first or last slot beyond them."""
    return min(max(bisect.bisect_right(borders, value) - 1, 0), len(borders) - 2)


def _parts(run: Run, columns: Sequence[float]) -> Iterator[Run]:
    """Cut where a column border falls between words that stand apart, or between two figures."""
    start = 0
    for index in range(1, len(run.words)):
        left, right = run.words[index - 1], run.words[index]
        if _is_border(left, right, columns):
            yield part_of(run, start, index)
            start = index
    yield part_of(run, start, len(run.words))


def _figures(run: Run) -> Iterator[Run]:
    """Cut between figures: MuPDF takes close columns for one text."""
    start = 0
    for index in range(1, len(run.words)):
        if is_number(run.words[index - 1].text) and is_number(run.words[index].text):
            yield part_of(run, start, index)
            start = index
    yield part_of(run, start, len(run.words))


def _is_border(left: Word, right: Word, columns: Sequence[float]) -> bool:
    if slot(columns, _centre(left)) == slot(columns, _centre(right)):
        return False
    apart = right.bbox[0] - left.bbox[2] > _WIDE_GAP * max(left.size, right.size)
    return apart or (is_number(left.text) and is_number(right.text))


def part_of(run: Run, start: int, end: int) -> Run:
    words = run.words[start:end]
    return replace(run, words=words, bbox=union(word.bbox for word in words))


def _centre(word: Word) -> float:
    return (word.bbox[0] + word.bbox[2]) / 2


def _columns_of(box: BBox, columns: Sequence[float]) -> tuple[int, int]:
    """First and last column that a text covers: at least the one that holds most of it."""
    covered = [max(min(box[2], columns[i + 1]) - max(box[0], columns[i]), 0.0) for i in range(len(columns) - 1)]
    width = max(box[2] - box[0], 0.1)
    enough = [
        i
        for i, length in enumerate(covered)
        if length >= 0.5 * width or length >= _COVERS * max(columns[i + 1] - columns[i], 0.1)
    ]
    if not enough:
        best = slot(columns, (box[0] + box[2]) / 2)
        return best, best
    return enough[0], enough[-1]


def _cell(pieces: Sequence[_Piece], row: int, used_cols: Sequence[int], taken: Iterable[int]) -> GridCell:
    """`taken` are the columns where texts of this row begin: a span ends before the next."""
    col = pieces[0].col
    reach = max(piece.last_col for piece in pieces)
    beyond = [other for other in taken if other > col]
    last = min([reach, *(other - 1 for other in beyond)])
    lines = to_lines([piece.run for piece in pieces])
    return GridCell(
        row=row,
        col=used_cols.index(col),
        text=join_lines(line.text for line in lines),
        bold=all(line.bold for line in lines),
        lines=lines,
        col_span=max(sum(1 for used in used_cols if col <= used <= last), 1),
    )


def count_header_rows(grid: Grid) -> int:
    """Leading rows that name what stands below: bold above plain, or words above figures.
    Without either sign a full first row of short words is one, from three columns on."""
    rows: defaultdict[int, list[GridCell]] = defaultdict(list)
    for cell in grid.cells:
        rows[cell.row].append(cell)
    if grid.n_rows < 2:
        return 0
    by_style = _leading(rows, grid, _is_bold)
    if by_style and not all(_is_bold(rows[row]) for row in range(by_style, grid.n_rows)):
        return by_style
    body = [cell for cell in grid.cells if cell.row >= min(_HEADER_ROWS, grid.n_rows - 1)]
    figures = sum(is_number(cell.text) for cell in body)
    if figures * 3 >= len(body):
        return _leading(rows, grid, _is_words)
    first = rows[0]
    full = sum(cell.col_span for cell in first) == grid.n_cols
    short = all(len(cell.text) <= _HEADER_CHARS for cell in first)
    return int(grid.n_cols >= 3 and grid.n_rows >= 3 and full and short and _is_words(first))


def _leading(rows: dict[int, list[GridCell]], grid: Grid, is_header: Callable[[Sequence[GridCell]], bool]) -> int:
    count = 0
    while count < min(_HEADER_ROWS, grid.n_rows - 1) and is_header(rows[count]) and _names_columns(rows[count], count):
        count += 1
    return count


def _names_columns(row: Sequence[GridCell], index: int) -> bool:
    """A later row with text at its left only is a heading of the rows below it."""
    return index == 0 or len(row) > 1 or row[0].col > 0


def _is_bold(row: Sequence[GridCell]) -> bool:
    return all(cell.bold for cell in row)


def _is_words(row: Sequence[GridCell]) -> bool:
    return not any(is_number(cell.text) for cell in row)
