"""Where the parts of a block's text were printed: lines, sentences within them, rows of tables.

A block's text is made of its printed lines with small changes (spaces, hyphens undone, the mark of a note written
out), so a line's place in it is told by counting the characters that no change touches.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ingest.parsers.pdf.page import Grid, GridCell, Line, PageContent
from ingest.parsers.pdf.words import union
from schemas.base import BBox
from schemas.document import PrintedPiece, Region, Table

_CHANGED = re.compile(r"[\s\-\u2010\u2011\u00ad\[\]\ufdd0\ufdd1•\ue000-\uf8ff\ufffd]")
"""What may come or go between the printed lines and the block's text."""
_CHANGED_IN_ROWS = re.compile(rf"{_CHANGED.pattern}|[|\\\\]")
"""The marks of Markdown beside it. A bar or a backslash that was printed is counted wrongly, by one."""
_LONG_ROW = 100
"""Characters: some tokenizers make two tokens or more of each, of which a chunk may hold 256."""
_MOST_OFF = 0.02
"""Share of a block's characters by which the two counts may differ; above it the pieces would be elsewhere."""
_FEW_OFF = 3


@dataclass(frozen=True, slots=True)
class Printed:
    """A part of a line on the page as it is shown. `ink`: characters of it that no change touches."""

    page: int
    bbox: BBox
    ink: int


@dataclass(frozen=True, slots=True)
class RowPlaces:
    """Of a table's row. `ending`: the box of the texts that end in it; `reaching`: those of cells that reach into rows
    below; `printed`: all lines of its cells, one after the other."""

    page: int
    ending: BBox | None
    reaching: tuple[BBox, ...]
    printed: tuple[Printed, ...]

    @property
    def boxes(self) -> tuple[BBox, ...]:
        return self.reaching if self.ending is None else (self.ending, *self.reaching)


def printed(lines: Iterable[Line], page: PageContent) -> Iterator[Printed]:
    for line in lines:
        x0, y0, x1, y1 = line.bbox
        starts = [(0, x0), *line.sentences, (len(line.text), x1)]
        for (start, left), (end, right) in itertools.pairwise(starts):
            box = (min(left, right), y0, max(left, right), y1)
            yield Printed(page.number, page.shown(box), _ink(line.text[start:end]))


def rows_of(grid: Grid, page: PageContent) -> tuple[RowPlaces, ...]:
    cells: defaultdict[int, list[GridCell]] = defaultdict(list)
    for cell in grid.cells:
        cells[cell.row].append(cell)
    return tuple(_row(sorted(cells[row], key=lambda cell: cell.col), page) for row in range(grid.n_rows))


def _row(cells: Sequence[GridCell], page: PageContent) -> RowPlaces:
    boxes = [(cell.row_span, page.shown(union(line.bbox for line in cell.lines))) for cell in cells if cell.lines]
    ending = [box for span, box in boxes if span == 1]
    return RowPlaces(
        page.number,
        union(ending) if ending else None,
        tuple(box for span, box in boxes if span > 1),
        tuple(printed((line for cell in cells for line in cell.lines), page)),
    )


def hull_of(rows: Sequence[RowPlaces]) -> Region | None:
    """Around all of them, which are on one page."""
    boxes = [box for row in rows for box in row.boxes]
    return Region(page=rows[0].page, bbox=union(boxes)) if boxes else None


def pieces_of_text(text: str, parts: Sequence[Printed]) -> tuple[PrintedPiece, ...]:
    """Empty where there is but one, or where the text is not what was printed."""
    found = _pieces(text, parts, _CHANGED, 0)
    return tuple(found) if len(found) > 1 else ()


def pieces_of_rows(text: str, table: Table, rows: Sequence[RowPlaces]) -> tuple[PrintedPiece, ...]:
    """A row is one; of a long row, which a chunk may hold a part of, every line of its cells is."""
    if len(rows) != len(table.rows):
        return ()
    found: list[PrintedPiece] = []
    for (start, end), row in zip(table.rows, rows, strict=True):
        fine = _pieces(text[start:end], row.printed, _CHANGED_IN_ROWS, start) if end - start > _LONG_ROW else []
        found += fine or [_piece(start, row.page, box) for box in row.boxes]
    return tuple(found) if len(found) > 1 else ()


def _pieces(text: str, parts: Sequence[Printed], changed: re.Pattern[str], offset: int) -> list[PrintedPiece]:
    at = [index for index, character in enumerate(text) if not changed.match(character)]
    total = sum(part.ink for part in parts)
    if not at or abs(total - len(at)) > max(_FEW_OFF, _MOST_OFF * len(at)):
        return []
    found: list[PrintedPiece] = []
    counted = 0
    for part in parts:
        start = 0 if not found else at[counted] if counted < len(at) else len(text)
        if part.ink:
            found.append(_piece(offset + start, part.page, part.bbox))
        counted += part.ink
    return found


def _piece(start: int, page: int, box: BBox) -> PrintedPiece:
    x0, y0, x1, y1 = box
    return (start, page, round(x0, 1), round(y0, 1), round(x1, 1), round(y1, 1))


def _ink(text: str) -> int:
    return len(_CHANGED.sub("", text))
