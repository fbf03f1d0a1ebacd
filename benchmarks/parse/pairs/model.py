"""What a document is between its source and its renderers: the same blocks make the PDF and the truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Turn = Literal["", "landscape", "rotated"]
"""A table on a page of its own: the page lies (landscape), or the table stands on its side on an upright page."""
Rule = Literal["grid", "lines", "none"]


@dataclass(frozen=True, slots=True)
class Run:
    """Text in one style. With `note` it is the mark of a footnote: `text` is then its number, once numbered."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    link: str = ""
    note: tuple[Run, ...] | None = None


Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` 1 is the title, and stands once."""

    level: int
    runs: Runs


@dataclass(frozen=True, slots=True)
class Paragraph:
    runs: Runs


@dataclass(frozen=True, slots=True)
class Item:
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class ListBlock:
    items: tuple[Item, ...]
    ordered: bool = False
    start: int = 1


@dataclass(frozen=True, slots=True)
class Code:
    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    runs: Runs
    row_span: int = 1
    col_span: int = 1


@dataclass(frozen=True, slots=True)
class TableLook:
    """`own_page`: the table starts a page and what follows starts another, whatever stands before and after."""

    rule: Rule = "grid"
    turn: Turn = ""
    repeat_header: bool = True
    own_page: bool = False
    caption_above: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """`rows[i]` holds the cells that begin in row i, left to right, as in HTML."""

    rows: tuple[tuple[Cell, ...], ...]
    header_rows: int = 1
    caption: Runs = ()
    look: TableLook = TableLook()

    @property
    def columns(self) -> int:
        return max((column + cell.col_span for _, column, cell in placed(self)), default=0)


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawn picture without words; what is read of it is its caption."""

    caption: Runs


Block = Heading | Paragraph | ListBlock | Code | Quote | Table | Figure


def text_of(runs: Runs) -> str:
    """Without the marks of footnotes."""
    return "".join(run.text for run in runs if run.note is None)


def placed(table: Table) -> Iterator[tuple[int, int, Cell]]:
    """Every cell with its row and column in the grid."""
    taken: set[tuple[int, int]] = set()
    for row, cells in enumerate(table.rows):
        column = 0
        for cell in cells:
            while (row, column) in taken:
                column += 1
            yield row, column, cell
            taken |= {(row + r, column + c) for r in range(cell.row_span) for c in range(cell.col_span)}
            column += cell.col_span


def runs_of(block: Block) -> Iterator[Runs]:
    """Every piece of running text of a block, in its order."""
    match block:
        case Heading(runs=runs) | Paragraph(runs=runs) | Figure(caption=runs):
            yield runs
        case ListBlock(items=items):
            for item in items:
                for child in item.blocks:
                    yield from runs_of(child)
        case Quote(blocks=blocks):
            for child in blocks:
                yield from runs_of(child)
        case Table(rows=rows, caption=caption):
            yield caption
            for cells in rows:
                yield from (cell.runs for cell in cells)
        case Code(text=text):
            yield (Run(text, code=True),)


def notes_of(block: Block) -> list[Run]:
    """The marks of footnotes in a block."""
    return [run for runs in runs_of(block) for run in runs if run.note is not None]
