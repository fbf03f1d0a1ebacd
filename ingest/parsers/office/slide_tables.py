"""The grid of a table on a slide, with its merged cells."""

from __future__ import annotations

from typing import Any

from ingest.parsers.office.drafts import tidy
from schemas.document import TableCell


def slide_cells(table: Any) -> tuple[tuple[TableCell, ...], int]:
    """Cells of a python-pptx table and how many of its rows are header."""
    cells = []
    for row, line in enumerate(table._tbl.tr_lst):
        for col, cell in enumerate(line.tc_lst):
            text = " ".join(tidy(_text(cell)).split())
            hidden = cell.is_spanned
            # What a merge has covered is not shown, but the file may still hold it.
            if hidden and not text:
                continue
            height, width = (1, 1) if hidden else (cell.rowSpan, cell.gridSpan)
            cells.append(TableCell(row=row, col=col, row_span=max(height, 1), col_span=max(width, 1), text=text))
    return tuple(cells), int(bool(table.first_row) and len(table._tbl.tr_lst) > 1)


def _text(cell: Any) -> str:
    body = cell.txBody
    if body is None:
        return ""
    names = {"t", "br", "p"}
    parts = []
    for node in body.iter():
        name = str(node.tag).rpartition("}")[2]
        if name in names:
            parts.append((node.text or "") if name == "t" else "\n")
    return "".join(parts)
