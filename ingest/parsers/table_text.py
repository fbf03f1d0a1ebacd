"""A grid of cells as text, one line a row, and as the record of a table block."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from schemas.base import Span
from schemas.document import Table, TableCell


def table_text(cells: Sequence[TableCell], header_rows: int = 0, shape: tuple[int, int] = (0, 0)) -> tuple[str, Table]:
    """Rows as Markdown, with the delimiter line below the header; a text that spans columns or
    rows stands in the first of them. Line breaks within a cell become spaces in the text. `shape`:
    rows and columns at least, where the last ones may have no cell."""
    texts: defaultdict[int, dict[int, str]] = defaultdict(dict)
    for cell in cells:
        texts[cell.row][cell.col] = " ".join(cell.text.split()).replace("\\", "\\\\").replace("|", "\\|")
    n_rows = max((cell.row + cell.row_span for cell in cells), default=0)
    n_cols = max((cell.col + cell.col_span for cell in cells), default=0)
    n_rows, n_cols = max(n_rows, shape[0]), max(n_cols, shape[1])
    lines: list[str] = []
    spans: list[Span] = []
    position = header_end = 0
    for row in range(n_rows):
        line = "| " + " | ".join(texts[row].get(col, "") for col in range(n_cols)) + " |"
        spans.append((position, position + len(line)))
        lines.append(line)
        position += len(line) + 1
        if row + 1 == header_rows:
            lines.append("|" + " --- |" * n_cols)
            position += len(lines[-1]) + 1
            header_end = position - 1
    return "\n".join(lines), Table(
        n_rows=n_rows,
        n_cols=n_cols,
        header_rows=header_rows,
        header_end=header_end,
        rows=tuple(spans),
        cells=tuple(_marked(cell, header_rows) for cell in cells),
    )


def _marked(cell: TableCell, header_rows: int) -> TableCell:
    """The same one where it can be: a sheet may have half a million."""
    return cell if cell.header or cell.row >= header_rows else cell.model_copy(update={"header": True})
