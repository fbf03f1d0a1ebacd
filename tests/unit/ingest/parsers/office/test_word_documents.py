from __future__ import annotations

import io
import zipfile

import docx
import pytest
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from PIL import Image

from ingest.parsers.base import ReadOptions
from ingest.parsers.office import package
from schemas.document import BlockKind
from schemas.errors import CorruptFile, EncryptedFile, NoText, TooLarge, UnsupportedFormat

W = nsdecls("w")
NOTES = f"""<w:footnotes {W}><w:footnote w:type="separator" w:id="-1"><w:p/></w:footnote>
<w:footnote w:id="2"><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t>Source: the annual report.</w:t></w:r></w:p></w:footnote>
</w:footnotes>"""


def _run(inner: str) -> object:
    return parse_xml(f"<w:r {W}>{inner}</w:r>")


def test_headings_come_from_styles_and_outline_levels_alone(read_file, save_word):
    document = docx.Document()
    document.add_heading("标题一", 1)
    document.add_heading("Second", 2)
    document.add_paragraph().add_run("粗体短句").bold = True
    document.add_paragraph("Yes")
    document.add_paragraph("是")
    outlined = document.add_paragraph("按大纲级别的标题")
    level = OxmlElement("w:outlineLvl")
    level.set(qn("w:val"), "2")
    outlined._p.get_or_add_pPr().append(level)
    assert read_file(save_word(document)).kinds() == [
        ("heading", 1, "标题一"),
        ("heading", 2, "Second"),
        ("paragraph", None, "粗体短句"),
        ("paragraph", None, "Yes"),
        ("paragraph", None, "是"),
        ("heading", 3, "按大纲级别的标题"),
    ]


@pytest.mark.parametrize("name", ["标题 2", "標題 2", "Überschrift 2"])
def test_a_heading_style_of_another_language_is_a_heading(read_file, save_word, name):
    document = docx.Document()
    style = document.styles.add_style(name, docx.enum.style.WD_STYLE_TYPE.PARAGRAPH)
    document.add_paragraph("第二级", style=style)
    assert read_file(save_word(document)).kinds() == [("heading", 2, "第二级")]


