"""Running heads, stamps and tables over breaks in PDFs that are made here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from ingest.parsers.base import ParseInput
from ingest.parsers.pdf.layout import LayoutPageReader
from ingest.parsers.pdf.parser import PdfParser
from ingest.parsers.pdf.stamps import stamps_of
from schemas.document import Block, BlockKind, Document
from schemas.source import Route

PROSE = "The ground should be short grass and level within five centimetres over the whole of the plot. " * 3
XS = (60.0, 180.0, 300.0, 420.0)


@pytest.fixture
def read(tmp_path: Path) -> Callable[[pymupdf.Document], Document]:
    def parse(document: pymupdf.Document) -> Document:
        path = tmp_path / "in.pdf"
        document.save(path)
        parser = PdfParser(reader=LayoutPageReader(most_doubt=1))
        return parser.parse(ParseInput(path, path.name, "application/pdf", Route.PDF, path.stat().st_size))

    return parse


def tables(document: Document) -> list[Block]:
    return [block for block in document.blocks if block.kind is BlockKind.TABLE]


def table(page: pymupdf.Page, lines: list[tuple[str, ...]], *, xs: tuple[float, ...] = XS, top: float = 80.0) -> None:
    bottom = top + 20 * len(lines)
    for row in range(len(lines) + 1):
        page.draw_line((xs[0], top + 20 * row), (xs[-1], top + 20 * row))
    for x in xs:
        page.draw_line((x, top), (x, bottom))
    for row, cells in enumerate(lines):
        for x, text in zip(xs, cells, strict=False):
            page.insert_text((x + 4, top + 20 * row + 14), text, fontsize=10)


def lines(first: int, last: int) -> list[tuple[str, ...]]:
    return [(f"plot {n}", f"{n}.5", f"{n * 10}") for n in range(first, last + 1)]


HEAD = ("Plot", "Yield", "Rain")


def test_a_running_head_that_names_the_chapter_is_furniture(read: Callable[[pymupdf.Document], Document]) -> None:
    document = pymupdf.open()
    for chapter in ("1 The plot", "2 The fence", "3 The gate", "4 The screen"):
        page = document.new_page()
        page.insert_text((60, 40), chapter, fontsize=8)
        page.insert_text((60, 100), chapter, fontsize=16)
        page.insert_htmlbox(pymupdf.Rect(60, 120, 535, 400), f"<p>{PROSE}</p>")
    result = read(document)
    assert [result.text_of(b) for b in result.blocks if b.kind is BlockKind.HEADER] == [
        "1 The plot", "2 The fence", "3 The gate", "4 The screen",
    ]  # fmt: skip
    assert sum(block.is_heading for block in result.blocks) == 4


def test_a_coloured_stamp_over_tables_is_found_and_left_out_of_them(
    read: Callable[[pymupdf.Document], Document],
) -> None:
    document = pymupdf.open()
    for number in range(4):
        page = document.new_page()
        table(page, [HEAD, *lines(number * 5, number * 5 + 4)])
        page.insert_text((310, 115), "CONTROLLED COPY", fontsize=9, color=(0.9, 0.1, 0.1))
    assert len(stamps_of(document)) == 1
    result = read(document)
    assert "CONTROLLED" not in "".join(result.text_of(block) for block in tables(result))
    assert sum(block.kind is BlockKind.WATERMARK for block in result.blocks) == 4


def test_a_repeated_header_row_in_another_colour_is_no_stamp() -> None:
    document = pymupdf.open()
    for _ in range(4):
        page = document.new_page()
        page.insert_htmlbox(pymupdf.Rect(60, 200, 535, 500), f"<p>{PROSE}</p>")
        for x, text in zip(XS, HEAD, strict=False):
            page.insert_text((x, 100), text, fontsize=10, color=(0, 0, 0.8))
    assert not stamps_of(document)


@pytest.mark.parametrize("repeated", [True, False])
def test_a_table_over_three_pages_is_one(read: Callable[[pymupdf.Document], Document], repeated: bool) -> None:
    document = pymupdf.open()
    for number, part in enumerate((lines(0, 29), lines(30, 59), lines(60, 70))):
        head = [HEAD] if repeated or number == 0 else []
        table(document.new_page(), [*head, *part])
    (whole,) = tables(read(document))
    assert whole.table is not None
    assert (whole.table.n_rows, whole.table.header_rows) == (72, 1)
    assert [region.page for region in whole.regions] == [1, 2, 3]
    assert all(region.bbox is not None for region in whole.regions)
    first = [cell.text for cell in whole.table.cells if cell.col == 0]
    assert first == ["Plot", *(f"plot {n}" for n in range(71))]


def test_a_table_goes_on_in_the_next_column(read: Callable[[pymupdf.Document], Document]) -> None:
    document = pymupdf.open()
    page = document.new_page()
    table(page, [HEAD, *lines(0, 29)], xs=(50, 120, 180, 250))
    table(page, lines(30, 50), xs=(310, 380, 440, 510))
    (whole,) = tables(read(document))
    assert whole.table is not None
    assert whole.table.n_rows == 52


def test_tables_that_merely_follow_each_other_stay_apart(read: Callable[[pymupdf.Document], Document]) -> None:
    document = pymupdf.open()
    table(document.new_page(), [HEAD, *lines(0, 29)])
    other = [("Name", "Town"), ("Ada", "London"), ("Emmy", "Erlangen")]
    table(document.new_page(), other, xs=(60, 240, 420))
    page = document.new_page()
    page.insert_text((60, 60), "Other plots", fontsize=14)
    table(page, [HEAD, *lines(0, 9)])
    assert [block.table.n_rows for block in tables(read(document)) if block.table] == [31, 3, 11]
