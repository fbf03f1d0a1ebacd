"""Where one row of cells ends and the next begins, told from the texts where no rule tells it.

A text that goes on in the next line of its cell fills its line: the next word would not have had
room. Where it would have had room, a new text begins; where new texts begin in several columns,
a new row does.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.parsers.pdf.grid import is_number
from ingest.parsers.pdf.text import is_cjk
from ingest.parsers.pdf.words import Run, same_row

_SPACE = 0.4
"""Of the type size: room that is left beside the next word at the least, where that word would have fit; a
space takes up to a third."""
_APART = 1.8
"""Of the type size: lines of one text stand no farther from each other."""
_LEADER = "..."
"""Dots lead from the end of a text to the next column."""
_FIGURE = 2
"""Figures below each other are two texts; words may be one whose lines were broken by hand."""
_FEWEST_SURE = 2
_FEWEST_ROWS, _FEWEST_COLUMNS = 3, 3
"""Of rows without figures: two lines of words are one cell that was broken by hand as often."""


@dataclass(frozen=True, slots=True)
class CellLine:
    """`word` is its first, `first` the width of that: a Chinese text may be broken behind every character. `led`:
    dots lead on from its end."""

    middle: float
    size: float
    start: float
    end: float
    word: str
    first: float
    figure: bool
    led: bool


@dataclass(frozen=True, slots=True)
class CellLines:
    """Lines of a column, or of a cell, from top to bottom. `room` is how wide they may be."""

    lines: tuple[CellLine, ...]
    room: float


@dataclass(frozen=True, slots=True)
class Break:
    """Between the line that ends a row and the one that begins the next, by the middles of both."""

    above: float
    below: float


def cell_lines(runs: Iterable[Run], left: float, right: float) -> CellLines:
    """Level runs that stand between two borders. The blank at the sides of the widest line is its
    cell's padding."""
    lines = tuple(_line(row) for row in _on_one_line(runs))
    if not lines:
        return CellLines((), right - left)
    padding = max(min(min(line.start - left, right - line.end) for line in lines), 0.0)
    return CellLines(lines, right - left - 2 * padding)


def _on_one_line(runs: Iterable[Run]) -> list[list[Run]]:
    rows: list[list[Run]] = []
    for run in sorted(runs, key=lambda r: (_middle(r), r.bbox[0])):
        if rows and same_row(rows[-1], run):
            rows[-1].append(run)
        else:
            rows.append([run])
    return rows


def _line(row: Sequence[Run]) -> CellLine:
    words = sorted((word for run in row for word in run.words), key=lambda word: word.bbox[0])
    size = max(word.size for word in words)
    first = words[0]
    return CellLine(
        middle=_middle(row[0]),
        size=size,
        start=first.bbox[0],
        end=max(word.bbox[2] for word in words),
        word=first.text,
        first=first.size if is_cjk(first.text[0]) else first.bbox[2] - first.bbox[0],
        figure=all(is_number(word.text) for word in words),
        led=words[-1].text.endswith(_LEADER),
    )


def _middle(run: Run) -> float:
    word = max(run.words, key=lambda w: w.size)
    return word.baseline - 0.25 * word.size


def row_breaks(columns: Sequence[CellLines]) -> list[Break]:
    """Of what stands between two rules: none where it may be one row."""
    levels = levels_of(columns)
    if _are_cards(levels):
        return []
    used = sum(bool(column.lines) for column in columns)
    last: dict[int, CellLine] = {}
    found: list[Break] = []
    figures, begun = False, set[int]()
    for index, level in enumerate(levels):
        pairs = [(col, last[col], line) for col, line in level.items() if col in last]
        sure = [(col, above, line) for col, above, line in pairs if _is_new(above, line, columns[col].room)]
        weight = sum(_FIGURE if above.figure and line.figure else 1 for _, above, line in sure)
        against = len(pairs) - len(sure) - (len(level) >= max(used, _FEWEST_COLUMNS))
        if weight >= _FEWEST_SURE and weight > against:
            found.append(Break(_lowest(levels[index - 1]), _highest(level)))
            figures = figures or any(above.figure and line.figure for _, above, line in sure)
            begun.update(col for col, _, _ in sure)
        last.update(level)
    plain = figures and len(begun) > 1
    return found if plain or (len(found) + 1 >= _FEWEST_ROWS and len(begun) >= _FEWEST_COLUMNS) else []


def _are_cards(levels: Sequence[dict[int, CellLine]]) -> bool:
    """Records beside each other, every line of each with the same label as its neighbours: a record is a cell."""
    alike = sum(
        len(level) > 1 and len({line.word for line in level.values()}) == 1 and not next(iter(level.values())).figure
        for level in levels
    )
    return alike * 2 >= len(levels) > 1


def levels_of(columns: Sequence[CellLines]) -> list[dict[int, CellLine]]:
    """Lines that stand on one height, by their columns, from top to bottom."""
    levels: list[dict[int, CellLine]] = []
    by_height = sorted(((line, col) for col, cell in enumerate(columns) for line in cell.lines), key=_height)
    for line, col in by_height:
        if levels and col not in levels[-1] and is_level(line, next(iter(levels[-1].values()))):
            levels[-1][col] = line
        else:
            levels.append({col: line})
    return levels


def _height(found: tuple[CellLine, int]) -> tuple[float, int]:
    return found[0].middle, found[1]


def is_level(line: CellLine, other: CellLine) -> bool:
    return abs(line.middle - other.middle) < 0.35 * max(line.size, other.size)


def _is_new(above: CellLine, line: CellLine, room: float) -> bool:
    """Not the same text going on."""
    if (above.figure and line.figure) or above.led:
        return True
    if line.middle - above.middle > _APART * max(line.size, above.size):
        return True
    return room - (above.end - above.start) > line.first + _SPACE * line.size


def _lowest(level: dict[int, CellLine]) -> float:
    return max(line.middle for line in level.values())


def _highest(level: dict[int, CellLine]) -> float:
    return min(line.middle for line in level.values())


def is_one_text(column: CellLines) -> bool:
    """Every line may go on with the one above it."""
    return not any(_is_new(above, line, column.room) for above, line in itertools.pairwise(column.lines))


def off_line(columns: Sequence[CellLines]) -> set[int]:
    """Columns with lines that stand on the height of no other's."""
    return {col for level in levels_of(columns) if len(level) == 1 for col in level}
