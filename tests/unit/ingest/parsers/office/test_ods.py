"""OpenDocument spreadsheets. The files are made here, as LibreOffice writes them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from ingest.parsers.base import ParseInput, ReadOptions, Tools
from ingest.parsers.office.sheets import ODS, SheetParser
from schemas.document import BlockKind, Document
from schemas.errors import CorruptFile, EncryptedFile, NoText, TooLarge
from schemas.source import Route

_NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "style")
)


def cell(text: str, attributes: str = "", more: str = "") -> str:
    return f"<table:table-cell {attributes}>{more}<text:p>{text}</text:p></table:table-cell>"


def row(*cells: str, attributes: str = "") -> str:
    return f"<table:table-row {attributes}>{''.join(cells)}</table:table-row>"


HEAD = row(cell("part"), cell("stock"))
END = row(
    "<table:table-cell table:number-columns-repeated='16384'/>", attributes='table:number-rows-repeated="1048570"'
)


def parse(tmp_path: Path, tables: str, *, manifest: str = "<manifest/>", styles: str = "", **options: int) -> Document:
    path = tmp_path / "stock.ods"
    content = (
        f"<office:document-content {_NAMESPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", ODS)
        package.writestr("META-INF/manifest.xml", manifest)
        package.writestr("content.xml", content)
    source = ParseInput(path, path.name, ODS, Route.SHEET, path.stat().st_size)
    return SheetParser(Tools(ReadOptions(comments=True)), **options).parse(source)


def test_a_sheet_is_a_heading_and_its_cells_a_table(tmp_path: Path) -> None:
    rows = HEAD + row(cell("valve"), cell("12", 'office:value-type="float" office:value="12"')) + END
    document = parse(tmp_path, f'<table:table table:name="Lager">{rows}</table:table>')
    heading, table = document.blocks
    assert (heading.kind, document.text_of(heading)) == (BlockKind.HEADING, "Lager")
    assert document.text_of(table) == "| part | stock |\n| --- | --- |\n| valve | 12 |"


def test_repeated_and_covered_cells_keep_the_columns(tmp_path: Path) -> None:
    wide = cell("both", 'table:number-columns-spanned="2"') + "<table:covered-table-cell/>" + cell("third")
    rows = row(cell("a"), cell("b"), cell("c")) + row(wide) + row(cell("x", 'table:number-columns-repeated="3"'))
    [_, table] = parse(tmp_path, f'<table:table table:name="S">{rows}</table:table>').blocks
    assert table.table is not None
    placed = {(c.row, c.col): (c.text, c.col_span) for c in table.table.cells}
    assert placed[1, 0] == ("both", 2)
    assert placed[1, 2] == ("third", 1)
    assert [placed[2, col][0] for col in range(3)] == ["x", "x", "x"]


def test_dates_are_iso_and_notes_stand_behind_the_table(tmp_path: Path) -> None:
    note = "<office:annotation><text:p>checked</text:p></office:annotation>"
    date = cell("05.01.26", 'office:value-type="date" office:date-value="2026-01-05"', note)
    document = parse(tmp_path, f'<table:table table:name="S">{HEAD + row(cell("valve"), date)}</table:table>')
    assert "| valve | 2026-01-05 |" in document.text
    assert document.text_of(document.blocks[-1]) == "B2: checked"
    assert document.blocks[-1].kind is BlockKind.FOOTNOTE


def test_a_hidden_sheet_is_read_and_told(tmp_path: Path) -> None:
    style = '<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>'
    table = f'<table:table table:name="Old" table:style-name="ta2">{HEAD + row(cell("pump"), cell("3"))}</table:table>'
    document = parse(tmp_path, table, styles=style)
    assert "pump" in document.text
    assert document.quality.warnings == ("The sheet Old is hidden and was read.",)


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(NoText):
        parse(tmp_path, f'<table:table table:name="S">{END}</table:table>')
    with pytest.raises(EncryptedFile):
        parse(tmp_path, "", manifest="<manifest><encryption-data/></manifest>")
    with pytest.raises(CorruptFile):
        parse(tmp_path, "<unclosed>")


def test_cells_that_are_repeated_a_million_times_are_too_many(tmp_path: Path) -> None:
    rows = HEAD + row(cell("x"), cell("y"), attributes='table:number-rows-repeated="1000000"')
    with pytest.raises(TooLarge):
        parse(tmp_path, f'<table:table table:name="S">{rows}</table:table>', max_cells=1000)
