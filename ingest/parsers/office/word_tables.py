"""The grid of a Word table, from its own rows and cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.parsers.office.drafts import Draft, tidy
from ingest.parsers.office.pictures import drawn_pictures
from schemas.document import BlockKind, Region, TableCell

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
_VML_PICTURE = "{urn:schemas-microsoft-com:vml}imagedata"
_BREAKS = (_W + "br", _W + "cr")
_WIDEST = 1000
"""Columns that one cell may span; a number above it is no table's."""
_ON = frozenset({None, "1", "true", "on"})


def word_cells(table: Any) -> tuple[tuple[TableCell, ...], int]:
    """Cells of a `w:tbl` and how many rows of it are header. Each `w:tc` is read once, so that a
    grid that does not add up loses no text; a table within a cell is that cell's text."""
    cells: list[TableCell] = []
    above: dict[int, int] = {}
    rows = table.findall(_W + "tr")
    for number, row in enumerate(rows):
        col = _number(row, "trPr/gridBefore", 0)
        reached: dict[int, int] = {}
        for cell in row.findall(_W + "tc"):
            span = max(_number(cell, "tcPr/gridSpan", 1), 1)
            merge = cell.find(f"{_W}tcPr/{_W}vMerge")
            continues = merge is not None and merge.get(_W + "val") in {None, "continue"}
            if continues and col in above and cells[above[col]].col_span == span:
                index = above[col]
                cells[index] = _grown(cells[index], number, cell_text(cell))
            else:
                index = len(cells)
                cells.append(TableCell(row=number, col=col, col_span=span, text=cell_text(cell)))
            if merge is not None:
                reached[col] = index
            col += span
        above = reached
    return tuple(cells), _header_rows(table, rows)


def _grown(cell: TableCell, row: int, hidden: str) -> TableCell:
    # Word shows nothing of a cell that continues another, but files hold text there.
    text = f"{cell.text} {hidden}" if hidden and hidden not in cell.text else cell.text
    return cell.model_copy(update={"row_span": row - cell.row + 1, "text": text})


def cell_text(cell: Any) -> str:
    """All that stands in it, its paragraphs parted by spaces."""
    parts = []
    for paragraph in cell.iter(_W + "p"):
        nodes = paragraph.iter(_W + "t", _W + "tab", _W + "noBreakHyphen", *_BREAKS)
        shown = (_shown(node) for node in nodes if node.getparent().tag == _W + "r")
        parts += ["".join(shown), *descriptions(paragraph)]
    return " ".join(tidy(" ".join(parts)).split())


def descriptions(paragraph: Any) -> list[str]:
    """Of its pictures."""
    found = (node.get("descr") or "" for node in paragraph.iter(_DRAWN))
    return [text for text in found if text.strip()]


def figures(paragraph: Any, part: Any, region: Region | None) -> Iterator[Draft]:
    """What is drawn in it: a picture with what it is described as."""
    for drawn in paragraph.iter(_DRAWN, _VML_PICTURE):
        is_drawing = drawn.tag == _DRAWN
        pictures = drawn_pictures(drawn.getparent() if is_drawing else drawn, part)
        described = tidy(drawn.get("descr") or "") if is_drawing else ""
        yield Draft(BlockKind.FIGURE, described, region=region, picture=pictures[0] if pictures else None)
        yield from (Draft(BlockKind.FIGURE, region=region, picture=picture) for picture in pictures[1:])


def _shown(node: Any) -> str:
    if node.tag == _W + "t":
        return node.text or ""
    return "-" if node.tag == _W + "noBreakHyphen" else " "


def _header_rows(table: Any, rows: list[Any]) -> int:
    """Rows marked to repeat on every page; else the first, where the table's look marks it."""
    count = 0
    for row in rows:
        mark = row.find(f"{_W}trPr/{_W}tblHeader")
        if mark is None or mark.get(_W + "val") not in _ON:
            break
        count += 1
    look = table.find(f"{_W}tblPr/{_W}tblLook")
    if count or look is None or len(rows) < 2:
        return count if count < len(rows) else 0
    first = look.get(_W + "firstRow")
    if first is not None:
        return int(first in _ON)
    bits = look.get(_W + "val") or "0"
    return int(bool(int(bits, 16) & 0x20)) if all(c in "0123456789abcdefABCDEF" for c in bits) else 0


def _number(node: Any, path: str, default: int) -> int:
    found = node.find("/".join(_W + step for step in path.split("/")))
    value = (found.get(_W + "val") or "") if found is not None else ""
    return min(int(value), _WIDEST) if value.isascii() and value.isdigit() else default
