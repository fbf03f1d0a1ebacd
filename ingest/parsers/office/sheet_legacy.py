"""Workbooks of Excel 5 to 2003, read with xlrd: the library under unstructured's own reader, which
drops spans and number formats."""

from __future__ import annotations

import importlib
import io
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ingest.parsers.office.properties import Properties
from ingest.parsers.office.sheet_cells import CellCount, Sheet, SheetCell, coordinate
from ingest.parsers.office.sheet_numbers import shown_date, shown_number
from schemas.errors import CorruptFile, EncryptedFile

_NO_PASSWORD = "VelvetSweatshop"  # noqa: S105  # Excel's own: files that are only write-protected have it
_TEXT, _NUMBER, _DATE, _BOOLEAN, _ERROR = 1, 2, 3, 4, 5


def read_legacy_workbook(path: Path, name: str, count: CellCount, passwords: Sequence[str]) -> list[Sheet]:
    """Every sheet in the order of its tabs. Raises `EncryptedFile` and `CorruptFile`."""
    book = _opened(path.read_bytes(), name, passwords)
    return [_sheet(book, sheet, count) for sheet in book.sheets()]


def legacy_properties(path: Path) -> Properties:
    """What the file says of itself; empty where it is damaged there: it is no part of the text."""
    import olefile

    try:
        with olefile.OleFileIO(str(path)) as ole:
            told = ole.get_metadata()
    except (OSError, ValueError, IndexError, struct.error):
        return Properties()
    codec = "utf-8" if told.codepage == 65001 else f"cp{abs(told.codepage or 1252)}"

    def text(value: object) -> str:
        try:
            return value.decode(codec) if isinstance(value, bytes) else ""
        except (LookupError, UnicodeDecodeError):
            return ""

    def when(value: Any) -> str:
        return value.isoformat(timespec="seconds") if hasattr(value, "isoformat") else ""

    return Properties(
        title=text(told.title),
        author=text(told.author),
        subject=text(told.subject),
        keywords=text(told.keywords),
        created=when(told.create_time),
        modified=when(told.last_saved_time),
    )


def _opened(data: bytes, name: str, passwords: Sequence[str]) -> Any:
    xlrd = importlib.import_module("xlrd")
    data = _decrypted(data, name, passwords)
    try:
        return xlrd.open_workbook(
            file_contents=data, formatting_info=True, logfile=io.StringIO(), ragged_rows=True, on_demand=False
        )
    except (
        xlrd.XLRDError, xlrd.compdoc.CompDocError, struct.error, AssertionError, IndexError, KeyError, ValueError,
        TypeError, AttributeError, OverflowError,
    ) as error:  # fmt: skip
        raise CorruptFile(
            f"{name} is not a readable .xls workbook ({str(error)[:200] or type(error).__name__}): open it in Excel "
            "or LibreOffice and save it as .xlsx.",
            name=name,
        ) from error


def _decrypted(data: bytes, name: str, passwords: Sequence[str]) -> bytes:
    import msoffcrypto
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(data))
        if not file.is_encrypted():
            return data
    except (FileFormatError, ParseError, OSError, ValueError, struct.error, AttributeError, IndexError, KeyError):
        return data  # Excel 5 and what is damaged: xlrd says what is wrong
    for password in (_NO_PASSWORD, *passwords):
        plain = io.BytesIO()
        try:
            file.load_key(password=password)
            file.decrypt(plain)
        except (DecryptionError, InvalidKeyError, ValueError):
            continue
        return plain.getvalue()
    raise EncryptedFile(
        f"{name} needs a password: add it to the passwords, or save a copy without one and put it in its place.",
        name=name,
    )


def _sheet(book: Any, sheet: Any, count: CellCount) -> Sheet:
    comments = [f"{coordinate(*place)}: {note.text.strip()}" for place, note in sorted(sheet.cell_note_map.items())]
    return Sheet(sheet.name, list(_cells(book, sheet, count)), comments, hidden=sheet.visibility != 0)


def _cells(book: Any, sheet: Any, count: CellCount) -> Iterator[SheetCell]:
    spans = {(row, col): (row_end - row, col_end - col) for row, row_end, col, col_end in sheet.merged_cells}
    for row in range(sheet.nrows):
        for col in range(sheet.row_len(row)):
            text, number = _shown(book, sheet.cell(row, col))
            if text.strip():
                count.add()
                yield SheetCell(row, col, text.strip(), number, *spans.get((row, col), (1, 1)))


def _shown(book: Any, cell: Any) -> tuple[str, bool]:
    xlrd = importlib.import_module("xlrd")
    if cell.ctype == _BOOLEAN:
        return ("TRUE" if cell.value else "FALSE"), True
    if cell.ctype == _ERROR:
        return xlrd.error_text_from_code.get(cell.value, "#N/A"), False
    if cell.ctype not in {_NUMBER, _DATE}:
        return str(cell.value), False
    number_format = _format(book, cell)
    if cell.ctype == _DATE:
        try:
            moment = xlrd.xldate_as_datetime(cell.value, book.datemode)
        except (ValueError, OverflowError):
            return shown_number(cell.value, "General"), True  # Excel shows #### for it
        # Below one it is a time of day.
        is_clock = 0 <= cell.value < 1
        return shown_date(moment.time() if is_clock else moment, number_format), True
    return shown_number(cell.value, number_format), True


def _format(book: Any, cell: Any) -> str:
    try:
        return str(book.format_map[book.xf_list[cell.xf_index].format_key].format_str)
    except (KeyError, IndexError, TypeError):
        return "General"
