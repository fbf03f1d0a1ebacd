"""CSV and TSV: every field of every row, whatever parts them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.parsers.base import ParseInput, Tools
from ingest.parsers.office.delimited import find_delimiter, is_number
from ingest.parsers.office.sheets import SheetParser
from schemas.document import Document, Table
from schemas.errors import NoText
from schemas.source import Route

CSV, TSV = "text/csv", "text/tab-separated-values"


def parsed(tmp_path: Path, data: bytes, media_type: str = CSV) -> Document:
    path = tmp_path / "table.csv"
    path.write_bytes(data)
    return SheetParser(Tools()).parse(ParseInput(path, path.name, media_type, Route.SHEET, len(data)))


def table(document: Document) -> Table:
    (found,) = [block.table for block in document.blocks if block.table]
    return found


def grid(document: Document) -> list[list[str]]:
    found = table(document)
    rows = [[""] * found.n_cols for _ in range(found.n_rows)]
    for cell in found.cells:
        rows[cell.row][cell.col] = cell.text
    return rows


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b,c\n1,2,3\n", ","),
        ("name;price\nbolt;1,5\nnut;2,5\n", ";"),
        ("a\tb\n1,5\t2\n", "\t"),
        ("a|b|c\n1|2|3\n", "|"),
        ('name,note\nx,"one; two; three"\ny,"four; five"\n', ","),
        ("one column\nand nothing else\n", ","),
        ("a;b\n1;2\n3\n4;5\n", ";"),
    ],
)
def test_the_delimiter_is_the_one_that_makes_equal_rows(text, delimiter):
    assert find_delimiter(text, CSV) == delimiter


def test_excels_own_word_for_the_delimiter_is_taken(tmp_path):
    assert grid(parsed(tmp_path, b"sep=|\r\na,x|b,y\r\n1|2\r\n")) == [["a,x", "b,y"], ["1", "2"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "utf-16-le"])
def test_every_encoding_reads_alike(tmp_path, encoding):
    text = "名称,单价,说明\n螺栓,2.5,不锈钢的螺栓用于连接\n螺母,1,与螺栓配合使用的零件\n"
    assert grid(parsed(tmp_path, text.encode(encoding)))[1] == ["螺栓", "2.5", "不锈钢的螺栓用于连接"]


def test_quoted_newlines_stay_in_their_cell_and_quotes_are_undone(tmp_path):
    document = parsed(tmp_path, b'name,address\nAnn,"1 High St\nLondon"\nBob,"say ""hi"""\n')
    assert grid(document)[1:] == [["Ann", "1 High St\nLondon"], ["Bob", 'say "hi"']]
    assert "| Ann | 1 High St London |" in document.text


def test_rows_of_any_length_are_kept(tmp_path):
    document = parsed(tmp_path, b"a,b\n1,2,3,4\n5\n6,7\n")
    assert grid(document) == [["a", "b", "", ""], ["1", "2", "3", "4"], ["5", "", "", ""], ["6", "7", "", ""]]


def test_a_quote_that_is_never_closed_swallows_nothing(tmp_path):
    rows = b"".join(b"%d,five\n" % number for number in range(50))
    document = parsed(tmp_path, b'a,b\n1,"open\n' + rows)
    assert table(document).n_rows == 52
    assert '"open' in document.text


def test_one_field_may_be_longer_than_pythons_own_limit(tmp_path):
    long = "word " * 40_000
    assert long.strip() in parsed(tmp_path, f"a,b\n1,{long}\n".encode()).text


def test_a_header_of_names_is_found_and_data_is_not_taken_for_one(tmp_path):
    assert table(parsed(tmp_path, b"id,name\n1,x\n")).header_rows == 1
    assert table(parsed(tmp_path, b"1,2\n3,4\n")).header_rows == 0
    assert table(parsed(tmp_path, b"2024-01-01,x\n2024-01-02,y\n")).header_rows == 0


def test_lines_above_the_table_are_its_titles(tmp_path):
    document = parsed(tmp_path, b"Sales report\n\nid,name\n1,x\n")
    assert document.text_of(document.blocks[0]) == "Sales report"
    assert grid(document)[0] == ["id", "name"]


def test_an_empty_column_parts_no_csv(tmp_path):
    assert table(parsed(tmp_path, b"a,b,,c,d\n1,2,,3,4\n")).n_cols == 4


@pytest.mark.parametrize("data", [b"", b"\n\n", b",,,\n,,\n"])
def test_a_csv_without_content_has_no_text(tmp_path, data):
    with pytest.raises(NoText):
        parsed(tmp_path, data)


@pytest.mark.parametrize(
    "field", ["1", "-1,234.50", "1 234,5", "25%", "$3.00", "(12)", "2024-01-31", "12:30", "TRUE", "1e5"]
)
def test_numbers_amounts_and_dates_name_no_column(field):
    assert is_number(field)


@pytest.mark.parametrize("field", ["Q1", "2nd", "name", "", "-", "1.2.3.4", "A-1"])
def test_texts_may_name_a_column(field):
    assert not is_number(field)


def test_no_field_of_the_corpus_is_lost(corpus):
    """Against a reading of our own kind: the fields by the delimiter that the file was made with."""
    import csv
    import io

    from ingest.parsers.decoding import decode

    for path in sorted([*corpus.rglob("*.csv"), *corpus.rglob("*.tsv")]):
        media_type = TSV if path.suffix == ".tsv" else CSV
        source = ParseInput(path, path.name, media_type, Route.SHEET, path.stat().st_size)
        document = SheetParser(Tools()).parse(source)
        delimiter = ";" if "semicolon" in path.name else "\t" if media_type == TSV else ","
        rows = csv.reader(io.StringIO(decode(path.read_bytes()).text), delimiter=delimiter)
        fields = [field.strip() for row in rows for field in row if field.strip()]
        read = [cell.text for block in document.blocks if block.table for cell in block.table.cells]
        read += [document.text_of(block) for block in document.blocks if not block.table]
        assert sorted(read) == sorted(fields), path.name
