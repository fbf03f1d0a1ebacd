"""OpenDocument, RTF, EPUB and legacy files."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import docx
import pytest
from patience import PATIENCE_S, wait_ended

from ingest.parsers.base import ReadOptions
from ingest.parsers.office.external import convert_legacy, run_limited
from schemas.document import BlockKind
from schemas.errors import CorruptFile, EncryptedFile, NoText, ParserTimeout, TooLarge, UnsupportedFormat

_NAMES = ("office", "text", "table", "drawing", "presentation", "style", "svg-compatible", "meta")
_SHORT = {"drawing": "draw", "svg-compatible": "svg"}
XMLNS = " ".join(f'xmlns:{_SHORT.get(n, n)}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in _NAMES)


@pytest.fixture
def save_odf(tmp_path: Path):
    def save(body: str, kind: str = "text", **members: str) -> Path:
        path = tmp_path / ("made.odt" if kind == "text" else "made.odp")
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
            archive.writestr(
                "content.xml",
                f"<office:document-content {XMLNS}><office:body><office:{kind}>{body}</office:{kind}></office:body>"
                "</office:document-content>",
            )
            for name, text in members.items():
                archive.writestr(name.replace("__", "/") + ".xml", text)
        return path

    return save


def test_odf_headings_lists_notes_and_tables(read_file, save_odf):
    read = read_file(
        save_odf(
            '<text:h text:outline-level="2">第二级</text:h>'
            "<text:p>Text<text:note><text:note-citation>1</text:note-citation>"
            "<text:note-body><text:p>the note</text:p></text:note-body></text:note> goes on</text:p>"
            "<text:list><text:list-item><text:p>a</text:p><text:list><text:list-item><text:p>b</text:p></text:list-item>"
            "</text:list></text:list-item></text:list>"
            '<table:table><table:table-row><table:table-cell table:number-columns-spanned="2"><text:p>wide</text:p>'
            "</table:table-cell><table:covered-table-cell/></table:table-row><table:table-row><table:table-cell>"
            "<table:table><table:table-row><table:table-cell><text:p>inner</text:p></table:table-cell></table:table-row>"
            "</table:table></table:table-cell><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row>"
            "</table:table>"
        )
    )
    assert read.kinds()[:-1] == [
        ("heading", 2, "第二级"),
        ("paragraph", None, "Text[1] goes on"),
        ("footnote", None, "[1] the note"),
        ("list_item", 0, "a"),
        ("list_item", 1, "b"),
    ]
    cells = read.blocks(BlockKind.TABLE)[0].table.cells
    assert [(cell.text, cell.col_span) for cell in cells] == [("wide", 2), ("inner", 1), ("x", 1)]


def test_an_odf_presentation_has_slides_titles_and_notes(read_file, save_odf):
    slide = (
        '<draw:page><draw:frame presentation:class="title"><draw:text-box><text:p>T{0}</text:p></draw:text-box>'
        "</draw:frame>"
        "<draw:custom-shape><text:p>shape {0}</text:p></draw:custom-shape>"
        "<presentation:notes><draw:frame><draw:text-box><text:p>say {0}</text:p></draw:text-box></draw:frame>"
        "</presentation:notes></draw:page>"
    )
    path = save_odf(slide.format(1) + slide.format(2), "presentation")
    read = read_file(path)
    assert read.kinds()[:3] == [("heading", 1, "T1"), ("paragraph", None, "shape 1"), ("quote", None, "say 1")]
    assert [block.regions[0].page for block in read.document.blocks] == [1, 1, 1, 2, 2, 2]
    with pytest.raises(TooLarge, match="2 slides"):
        read_file(path, ReadOptions(max_pages=1))


def test_an_encrypted_odf_says_so(read_file, save_odf):
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry>'
        "<manifest:encryption-data/></manifest:file-entry></manifest:manifest>"
    )
    with pytest.raises(EncryptedFile):
        read_file(save_odf("<text:p>x</text:p>", **{"META-INF__manifest": manifest}))


@pytest.mark.parametrize(
    ("head", "codec"),
    [
        (rb"\ansicpg936", "gbk"),
        (rb"\ansicpg1252{\fonttbl{\f0\fcharset134 SimSun;}}\f0", "gbk"),
        (rb"\ansicpg950", "big5"),
        (rb"\ansicpg932", "cp932"),
        (rb"\ansicpg1251", "cp1251"),
    ],
)
def test_rtf_in_a_code_page_of_its_own_is_read(read_file, tmp_path, head, codec):
    text = "Привет мир" if codec == "cp1251" else "中文表示能力 A"
    # Both bytes of a character as Word writes them, also where the second is a letter or a backslash.
    hexed = b"".join(
        char.encode() if char.isascii() else b"".join(b"\\'%02x" % byte for byte in char.encode(codec)) for char in text
    )
    (tmp_path / "page.rtf").write_bytes(rb"{\rtf1\ansi" + head + rb"\pard " + hexed + rb" end\par}")
    assert read_file(tmp_path / "page.rtf").document.text == f"{text} end"


def test_rtf_escapes_keep_what_follows_their_stand_in(read_file, tmp_path):
    (tmp_path / "page.rtf").write_bytes(
        rb"{\rtf1\ansi\ansicpg936{\info{\title Plan for 2025}{\creatim\yr2024\mo3\dy1\hr9}}"
        rb"\uc2\u20013\'d6\'d0\u25991\'ce\'c4 two{\uc1\u65306?} \{x\}\par}"
    )
    document = read_file(tmp_path / "page.rtf").document
    assert document.text == "中文 two： {x}"
    assert (document.title, document.metadata["created"]) == ("Plan for 2025", "2024-03-01T09:00:00")


def test_rtf_without_stand_ins_loses_no_letter(read_file, tmp_path):
    (tmp_path / "page.rtf").write_bytes(
        rb"{\rtf1\ansi{\stylesheet{\s0 Normal;}}\uc0{\*\generator X;}{\f0 raz\'f3n}{\f0 est\'e1n \u20013 x}\par}"
    )
    assert read_file(tmp_path / "page.rtf").document.text == "razónestán 中x"


def test_rtf_words_that_end_with_their_line_take_no_text_with_them(read_file, tmp_path):
    (tmp_path / "page.rtf").write_bytes(b"{\\rtf1\\ansi one\\par\ntwo\\par\r\nthree \\fs20\n4\\par}")
    assert read_file(tmp_path / "page.rtf").document.text == "one\n\ntwo\n\nthree 4"


RTF_REVIEWED = (
    rb"{\rtf1\ansi kept {\deleted gone \'e9\u20013 ?}{\revised new }text{\annotation {\*\atnref 1} a remark}\par}"
)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (ReadOptions(), "kept new text"),
        (ReadOptions(tracked_changes="original"), "kept gone é中text"),
        (ReadOptions(tracked_changes="all"), "kept gone é中new text"),
    ],
)
def test_of_the_changes_in_rtf_one_side_is_read_and_remarks_only_when_asked_for(read_file, tmp_path, options, text):
    (tmp_path / "page.rtf").write_bytes(RTF_REVIEWED)
    assert read_file(tmp_path / "page.rtf", options=options).document.text == text


def test_remarks_in_rtf_are_read_where_they_are_asked_for(read_file, tmp_path):
    (tmp_path / "page.rtf").write_bytes(RTF_REVIEWED)
    assert "a remark" in read_file(tmp_path / "page.rtf", options=ReadOptions(comments=True)).document.text


def test_text_boxes_of_rtf_are_read_once_whether_old_or_new(read_file, tmp_path):
    (tmp_path / "page.rtf").write_bytes(
        rb"{\rtf1\ansi one\par{\*\do\dobxpage{\dptxbxtext old box\par}\dpx8}"
        rb"{\shp{\*\shpinst{\shptxt new box\par}}{\shprslt{\*\do\dobxpage{\dptxbxtext new box\par}}}}two\par}"
    )
    assert read_file(tmp_path / "page.rtf").document.text == "one\n\nold box\n\nnew box\n\ntwo"


def test_rtf_that_is_cut_off_is_read_as_far_as_it_goes(read_file, tmp_path):
    (tmp_path / "page.rtf").write_bytes(rb"{\rtf1\ansi {\b one} two\par {\i three")
    assert read_file(tmp_path / "page.rtf").document.text == "one two\n\nthree"


@pytest.mark.parametrize("rtf", [rb"{\rtf1\ansi \par}", rb"{\rtf1{\header HEADER\par}\page}"])
def test_rtf_without_text_is_said_to_hold_none(read_file, tmp_path, rtf):
    (tmp_path / "page.rtf").write_bytes(rtf)
    with pytest.raises(NoText, match="holds no text"):
        read_file(tmp_path / "page.rtf")


def test_text_under_the_name_of_rtf_is_damaged(read_file, tmp_path):
    (tmp_path / "page.rtf").write_text("just text")
    with pytest.raises(CorruptFile, match="no RTF"):
        read_file(tmp_path / "page.rtf", media_type="application/rtf")


def test_what_stands_on_the_title_page_of_a_book_is_read(read_file, tmp_path):
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata/><manifest><item id="a" href="a.xhtml" '
        'media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>'
    )
    page = (
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><body>'
        '<section epub:type="frontmatter titlepage"><h1>The Land</h1><p>An epigraph.</p></section>'
        "<section><h2>One</h2><p>April.</p></section></body></html>"
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles><rootfile '
        'full-path="p.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    with zipfile.ZipFile(tmp_path / "book.epub", "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("p.opf", package)
        archive.writestr("a.xhtml", page)
    document = read_file(tmp_path / "book.epub").document
    assert document.text == "The Land\n\nAn epigraph.\n\nOne\n\nApril."


def test_a_locked_epub_says_so(read_file, tmp_path):
    with zipfile.ZipFile(tmp_path / "book.epub", "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "META-INF/encryption.xml",
            '<encryption xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:CipherReference URI="OEBPS/c1.xhtml"/>'
            "</encryption>",
        )
    with pytest.raises(EncryptedFile, match="locked"):
        read_file(tmp_path / "book.epub")


def _program(folder: Path, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "soffice").write_text(f"#!/bin/bash\n{script}\n")
    (folder / "soffice").chmod(0o755)


@pytest.fixture
def legacy(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")
    document = docx.Document()
    document.add_heading("Old file", 1)
    document.save(str(tmp_path / "converted.docx"))
    (tmp_path / "old.doc").write_bytes(b"no OLE: only the converter looks into it")
    return tmp_path / "old.doc"


def test_a_legacy_file_is_read_through_the_converter(read_file, legacy, tmp_path):
    _program(
        tmp_path / "bin",
        'for a; do [ "$p" = --outdir ] && out=$a; p=$a; done; [ -d "$out" ] && '
        f'cp {tmp_path / "converted.docx"} "$out/$(basename "${{a%.doc}}").docx"',
    )
    assert read_file(legacy, media_type="application/msword").kinds() == [("heading", 1, "Old file")]


def test_without_libreoffice_the_failure_says_what_to_do(legacy, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    with pytest.raises(UnsupportedFormat, match="install LibreOffice"):
        convert_legacy(legacy, "docx", PATIENCE_S)


def test_a_converter_that_makes_nothing_is_a_damaged_file(legacy, tmp_path):
    _program(tmp_path / "bin", "echo could not be loaded")
    with pytest.raises(CorruptFile, match="could not be loaded"):
        convert_legacy(legacy, "docx", PATIENCE_S)


def test_a_converter_that_hangs_is_killed_with_its_children(legacy, tmp_path):
    child = tmp_path / "child"
    _program(tmp_path / "bin", f"sleep 300 & echo $! > {child}; wait")
    for timeout_s in (0.5, 2, 8, 32):  # a busy machine may need more to start it
        with pytest.raises(ParserTimeout):
            convert_legacy(legacy, "docx", timeout_s)
        if child.exists() and child.read_text().endswith("\n"):
            break
    wait_ended(int(child.read_text()))


def test_children_that_a_program_leaves_behind_are_ended_too(tmp_path):
    run_limited(["bash", "-c", f"sleep 300 >/dev/null 2>&1 & echo $! > {tmp_path / 'child'}"], PATIENCE_S, "file")
    wait_ended(int((tmp_path / "child").read_text()))


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_reads_a_real_legacy_file(corpus, read_file):
    read = read_file(corpus / "unstructured_examples/example-docs/fake.doc")
    assert read.document.text == "Lorem ipsum dolor sit amet."
