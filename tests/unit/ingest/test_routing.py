from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from ingest.routing import Routed, route
from schemas.source import Route

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"
OOXML = "application/vnd.openxmlformats-officedocument."


def routed(tmp_path: Path, content: bytes | str, name: str) -> tuple[str, Route]:
    path = tmp_path / "content"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found = route(path, name)
    return found.media_type, found.route


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.txt", "a.md", "a", "A.PDF"])
@pytest.mark.parametrize("head", [b"%PDF-1.7\n", b"\n\n%PDF-1.4\n", b"\x00" * 500 + b"%PDF-1.4\n"])
def test_a_pdf_is_a_pdf_whatever_it_is_called(tmp_path: Path, name: str, head: bytes) -> None:
    assert routed(tmp_path, head + b"%\xe2\xe3\xcf\xd3\n1 0 obj", name) == ("application/pdf", Route.PDF)


def test_text_that_speaks_of_the_pdf_header_is_text(tmp_path: Path) -> None:
    assert routed(tmp_path, "A file begins with %PDF-1.7 when it is a PDF.", "a.md")[1] is Route.MARKDOWN


@pytest.mark.parametrize(
    ("content", "media_type", "reader"),
    [
        (PNG, "image/png", Route.IMAGE),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg", Route.IMAGE),
        (b"GIF89a\x01\x00", "image/gif", Route.IMAGE),
        (b"II*\x00\x08\x00\x00\x00", "image/tiff", Route.IMAGE),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav", Route.UNSUPPORTED),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp", Route.IMAGE),
        (b"ID3\x04\x00\x00", "audio/mpeg", Route.UNSUPPORTED),
        (gzip.compress(b"text", mtime=0), "application/gzip", Route.ARCHIVE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "application/x-ole-storage", Route.UNSUPPORTED),
        (b"{\\rtf1\\ansi hello}", "application/rtf", Route.OFFICE),
        (bytes(range(256)) * 8, "application/octet-stream", Route.UNSUPPORTED),
    ],
)
@pytest.mark.parametrize("name", ["a.md", "a.txt", "a"])
def test_binary_content_called_text_is_read_as_what_it_is(
    tmp_path: Path, content: bytes, media_type: str, name: str, reader: Route
) -> None:
    assert routed(tmp_path, content, name) == (media_type, reader)


@pytest.mark.parametrize("name", ["a.md", "a.markdown", "A.MD", "dir/b.Md"])
def test_markdown_by_name(tmp_path: Path, name: str) -> None:
    assert routed(tmp_path, "# Title", name) == ("text/markdown", Route.MARKDOWN)


@pytest.mark.parametrize("name", ["a.txt", "a.log", "README", "a.cfg", "a.unknown", "Makefile", ".hidden", "a.v1.2"])
def test_text_under_any_other_name_is_text(tmp_path: Path, name: str) -> None:
    assert routed(tmp_path, "plain words", name) == ("text/plain", Route.TEXT)


def test_restructured_text_is_read_as_text_under_its_own_type(tmp_path: Path) -> None:
    assert routed(tmp_path, "Title\n=====", "a.rst") == ("text/x-rst", Route.TEXT)


@pytest.mark.parametrize(
    ("name", "media_type", "reader"),
    [
        ("a.csv", "text/csv", Route.SHEET),
        ("a.html", "text/html", Route.HTML),
        ("a.xml", "application/xml", Route.UNSUPPORTED),
        ("a.json", "application/json", Route.UNSUPPORTED),
        ("a.ipynb", "application/x-ipynb+json", Route.NOTEBOOK),
        ("a.eml", "message/rfc822", Route.MAIL),
    ],
)
def test_the_name_tells_text_formats_apart(tmp_path: Path, name: str, media_type: str, reader: Route) -> None:
    assert routed(tmp_path, "content", name) == (media_type, reader)


