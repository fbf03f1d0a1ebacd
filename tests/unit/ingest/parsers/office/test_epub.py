"""Books made ready for pandoc."""

from __future__ import annotations

import io
import zipfile

from ingest.parsers.office.epub import with_title_pages

PAGE = b'<section epub:type="frontmatter titlepage"><p>An epigraph.</p></section>'


def book(page: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xhtml", page)
        archive.writestr("picture.png", bytes(range(256)) * 8)
    return made.getvalue()


def test_a_title_page_is_one_no_more_and_keeps_its_other_types() -> None:
    with zipfile.ZipFile(io.BytesIO(with_title_pages(book(PAGE)))) as archive:
        assert archive.read("a.xhtml") == PAGE.replace(b"titlepage", b"")
        assert archive.read("picture.png") == bytes(range(256)) * 8


def test_a_book_without_one_is_left_as_it_is() -> None:
    package = book(b"<p>Text.</p>")
    assert with_title_pages(package) == package


def test_a_picture_that_does_not_unpack_leaves_the_book_as_it_is() -> None:
    package = bytearray(book(PAGE))
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        member = archive.getinfo("picture.png")
    start = member.header_offset + 30 + len(member.filename)
    package[start : start + member.compress_size] = b"\xff" * member.compress_size
    assert with_title_pages(bytes(package)) == package
