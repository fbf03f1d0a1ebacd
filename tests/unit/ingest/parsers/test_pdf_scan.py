"""Scanned and mixed PDFs, read with an OCR that knows what is printed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pymupdf
import pytest
from ocr_fakes import KnowingOcr, Printed, boxed, printed_lines, scanned
from PIL import Image

from ingest.parsers.base import ParseInput, ReadOptions, Tools
from ingest.parsers.pdf.parser import PdfParser
from schemas.document import BlockKind, Document, PageMethod
from schemas.errors import InputError, NoText, ParserTimeout
from schemas.source import Route

PROSE = (
    "The ground should be short grass, level within five centimetres over the length of the plot, and open to the "
    "wind from every side. Trees and buildings stand at a distance of at least twice their height, because a wall "
    "that has stood in the sun all day goes on warming the air beside it long after the evening reading was taken."
)
CHINESE = (
    "居民凭借书证借书，每人每次最多可以借五册，借期为三十天。借期届满需要继续阅读的，可以续借一次，续借期限为十五天。"
)
DEFAULTS = ReadOptions()
STYLE = "* {font-size: 11pt; font-family: sans-serif} h1 {font-size: 20pt}"


def article() -> pymupdf.Document:
    """Two columns under a title, so that reading lines across would show."""
    document = pymupdf.open()
    page = document.new_page()
    page.insert_htmlbox(pymupdf.Rect(60, 60, 540, 110), "<h1>Small Weather Stations</h1>", css=STYLE)
    page.insert_htmlbox(pymupdf.Rect(60, 130, 290, 500), f"<p>First. {PROSE}</p>", css=STYLE)
    page.insert_htmlbox(pymupdf.Rect(310, 130, 540, 500), f"<p>Second. {PROSE}</p>", css=STYLE)
    return document


@pytest.fixture(scope="module")
def digital(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """The article as its text layer has it."""
    return read(article(), tmp_path_factory.mktemp("article"), None)


def with_paragraphs(*texts: str) -> pymupdf.Document:
    document = pymupdf.open()
    for text in texts:
        document.new_page().insert_htmlbox(pymupdf.Rect(72, 72, 523, 400), f"<p>{text}</p>", css=STYLE)
    return document


def read(document: pymupdf.Document, folder: Path, ocr: KnowingOcr | None, options: ReadOptions = DEFAULTS) -> Document:
    path = folder / "in.pdf"
    document.save(path)
    parser = PdfParser(Tools(options, ocr))
    return parser.parse(ParseInput(path, path.name, "application/pdf", Route.PDF, path.stat().st_size))


def test_a_scan_says_what_its_print_said_column_by_column(digital: Document, tmp_path: Path) -> None:
    scan, lines = scanned(article())
    result = read(scan, tmp_path, KnowingOcr(lines))
    assert result.text == digital.text
    assert [block.kind for block in result.blocks] == [block.kind for block in digital.blocks]
    assert (result.pages[0].method, result.pages[0].reason) == (PageMethod.OCR, "image only")
    for mine, other in zip(result.blocks, digital.blocks, strict=True):
        assert mine.regions[0].bbox == pytest.approx(other.regions[0].bbox, abs=3)


def test_chinese_lines_of_a_scan_join_without_spaces(tmp_path: Path) -> None:
    scan, lines = scanned(with_paragraphs(CHINESE))
    result = read(scan, tmp_path, KnowingOcr(lines))
    assert result.text == CHINESE


def test_text_comes_out_as_ocr_gave_it(tmp_path: Path) -> None:
    texts = [
        "Ω·m² ≥ ½ № 7", "Яблоко и груша", "Ελληνικά", "한국어 문서", "ＡＢＣ１２３，全角", "愛 is 爱", "ab  cd",
        "😀 ok", "العربية", "f(x) → 1",
    ]  # fmt: skip
    scan, _ = scanned(with_paragraphs("x"))
    lines = [boxed(text, 72, 80 + 60 * row, 250, 95 + 60 * row) for row, text in enumerate(texts)]
    result = read(scan, tmp_path, KnowingOcr([lines]))
    said = [line for block in result.blocks for line in result.text_of(block).split("\n")]
    assert said == [" ".join(text.split()) for text in texts]


def test_each_page_is_read_as_it_needs_and_in_its_place(tmp_path: Path) -> None:
    document = with_paragraphs("The first page.")
    scan, lines = scanned(with_paragraphs("The second page.", "The third page."))
    document.insert_pdf(scan)
    document.insert_pdf(with_paragraphs("The fourth page."))
    document.new_page()
    ocr = KnowingOcr(lines)
    result = read(document, tmp_path, ocr)
    assert [result.text_of(block) for block in result.blocks] == [
        f"The {nth} page." for nth in ("first", "second", "third", "fourth")
    ]
    assert [page.method.value for page in result.pages] == ["digital", "ocr", "ocr", "digital", "empty"]
    assert [block.confidence for block in result.blocks] == [None, 0.9, 0.9, None]
    assert len(ocr.seen) == 2


def test_images_are_made_when_they_are_asked_for(tmp_path: Path) -> None:
    """Not all of them before the first is read."""
    scan, lines = scanned(with_paragraphs(*(f"Page {n} of the report." for n in range(3))), dpi=40)
    most = 0

    class Watched(KnowingOcr):
        def _lines(self, page, image):
            nonlocal most
            most = max(most, len(self.seen) - self.given + 1)
            return super()._lines(page, image)

    ocr = Watched(lines, ahead=2)
    result = read(scan, tmp_path, ocr)
    assert len(result.blocks) == 3
    assert most == 2


def test_a_page_that_ocr_fails_on_costs_that_page(tmp_path: Path) -> None:
    scan, lines = scanned(with_paragraphs("The first page.", "The second page.", "The third page."))
    pages: list[Sequence[Printed] | InputError] = [lines[0], ParserTimeout("too slow: use a faster model"), lines[2]]
    result = read(scan, tmp_path, KnowingOcr(pages))
    assert [page.method.value for page in result.pages] == ["ocr", "failed", "ocr"]
    assert "use a faster model" in result.pages[1].reason
    assert result.text == "The first page.\n\nThe third page."
    assert result.quality.warnings == ("1 of 3 pages could not be read: 2.",)


def test_a_file_that_ocr_fails_on_has_its_error(tmp_path: Path) -> None:
    scan, _ = scanned(with_paragraphs("x"))
    with pytest.raises(ParserTimeout, match="a faster model"):
        read(scan, tmp_path, KnowingOcr([ParserTimeout("too slow: use a faster model")]))


def test_a_stamp_over_a_scan_is_kept_and_said_once(tmp_path: Path) -> None:
    scan, lines = scanned(with_paragraphs(PROSE))
    scan[0].insert_text((400, 820), "Received 12 May 2021", fontsize=10)
    scan[0].insert_text((400, 835), "hidden note", fontsize=10, render_mode=3)
    # OCR sees the stamp too, and one letter of it wrong.
    lines[0].append(boxed("Received l2 May 2021", 400, 811, 498, 823))
    result = read(scan, tmp_path, KnowingOcr(lines))
    assert result.pages[0].method is PageMethod.MIXED
    assert result.text.count("May 2021") == 1
    assert "Received 12 May 2021" in result.text
    assert "hidden note" in result.text
    assert PROSE in result.text


def test_words_that_the_text_layer_has_of_a_longer_line_are_not_repeated(tmp_path: Path) -> None:
    scan, lines = scanned(with_paragraphs(PROSE))
    scan[0].insert_text((72, 700), "ACT-114", fontsize=11)
    lines[0].append(boxed("ACT-114 of the year 1870, as amended", 72, 690, 280, 704))
    result = read(scan, tmp_path, KnowingOcr(lines))
    assert result.text.count("ACT-114") == 1
    assert "ACT-114 of the year 1870, as amended" in result.text


def test_a_title_over_a_picture_is_said_once(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page(width=720, height=405)
    page.insert_image(page.rect, stream=png(Image.linear_gradient("L")), keep_proportion=False)
    page.insert_text((80, 200), "Results of the year", fontsize=40)
    result = read(document, tmp_path, KnowingOcr([[boxed("Results of the year", 80, 165, 430, 208)]]))
    assert result.text == "Results of the year"
    assert result.blocks[0].confidence is None


def test_crumbs_that_ocr_sees_in_the_picture_behind_a_title_are_left_out(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page(width=720, height=405)
    page.insert_image(page.rect, stream=png(Image.linear_gradient("L")), keep_proportion=False)
    page.insert_text((80, 200), "Results of the year", fontsize=40)
    ocr = KnowingOcr([[boxed("A", 600, 300, 610, 312), boxed("Exit 12", 500, 350, 560, 362)]])
    assert read(document, tmp_path, ocr).text == "Results of the year\n\nExit 12"


def test_a_searchable_scan_keeps_its_text_layer_when_samples_of_it_are_what_the_page_shows(tmp_path: Path) -> None:
    """It is whole, if invisible."""
    scan, _ = scanned(with_paragraphs(PROSE))
    scan[0].insert_textbox((72, 72, 523, 400), PROSE, fontsize=11, render_mode=3)
    lines = [[boxed(line.text, 3, 3, 400, 15)] for line in printed_lines(scan[0])]
    result = read(scan, tmp_path, KnowingOcr(lines))
    assert result.pages[0].method is PageMethod.DIGITAL
    assert "100% as the page shows" in result.pages[0].reason
    assert result.text.split() == PROSE.split()


def test_a_text_layer_without_known_characters_is_read_from_its_picture(tmp_path: Path) -> None:
    result = read(in_runes(), tmp_path, KnowingOcr([[boxed("Five runes", 72, 90, 150, 103)]]))
    assert result.text == "Five runes"
    assert result.pages[0].method is PageMethod.OCR


RUNES = (
    b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /runes def /CMapType 2 def "
    b"1 begincodespacerange <00> <ff> endcodespacerange 1 beginbfrange <61> <7a> <e061> endbfrange endcmap end end"
)


def in_runes() -> pymupdf.Document:
    """A font whose characters have private codes only."""
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((72, 100), "abc de", fontsize=12)
    table = document.get_new_xref()
    document.update_object(table, "<<>>")
    document.update_stream(table, RUNES)
    document.xref_set_key(page.get_fonts()[0][0], "ToUnicode", f"{table} 0 R")
    return document


def test_such_a_text_layer_is_better_than_nothing(tmp_path: Path) -> None:
    result = read(in_runes(), tmp_path, KnowingOcr([[]]))
    assert result.text == "\ue061\ue062\ue063 \ue064\ue065"
    assert result.pages[0].method is PageMethod.DIGITAL


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_sheet_that_was_scanned_sideways_is_read_upright(turn: int, digital: Document, tmp_path: Path) -> None:
    printed = article()
    turned = pymupdf.open()
    sheet = printed[0].rect if turn == 180 else pymupdf.Rect(0, 0, printed[0].rect.height, printed[0].rect.width)
    turned.new_page(width=sheet.width, height=sheet.height).show_pdf_page(sheet, printed, 0, rotate=turn)
    scan, lines = scanned(turned)
    result = read(scan, tmp_path, KnowingOcr(lines))
    assert result.text == digital.text
    assert (result.pages[0].width, result.pages[0].height) == (sheet.width, sheet.height)
    box = result.blocks[0].regions[0].bbox
    title = next(line for line in lines[0] if "Weather" in line.text)
    xs, ys = [x for x, _ in title.corners], [y for _, y in title.corners]
    assert box == pytest.approx((min(xs), min(ys), max(xs), max(ys)), abs=1)


def test_rows_of_a_sheet_that_lay_askew_stay_rows(tmp_path: Path) -> None:
    """Two degrees lift the right end of a row above the line before it."""
    scan, _ = scanned(with_paragraphs("x"))
    slope = 0.035

    def askew(text: str, x: float, y: float, width: float) -> Printed:
        top, end = y - slope * x, y - slope * (x + width)
        return Printed(text, ((x, top), (x + width, end), (x + width, end + 11), (x, top + 11)))

    rows = [("Opening balance", "1,200"), ("Rent", "350"), ("Water and power", "88"), ("Closing balance", "762")]
    lines = [
        askew(text, x, 200 + 14 * row, width)
        for row, cells in enumerate(rows)
        for text, x, width in zip(cells, (72, 480), (90, 30), strict=True)
    ]
    result = read(scan, tmp_path, KnowingOcr([lines]))
    said = " ".join(result.text.replace("|", " ").replace("-", " ").split())
    assert said == "Opening balance 1,200 Rent 350 Water and power 88 Closing balance 762"


def test_confidence_of_a_block_is_the_mean_of_its_lines_by_their_length(tmp_path: Path) -> None:
    scan, (lines,) = scanned(with_paragraphs(PROSE))
    sure = [replace(line, confidence=1 - 0.1 * number) for number, line in enumerate(lines)]
    (block,) = read(scan, tmp_path, KnowingOcr([sure])).blocks
    lengths = [len(line.text.rstrip()) for line in lines]
    mean = sum(line.confidence * n for line, n in zip(sure, lengths, strict=True)) / sum(lengths)
    assert len(lines) > 3
    # Spaces between words do not count.
    assert block.confidence == pytest.approx(mean, abs=0.003)
    assert block.confidence != pytest.approx(sum(line.confidence for line in sure) / len(sure), abs=0.003)


def test_a_table_of_a_scan_has_cells_and_confidence(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    rows = [("Instrument", "Unit", "Step"), *((f"Gauge {n}", "millimetre", str(n)) for n in range(1, 7))]
    for row, cells in enumerate(rows):
        for col, text in enumerate(cells):
            box = pymupdf.Rect(72 + col * 150, 90 + row * 25, 222 + col * 150, 115 + row * 25)
            page.draw_rect(box, width=0.7)
            page.insert_text((box.x0 + 5, box.y0 + 17), text, fontsize=11)
    scan, lines = scanned(document)
    result = read(scan, tmp_path, KnowingOcr(lines))
    (table,) = [block for block in result.blocks if block.kind is BlockKind.TABLE]
    assert table.table is not None
    assert table.confidence == pytest.approx(0.9)
    found = [result.text_of(table)[start:end] for start, end in table.table.rows]
    assert found == ["| " + " | ".join(row) + " |" for row in rows]


def test_rules_that_ocr_saw_are_the_borders_of_a_table(tmp_path: Path) -> None:
    """A cell of two lines is one row: only its frame tells."""
    document = pymupdf.open()
    page = document.new_page()
    rows = [("Part", "Duty", "Step"), ("Gauge 1", "tells the\nrain of a day", "1"), ("Gauge 2", "tells the\nwind", "2")]
    xs, ys = (72, 222, 372, 500), (90, 115, 160, 205)
    for row, cells in enumerate(rows):
        for col, text in enumerate(cells):
            page.draw_rect(pymupdf.Rect(xs[col], ys[row], xs[col + 1], ys[row + 1]), width=0.7)
            page.insert_text((xs[col] + 5, ys[row] + 17), text, fontsize=11)
    scan, lines = scanned(document)
    rules = [((x, ys[0]), (x, ys[-1])) for x in xs] + [((xs[0], y), (xs[-1], y)) for y in ys]
    result = read(scan, tmp_path, KnowingOcr(lines, rules=rules))
    (table,) = [block.table for block in result.blocks if block.table]
    assert (table.n_rows, table.n_cols) == (3, 3)
    assert [cell.text for cell in table.cells if cell.row == 1] == ["Gauge 1", "tells the rain of a day", "1"]


def test_lines_in_doubt_are_kept_counted_and_told(tmp_path: Path) -> None:
    scan, (lines,) = scanned(with_paragraphs(PROSE))
    vague = [
        replace(line, doubtful=number == 1, confidence=0.4 if number == 1 else 0.9) for number, line in enumerate(lines)
    ]
    result = read(scan, tmp_path, KnowingOcr([vague]))
    assert result.text == PROSE
    assert result.quality.warnings == (
        "1 line in images was read with doubt, on page 1: compare it with the original.",
    )
    assert result.pages[0].doubtful == 1
    assert result.pages[0].confidence == pytest.approx(0.77, abs=0.03)


def test_single_figures_higher_than_wide_are_no_vertical_text(tmp_path: Path) -> None:
    scan, _ = scanned(with_paragraphs("x"))
    upended = Printed("7", ((107.0, 100.0), (107.0, 112.0), (102.0, 112.0), (102.0, 100.0)))
    result = read(scan, tmp_path, KnowingOcr([[boxed("Room", 72, 100, 100, 112), upended]]))
    assert result.text == "Room 7"


def test_what_ocr_could_not_read_is_warned_of_once(tmp_path: Path) -> None:
    scan, lines = scanned(with_paragraphs("The first page.", "The second page."))
    result = read(scan, tmp_path, KnowingOcr(lines, unread=3, advice="Set ocr.recognition_model."))
    assert result.quality.warnings == (
        "6 lines in images could not be read with confidence, on page 1, 2.",
        "Set ocr.recognition_model.",
    )


def test_images_in_which_nothing_is_read_say_what_to_configure(tmp_path: Path) -> None:
    scan, _ = scanned(with_paragraphs("x"))
    with pytest.raises(NoText, match=r"2 lines of text.*Set ocr\.recognition_model"):
        read(scan, tmp_path, KnowingOcr([[]], unread=2, advice="Set ocr.recognition_model."))


@pytest.mark.parametrize(("confidence", "read_as"), [(0.87, None), (0.97, "OO")])
def test_a_few_doubtful_characters_are_no_text(confidence: float, read_as: str | None, tmp_path: Path) -> None:
    scan, _ = scanned(with_paragraphs("x"))
    ocr = KnowingOcr([[boxed("OO", 72, 80, 95, 92, confidence)]])
    if read_as:
        assert read(scan, tmp_path, ocr).text == read_as
    else:
        with pytest.raises(NoText):
            read(scan, tmp_path, ocr)


def test_images_without_text_say_so(tmp_path: Path) -> None:
    scan, _ = scanned(with_paragraphs("x"))
    with pytest.raises(NoText, match="No text was found"):
        read(scan, tmp_path, KnowingOcr([[]]))


def test_without_ocr_the_option_is_named(tmp_path: Path) -> None:
    scan, _ = scanned(with_paragraphs("x"))
    with pytest.raises(NoText, match=r"OCR is off: set ocr\.engine"):
        read(scan, tmp_path, None)


def test_drawn_letters_are_read_by_ocr(tmp_path: Path) -> None:
    document = pymupdf.open()
    document.new_page().draw_line((72, 100), (200, 100))
    result = read(document, tmp_path, KnowingOcr([[boxed("Sketch", 72, 80, 140, 95)]]))
    assert (result.text, result.pages[0].reason) == ("Sketch", "drawings without text")


def test_a_poster_is_read_without_the_layout_model(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page(width=14_000, height=14_000)
    page.draw_line((0, 0), (14_000, 14_000))
    ocr = KnowingOcr([[boxed("A very large sheet", 1000, 1000, 9000, 2000)]])
    assert read(document, tmp_path, ocr, ReadOptions(max_pixels=1_000_000)).text == "A very large sheet"


def png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def test_printed_lines_are_those_of_the_text_layer() -> None:
    """The fake itself: what it says must come from the page."""
    assert [line.text for line in printed_lines(with_paragraphs("One line.")[0])] == ["One line."]
