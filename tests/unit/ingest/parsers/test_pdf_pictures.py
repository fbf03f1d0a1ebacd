"""Pictures of text on pages that have a text layer, read with an OCR that knows what they say."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pymupdf
import pytest
from ocr_fakes import KnowingOcr, Printed, boxed, scanned
from PIL import Image

from ingest.ocr.local import LocalOcr
from ingest.options.ocr import OcrOptions
from ingest.parsers.base import ParseInput, ReadOptions, Tools
from ingest.parsers.pdf.arranging import arrange
from ingest.parsers.pdf.layout import turn_upright
from ingest.parsers.pdf.page import PageContent
from ingest.parsers.pdf.parser import PdfParser
from ingest.parsers.pdf.picture_survey import MOST_PICTURES
from ingest.parsers.pdf.words import read_runs
from schemas.document import Block, BlockKind, Document, PageMethod
from schemas.errors import InputError, ParserTimeout
from schemas.source import Route

BOX = (100.0, 150.0, 300.0, 250.0)
QUICK = ReadOptions(dpi=72)


class PlainPages:
    """The text layer alone: what is tested here needs no layout model."""

    def read(self, page: pymupdf.Page, number: int) -> PageContent:
        rotation = page.rotation
        page.remove_rotation()
        width, height, runs = page.rect.width, page.rect.height, read_runs(page)
        turned = turn_upright(page, runs)
        items = arrange(read_runs(page), (), (), number)
        return PageContent(number, width, height, rotation, PageMethod.DIGITAL, "text layer", items, turned)


def picture(shade: int = 0, size: tuple[int, int] = (200, 100), kind: str = "PNG") -> bytes:
    """A field in a frame: every shade is another picture."""
    image = Image.new("RGB", size, "white")
    image.paste((shade % 256, shade // 256, 90), (8, 4, size[0] - 8, size[1] - 4))
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def page_with(
    document: pymupdf.Document, *pictures: bytes, box: tuple[float, ...] = BOX, text: str = "Above the picture."
) -> pymupdf.Page:
    """A line of text, and the pictures below it, one below the other."""
    page = document.new_page(width=400, height=500)
    page.insert_text((100, 120), text)
    x0, y0, x1, y1 = box
    for row, content in enumerate(pictures):
        below = (x0, y0 + 120 * row, x1, y1 + 120 * row)
        page.insert_image(below, stream=content, keep_proportion=False)
    return page


def label(text: str = "In the picture", confidence: float = 0.97) -> list[Printed]:
    return [boxed(text, 20, 20, 120, 34, confidence)]


def read(
    document: pymupdf.Document,
    folder: Path,
    ocr: KnowingOcr | None,
    options: ReadOptions = QUICK,
    *,
    plain: bool = True,
) -> Document:
    path = folder / "in.pdf"
    document.save(path)
    parser = PdfParser(Tools(options, ocr), reader=PlainPages() if plain else None)
    return parser.parse(ParseInput(path, path.name, "application/pdf", Route.PDF, path.stat().st_size))


def figures(document: Document) -> list[Block]:
    return [block for block in document.blocks if block.kind is BlockKind.FIGURE]


def test_a_picture_of_text_is_a_figure_at_its_place(tmp_path: Path) -> None:
    document = pymupdf.open()
    page_with(document, picture()).insert_text((100, 290), "Below the picture.")
    lines = [boxed("横向文本框", 20, 20, 120, 34, 0.9), boxed("English text of a box", 20, 60, 160, 74, 0.99)]
    result = read(document, tmp_path, KnowingOcr([lines]))
    assert [result.text_of(block) for block in result.blocks] == [
        "Above the picture.",
        "横向文本框\nEnglish text of a box",
        "Below the picture.",
    ]
    (figure,) = figures(result)
    assert figure.regions[0].bbox == pytest.approx(BOX)
    assert figure.confidence == pytest.approx((0.9 * 5 + 0.99 * 21) / 26, abs=0.001)
    assert (result.pages[0].method, result.pages[0].reason) == (
        PageMethod.MIXED,
        "text layer; 1 picture read by OCR",
    )


def test_pictures_are_left_alone_where_the_option_says_so_and_scanned_pages_are_not(tmp_path: Path) -> None:
    document = pymupdf.open()
    page_with(document, picture())
    scanned_page = document.new_page(width=400, height=500)
    scanned_page.insert_image(scanned_page.rect, stream=picture(7, (400, 500)), keep_proportion=False)
    ocr = KnowingOcr([label("Scanned.")])
    result = read(document, tmp_path, ocr, ReadOptions(dpi=72, pictures=False))
    assert [result.text_of(block) for block in result.blocks] == ["Above the picture.", "Scanned."]
    assert [page.method for page in result.pages] == [PageMethod.DIGITAL, PageMethod.OCR]


def test_type_in_a_picture_says_nothing_of_the_type_around_it(tmp_path: Path) -> None:
    """In a document that is typewritten throughout, such text is no code."""
    document = pymupdf.open()
    page_with(document, picture()).insert_text((100, 290), "Typewritten throughout.", fontname="cour")
    document[0].add_redact_annot((90, 100, 350, 130))
    document[0].apply_redactions()
    result = read(document, tmp_path, KnowingOcr([label("Many more characters than the page itself has")]))
    assert [block.kind for block in result.blocks] == [BlockKind.FIGURE, BlockKind.PARAGRAPH]


def test_a_caption_belongs_to_the_picture_above_it(tmp_path: Path) -> None:
    """Told by the layout model, which sees the picture whether it was read or not."""
    document = pymupdf.open()
    page = document.new_page()
    prose = "The ground should be short grass, level over the length of the plot, and open to the wind. " * 4
    page.insert_htmlbox(pymupdf.Rect(72, 72, 523, 200), f"<p>{prose}</p>")
    page.insert_image(pymupdf.Rect(160, 220, 440, 400), stream=picture(size=(560, 360)), keep_proportion=False)
    page.insert_htmlbox(pymupdf.Rect(72, 405, 523, 425), "<p style='text-align:center'>Figure 1: A gauge</p>")
    page.insert_htmlbox(pymupdf.Rect(72, 440, 523, 600), f"<p>{prose}</p>")
    result = read(document, tmp_path, KnowingOcr([label("Mast")]), plain=False)
    (caption,) = [block for block in result.blocks if block.kind is BlockKind.CAPTION]
    (figure,) = figures(result)
    assert (result.text_of(figure), caption.parent) == ("Mast", figure.ordinal)


def test_a_picture_without_text_adds_nothing(tmp_path: Path) -> None:
    document = pymupdf.open()
    page_with(document, picture())
    result = read(document, tmp_path, KnowingOcr([[]]))
    assert result.model_copy(update={"parser": ""}) == read(document, tmp_path, None).model_copy(update={"parser": ""})
    assert result.pages[0].method is PageMethod.DIGITAL


@pytest.mark.parametrize(("text", "confidence", "found"), [("OO", 0.87, 0), ("OO", 0.97, 1), ("Coat of arms", 0.8, 0)])
def test_doubtful_characters_are_no_text(text: str, confidence: float, found: int, tmp_path: Path) -> None:
    document = pymupdf.open()
    page_with(document, picture())
    result = read(document, tmp_path, KnowingOcr([label(text, confidence)]))
    assert len(figures(result)) == found
    assert result.quality.warnings == ()


@pytest.mark.parametrize(
    ("shown", "size", "looked_at"),
    [((40, 15), (60, 20), 1), ((39, 15), (60, 20), 0), ((40, 14), (60, 20), 0), ((40, 15), (59, 20), 0),
     ((40, 15), (60, 19), 0), ((15, 40), (20, 60), 1)],
)  # fmt: skip
def test_icons_are_not_looked_at(shown: tuple[int, int], size: tuple[int, int], looked_at: int, tmp_path: Path) -> None:
    document = pymupdf.open()
    page_with(document, picture(size=size), box=(100, 150, 100.1 + shown[0], 150.1 + shown[1]))
    ocr = KnowingOcr([[]])
    read(document, tmp_path, ocr)
    assert len(ocr.seen) == looked_at


@pytest.mark.parametrize(("shown", "looked_at"), [(30, 0), (50, 1)])
def test_of_a_picture_counts_what_lies_on_the_page(shown: int, looked_at: int, tmp_path: Path) -> None:
    document = pymupdf.open()
    page_with(document, picture(), box=(400 - shown, 150, 600 - shown, 170))
    ocr = KnowingOcr([label()])
    result = read(document, tmp_path, ocr)
    assert len(ocr.seen) == looked_at
    assert [figure.regions[0].bbox for figure in figures(result)] == [(350, 150, 400, 170)] * looked_at


def test_a_field_of_one_colour_is_not_read(tmp_path: Path) -> None:
    document = pymupdf.open()
    buffer = io.BytesIO()
    Image.new("RGB", (200, 100), "navy").save(buffer, "PNG")
    page_with(document, buffer.getvalue())
    ocr = KnowingOcr([])
    read(document, tmp_path, ocr)
    assert not ocr.seen


@pytest.mark.parametrize("rotation", [0, 90])
def test_a_background_of_text_is_not_read(rotation: int, tmp_path: Path) -> None:
    document = pymupdf.open()
    page = page_with(document, picture(), box=(0, 300, 200, 500))
    for row in range(12):
        page.insert_text((10, 310 + 15 * row), f"Row {row} of the text over it")
    page.set_rotation(rotation)
    ocr = KnowingOcr([])
    assert read(document, tmp_path, ocr).pages[0].method is PageMethod.DIGITAL
    assert not ocr.seen


def test_a_picture_upon_such_a_background_is_read(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = page_with(document, picture(), box=(0, 0, 400, 500))
    for row in range(12):
        page.insert_text((60, 280 + 15 * row), f"Row {row} of the text that stands over it")
    page.insert_image(pymupdf.Rect(BOX), stream=picture(1), keep_proportion=False)
    assert [block.regions[0].bbox for block in figures(read(document, tmp_path, KnowingOcr([label()])))] == [BOX]


def test_what_the_text_layer_says_over_a_picture_is_not_repeated(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = page_with(document, picture())
    page.insert_text((120, 180), "Press here", fontsize=10)
    page.insert_text((250, 210), "A line that reaches in from the margin", fontsize=10)
    lines = [boxed("Press herc", 20, 22, 70, 33), boxed("A line that", 150, 48, 200, 67), *label("Start")]
    result = read(document, tmp_path, KnowingOcr([[*lines, boxed("Stop", 20, 80, 60, 94)]]))
    (figure,) = figures(result)
    assert result.text_of(figure) == "Start\nStop"
    assert result.text.count("Press her") == 1
    assert result.text.count("A line that") == 1


def test_what_is_left_beside_the_text_layer_is_judged_alone(tmp_path: Path) -> None:
    document = pymupdf.open()
    page_with(document, picture()).insert_text((120, 180), "Press this button here", fontsize=10)
    lines = [boxed("Press this button here", 20, 22, 120, 33, 0.99), boxed("90", 20, 60, 40, 74, 0.87)]
    result = read(document, tmp_path, KnowingOcr([lines]))
    assert [result.text_of(block) for block in result.blocks] == ["Above the picture.", "Press this button here"]


def test_labels_of_the_text_layer_join_the_picture_that_they_are_of(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_htmlbox(
        pymupdf.Rect(72, 72, 523, 200), "<p>" + "The ground should be short grass, level. " * 9 + "</p>"
    )
    content = io.BytesIO()
    Image.radial_gradient("L").resize((560, 360)).save(content, "PNG")
    page.insert_image(pymupdf.Rect(160, 220, 440, 400), stream=content.getvalue(), keep_proportion=False)
    page.insert_text((280, 300), "Mast", fontsize=9)
    result = read(document, tmp_path, KnowingOcr([[boxed("Gauge", 100, 100, 140, 112)]]), plain=False)
    assert [result.text_of(figure) for figure in figures(result)] == ["Mast\nGauge"]


@pytest.mark.parametrize("again", [BOX, (50.3, 300.6, 250.3, 400.6)], ids=["at its place", "elsewhere"])
def test_one_picture_is_read_once_in_a_document(again: tuple[float, ...], tmp_path: Path) -> None:
    document = pymupdf.open()
    page_with(document, picture())
    page_with(document, picture(), box=again)
    ocr = KnowingOcr([label()])
    result = read(document, tmp_path, ocr)
    assert len(ocr.seen) == 1
    assert [figure.regions[0].page for figure in figures(result)] == [1]


def test_a_picture_at_the_same_place_on_three_pages_is_furniture(tmp_path: Path) -> None:
    document = pymupdf.open()
    for number in range(3):
        page_with(document, picture(), text=f"Page {number} of the report")
    ocr = KnowingOcr([])
    read(document, tmp_path, ocr)
    assert not ocr.seen


def test_different_pictures_at_the_same_place_are_not(tmp_path: Path) -> None:
    """Slides with a screenshot each."""
    document = pymupdf.open()
    for number in range(3):
        page_with(document, picture(60 * number), text=f"Page {number} of the report")
    names = ["The first window", "The second screen", "The third picture"]
    result = read(document, tmp_path, KnowingOcr([label(name) for name in names]))
    assert [result.text_of(figure) for figure in figures(result)] == names


@pytest.mark.parametrize("rotation", [0, 90])
def test_bands_of_a_picture_are_read_as_one(rotation: int, tmp_path: Path) -> None:
    """As scanners and printers' drivers write them, whatever way the sheet was fed."""
    document = pymupdf.open()
    page = page_with(document)
    for row in range(10):
        y = 150 + 10 * row
        content = picture(row, (200, 10))
        page.insert_image((100, y, 300, y + 10), stream=content, keep_proportion=False)
    page.set_rotation(rotation)
    ocr = KnowingOcr([label()])
    assert len(figures(read(document, tmp_path, ocr))) == len(ocr.seen) == 1


