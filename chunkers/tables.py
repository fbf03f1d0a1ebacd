"""Tables as HTML, whole or in part."""

from __future__ import annotations

from collections.abc import Collection
from html import escape

from schemas.base import Span
from schemas.document import Table, TableCell


def to_html(table: Table, rows: Span | None = None) -> str:
    """`<table>` with its header rows in `<thead>`, and in `<tbody>` the other rows, or those of
    the half-open range `rows`. Spans are clipped to the range; a cell that reaches into it from
    above begins again in its first row; a place that no cell covers is an empty one, so that every
    column stays where it is. Text is escaped, line breaks become `<br>`."""
    return Grid(table).html(rows)


class Grid:
    """A table's cells by row, for tables of which many parts are asked for."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._rows: list[list[TableCell]] = [[] for _ in range(table.n_rows)]
        for cell in table.cells:
            if cell.row < table.n_rows:
                self._rows[cell.row].append(cell)
        for row in self._rows:
            row.sort(key=_column)
        self._from_above: list[list[TableCell]] = [[] for _ in range(table.n_rows)]
        for cell in table.cells:
            for below in range(cell.row + 1, min(cell.row + cell.row_span, table.n_rows)):
                self._from_above[below].append(cell)

    def row(self, number: int) -> list[TableCell]:
        """The cells that begin in a row, from left to right."""
        return self._rows[number]

    def html(self, rows: Span | None = None, columns: Span | None = None) -> str:
        """Of all rows and columns, or of half-open ranges of them; the header rows always."""
        table = self.table
        first, last = rows or (0, table.n_rows)
        wide = columns or (0, table.n_cols)
        header = self._lines((0, table.header_rows), wide, header=True)
        body = self._lines((max(first, table.header_rows), min(last, table.n_rows)), wide, header=False)
        head = f"<thead>{header}</thead>" if header else ""
        return f"<table>{head}{f'<tbody>{body}</tbody>' if body else ''}</table>"

    def _lines(self, rows: Span, columns: Span, *, header: bool) -> str:
        first, last = rows
        lines = []
        for row in range(first, last):
            above = self._from_above[row]
            begun = above if row == first else []
            reaching = above if row > first else []
            taken = {column for cell in reaching for column in range(cell.col, cell.col + cell.col_span)}
            cells = sorted((*self._rows[row], *begun), key=_column)
            line, column = "", columns[0]
            for cell in cells:
                line += _blanks(column, min(cell.col, columns[1]), taken, header=header)
                line += _cell_html(cell, row, last, columns, header=header)
                column = max(column, cell.col + cell.col_span)
            lines.append(line + _blanks(column, columns[1], taken, header=header))
        return "".join(f"<tr>{line}</tr>" for line in lines)


def _blanks(first: int, last: int, taken: Collection[int], *, header: bool) -> str:
    """Empty cells for the columns that no cell from above covers."""
    tag = "th" if header else "td"
    return f"<{tag}></{tag}>" * sum(column not in taken for column in range(first, last))


def _column(cell: TableCell) -> int:
    return cell.col


def _cell_html(cell: TableCell, row: int, last: int, columns: Span, *, header: bool) -> str:
    begin, end = max(cell.col, columns[0]), min(cell.col + cell.col_span, columns[1])
    if begin >= end:
        return ""
    height = min(cell.row + cell.row_span, last) - row
    tag = "th" if header or cell.header else "td"
    spans = f' rowspan="{height}"' if height > 1 else ""
    spans += f' colspan="{end - begin}"' if end - begin > 1 else ""
    return f"<{tag}{spans}>{escape(cell.text).replace(chr(10), '<br>')}</{tag}>"


def column_names(table: Table) -> list[str]:
    """What stands in the header rows above each column, on one line; empty without a header."""
    names: list[list[str]] = [[] for _ in range(table.n_cols)]
    for cell in table.cells:
        if cell.row < table.header_rows:
            for column in range(cell.col, min(cell.col + cell.col_span, table.n_cols)):
                names[column].append(cell.text)
    return [" ".join(" ".join(told).split()) for told in names]
