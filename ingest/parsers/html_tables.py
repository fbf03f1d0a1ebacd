"""A table written as HTML inside a text format."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from schemas.document import Table, TableCell

_WHITE_SPACE = re.compile(r"\s*")
_CELLS = frozenset({"td", "th"})
_MOST_SPANNED = 1000
"""What HTML itself allows for `colspan`."""
_LARGEST_AREA = 1_000_000
"""Grid positions; more comes of spans that lie."""


def read_html_table(html: str) -> Table | None:
    """The grid of text that is one whole `<table>`; None when it is more, less, or holds another.

    Row i's span reaches from the end of row i-1 to its own end, so that the tags between the
    rows and the caption belong to a row; the last one takes what closes the table.
    """
    reader = _TableReader(html)
    reader.feed(html)
    reader.close()
    if not reader.is_whole() or reader.area() > _LARGEST_AREA:
        return None
    return _table(reader, html)


@dataclass(slots=True)
class _Cell:
    header: bool
    row_span: int
    col_span: int
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(self.parts).split())


@dataclass(slots=True)
class _Row:
    in_head: bool
    cells: list[_Cell] = field(default_factory=list)
    end: int = 0

    @property
    def is_header(self) -> bool:
        return self.in_head or (bool(self.cells) and all(cell.header for cell in self.cells))


class _TableReader(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[_Row] = []
        self._lines = [0]
        for line in html.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self._tables = 0
        self._open_tables = 0
        self._in_head = False
        self._cell: _Cell | None = None
        self._stray = False

    def is_whole(self) -> bool:
        return self._tables == 1 and self._open_tables == 0 and not self._stray and any(row.cells for row in self.rows)

    def area(self) -> int:
        return sum(cell.row_span * cell.col_span for row in self.rows for cell in row.cells)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._tables += 1
            self._open_tables += 1
        elif self._open_tables == 0:
            self._stray = True
        elif tag in {"thead", "tbody", "tfoot"}:
            self._in_head = tag == "thead"
        elif tag == "tr":
            self._end_row()
            self.rows.append(_Row(self._in_head))
        elif tag in _CELLS and self.rows:
            values = dict(attrs)
            self._cell = _Cell(tag == "th", _count(values.get("rowspan")), _count(values.get("colspan")))
            self.rows[-1].cells.append(self._cell)
        elif tag in {"br", "p", "li", "div"} and self._cell:
            self._cell.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._end_row()
            self._open_tables -= 1
        elif tag == "thead":
            self._in_head = False
        elif tag in _CELLS:
            self._cell = None
        elif tag == "tr":
            self._cell = None
            if self.rows:
                self.rows[-1].end = self._offset() + len("</tr>")

    def handle_data(self, data: str) -> None:
        if self._cell:
            self._cell.parts.append(data)
        elif data.strip() and self._open_tables == 0:
            self._stray = True

    def _end_row(self) -> None:
        self._cell = None
        if self.rows and not self.rows[-1].end:
            self.rows[-1].end = self._offset()

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column


def _count(value: str | None) -> int:
    return min(max(int(value), 1), _MOST_SPANNED) if value and value.isascii() and value.isdigit() else 1


def _table(reader: _TableReader, html: str) -> Table:
    rows = [row for row in reader.rows if row.cells]
    ends = [*(row.end for row in rows[:-1]), len(html)]
    starts = [0, *(_past_white_space(html, end) for end in ends[:-1])]
    header_rows = next((i for i, row in enumerate(rows) if not row.is_header), len(rows))
    cells = _placed(rows)
    return Table(
        n_rows=len(rows),
        n_cols=max(cell.col + cell.col_span for cell in cells),
        header_rows=header_rows,
        header_end=ends[header_rows - 1] if header_rows else 0,
        rows=tuple(zip(starts, ends, strict=True)),
        cells=tuple(cells),
    )


def _past_white_space(html: str, position: int) -> int:
    match = _WHITE_SPACE.match(html, position)
    return match.end() if match else position


def _placed(rows: list[_Row]) -> list[TableCell]:
    """Cells at their columns, past those that reach down from rows above."""
    taken: set[tuple[int, int]] = set()
    placed = []
    for number, row in enumerate(rows):
        col = 0
        for cell in row.cells:
            while (number, col) in taken:
                col += 1
            row_span = min(cell.row_span, len(rows) - number)
            taken.update((number + r, col + c) for r in range(row_span) for c in range(cell.col_span))
            placed.append(
                TableCell(
                    row=number,
                    col=col,
                    row_span=row_span,
                    col_span=cell.col_span,
                    text=cell.text,
                    header=cell.header or row.in_head,
                )
            )
            col += cell.col_span
    return placed
