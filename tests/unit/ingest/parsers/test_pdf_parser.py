"""The parser on PDFs that are made here, page by page."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pymupdf
import pytest

from ingest.parsers.base import ParseInput, ReadOptions, Tools
from ingest.parsers.pdf.layout import LayoutPageReader
from ingest.parsers.pdf.page import PageContent
from ingest.parsers.pdf.parser import PdfParser
from schemas.document import Block, BlockKind, Document, PageMethod
from schemas.errors import CorruptFile, EncryptedFile, NoText
from schemas.source import Route

PROSE = (
    "The ground should be short grass, level within five centimetres over the length of the plot, and open to the "
    "wind from every side. Trees and buildings stand at a distance of at least twice their height, because a wall "
    "that has stood in the sun all day goes on warming the air beside it long after the evening reading was taken"
)
CHINESE = (
    "居民凭借书证借书，每人每次最多可以借五册，借期为三十天。借期届满需要继续阅读的，可以续借一次，续借期限为十五天。"
    * 2
)


@pytest.fixture(scope="session")
def parser() -> PdfParser:
    return PdfParser()


def parse(path: Path, parser: PdfParser) -> Document:
    return parser.parse(ParseInput(path, path.name, "application/pdf", Route.PDF, path.stat().st_size))


@pytest.fixture
def read(tmp_path: Path, parser: PdfParser) -> Callable[[pymupdf.Document], Document]:
    def save_and_read(document: pymupdf.Document) -> Document:
        path = tmp_path / "in.pdf"
        document.save(path)
        document.close()
        return parse(path, parser)

    return save_and_read


def page_with(document: pymupdf.Document, html: str, box: tuple[float, ...] = (72, 72, 523, 770)) -> pymupdf.Page:
    page = document.new_page()
    page.insert_htmlbox(pymupdf.Rect(box), html, css="* {font-size: 11pt; font-family: sans-serif}")
    return page


def of_kind(document: Document, kind: BlockKind) -> list[Block]:
    return [block for block in document.blocks if block.kind is kind]


def two_halves() -> pymupdf.Document:
    document = pymupdf.open()
    page_with(document, f"<p>{PROSE}, and nobody</p>", (72, 600, 523, 770))
    page_with(document, "<p>who reads the screen in the morning will know why the night was so warm.</p>")
    for number, page in enumerate(document, start=1):
        page.insert_text((290, 815), f"Page {number}", fontsize=9)
    return document


@pytest.fixture(scope="module")
def two_pages(tmp_path_factory: pytest.TempPathFactory, parser: PdfParser) -> Document:
    path = tmp_path_factory.mktemp("two") / "in.pdf"
    two_halves().save(path)
    return parse(path, parser)


def test_a_paragraph_goes_on_over_the_page_and_has_a_region_on_both(two_pages: Document) -> None:
    (paragraph,) = of_kind(two_pages, BlockKind.PARAGRAPH)
    assert "and nobody who reads the screen" in two_pages.text_of(paragraph)
    assert [region.page for region in paragraph.regions] == [1, 2]


def test_page_numbers_follow_the_paragraph_and_keep_their_text(two_pages: Document) -> None:
    assert [block.kind for block in two_pages.blocks] == [
        BlockKind.PARAGRAPH,
        BlockKind.PAGE_NUMBER,
        BlockKind.PAGE_NUMBER,
    ]
    assert [two_pages.text_of(block) for block in two_pages.blocks[1:]] == ["Page 1", "Page 2"]


def test_blocks_cover_the_text_but_white_space(two_pages: Document) -> None:
    edges = [0, *(edge for block in two_pages.blocks for edge in (block.start, block.end)), len(two_pages.text)]
    assert not any(two_pages.text[start:end].strip() for start, end in list(pairwise(edges))[::2])


def test_chinese_lines_join_without_spaces(read: Callable[..., Document]) -> None:
    document = pymupdf.open()
    page_with(document, f"<p>{CHINESE}</p>")
    result = read(document)
    assert result.text == CHINESE
    assert result.language == "zh"


def test_two_columns_are_read_one_after_the_other(read: Callable[..., Document]) -> None:
    document = pymupdf.open()
    page = page_with(document, f"<p>First. {PROSE}.</p>", (60, 80, 290, 500))
    page.insert_htmlbox(pymupdf.Rect(310, 80, 540, 500), f"<p>Second. {PROSE}.</p>", css="* {font-size: 11pt}")
    text = read(document).text
    assert text.startswith("First. The ground")
    assert text.index("was taken") < text.index("Second.")


def test_regions_lie_on_the_page_as_it_is_shown(read: Callable[..., Document]) -> None:
    document = pymupdf.open()
    page_with(document, f"<p>{PROSE}.</p>").set_rotation(90)
    result = read(document)
    (page,) = result.pages
    assert (page.width, page.height, page.rotation) == (842.0, 595.0, 90)
    # Upright the text fills the top of the page: turned clockwise, its right side.
    box = result.blocks[0].regions[0].bbox
    assert box is not None
    assert box[0] > 600
    assert box[2] <= 842
    assert result.text.startswith("The ground should be short grass")


def test_text_that_stands_on_its_side_is_read_upright(read: Callable[..., Document]) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_htmlbox(pymupdf.Rect(72, 72, 400, 700), f"<p>{PROSE}.</p>", rotate=90)
    result = read(document)
    assert result.text == f"{PROSE}."
    assert (result.pages[0].width, result.pages[0].height) == (595.0, 842.0)


def test_a_poster_is_read_without_the_layout_model(read: Callable[..., Document]) -> None:
    document = pymupdf.open()
    page = document.new_page(width=14_000, height=14_000)
    page.insert_text((100, 200), "A very large sheet", fontsize=80)
    page.insert_text((100, 900), "on its side, and so in doubt", fontsize=40, rotate=90)
    result = read(document)
    assert "A very large sheet" in result.text
    assert "without the layout model" in result.pages[0].reason


def test_bookmarks_give_the_levels(read: Callable[..., Document]) -> None:
    document = pymupdf.open()
    page_with(document, f"<h1>The station</h1><p>{PROSE}.</p><h2>The screen</h2><p>{PROSE}.</p>")
    document.set_toc([[1, "The station", 1], [2, "The screen", 1]])
    result = read(document)
    heads = [(result.text_of(block), block.level) for block in result.blocks if block.is_heading]
    assert heads == [("The station", 0), ("The screen", 1)]  # the first bookmark is the title


def test_an_image_among_pages_of_text_is_empty_and_says_why(read: Callable[..., Document]) -> None:
    document = pymupdf.open()
    page_with(document, f"<p>{PROSE}.</p>")
    image = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 40, 40), False)
    document.new_page().insert_image(pymupdf.Rect(0, 0, 595, 842), pixmap=image)
    result = read(document)
    assert [page.method for page in result.pages] == [PageMethod.DIGITAL, PageMethod.EMPTY]
    assert "needs OCR" in result.pages[1].reason
    assert result.quality.warnings == ("1 of 2 pages have no text: 2.",)


def test_a_file_of_images_asks_for_ocr(read: Callable[..., Document]) -> None:
    document = pymupdf.open()
    image = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 40, 40), False)
    document.new_page().insert_image(pymupdf.Rect(0, 0, 595, 842), pixmap=image)
    with pytest.raises(NoText, match="OCR"):
        read(document)


def test_a_blank_file_has_no_text(read: Callable[..., Document]) -> None:
    document = pymupdf.open()
    document.new_page()
    with pytest.raises(NoText, match="blank"):
        read(document)


class BrokenPages:
    """Fails on the second page, or on every page."""

    def __init__(self, *, always: bool) -> None:
        self._always = always
        self._reader = LayoutPageReader()

    def read(self, page: pymupdf.Page, number: int) -> PageContent:
        if self._always or number == 2:
            raise ValueError("the page tree is broken")
        return self._reader.read(page, number)


def three_pages(path: Path) -> Path:
    document = pymupdf.open()
    for word in ("one", "two", "three"):
        page_with(document, f"<p>This is page {word}.</p>")
    document.save(path)
    return path


def test_a_page_that_fails_is_told_and_the_others_are_kept(tmp_path: Path) -> None:
    result = parse(three_pages(tmp_path / "in.pdf"), PdfParser(reader=BrokenPages(always=False)))
    assert [page.method for page in result.pages] == [PageMethod.DIGITAL, PageMethod.FAILED, PageMethod.DIGITAL]
    assert "the page tree is broken" in result.pages[1].reason
    assert "page one" in result.text
    assert "page three" in result.text


def test_a_file_without_a_readable_page_is_corrupt(tmp_path: Path) -> None:
    with pytest.raises(CorruptFile, match="the page tree is broken"):
        parse(three_pages(tmp_path / "in.pdf"), PdfParser(reader=BrokenPages(always=True)))


def test_a_file_that_needs_a_password_says_so(tmp_path: Path, parser: PdfParser) -> None:
    document = pymupdf.open()
    document.new_page()
    path = tmp_path / "in.pdf"
    document.save(path, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="open", owner_pw="own")
    with pytest.raises(EncryptedFile, match="password"):
        parse(path, parser)


@pytest.mark.parametrize(
    ("content", "word"), [(b"", "empty"), (b"%PDF-1.7\nnothing more", "not a readable PDF|without pages")]
)
def test_a_broken_file_is_corrupt_and_its_path_is_not_told(
    content: bytes, word: str, tmp_path: Path, parser: PdfParser
) -> None:
    path = tmp_path / "in.pdf"
    path.write_bytes(content)
    with pytest.raises(CorruptFile, match=word) as caught:
        parse(path, parser)
    assert str(tmp_path) not in caught.value.message


def test_the_metadata_title_wins_when_it_is_real(read: Callable[..., Document]) -> None:
    document = pymupdf.open()
    page_with(document, f"<p>{PROSE}.</p>")
    document.set_metadata({"title": "Small Weather Stations", "author": "Ada", "creationDate": "D:20200102"})
    result = read(document)
    assert result.title == "Small Weather Stations"
    assert result.metadata == {"author": "Ada", "created": "2020-01-02T00:00:00"}


def test_a_table_goes_on_over_the_page(read: Callable[..., Document]) -> None:
    document = pymupdf.open()
    rows = [("Instrument", "Unit", "Step"), *((f"Gauge {n}", "millimetre", str(n)) for n in range(1, 13))]
    for part in (rows[:7], [rows[0], *rows[7:]]):
        page = document.new_page()
        for row, cells in enumerate(part):
            for col, text in enumerate(cells):
                box = pymupdf.Rect(72 + col * 150, 90 + row * 25, 222 + col * 150, 115 + row * 25)
                page.draw_rect(box, width=0.7)
                page.insert_text((box.x0 + 5, box.y0 + 17), text, fontsize=11)
    result = read(document)
    (table,) = of_kind(result, BlockKind.TABLE)
    assert table.table is not None
    assert (table.table.n_rows, table.table.n_cols, table.table.header_rows) == (13, 3, 1)
    assert [region.page for region in table.regions] == [1, 2]
    lines = [result.text_of(table)[start:end] for start, end in table.table.rows]
    assert lines == ["| " + " | ".join(row) + " |" for row in rows]


def test_a_lone_line_at_the_edge_of_every_page_is_what_the_pages_say(read: Callable[..., Document]) -> None:
    document = pymupdf.open()
    for _ in range(4):
        document.new_page().insert_text((72, 30), "Potato")
    assert {block.kind for block in read(document).blocks} == {BlockKind.PARAGRAPH}


@pytest.mark.parametrize("rotation", [0, 90])
def test_comments_are_read_when_asked_for_and_stand_where_they_are_pinned(tmp_path: Path, rotation: int) -> None:
    document = pymupdf.open()
    page = page_with(document, f"<p>{PROSE}.</p>")
    note = page.add_text_annot((300, 400), "")
    note.set_info(title="Ada", content="Please check\nthis figure")
    note.update()
    page.add_freetext_annot(pymupdf.Rect(100, 500, 300, 530), "Typed onto the page").update()
    page.set_rotation(rotation)
    path = tmp_path / "in.pdf"
    document.save(path)
    source = ParseInput(path, path.name, "application/pdf", Route.PDF, path.stat().st_size)
    quiet, told = (PdfParser(Tools(ReadOptions(comments=asked))).parse(source) for asked in (False, True))
    assert "Ada" not in quiet.text
    (comment,) = [block for block in told.blocks if block.kind is BlockKind.QUOTE]
    assert told.text_of(comment) == "Ada: Please check this figure"
    assert told.text.count("Typed onto the page") == quiet.text.count("Typed onto the page") == 1
    (region,) = comment.regions
    assert region.bbox is not None
    x, y = region.bbox[:2]
    # A quarter clockwise, 300 to the right is 300 down, and 400 down is 400 from the right.
    assert (round(x), round(y)) == ((300, 400) if rotation == 0 else (842 - 400, 300))
