"""Text layers that do not say what the page shows, with an OCR that knows what that is."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest
from ocr_fakes import KnowingOcr, Printed, boxed, scanned

from ingest.parsers.base import ParseInput, ReadOptions, Tools
from ingest.parsers.pdf.arranging import arrange
from ingest.parsers.pdf.page import PageContent
from ingest.parsers.pdf.parser import PdfParser
from ingest.parsers.pdf.words import read_runs
from schemas.document import Document, PageMethod
from schemas.errors import ParserTimeout
from schemas.source import Route

PROSE = (
    "The notice period is three months to the end of a quarter.",
    "Either party may end the agreement in writing at any time.",
    "Fees that were paid in advance are returned within a month.",
)


class PlainPages:
    """The text layer alone: what is tested here needs no layout model."""

    def read(self, page: pymupdf.Page, number: int) -> PageContent:
        page.remove_rotation()
        items = arrange(read_runs(page), (), (), number)
        return PageContent(number, page.rect.width, page.rect.height, 0, PageMethod.DIGITAL, "text layer", items)


def mapped(document: pymupdf.Document, font: str, *ranges: bytes) -> pymupdf.Document:
    """The font's characters are told to be others: what is shown stays."""
    xref = next(entry[0] for entry in document[0].get_fonts() if entry[4] == font)
    told = document.get_new_xref()
    document.update_object(told, "<<>>")
    document.update_stream(
        told,
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /odd def /CMapType 2 def "
        b"1 begincodespacerange <00> <ff> endcodespacerange %d beginbfrange "
        % len(ranges)
        + b" ".join(ranges)
        + b" endbfrange endcmap end end",
    )
    document.xref_set_key(xref, "ToUnicode", f"{told} 0 R")
    return document


NO_DIGITS = b"<30> <39> <e030>"
SHIFTED = b"<61> <7a> <0064>"


def page_of(*lines: str, font: str = "helv", hidden: bool = False) -> pymupdf.Document:
    document = pymupdf.open()
    page = document.new_page(width=400, height=500)
    for row, line in enumerate(lines):
        page.insert_text((40, 60 + 20 * row), line, fontname=font, fontsize=10, render_mode=3 if hidden else 0)
    return document


def shown(*lines: str, confidence: float = 0.95) -> list[list[Printed]]:
    """What OCR reads in an image of each line."""
    return [[boxed(line, 3, 3, 300, 14, confidence)] for line in lines]


def read(document: pymupdf.Document, folder: Path, ocr: KnowingOcr | None) -> Document:
    path = folder / "in.pdf"
    document.save(path)
    parser = PdfParser(Tools(ReadOptions(dpi=72), ocr), reader=PlainPages())
    return parser.parse(ParseInput(path, path.name, "application/pdf", Route.PDF, path.stat().st_size))


def without_digits() -> pymupdf.Document:
    """Digits are of a font that has no characters for them; the rest is read from the text layer."""
    document = page_of(*PROSE, "Call the office at any time on 13 11 20")
    page = document[0]
    page.insert_text((40, 200), "Telephone 555 0199", fontname="cour", fontsize=10)
    return mapped(document, "cour", NO_DIGITS, b"<41> <7a> <0041>")


def test_words_without_known_characters_are_read_by_ocr_and_the_others_are_not(tmp_path: Path) -> None:
    ocr = KnowingOcr(shown("555 0199"))
    result = read(without_digits(), tmp_path, ocr)
    assert "Telephone 555 0199" in result.text
    assert all(line in result.text for line in (*PROSE, "Call the office at any time on 13 11 20"))
    assert result.pages[0].method is PageMethod.MIXED
    assert result.pages[0].reason == "text layer; 1 place without known characters read by OCR"
    (image,) = ocr.seen
    assert image.width < 70  # no more than the digits, and a margin


def test_they_stay_as_they_are_where_ocr_is_not_sure_fails_or_is_not_there(tmp_path: Path) -> None:
    unsure = KnowingOcr(shown("555 0199", confidence=0.6))
    broken = KnowingOcr([ParserTimeout("too slow")])
    for ocr in (unsure, broken, None):
        result = read(without_digits(), tmp_path, ocr)
        assert "555" not in result.text
        assert all(line in result.text for line in PROSE)
        assert result.pages[0].method is PageMethod.DIGITAL


def test_what_ocr_reads_must_have_the_characters_that_are_known(tmp_path: Path) -> None:
    document = page_of(*PROSE)
    document[0].insert_text((40, 200), "B2C3D4order", fontname="cour", fontsize=10)
    mapped(document, "cour", NO_DIGITS, b"<41> <7a> <0041>")
    assert "B2C3D4order" in read(document, tmp_path, KnowingOcr(shown("B2C3D4order"))).text
    assert "elsewhere" not in read(document, tmp_path, KnowingOcr(shown("elsewhere"))).text


