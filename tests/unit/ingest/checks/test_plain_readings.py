from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pymupdf
import pytest

from ingest.checks import plain_html, plain_office, plain_text
from ingest.checks.plain_pdf import MOST_PAGES, pdf_paragraphs, spread
from ingest.checks.reading import Compared, NotCompared, compared
from schemas.document import Document

_WORD = (
    '<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>One </w:t></w:r><w:ins><w:r><w:t>and two</w:t></w:r></w:ins>'
    "<w:del><w:r><w:delText>not this</w:delText></w:r></w:del></w:p>"
    "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>A cell</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:body></w:document>"
)


def package(**parts: str) -> bytes:
    held = BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        for name, content in parts.items():
            file.writestr(name.replace("__", "/") + ".xml", content)
    return held.getvalue()


def told(paragraphs: object) -> list[str]:
    return [" ".join(text.split()) for text in paragraphs if text.strip()]


def test_word_is_read_in_tables_too_and_without_what_was_struck_out() -> None:
    assert told(plain_office.word_paragraphs(package(word__document=_WORD))) == ["One and two", "A cell"]


def test_texts_of_a_sheet_come_from_its_cells() -> None:
    strings = '<sst xmlns="s"><si><t>used</t></si><si><t>unused</t></si></sst>'
    sheet = (
        '<worksheet xmlns="s"><row><c t="s"><v>0</v></c><c t="inlineStr"><is><t>within</t></is></c></row></worksheet>'
    )
    parts = package(xl__sharedStrings=strings, xl__worksheets__sheet1=sheet)
    assert told(plain_office.sheet_paragraphs(parts)) == ["used", "within"]


def test_what_is_no_package_cannot_be_read() -> None:
    with pytest.raises(ValueError, match="zip"):
        list(plain_office.word_paragraphs(b"no package"))


def test_html_is_read_by_blocks_without_what_surrounds_or_is_hidden() -> None:
    page = (
        "<html><head><title>t</title></head><body><nav>menu</nav><h1>A <em>title</em></h1><p>One<br>line</p>"
        "<div>loose <p>inner</p> tail</div><script>x()</script><p hidden>not</p><p style='display: none'>nor</p></body>"
    )
    assert told(plain_html.html_paragraphs(page.encode())) == ["A title", "One", "line", "loose", "inner", "tail"]


def test_markdown_is_read_between_blank_lines_without_comments() -> None:
    text = "# Title\n\nOne\ntwo\n\n<!-- not\n\nthis -->\n\n[ref]: http://nowhere\n\nThree\r\n\r\nFour"
    assert told(plain_text.markdown_paragraphs(text.encode())) == ["# Title", "One two", "Three", "Four"]


def test_text_of_a_doubtful_encoding_is_not_read() -> None:
    with pytest.raises(ValueError, match="utf-8"):
        list(plain_text.text_paragraphs("für".encode("latin-1")))


def test_rows_are_read_by_the_delimiter_that_is_used_most() -> None:
    assert told(plain_text.row_paragraphs(b'a;"b, c"\n1;2\n')) == ["a b, c", "1 2"]


def test_a_mail_is_read_by_its_body() -> None:
    mail = b"Subject: not this\nContent-Type: text/plain; charset=utf-8\n\nDear all,\n\nit rains.\n"
    assert told(plain_text.mail_paragraphs(mail)) == ["Dear all,", "it rains."]


def test_a_pdf_is_read_page_by_page_and_only_those_that_are_asked_for() -> None:
    document = pymupdf.open()
    for number in range(3):
        document.new_page().insert_text((72, 72), f"Page number {number}")
    assert told(pdf_paragraphs(document.tobytes(), (1, 3, 9))) == ["Page number 0", "Page number 2"]


def test_of_a_long_pdf_the_pages_are_spread_to_the_last() -> None:
    chosen = spread(range(1, 701))
    assert (len(chosen), chosen[0], chosen[-1]) == (MOST_PAGES, 1, 700)


@pytest.mark.parametrize("damage", ["content", "nesting"])
def test_an_original_that_cannot_be_read_plainly_stops_no_report(tmp_path: Path, damage: str) -> None:
    nested = 5_000 if damage == "nesting" else 1
    body = (
        "<w:r>" * nested + "<w:t>The valve is opened slowly until the pressure has settled.</w:t>" + "</w:r>" * nested
    )
    file = tmp_path / "a.docx"
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("word/document.xml", f'<w:document xmlns:w="w"><w:p>{body}</w:p></w:document>')
    if damage == "content":
        file.write_bytes(file.read_bytes().replace(b"The valve", b"The value"))
    document = Document(text="", parser="p", parser_version="1")
    media_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    assert compared(file, media_type, document) == Compared(because=NotCompared.UNREADABLE)


def test_what_was_struck_out_in_an_open_document_is_not_asked_for() -> None:
    body = (
        "<o:body><t:text><t:tracked-changes><t:deletion><t:p>Struck out long ago by a reader.</t:p></t:deletion>"
        "</t:tracked-changes><t:p>What stands there still, as it was.</t:p></t:text></o:body>"
    )
    namespaces = 'xmlns:o="urn:o" xmlns:t="urn:t"'
    content = package(content=f"<o:doc {namespaces}>{body}</o:doc>")
    assert told(plain_office.open_document_paragraphs(content)) == ["What stands there still, as it was."]


def test_places_of_drawings_and_stores_of_fields_are_no_text() -> None:
    inner = (
        "<w:r><w:drawing><w:posOffset>40000</w:posOffset><w:align>center</w:align></w:drawing></w:r><w:r><w:fldChar>"
        "<w:fldData>PEVuZE5vdGU+PENpdGU+</w:fldData></w:fldChar></w:r><w:r><w:t>One claim</w:t></w:r>"
    )
    document = f'<w:document xmlns:w="urn:w"><w:body><w:p>{inner}</w:p></w:body></w:document>'
    assert told(plain_office.word_paragraphs(package(word__document=document))) == ["One claim"]