def test_tiles_of_a_picture_are_read_as_one(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = page_with(document)
    for row in range(10):
        for col in range(2):
            x, y = 100 + 100 * col, 150 + 10 * row
            content = picture(10 * row + col, (100, 10))
            page.insert_image(pymupdf.Rect(x, y, x + 100, y + 10), stream=content, keep_proportion=False)
    ocr = KnowingOcr([label()])
    (figure,) = figures(read(document, tmp_path, ocr))
    assert figure.regions[0].bbox == pytest.approx(BOX)
    assert len(ocr.seen) == 1


def test_a_picture_within_another_is_read_with_it(tmp_path: Path) -> None:
    document = pymupdf.open()
    page_with(document, picture()).insert_image(pymupdf.Rect(110, 160, 200, 200), stream=picture(1))
    ocr = KnowingOcr([label()])
    assert len(figures(read(document, tmp_path, ocr))) == len(ocr.seen) == 1


def test_a_picture_in_the_page_s_own_operators_is_read(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = page_with(document)
    pixels = bytes(range(0, 60)) * 20
    inline = b"\nq 200 0 0 100 100 250 cm BI /W 60 /H 20 /CS /G /BPC 8 ID " + pixels + b"\nEI Q\n"
    (xref,) = page.get_contents()
    document.update_stream(xref, page.read_contents() + inline)
    assert len(figures(read(document, tmp_path, KnowingOcr([label()])))) == 1


def test_above_the_limit_pictures_are_left_out_and_counted(tmp_path: Path) -> None:
    document = pymupdf.open()
    for number in range(MOST_PICTURES + 2):
        if number % 18 == 0:
            page = page_with(document)
        y = 140 + 20 * (number % 18)
        page.insert_image((100, y, 140, y + 15), stream=picture(number, (60, 20)), keep_proportion=False)
    ocr = KnowingOcr([[]] * MOST_PICTURES)
    result = read(document, tmp_path, ocr)
    assert len(ocr.seen) == MOST_PICTURES
    assert result.quality.warnings == (
        "Only the first 500 pictures were read, 2 were not: split the document if they hold text.",
    )


def test_a_picture_that_ocr_fails_on_is_a_warning(tmp_path: Path) -> None:
    document = pymupdf.open()
    page_with(document, picture(1), picture(2))
    pages: list[Sequence[Printed] | InputError] = [ParserTimeout("too slow: use a faster model"), label()]
    result = read(document, tmp_path, KnowingOcr(pages))
    assert (result.text, result.pages[0].method) == ("Above the picture.\n\nIn the picture", PageMethod.MIXED)
    assert result.quality.warnings == ("A picture on page 1 was not read: too slow: use a faster model",)


def test_of_many_failures_five_are_told(tmp_path: Path) -> None:
    document = pymupdf.open()
    for number in range(4):
        page_with(document, picture(2 * number), picture(2 * number + 1))
    result = read(document, tmp_path, KnowingOcr([ParserTimeout("too slow")] * 8))
    assert {page.method for page in result.pages} == {PageMethod.DIGITAL}
    assert len(result.quality.warnings) == 6
    assert result.quality.warnings[5] == "3 more of the pictures could not be read either."


@pytest.mark.parametrize(("unread", "told"), [(3, True), (2, False)])
def test_lines_that_were_not_read_are_told_and_the_advice_once(unread: int, told: bool, tmp_path: Path) -> None:
    """A line or two is what a photo looks like."""
    document = pymupdf.open()
    page_with(document, picture(1), picture(2))
    result = read(document, tmp_path, KnowingOcr([[], []], unread=unread, advice="Set ocr.recognition_model."))
    warnings = ("6 lines in images could not be read with confidence, on page 1.", "Set ocr.recognition_model.")
    assert result.quality.warnings == (warnings if told else ())


def test_without_ocr_pictures_are_passed_over(tmp_path: Path) -> None:
    document = pymupdf.open()
    page_with(document, picture())
    result = read(document, tmp_path, None)
    assert (result.text, result.pages[0].method) == ("Above the picture.", PageMethod.DIGITAL)


def test_scans_and_pictures_are_read_in_one_go_and_in_their_order(tmp_path: Path) -> None:
    document = pymupdf.open()
    page_with(document, picture(1), picture(2), text="One.")
    scan, lines = scanned(one_line("Two."))
    document.insert_pdf(scan)
    page_with(document, text="Three.")
    page_with(document, picture(3), text="Four.")
    most = 0

    class Watched(KnowingOcr):
        def _lines(self, page, image):
            nonlocal most
            most = max(most, len(self.seen) - self.given + 1)
            return super()._lines(page, image)

    ocr = Watched([label("a"), label("b"), lines[0], label("c")], ahead=2)
    result = read(document, tmp_path, ocr)
    assert result.text.split() == ["One.", "a", "b", "Two.", "Three.", "Four.", "c"]
    assert [page.method.value for page in result.pages] == ["mixed", "ocr", "digital", "mixed"]
    assert result.pages[0].reason.endswith("2 pictures read by OCR")
    # Images are made when they are asked for.
    assert most == 2


def one_line(text: str) -> pymupdf.Document:
    document = pymupdf.open()
    document.new_page(width=300, height=200).insert_text((50, 100), text)
    return document


def test_pictures_are_rendered_at_the_resolution_that_is_set(tmp_path: Path) -> None:
    document = pymupdf.open()
    page_with(document, picture())
    ocr = KnowingOcr([label()])
    read(document, tmp_path, ocr, ReadOptions(dpi=144))
    (image,) = ocr.seen
    assert (image.width, image.height, image.dpi) == (400, 200, 144)


def test_and_with_no_more_pixels_than_allowed(tmp_path: Path) -> None:
    document = pymupdf.open()
    page_with(document, picture())
    ocr = KnowingOcr([label()])
    (figure,) = figures(read(document, tmp_path, ocr, ReadOptions(dpi=144, max_pixels=20_000)))
    assert 15_000 < ocr.seen[0].width * ocr.seen[0].height <= 20_000
    assert figure.regions[0].bbox == pytest.approx(BOX)


def test_a_picture_that_could_only_be_decoded_whole_is_not(tmp_path: Path) -> None:
    document = pymupdf.open()
    page_with(document, picture(size=(200, 100), kind="JPEG2000"))
    ocr = KnowingOcr([])
    result = read(document, tmp_path, ocr, ReadOptions(dpi=72, max_pixels=19_999))
    assert result.text == "Above the picture."
    (warning,) = result.quality.warnings
    assert "20,000 pixels" in warning
    assert "parse.max_pixels" in warning


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_picture_on_a_rotated_page_is_read_upright(rotation: int, tmp_path: Path) -> None:
    document = pymupdf.open()
    page_with(document, picture()).set_rotation(rotation)
    expected = tuple(pymupdf.Rect(BOX) * document[0].rotation_matrix)
    ocr = KnowingOcr([label()], keep=True)
    result = read(document, tmp_path, ocr)
    assert figures(result)[0].regions[0].bbox == pytest.approx(expected)
    # Text that stands on its side is turned upright, and the picture with it.
    assert (ocr.seen[0].width, ocr.seen[0].height) == (200, 100)
    assert len(set(ocr.seen[0].pixels)) > 1


def test_pages_without_pictures_are_not_interpreted_for_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interpret(page: pymupdf.Page) -> list[object]:
        raise AssertionError(page.number)

    document = pymupdf.open()
    page_with(document, text="\n".join(["A page of words enough."] * 12))
    monkeypatch.setattr(pymupdf.Page, "get_image_info", interpret)
    assert read(document, tmp_path, KnowingOcr([])).quality.warnings == ()


def test_a_real_engine_finds_chinese_and_english_in_a_picture(tmp_path: Path) -> None:
    drawn = pymupdf.open()
    sheet = drawn.new_page(width=240, height=90)
    sheet.insert_text((20, 40), "图书室借阅规则", fontname="china-s", fontsize=20)
    sheet.insert_text((20, 70), "Opening hours of the library", fontsize=14)
    document = pymupdf.open()
    page = page_with(document)
    page.insert_image((80, 150, 320, 240), pixmap=sheet.get_pixmap(dpi=150))
    path = tmp_path / "in.pdf"
    document.save(path)
    tiny = OcrOptions(recognition_model="carried:PP-OCRv6_tiny_rec", detection_model="carried:PP-OCRv6_tiny_det")
    parser = PdfParser(Tools(ocr=LocalOcr(tiny)), reader=PlainPages())
    result = parser.parse(ParseInput(path, path.name, "application/pdf", Route.PDF, path.stat().st_size))
    (figure,) = figures(result)
    assert result.text_of(figure) == "图书室借阅规则\nOpening hours of the library"
    assert figure.confidence is not None
    assert figure.confidence > 0.9
