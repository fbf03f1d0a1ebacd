"""A reviewed Word document, read as it was, as it will be, or with both."""

from __future__ import annotations

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from ingest.parsers.base import ReadOptions

W = nsdecls("w")
WHO = "w:id='1' w:author='Ann'"


def _insert(text: str) -> object:
    return parse_xml(f"<w:ins {W} {WHO}><w:r><w:t xml:space='preserve'>{text}</w:t></w:r></w:ins>")


def _delete(text: str) -> object:
    return parse_xml(f"<w:del {W} {WHO}><w:r><w:delText xml:space='preserve'>{text}</w:delText></w:r></w:del>")


def _mark(paragraph: object, change: str) -> None:
    mark = parse_xml(f"<w:rPr {W}><w:{change} {WHO}/></w:rPr>")
    paragraph._p.get_or_add_pPr().append(mark)


@pytest.fixture
def reviewed():
    document = docx.Document()
    paragraph = document.add_paragraph("Notice is ")
    for part in (_delete("thirty"), _insert("sixty")):
        paragraph._p.append(part)
    paragraph.add_run(" days.")
    return document


@pytest.mark.parametrize(
    ("keep", "text"),
    [
        ("final", "Notice is sixty days."),
        ("original", "Notice is thirty days."),
        ("all", "Notice is [deleted: thirty]sixty days."),
    ],
)
def test_a_changed_word_is_read_as_the_option_says(reviewed, read_file, save_word, keep, text):
    assert read_file(save_word(reviewed), ReadOptions(tracked_changes=keep)).document.text == text


def test_insertions_are_kept_and_deletions_left_out_by_default(reviewed, read_file, save_word):
    assert read_file(save_word(reviewed)).document.text == "Notice is sixty days."


@pytest.mark.parametrize(
    ("keep", "texts"), [("final", ["one two"]), ("original", ["one", "two"]), ("all", ["one", "two"])]
)
def test_a_paragraph_whose_mark_was_deleted_runs_into_the_next(read_file, save_word, keep, texts):
    document = docx.Document()
    _mark(document.add_paragraph("one "), "del")
    document.add_paragraph("two")
    read = read_file(save_word(document), ReadOptions(tracked_changes=keep))
    assert [text for _, _, text in read.kinds()] == texts


def test_a_paragraph_that_was_split_is_one_again_in_the_original(read_file, save_word):
    document = docx.Document()
    _mark(document.add_paragraph("one "), "ins")
    document.add_paragraph("two")
    assert read_file(save_word(document), ReadOptions(tracked_changes="original")).document.text == "one two"


@pytest.mark.parametrize(("keep", "rows"), [("final", ["kept", "new"]), ("original", ["kept", "old"])])
def test_rows_that_came_or_went_are_rows_of_the_version_that_has_them(read_file, save_word, keep, rows):
    document = docx.Document()
    table = document.add_table(3, 1)
    for row, text in zip(table.rows, ("kept", "old", "new"), strict=True):
        row.cells[0].text = text
    for row, change in zip(table.rows[1:], ("del", "ins"), strict=True):
        row._tr.get_or_add_trPr().append(parse_xml(f"<w:{change} {W} {WHO}/>"))
    block = read_file(save_word(document), ReadOptions(tracked_changes=keep)).document.blocks[0]
    assert [cell.text for cell in block.table.cells] == rows


def test_what_moved_is_read_once_where_it_stands_in_that_version(read_file, save_word):
    document = docx.Document()
    text = "<w:r><w:t>moved</w:t></w:r>"
    document.add_paragraph("first ")._p.append(parse_xml(f"<w:moveFrom {W} {WHO}>{text}</w:moveFrom>"))
    document.add_paragraph("second ")._p.append(parse_xml(f"<w:moveTo {W} {WHO}>{text}</w:moveTo>"))
    path = save_word(document)
    for keep, texts in (("final", ["first", "second moved"]), ("original", ["first moved", "second"])):
        read = read_file(path, ReadOptions(tracked_changes=keep))
        assert [told for _, _, told in read.kinds()] == texts