def test_a_style_based_on_a_heading_is_one(read_file, save_word):
    document = docx.Document()
    style = document.styles.add_style("Chapter", docx.enum.style.WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Heading 1"]
    document.add_paragraph("One", style=style)
    assert read_file(save_word(document)).kinds() == [("heading", 1, "One")]


def test_list_depth_comes_from_numbering(read_file, save_word):
    document = docx.Document()
    document.add_paragraph("a", style="List Bullet")
    document.add_paragraph("b", style="List Bullet 2")
    document.add_paragraph("c", style="List Number")
    read = read_file(save_word(document))
    assert [(b.level, b.parent) for b in read.blocks(BlockKind.LIST_ITEM)] == [(0, None), (1, 0), (0, None)]
    assert read.texts(BlockKind.LIST_ITEM) == ["a", "b", "1. c"]


def test_text_boxes_controls_insertions_fields_and_links_are_read_once(read_file, save_word):
    document = docx.Document()
    paragraph = document.add_paragraph("start ")._p
    paragraph.append(parse_xml(f"<w:ins {W} w:id='1' w:author='a'><w:r><w:t>inserted </w:t></w:r></w:ins>"))
    paragraph.append(parse_xml(f"<w:del {W} w:id='2' w:author='a'><w:r><w:delText>deleted</w:delText></w:r></w:del>"))
    paragraph.append(parse_xml(f"<w:fldSimple {W} w:instr='PAGE'><w:r><w:t>field </w:t></w:r></w:fldSimple>"))
    paragraph.append(parse_xml(f"<w:sdt {W}><w:sdtContent><w:r><w:t>control </w:t></w:r></w:sdtContent></w:sdt>"))
    paragraph.append(parse_xml(f"<w:hyperlink {W} w:anchor='x'><w:r><w:t>link</w:t></w:r></w:hyperlink>"))
    paragraph.append(
        parse_xml(
            f'<w:r {W} xmlns:v="urn:schemas-microsoft-com:vml"><w:pict><v:textbox><w:txbxContent><w:p><w:r>'
            "<w:t>in the box</w:t></w:r></w:p></w:txbxContent></v:textbox></w:pict></w:r>"
        )
    )
    document.element.body.insert(
        1, parse_xml(f"<w:sdt {W}><w:sdtContent><w:p><w:r><w:t>block control</w:t></w:r></w:p></w:sdtContent></w:sdt>")
    )
    assert read_file(save_word(document)).texts(BlockKind.PARAGRAPH) == [
        "start inserted field control link", "in the box", "block control",
    ]  # fmt: skip


def test_a_footnote_stands_behind_the_paragraph_that_calls_it(read_file, save_word):
    document = docx.Document()
    paragraph = document.add_paragraph("Sales rose")
    paragraph._p.append(_run('<w:footnoteReference w:id="2"/>'))
    document.add_paragraph("Next")
    document.extra_members = {"word/footnotes.xml": NOTES}
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    path = save_word(
        document,
        relations=lambda text: text.replace(
            "</Relationships>", f'<Relationship Id="rId99" Type="{kind}" Target="footnotes.xml"/></Relationships>'
        ),
        types=lambda text: text.replace(
            "</Types>",
            '<Override PartName="/word/footnotes.xml" ContentType="application/vnd.openxmlformats-officedocument.'
            'wordprocessingml.footnotes+xml"/></Types>',
        ),
    )
    assert read_file(path).kinds() == [
        ("paragraph", None, "Sales rose[1]"),
        ("footnote", None, "[1] Source: the annual report."),
        ("paragraph", None, "Next"),
    ]


def test_comments_are_quotes_with_their_author_where_they_are_wanted(read_file, save_word):
    document = docx.Document()
    paragraph = document.add_paragraph("A claim")
    document.add_comment(paragraph.runs, text="Is this so?", author="Ann", initials="A")
    path = save_word(document)
    assert read_file(path, ReadOptions(comments=True)).kinds() == [
        ("paragraph", None, "A claim"),
        ("quote", None, "Ann: Is this so?"),
    ]
    assert read_file(path).kinds() == [("paragraph", None, "A claim")]


def test_merged_and_nested_cells_lose_no_text(read_file, save_word):
    document = docx.Document()
    table = document.add_table(3, 3)
    for number, cell in enumerate(cell for row in table.rows for cell in row.cells):
        cell.text = f"t{number}"
    table.cell(0, 0).merge(table.cell(0, 1))
    table.cell(1, 2).merge(table.cell(2, 2))
    table.cell(2, 0).add_table(1, 2).cell(0, 1).text = "inner"
    block = read_file(save_word(document)).blocks(BlockKind.TABLE)[0]
    spans = {cell.text: (cell.row_span, cell.col_span) for cell in block.table.cells}
    assert spans == {"t0 t1": (1, 2), "t2": (1, 1), "t3": (1, 1), "t4": (1, 1), "t5 t8": (2, 1), "t6 inner": (1, 1),
                     "t7": (1, 1)}  # fmt: skip


def test_rows_that_repeat_are_header_rows(read_file, save_word):
    document = docx.Document()
    table = document.add_table(3, 2)
    for cell in (cell for row in table.rows for cell in row.cells):
        cell.text = "x"
    for row in table.rows[:2]:
        row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    assert read_file(save_word(document)).blocks(BlockKind.TABLE)[0].table.header_rows == 2


def test_a_paragraph_across_a_page_break_is_one_block_on_both_pages(read_file, save_word):
    document = docx.Document()
    paragraph = document.add_paragraph("before ")
    paragraph._p.append(_run("<w:lastRenderedPageBreak/><w:t>after</w:t>"))
    read = read_file(save_word(document))
    assert read.texts(BlockKind.PARAGRAPH) == ["before after"]
    assert [region.page for region in read.document.blocks[0].regions] == [1, 2]


def test_headers_and_footers_are_furniture(read_file, save_word):
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Company"
    document.sections[0].footer.paragraphs[0].text = "Confidential"
    document.add_paragraph("Text")
    assert [kind for kind, _, _ in read_file(save_word(document)).kinds()] == ["header", "paragraph", "footer"]


def test_metadata_has_the_names_that_every_parser_uses(read_file, save_word):
    document = docx.Document()
    properties = document.core_properties
    properties.title, properties.author, properties.keywords = "Annual report 2024", "Ann Lee", "sales, growth"
    document.add_paragraph("Text")
    read = read_file(save_word(document))
    assert read.document.title == "Annual report 2024"
    assert read.document.metadata["author"] == "Ann Lee"
    assert read.document.metadata["keywords"] == "sales, growth"
    assert read.document.metadata["created"] == "2013-12-23T23:15:00+00:00"


@pytest.mark.parametrize(
    "kind",
    [
        "application/vnd.ms-word.document.macroEnabled.main+xml",
        "application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
    ],
)
def test_templates_and_files_with_macros_are_read(read_file, save_word, kind):
    document = docx.Document()
    document.add_paragraph("Text")
    usual = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    path = save_word(document, types=lambda text: text.replace(usual, kind))
    assert read_file(path).document.text == "Text"


def test_strict_office_xml_is_read(read_file, save_word):
    document = docx.Document()
    document.add_heading("Title", 1)
    usual, strict = (
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "http://purl.oclc.org/ooxml/wordprocessingml/main",
    )
    path = save_word(
        document, document=lambda text: text.replace(usual, strict), styles=lambda text: text.replace(usual, strict)
    )
    assert read_file(path).kinds() == [("heading", 1, "Title")]


def test_an_external_entity_is_not_read(read_file, save_word, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("top secret")
    document = docx.Document()
    document.add_paragraph("Text HERE")
    path = save_word(
        document,
        document=lambda text: text.replace("?>", f'?><!DOCTYPE d [<!ENTITY x SYSTEM "{secret.as_uri()}">]>', 1).replace(
            "HERE", "&x;"
        ),
    )
    with pytest.raises(CorruptFile) as raised:
        read_file(path)
    assert "top secret" not in raised.value.message


def test_a_bomb_is_refused_before_it_is_unpacked(read_file, tmp_path, monkeypatch):
    path = tmp_path / "bomb.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b" " * (80 << 20))
    with pytest.raises(TooLarge, match="80 MiB"):
        read_file(path)
    monkeypatch.setattr(package, "MAX_RATIO", 10_000)
    with pytest.raises(CorruptFile):
        read_file(path)  # the ratio allows it now: what is wrong is what it holds
    monkeypatch.setattr(package, "MAX_UNPACKED_BYTES", 70 << 20)
    with pytest.raises(TooLarge):
        read_file(path)


def test_a_password_from_the_configuration_opens_the_file(read_file, save_word, tmp_path):
    from msoffcrypto.format.ooxml import OOXMLFile

    document = docx.Document()
    document.add_paragraph("Locked text")
    plain = save_word(document).read_bytes()
    locked = io.BytesIO()
    OOXMLFile(io.BytesIO(plain)).encrypt("s3cret", locked)
    path = tmp_path / "locked.docx"
    path.write_bytes(locked.getvalue())
    assert read_file(path, ReadOptions(passwords=("wrong", "s3cret"))).document.text == "Locked text"
    with pytest.raises(EncryptedFile, match="none of the 1 configured"):
        read_file(path, ReadOptions(passwords=("wrong",)))
    with pytest.raises(EncryptedFile, match="needs a password"):
        read_file(path)


def test_empty_damaged_and_mislabelled_files_say_what_is_wrong(read_file, save_word, tmp_path):
    word = docx.Document()
    (tmp_path / "empty.docx").write_bytes(b"")
    (tmp_path / "page.docx").write_bytes(b"<html><body>404 not found</body></html>")
    whole = save_word(word).read_bytes()
    (tmp_path / "cut.docx").write_bytes(whole[: len(whole) // 2])
    for name, reason in (("empty", "empty"), ("page", "damaged"), ("cut", "damaged")):
        with pytest.raises(CorruptFile, match=reason):
            read_file(tmp_path / f"{name}.docx")
    with pytest.raises(NoText):
        read_file(tmp_path / "made.docx")
    with zipfile.ZipFile(tmp_path / "book.docx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(UnsupportedFormat):
        read_file(tmp_path / "book.docx", media_type="application/x-ole-encrypted")


@pytest.mark.parametrize("how", ["named twice", "taken out"])
def test_a_picture_that_is_missing_costs_no_text(read_file, save_word, tmp_path, how):
    made = docx.Document()
    made.add_paragraph("Before the picture.")
    picture = io.BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")
    made.add_picture(picture)
    made.add_paragraph("Behind the picture.")
    path = save_word(made)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "lacks.docx", "w") as new:
        for member in old.namelist():
            if not member.startswith("word/media/"):
                new.writestr(member, old.read(member))
            elif how == "named twice":
                new.writestr(member.replace("image", "other"), old.read(member))
    text = read_file(tmp_path / "lacks.docx").document.text
    assert "Before the picture." in text
    assert "Behind the picture." in text