def test_characters_that_are_known_stay_as_they_are(tmp_path: Path) -> None:
    document = page_of(*PROSE)
    document[0].insert_text((40, 200), "Order No7I", fontname="cour", fontsize=10)
    mapped(document, "cour", NO_DIGITS, b"<41> <7a> <0041>")
    assert "Order No7I" in read(document, tmp_path, KnowingOcr(shown("no7i"))).text


def test_mended_words_stand_where_they_are_shown_on_a_page_that_the_file_turns(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page(width=400, height=500)
    for column, line in enumerate(PROSE):
        page.insert_text((60 + 20 * column, 460), line, fontsize=10, rotate=90)
    page.insert_text((200, 460), "Telephone 555 0199", fontname="cour", fontsize=10, rotate=90)
    page.set_rotation(90)
    mapped(document, "cour", NO_DIGITS, b"<41> <7a> <0041>")
    ocr = KnowingOcr(shown("555 0199"))
    result = read(document, tmp_path, ocr)
    assert "Telephone 555 0199" in result.text
    assert result.blocks[-1].regions[0].bbox == pytest.approx((40, 191, 148, 203), abs=4)
    (image,) = ocr.seen
    assert image.width > 2 * image.height


def test_a_bullet_of_a_symbol_font_is_nothing_to_read(tmp_path: Path) -> None:
    document = page_of(*PROSE)
    for row in range(5):
        document[0].insert_text((30, 200 + 20 * row), "\u25cf", fontname="zadb", fontsize=10)
    ocr = KnowingOcr([])
    read(mapped(document, "zadb", b"<00> <ff> <e000>"), tmp_path, ocr)
    assert not ocr.seen


def test_a_font_whose_glyphs_have_only_numbers_is_read_from_its_picture(tmp_path: Path) -> None:
    """MuPDF's default would take the numbers for characters, some of which are letters."""
    document = pymupdf.open()
    page = document.new_page(width=400, height=500)
    page.insert_font(fontname="F0", fontbuffer=pymupdf.Font("helv").buffer)
    page.insert_text((40, 60), PROSE[0], fontname="F0", fontsize=10)
    font = page.get_fonts()[0][0]
    document.xref_set_key(font, "ToUnicode", "null")
    sheet = [[boxed(PROSE[0], 40, 52, 320, 63)]]
    result = read(document, tmp_path, KnowingOcr(sheet))
    assert (result.text, result.pages[0].method) == (PROSE[0], PageMethod.OCR)
    assert result.pages[0].reason == "text layer without known characters"


def test_a_text_layer_with_shifted_letters_is_read_from_its_picture(tmp_path: Path) -> None:
    document = mapped(page_of(*PROSE), "helv", SHIFTED)
    sheet = [[boxed(line, 40, 52 + 20 * row, 320, 63 + 20 * row) for row, line in enumerate(PROSE)]]
    result = read(document, tmp_path, KnowingOcr(shown(*PROSE) + sheet))
    assert result.text.split() == " ".join(PROSE).split()
    assert result.pages[0].method is PageMethod.OCR
    assert result.pages[0].reason.startswith("text layer with odd letters that is not what the page shows")


def test_odd_letters_that_the_page_shows_stay(tmp_path: Path) -> None:
    lines = ("Hgfdhgjsdhj dsfbhjdsf ugtvhd cvxhbj", "dfsbhjdsf ytfdsf cvxbnm hgfdsrtw qwrtpl", "tfdsfy hjgdsb wrtpsdf")
    result = read(page_of(*lines), tmp_path, KnowingOcr(shown(*lines)))
    assert result.text.split() == " ".join(lines).split()
    assert result.pages[0].reason == "text layer; text layer with odd letters, 100% as the page shows in 3 lines"


def test_prose_is_not_doubted(tmp_path: Path) -> None:
    ocr = KnowingOcr([])
    assert read(page_of(*PROSE), tmp_path, ocr).pages[0].reason == "text layer"
    assert not ocr.seen


def test_a_layer_of_another_ocr_that_says_something_else_is_not_believed(tmp_path: Path) -> None:
    scan, lines = scanned(page_of(*PROSE))
    for row in range(10):
        scan[0].insert_text((40, 60 + 20 * row), "Lorem ipsum dolor sit amet consectetur", fontsize=10, render_mode=3)
    result = read(scan, tmp_path, KnowingOcr([*shown(*(PROSE + PROSE)[:5]), *lines]))
    assert result.text.split() == " ".join(PROSE).split()
    assert result.pages[0].method is PageMethod.OCR
    assert "text layer of another OCR that is not what the page shows" in result.pages[0].reason


def test_a_layer_that_cannot_be_compared_stays(tmp_path: Path) -> None:
    scan, _ = scanned(page_of(*PROSE))
    for row, line in enumerate(PROSE):
        scan[0].insert_text((40, 60 + 20 * row), line, fontsize=10, render_mode=3)
    long = "And as long a text in its layer, or it is taken for a stamp on a picture and no more"
    scan[0].insert_text((40, 200), long, fontsize=8, render_mode=3)
    result = read(scan, tmp_path, KnowingOcr([[]] * 5))
    assert all(line in result.text for line in PROSE)
    assert result.pages[0].method is PageMethod.DIGITAL
