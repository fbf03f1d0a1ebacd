"""Workbooks: every cell, as a reader sees it, in tables that stand apart."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet

from ingest.parsers.base import ParseInput, ReadOptions, Tools
from ingest.parsers.office import sheet_workbook
from ingest.parsers.office.sheets import SheetParser
from schemas.document import Block, BlockKind, Document
from schemas.errors import CorruptFile, EncryptedFile, NoText, TooLarge, UnsupportedFormat
from schemas.source import Route

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLS = "application/vnd.ms-excel"


def parsed(path: Path, media_type: str = XLSX, options: ReadOptions | None = None) -> Document:
    source = ParseInput(path, path.name, media_type, Route.SHEET, path.stat().st_size)
    return SheetParser(Tools(options or ReadOptions())).parse(source)


def saved(book: Workbook, tmp_path: Path) -> Path:
    path = tmp_path / "book.xlsx"
    book.save(path)
    return path


def filled(sheet: Worksheet, rows: list[list[object]], row: int = 1, col: int = 1) -> None:
    for number, values in enumerate(rows):
        for place, value in enumerate(values):
            sheet.cell(row + number, col + place, value)


def tables(document: Document) -> list[Block]:
    return [block for block in document.blocks if block.kind is BlockKind.TABLE]


def texts(document: Document) -> list[tuple[str, str]]:
    return [(block.kind.value, document.text_of(block)) for block in document.blocks]


PRICES: list[list[object]] = [["Item", "Price"], ["Bolt", 2.5], ["Nut", 1]]


def test_a_sheet_is_a_heading_above_its_table(tmp_path):
    book = Workbook()
    book.active.title = "Prices"
    filled(book.active, PRICES)
    document = parsed(saved(book, tmp_path))
    assert texts(document) == [
        ("heading", "Prices"),
        ("table", "| Item | Price |\n| --- | --- |\n| Bolt | 2.5 |\n| Nut | 1 |"),
    ]
    assert document.blocks[0].level == 1
    assert document.title == "Prices"


def test_a_name_that_nobody_gave_is_no_title(tmp_path):
    book = Workbook()
    filled(book.active, PRICES)
    assert parsed(saved(book, tmp_path)).title is None


def test_values_are_what_a_reader_sees(tmp_path):
    book = Workbook()
    filled(book.active, [["When", "Share", "Sum"], [date(2023, 7, 6), 0.25, 3.0000000001], ["", True, "#N/A"]])
    book.active["B2"].number_format = "0%"
    text = parsed(saved(book, tmp_path)).text
    assert "| 2023-07-06 | 25% | 3 |" in text
    assert "|  | TRUE | #N/A |" in text


def test_a_formula_is_its_stored_value_and_itself_where_there_is_none(tmp_path):
    book = Workbook()
    filled(book.active, [["a", "b"], [1, "=A2+1"], [2, "=A3+1"]])
    path = saved(book, tmp_path)
    assert "| 1 | =A2+1 |" in parsed(path).text
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"]
    members["xl/worksheets/sheet1.xml"] = re.sub(rb"(<f>A2\+1</f>)<v.*?(?=</c>)", rb"\1<v>17</v>", sheet)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    text = parsed(path).text
    assert "| 1 | 17 |" in text
    assert "| 2 | =A3+1 |" in text


def test_merged_cells_are_spans_and_make_a_header_of_two_rows(tmp_path):
    book = Workbook()
    filled(book.active, [["Region", "Sales", None], [None, "2022", "2023"], ["North", 5, 6], ["South", 7, 8]])
    book.active.merge_cells("A1:A2")
    book.active.merge_cells("B1:C1")
    (block,) = tables(parsed(saved(book, tmp_path)))
    assert block.table is not None
    assert block.table.header_rows == 2
    spans = {cell.text: (cell.row_span, cell.col_span) for cell in block.table.cells}
    assert spans["Region"] == (2, 1)
    assert spans["Sales"] == (1, 2)
    assert spans["North"] == (1, 1)


@pytest.mark.parametrize(
    ("rows", "header_rows"),
    [
        (PRICES, 1),
        ([["Region", 2022, 2023], ["North", 5, 6]], 1),
        ([["", "Sales"], ["North", 5]], 1),
        ([["Bolt", 2.5], ["Nut", 1]], 0),
        ([["Item", None, "Price"], ["Bolt", "M4", 2]], 0),
        ([["Item", "Price"]], 0),
    ],
)
def test_a_first_row_of_names_is_the_header(tmp_path, rows, header_rows):
    book = Workbook()
    filled(book.active, rows)
    (block,) = tables(parsed(saved(book, tmp_path)))
    assert block.table is not None
    assert block.table.header_rows == header_rows


def test_tables_that_stand_apart_are_tables_of_their_own(tmp_path):
    book = Workbook()
    filled(book.active, [["Price list"]])
    filled(book.active, PRICES, row=2)
    filled(book.active, [["City", "Country"], ["Bern", "CH"]], row=2, col=5)
    filled(book.active, [["Name", "Phone"], ["Ann", "555"]], row=8)
    document = parsed(saved(book, tmp_path))
    assert texts(document)[1] == ("paragraph", "Price list")
    assert [document.text_of(block).split("\n")[0] for block in tables(document)] == [
        "| Item | Price |",
        "| City | Country |",
        "| Name | Phone |",
    ]


def test_an_empty_row_or_column_within_a_table_parts_nothing(tmp_path):
    book = Workbook()
    filled(book.active, [["Item", None, "Price"], ["Bolt", None, 2], [], ["Nut", None, 1]])
    (block,) = tables(parsed(saved(book, tmp_path)))
    assert block.table is not None
    assert (block.table.n_rows, block.table.n_cols, block.table.header_rows) == (3, 2, 1)


def test_names_above_a_gap_head_the_numbers_below(tmp_path):
    book = Workbook()
    filled(
        book.active, [["In millions", None, "2023"], [None, "Sales", "Profit"], [], ["North", 5, 6], ["South", 7, 8]]
    )
    (block,) = tables(parsed(saved(book, tmp_path)))
    assert block.table is not None
    assert (block.table.n_rows, block.table.header_rows) == (4, 2)


def test_hidden_sheets_are_read_and_named(tmp_path):
    book = Workbook()
    filled(book.active, PRICES)
    hidden = book.create_sheet("Margins")
    filled(hidden, [["secret", 1], ["x", 2]])
    hidden.sheet_state = "hidden"
    document = parsed(saved(book, tmp_path))
    assert "secret" in document.text
    assert document.quality.warnings == ("The sheet Margins is hidden and was read.",)


def test_comments_are_kept_where_they_are_wanted_and_texts_of_shapes_always(tmp_path, corpus):
    book = Workbook()
    filled(book.active, PRICES)
    book.active["B2"].comment = Comment("per hundred", "Ann")
    path = saved(book, tmp_path)
    assert ("footnote", "B2: Ann: per hundred") in texts(parsed(path, options=ReadOptions(comments=True)))
    assert "per hundred" not in parsed(path).text
    charts = parsed(next(corpus.rglob("xlsx_01.xlsx")))
    assert any(kind == "footnote" and "by 'col-1'" in text for kind, text in texts(charts))


def test_a_stray_format_far_away_costs_nothing(tmp_path):
    book = Workbook()
    filled(book.active, PRICES)
    book.active["XFD1048576"].number_format = "0.00"
    (block,) = tables(parsed(saved(book, tmp_path)))
    assert block.table is not None
    assert block.table.n_rows == 3


def test_too_many_cells_are_refused(tmp_path, monkeypatch):
    book = Workbook()
    filled(book.active, [[number, number] for number in range(60)])
    path = saved(book, tmp_path)
    assert len(tables(parsed(path))) == 1
    monkeypatch.setattr(sheet_workbook, "MAX_STORED_CELLS", 100)
    with pytest.raises(TooLarge, match="stores more than 100 cells"):
        parsed(path)


def test_too_many_sheets_are_refused(tmp_path):
    book = Workbook()
    book.create_sheet("b")
    filled(book.active, PRICES)
    with pytest.raises(TooLarge, match="2 sheets"):
        parsed(saved(book, tmp_path), options=ReadOptions(max_pages=1))


@pytest.mark.parametrize("name", ["book.xlsx", "test.xls", "table.csv"])
def test_too_many_filled_cells_are_refused_in_every_format(tmp_path, corpus, name):
    book = Workbook()
    filled(book.active, PRICES)
    paths = {
        "book.xlsx": saved(book, tmp_path),
        "test.xls": next(corpus.rglob("test.xls")),
        "table.csv": tmp_path / "t.csv",
    }
    paths["table.csv"].write_bytes(b"a,b\n1,2\n3,4\n")
    path, media_type = paths[name], {".xls": XLS, ".csv": "text/csv"}.get(paths[name].suffix, XLSX)
    source = ParseInput(path, name, media_type, Route.SHEET, path.stat().st_size)
    with pytest.raises(TooLarge, match="more than 5 filled cells"):
        SheetParser(Tools(), max_cells=5).parse(source)
    assert SheetParser(Tools(), max_cells=500).parse(source).text


def test_a_workbook_without_content_has_no_text(tmp_path):
    with pytest.raises(NoText):
        parsed(saved(Workbook(), tmp_path))


def test_an_encrypted_workbook_opens_with_one_of_the_passwords(tmp_path):
    from msoffcrypto.format.ooxml import OOXMLFile

    book = Workbook()
    filled(book.active, PRICES)
    path = saved(book, tmp_path)
    locked = tmp_path / "locked.xlsx"
    with path.open("rb") as plain, locked.open("wb") as secret:
        OOXMLFile(plain).encrypt("open sesame", secret)
    with pytest.raises(EncryptedFile):
        parsed(locked, options=ReadOptions(passwords=("wrong",)))
    assert "| Bolt | 2.5 |" in parsed(locked, options=ReadOptions(passwords=("wrong", "open sesame"))).text


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty"),
        (b"<html><table></table>", "it is HTML"),
        (b"PK\x03\x04broken", "damaged"),
        (b"a,b", "no workbook"),
    ],
)
def test_what_is_no_workbook_says_what_to_do(tmp_path, data, told):
    path = tmp_path / "book.xlsx"
    path.write_bytes(data)
    with pytest.raises(CorruptFile, match=told):
        parsed(path)


def test_a_workbook_with_broken_xml_is_corrupt(tmp_path):
    book = Workbook()
    filled(book.active, PRICES)
    path = saved(book, tmp_path)
    made = io.BytesIO()
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(made, "w") as other:
        for name in archive.namelist():
            data = archive.read(name)
            other.writestr(name, data[: len(data) // 2] if "sheet1" in name else data)
    path.write_bytes(made.getvalue())
    with pytest.raises(CorruptFile, match="save it again"):
        parsed(path)


def test_a_binary_workbook_needs_libreoffice(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    path = tmp_path / "book.xlsb"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.bin", b"x")
    with pytest.raises(UnsupportedFormat, match="LibreOffice"):
        parsed(path)


def test_an_old_workbook_is_read_like_a_new_one(corpus):
    old = parsed(next(corpus.rglob("test_files/test.xls")), XLS)
    new = parsed(next(corpus.rglob("test_files/test.xlsx")))
    assert texts(old) == texts(new)


@pytest.mark.parametrize("data", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), b"\x09\x08" + bytes(20)])
def test_a_damaged_old_workbook_is_corrupt(tmp_path, data):
    path = tmp_path / "book.xls"
    path.write_bytes(data)
    with pytest.raises(CorruptFile):
        parsed(path, XLS)


def test_every_text_of_every_workbook_of_the_corpus_is_there(corpus):
    from openpyxl import load_workbook

    for path in sorted(corpus.rglob("*.xls[xm]")):
        read = " ".join(parsed(path).text.replace("\\", "").split())
        for sheet in load_workbook(path, data_only=True).worksheets:
            for (value,) in sheet.iter_rows(max_row=400, max_col=1, values_only=True):
                if isinstance(value, str):
                    assert " ".join(value.replace("\\", "").split()) in read, (path.name, value)


@pytest.mark.parametrize(
    ("member", "old", "new"),
    [
        ("xl/styles.xml", b"<fill>", b"<fill/><fill>"),
        ("xl/worksheets/sheet1.xml", b"</sheetData>", b'</sheetData><autoFilter ref="nowhere"/>'),
        ("xl/workbook.xml", b"<sheets>", b'<bookViews><workbookView firstSheet="none"/></bookViews><sheets>'),
    ],
    ids=["style", "filter", "view"],
)
def test_what_is_no_text_of_a_workbook_does_not_cost_its_cells(tmp_path, member, old, new):
    book = Workbook()
    book.active.append(["Paid", "Sum"])
    book.active.append([date(2024, 3, 1), 1250.5])
    book.active.merge_cells("A4:B4")
    book.active["A4"] = "in euros"
    plain = io.BytesIO()
    book.save(plain)
    path = tmp_path / "strange.xlsx"
    with zipfile.ZipFile(plain) as good, zipfile.ZipFile(path, "w") as strange:
        for name in good.namelist():
            content = good.read(name)
            assert name != member or old in content
            strange.writestr(name, content.replace(old, new, 1) if name == member else content)
    text = parsed(path).text
    assert "| Paid | Sum |" in text
    assert "| 2024-03-01 | 1250.5 |" in text
    assert "in euros" in text
