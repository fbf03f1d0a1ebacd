"""Workbooks of Excel 2007 and later, read with openpyxl.

unstructured reads them through pandas, where spans, number formats, comments and hidden sheets are
gone, so the cells are read here, from the library under both.
"""

from __future__ import annotations

import contextlib
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

from ingest.parsers.office.sheet_cells import CellCount, Sheet, SheetCell
from ingest.parsers.office.sheet_comments import cell_comments, conversations
from ingest.parsers.office.sheet_lean import lean_workbook
from ingest.parsers.office.sheet_numbers import shown_date, shown_number
from ingest.parsers.office.sheet_shapes import shape_texts
from schemas.errors import CorruptFile, TooLarge

MAX_STORED_CELLS = 2_000_000
"""Cells that the file stores, those with a style and no content included: each takes about 0.5 KB
while they are read."""

_CELL = re.compile(rb"<(?:\w+:)?c[ >/]")
_WITHOUT_VALUE = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f(?:\s[^>]*)?/>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_PIECE = 1 << 20
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, ValueError, TypeError, AttributeError, IndexError,
    SyntaxError, NotImplementedError, RuntimeError,
)  # fmt: skip
"""What openpyxl raises over XML that is not as it should be. A `ParseError` is a `SyntaxError`."""


def read_workbook(package: bytes, name: str, count: CellCount) -> list[Sheet]:
    """Every sheet, in the order of its tabs. A formula whose value was never calculated is shown
    itself. Raises `CorruptFile`, and `TooLarge` for what is data and no document."""
    uncalculated = _looked_over(package, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _read(package, count, uncalculated)
        except _DAMAGED as error:
            with contextlib.suppress(*_DAMAGED):  # then the first trouble is the one to tell
                return _read(lean_workbook(package), count, uncalculated)
            raise CorruptFile(
                f"{name} is not a readable workbook ({type(error).__name__}: {str(error)[:200]}): open it in Excel "
                "or LibreOffice and save it again as .xlsx.",
                name=name,
            ) from error


def _read(package: bytes, count: CellCount, uncalculated: bool) -> list[Sheet]:
    formulas = _formulas(package) if uncalculated else {}
    return list(_sheets(package, count, formulas))


def _looked_over(package: bytes, name: str) -> bool:
    """Counts the cells before any is read; True when a formula has no value stored with it."""
    cells, uncalculated = 0, False
    with zipfile.ZipFile(BytesIO(package)) as archive:
        for member in archive.namelist():
            if not (member.startswith("xl/worksheets/") and member.endswith(".xml")):
                continue
            for piece in _pieces(archive, member, name):
                cells += len(_CELL.findall(piece))
                uncalculated = uncalculated or _WITHOUT_VALUE.search(piece) is not None
                if cells > MAX_STORED_CELLS:
                    raise TooLarge(
                        f"{name} stores more than {MAX_STORED_CELLS:,} cells, many perhaps empty but formatted: "
                        "delete the unused rows and columns, or split it.",
                        name=name,
                        max_stored_cells=MAX_STORED_CELLS,
                    )
    return uncalculated


def _pieces(archive: zipfile.ZipFile, member: str, name: str) -> Iterator[bytes]:
    """A sheet's XML, cut where cells begin."""
    rest = b""
    try:
        with archive.open(member) as stream:
            while piece := stream.read(_PIECE):
                rest += piece
                cut = rest.rfind(b"<", 0, -1)
                start = max(rest.rfind(b"<c ", 0, cut), rest.rfind(b":c ", 0, cut) - _PREFIX)
                if start > 0:
                    yield rest[:start]
                    rest = rest[start:]
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise CorruptFile(
            f"{name} is damaged in {member} ({error}): fetch it anew from where it came.", name=name
        ) from error
    yield rest


_PREFIX = 20
"""Characters that a namespace's prefix may have before the name of a tag."""


def _sheets(package: bytes, count: CellCount, formulas: Mapping[tuple[str, int, int], str]) -> Iterator[Sheet]:
    from openpyxl import load_workbook

    workbook = load_workbook(BytesIO(package), data_only=True, keep_links=False)
    shapes, threads = shape_texts(package), conversations(package)
    for name in workbook.sheetnames:
        sheet = workbook[name]
        cells: list[SheetCell] = []
        comments: list[str] = []
        if hasattr(sheet, "iter_rows"):  # a chart may be a sheet of its own
            cells = list(_cells(sheet, count, formulas))
            comments = list(cell_comments(_stored(sheet), threads.get(name, {})))
        yield Sheet(name, cells, comments, shapes.get(name, ()), hidden=sheet.sheet_state != "visible")
        workbook.remove(sheet)  # its cells take more memory than what was read of them


def _formulas(package: bytes) -> dict[tuple[str, int, int], str]:
    from openpyxl import load_workbook

    workbook = load_workbook(BytesIO(package), data_only=False, keep_links=False)
    return {
        (sheet.title, cell.row, cell.column): str(getattr(cell.value, "text", cell.value))
        for sheet in workbook.worksheets
        for cell in _stored(sheet)
        if cell.data_type == "f"
    }


def _stored(sheet: Any) -> Iterator[Any]:
    """The cells that are in the file, row by row. The public iterators make every cell up to the
    last row and column, which a stray format may put at the far end of the grid."""
    stored = sheet._cells
    return (stored[place] for place in sorted(stored))


def _cells(sheet: Any, count: CellCount, formulas: Mapping[tuple[str, int, int], str]) -> Iterator[SheetCell]:
    spans = {(area.min_row, area.min_col): area.size for area in sheet.merged_cells.ranges}
    for cell in _stored(sheet):
        text, number = _shown(cell)
        text = text or formulas.get((sheet.title, cell.row, cell.column), "")
        if not text.strip():
            continue
        count.add()
        size = spans.get((cell.row, cell.column), {"rows": 1, "columns": 1})
        yield SheetCell(cell.row - 1, cell.column - 1, text.strip(), number, size["rows"], size["columns"])


def _shown(cell: Any) -> tuple[str, bool]:
    """What a reader sees, and whether it is no name."""
    value = cell.value
    match value:
        case None:
            return "", False
        case bool():
            return ("TRUE" if value else "FALSE"), True
        case int() | float():
            return shown_number(value, cell.number_format or "General"), True
        case datetime() | date() | time() | timedelta():
            return shown_date(value, cell.number_format or ""), True
        case _:
            return str(value), False
