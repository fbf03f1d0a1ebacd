"""Tables with rules from side to side and none between columns, and frames that are no tables."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest

from ingest.parsers.base import ParseInput
from ingest.parsers.pdf.layout import LayoutPageReader
from ingest.parsers.pdf.page import Grid
from ingest.parsers.pdf.parser import PdfParser
from schemas.document import BlockKind
from schemas.source import Route

SIZE = 10
CODE = ["for vine in rows:", "    prune(vine)", "    water(vine)", "report(rows)"]


@pytest.fixture
def page() -> pymupdf.Page:
    return pymupdf.open().new_page()


def put(page: pymupdf.Page, x: float, y: float, text: str, *, font: str = "helv", size: float = SIZE) -> None:
    page.insert_text((x, y), text, fontname=font, fontsize=size)


def rows(page: pymupdf.Page, columns: list[float], lines: list[list[str]], top: float) -> None:
    for row, cells in enumerate(lines):
        for x, text in zip(columns, cells, strict=True):
            put(page, x, top + 14 * row, text)


def rule(page: pymupdf.Page, y: float, left: float = 100, right: float = 400) -> None:
    page.draw_line((left, y), (right, y), width=0.5)


def grids(page: pymupdf.Page) -> list[Grid]:
    items = LayoutPageReader(most_doubt=1).read(page, 1).items
    return [item.grid for item in items if item.grid is not None]


def cells(grid: Grid) -> list[list[str]]:
    return [[cell.text for cell in grid.cells if cell.row == row] for row in range(grid.n_rows)]


def test_two_columns_between_three_rules_are_a_table(page: pymupdf.Page) -> None:
    lines = [["Soil", "What grows"], ["chalk", "thin vines"], ["loam", "strong vines"], ["sand", "early vines"]]
    rows(page, [105, 240], lines, top=110)
    for y in (98, 114, 158):
        rule(page, y)
    (grid,) = grids(page)
    assert cells(grid) == lines
    assert grid.header_rows == 1


def test_rows_stand_nearer_to_each_other_than_to_the_header_above_a_rule(page: pymupdf.Page) -> None:
    rows(page, [185, 300], [["chalk", "loam"]], top=110)
    rows(page, [105, 185, 300], [["North", "3.1", "2.4"], ["South", "2.2", "2.9"]], top=132)
    for y in (98, 116, 150):
        rule(page, y)
    (grid,) = grids(page)
    assert cells(grid) == [["chalk", "loam"], ["North", "3.1", "2.4"], ["South", "2.2", "2.9"]]
    assert grid.header_rows == 1


def test_a_heading_over_columns_is_inside_its_rules(page: pymupdf.Page) -> None:
    put(page, 255, 110, "Harvest")
    rule(page, 114, 230, 400)
    lines = [["Plot", "Week", "Tons"], ["North", "38", "3.1"], ["South", "37", "2.4"], ["East", "39", "2.9"]]
    rows(page, [105, 240, 340], lines, top=126)
    for y in (98, 131, 174):
        rule(page, y)
    (grid,) = grids(page)
    assert cells(grid) == [["Harvest"], *lines]
    assert grid.header_rows == 2


def test_rules_over_two_columns_of_text_keep_a_table_whole(page: pymupdf.Page) -> None:
    """The same columns again at its right half are columns of it, where its rules run on."""
    lines = [["Year", "Tons", "Year", "Tons"]] + [[str(1990 + n), f"{n}.5", str(2000 + n), f"{n}.7"] for n in range(5)]
    rows(page, [105, 170, 260, 330], lines, top=110)
    for y in (98, 114, 188):
        rule(page, y)
    (grid,) = grids(page)
    assert cells(grid) == lines


def test_text_broader_than_the_rules_parts_two_tables(page: pymupdf.Page) -> None:
    for top in (110, 260):
        rows(page, [105, 240], [["Soil", "Plots"], ["chalk", "3"], ["loam", "5"]], top=top)
        for y in (top - 12, top + 4, top + 34):
            rule(page, y)
    put(page, 60, 200, "What stands between the two tables is text that is broader than either of them is.")
    assert [grid.n_rows for grid in grids(page)] == [3, 3]


def test_every_row_ruled_says_nothing_of_the_header(page: pymupdf.Page) -> None:
    rows(page, [105, 240], [["chalk", "thin"], ["loam", "strong"], ["sand", "early"]], top=110)
    for y in (98, 114, 128, 142):
        rule(page, y)
    (grid,) = grids(page)
    assert grid.header_rows == 0


def test_numbered_lines_of_code_are_code(page: pymupdf.Page, tmp_path: Path) -> None:
    """In a frame with the numbers before it, as listings have them."""
    put(page, 72, 80, "What is done in a year is written down here, so that nobody forgets to water a vine.")
    page.draw_rect(pymupdf.Rect(90, 98, 400, 158), width=0.5)
    page.draw_line((96, 98), (96, 158), width=0.5)
    for row, line in enumerate(CODE):
        put(page, 80, 112 + 12 * row, str(row + 1), size=5)
        put(page, 100, 112 + 12 * row, line, font="cour", size=9)
    path = tmp_path / "in.pdf"
    page.parent.save(path)
    document = PdfParser().parse(ParseInput(path, "in.pdf", "application/pdf", Route.PDF, path.stat().st_size))
    kinds = [block.kind for block in document.blocks]
    assert kinds == [BlockKind.PARAGRAPH, BlockKind.CODE]
    assert [line.split(maxsplit=1)[1].strip() for line in document.text_of(document.blocks[1]).split("\n")] == [
        line.strip() for line in CODE
    ]


def test_a_slide_with_a_head_and_a_foot_is_no_table(page: pymupdf.Page) -> None:
    for y in (80, 100, 300, 315):
        page.draw_line((60, y), (360, y))
    for x in (60, 360):
        page.draw_line((x, 80), (x, 315))
    page.draw_line((200, 300), (200, 315))
    put(page, 70, 94, "Soils")
    for row in range(5):
        put(page, 70, 130 + 16 * row, "Vines on chalk have long roots and need little water.")
    put(page, 70, 311, "A. Petrov")
    put(page, 210, 311, "3 / 12")
    assert grids(page) == []
