"""Tables as HTML, whole or in part."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from schemas.base import Span
from schemas.document import Table, TableCell


def to_html(table: Table, rows: Span | None = None) -> str:
    """`<table>` with its header rows in `<thead>`, and in `<tbody>` the other rows, or those of
    the half-open range `rows`. Spans are clipped to the range; a cell that reaches into it from
    above begins again in its first row. Text is escaped, line breaks become `<br>`."""
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
        self._tall = [cell for cell in table.cells if cell.row_span > 1]

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
            cells: Iterable[TableCell] = self._rows[row]
            if row == first:
                above = (cell for cell in self._tall if cell.row < first < cell.row + cell.row_span)
                cells = sorted((*cells, *above), key=_column)
            lines.append("".join(_cell_html(cell, row, last, columns, header=header) for cell in cells))
        return "".join(f"<tr>{line}</tr>" for line in lines)


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