def test_html_without_a_telling_name_is_known_by_its_start(tmp_path: Path) -> None:
    assert routed(tmp_path, "\ufeff \n<!DOCTYPE HTML><html>", "page")[0] == "text/html"
    assert routed(tmp_path, '<?xml version="1.0"?><a/>', "page")[0] == "application/xml"
    assert routed(tmp_path, "<html> is a tag", "a.txt") == ("text/plain", Route.TEXT)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.txt", Route.TEXT),
        ("a.md", Route.MARKDOWN),
        ("a", Route.TEXT),
        ("a.pdf", Route.PDF),
        ("a.docx", Route.OFFICE),
    ],
)
def test_an_empty_file_goes_where_its_name_says(tmp_path: Path, name: str, expected: Route) -> None:
    assert routed(tmp_path, b"", name)[1] is expected


def test_text_under_the_name_of_a_binary_format_is_a_damaged_file_and_no_text(tmp_path: Path) -> None:
    assert routed(tmp_path, "404 not found", "a.pdf") == ("application/pdf", Route.PDF)
    assert routed(tmp_path, bytes(range(256)) * 8, "a.pdf") == ("application/pdf", Route.PDF)
    assert routed(tmp_path, "404 not found", "a.docx") == (OOXML + "wordprocessingml.document", Route.OFFICE)
    assert routed(tmp_path, "404 not found", "a.png") == ("image/png", Route.IMAGE)


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030", "big5"])
def test_text_in_any_encoding_is_text(tmp_path: Path, codec: str) -> None:
    text = "第一行，用來測試。\n" if codec == "big5" else "第一行，用来测试。\nsecond line\n"
    assert routed(tmp_path, (text * 50).encode(codec), "a.md")[1] is Route.MARKDOWN


def test_archives_are_told_from_office_files(tmp_path: Path) -> None:
    def made(*members: str) -> bytes:
        path = tmp_path / "made.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for member in members:
                archive.writestr(member, "application/epub+zip" if member == "mimetype" else "x" * 100)
        return path.read_bytes()

    docx = made("[Content_Types].xml", "_rels/.rels", "word/document.xml")
    assert routed(tmp_path, docx, "a.txt") == (OOXML + "wordprocessingml.document", Route.OFFICE)
    assert routed(tmp_path, made("[Content_Types].xml", "xl/workbook.xml"), "a")[0] == OOXML + "spreadsheetml.sheet"
    assert routed(tmp_path, made("mimetype", "META-INF/container.xml"), "a")[0] == "application/epub+zip"
    assert routed(tmp_path, made("a.md"), "a.docx")[0] == "application/zip"


def test_only_the_start_of_a_file_is_read(tmp_path: Path) -> None:
    assert routed(tmp_path, b"text " * 20_000 + bytes(range(256)) * 1000, "a.txt") == ("text/plain", Route.TEXT)


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        route(tmp_path / "none", "none.txt")


def test_real_files_are_what_their_names_say(corpus: Path) -> None:
    expected = {
        ".md": Routed("text/markdown", Route.MARKDOWN),
        ".pdf": Routed("application/pdf", Route.PDF),
        ".docx": Routed(OOXML + "wordprocessingml.document", Route.OFFICE),
        ".pptx": Routed(OOXML + "presentationml.presentation", Route.OFFICE),
        ".xlsx": Routed(OOXML + "spreadsheetml.sheet", Route.SHEET),
        ".png": Routed("image/png", Route.IMAGE),
        ".jpg": Routed("image/jpeg", Route.IMAGE),
        ".tif": Routed("image/tiff", Route.IMAGE),
        ".msg": Routed("application/vnd.ms-outlook", Route.MAIL),
        ".epub": Routed("application/epub+zip", Route.OFFICE),
        ".odt": Routed("application/vnd.oasis.opendocument.text", Route.OFFICE),
        ".txt": Routed("text/plain", Route.TEXT),
    }
    wrong = [
        (path, found)
        for path in corpus.rglob("*")
        if path.suffix in expected and path.is_file() and (found := route(path, path.name)) != expected[path.suffix]
    ]
    assert wrong == []


def test_an_archive_that_begins_with_a_pdf_is_an_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "made.zip", "w") as archive:
        archive.writestr("a.pdf", "%PDF-1.7\n1 0 obj")
    assert routed(tmp_path, (tmp_path / "made.zip").read_bytes(), "a.zip") == ("application/zip", Route.ARCHIVE)
