"""OpenDocument spreadsheets, from their own XML: unstructured reads none of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.parsers.office.properties import member_xml
from ingest.parsers.office.sheet_cells import CellCount, Sheet, SheetCell, coordinate
from schemas.errors import CorruptFile, EncryptedFile

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"

_MOST_XML = 256 << 20
"""Bytes of `content.xml` that are read."""
_NUMBERS = frozenset({"float", "currency", "percentage", "date", "time", "boolean"})


def read_ods(package: bytes, name: str, count: CellCount) -> list[Sheet]:
    """Every sheet in the order of its tabs. Raises `EncryptedFile`, `CorruptFile`, `TooLarge`."""
    manifest = member_xml(package, "META-INF/manifest.xml")
    if manifest is not None and next(manifest.iter("{*}encryption-data"), None) is not None:
        raise EncryptedFile(f"{name} is encrypted: save a copy without a password.", name=name)
    content = member_xml(package, "content.xml", _MOST_XML)
    book = content.find(f"{_OFFICE}body/{_OFFICE}spreadsheet") if content is not None else None
    if content is None or book is None:
        raise CorruptFile(f"{name} has no readable content.xml: open it in LibreOffice and save it again.", name=name)
    hidden = {
        style.get(_STYLE + "name")
        for style in content.iter(_STYLE + "style")
        for properties in style.iterchildren(_STYLE + "table-properties")
        if properties.get(_TABLE + "display") == "false"
    }
    return [_sheet(table, count, hidden) for table in book.iterchildren(_TABLE + "table")]


def _sheet(table: Any, count: CellCount, hidden: set[str | None]) -> Sheet:
    comments: list[str] = []
    cells = list(_cells(table, count, comments))
    is_hidden = table.get(_TABLE + "style-name") in hidden
    return Sheet(table.get(_TABLE + "name", ""), cells, comments, hidden=is_hidden)


def _cells(table: Any, count: CellCount, comments: list[str]) -> Iterator[SheetCell]:
    number = 0
    for row in table.iter(_TABLE + "table-row"):
        repeated = _count(row, "number-rows-repeated")
        found = list(_row(row))
        # What is repeated to the end of the sheet is empty.
        for offset in range(repeated if found else 0):
            for col, cell, text in found:
                count.add()
                spans = (_count(cell, "number-rows-spanned"), _count(cell, "number-columns-spanned"))
                is_number = cell.get(_OFFICE + "value-type") in _NUMBERS
                yield SheetCell(number + offset, col, text, is_number, *spans)
        comments.extend(_comments(row, number))
        number += repeated


def _row(row: Any) -> Iterator[tuple[int, Any, str]]:
    col = 0
    for cell in row.iterchildren(_TABLE + "table-cell", _TABLE + "covered-table-cell"):
        repeated = _count(cell, "number-columns-repeated")
        text = _shown(cell)
        if text:
            for offset in range(repeated):
                yield col + offset, cell, text
        col += repeated


def _shown(cell: Any) -> str:
    """As it is displayed; dates as ISO 8601, as in other workbooks."""
    date = cell.get(_OFFICE + "date-value")
    if date and cell.get(_OFFICE + "value-type") == "date":
        return str(date).replace("T", " ").removesuffix(" 00:00:00")
    return "\n".join(_plain(paragraph) for paragraph in cell.iterchildren(_TEXT + "p")).strip()


def _plain(paragraph: Any) -> str:
    parts = [paragraph.text or ""]
    for child in paragraph.iterchildren("*"):
        match child.tag:
            case tag if tag == _TEXT + "s":
                parts.append(" " * int(child.get(_TEXT + "c") or 1))
            case tag if tag in {_TEXT + "tab", _TEXT + "line-break"}:
                parts.append(" ")
            case _:
                parts.append(_plain(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _comments(row: Any, number: int) -> Iterator[str]:
    col = 0
    for cell in row.iterchildren(_TABLE + "table-cell", _TABLE + "covered-table-cell"):
        for note in cell.iterchildren(_OFFICE + "annotation"):
            text = " ".join(_plain(paragraph) for paragraph in note.iter(_TEXT + "p")).strip()
            if text:
                yield f"{coordinate(number, col)}: {text}"
        col += _count(cell, "number-columns-repeated")


def _count(node: Any, attribute: str) -> int:
    """A sheet has at most a million rows and 16,384 columns: more is a lie."""
    told = node.get(_TABLE + attribute, "1")
    return min(int(told), 1 << 20) if told.isascii() and told.isdigit() and told != "0" else 1
