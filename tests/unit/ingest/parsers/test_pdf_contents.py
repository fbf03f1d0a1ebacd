"""Tables of contents and indexes: lines of text, whatever columns they stand in."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest

from ingest.parsers.base import ParseInput
from ingest.parsers.pdf.contents import contents_of
from ingest.parsers.pdf.layout import LayoutPageReader
from ingest.parsers.pdf.page import Role
from ingest.parsers.pdf.parser import PdfParser
from ingest.parsers.pdf.words import read_runs
from schemas.document import BlockKind, Document
from schemas.source import Route

SIZE = 10
FONT = pymupdf.Font("helv")


@pytest.fixture
def page() -> pymupdf.Page:
    return pymupdf.open().new_page()


def put(page: pymupdf.Page, x: float, y: float, text: str, *, right: bool = False) -> None:
    page.insert_text((x - FONT.text_length(text, SIZE) if right else x, y), text, fontsize=SIZE)


def entry(page: pymupdf.Page, box: tuple[float, float], y: float, title: str, pages: str, *, led: bool = True) -> None:
    """Dots from the title to its pages, which end at the right edge."""
    left, right = box
    put(page, left, y, title)
    put(page, right, y, pages, right=True)
    if led:
        room = right - FONT.text_length(pages, SIZE) - 6 - (left + FONT.text_length(title, SIZE) + 4)
        count = int(room / FONT.text_length(". ", SIZE))
        put(page, left + FONT.text_length(title, SIZE) + 4, y, ". " * count)


def lists(page: pymupdf.Page) -> list[list[str]]:
    items = LayoutPageReader(most_doubt=1).read(page, 1).items
    assert not [item for item in items if item.grid is not None]
    return [[line.text for line in item.lines] for item in items if item.role is Role.CONTENTS]


def plain(lines: list[str]) -> list[str]:
    return [" ".join(line.replace(" .", " ").split()) for line in lines]


def parse(page: pymupdf.Page, path: Path) -> Document:
    page.parent.save(path)
    return PdfParser().parse(ParseInput(path, "in.pdf", "application/pdf", Route.PDF, path.stat().st_size))


def test_contents_are_lines_and_no_table(page: pymupdf.Page) -> None:
    box = (100.0, 480.0)
    entry(page, (80, 480), 100, "1  Vines", "1", led=False)
    for row, (title, pages) in enumerate([("1.1  Planting", "2"), ("1.2  Pruning", "5"), ("1.3  Frost", "9")]):
        entry(page, box, 120 + 14 * row, title, pages)
    put(page, 100, 162, "1.4  What is done in a year with")
    entry(page, box, 176, "little rain", "11")
    entry(page, (80, 480), 200, "2  Cellar", "14", led=False)
    (found,) = lists(page)
    assert plain(found) == [
        "1 Vines 1",
        "1.1 Planting 2",
        "1.2 Pruning 5",
        "1.3 Frost 9",
        "1.4 What is done in a year with",
        "little rain 11",
        "2 Cellar 14",
    ]


def test_an_entry_of_several_lines_is_one(page: pymupdf.Page, tmp_path: Path) -> None:
    entry(page, (80, 480), 100, "Planting", "2")
    put(page, 80, 114, "What is done in a year with")
    entry(page, (100, 480), 128, "little rain", "11")
    entry(page, (80, 480), 142, "Wells", "12")
    document = parse(page, tmp_path / "in.pdf")
    (block,) = document.blocks
    assert block.kind is BlockKind.PARAGRAPH
    assert plain(document.text_of(block).split("\n")) == [
        "Planting 2",
        "What is done in a year with little rain 11",
        "Wells 12",
    ]


def test_the_columns_of_an_index_stay_apart(page: pymupdf.Page) -> None:
    first = [("acid", "3"), ("ash", "4, 25"), ("barrel", "17"), ("cork", "8")]
    second = [("must", "21"), ("oak", "9, 10"), ("press", "30"), ("rain", "2")]
    for column, names in (((60.0, 280.0), first), ((320.0, 540.0), second)):
        for row, (name, pages) in enumerate(names):
            entry(page, column, 100 + 14 * row, name, pages)
    assert [plain(found) for found in lists(page)] == [
        [f"{name} {at}" for name, at in side] for side in (first, second)
    ]


def test_contents_without_dots_are_told_by_their_numbers(page: pymupdf.Page) -> None:
    entries = [("Vines", "1"), ("Pruning", "2"), ("Frost", "2"), ("Cellar", "5"), ("Yeast", "8"), ("Cork", "13")]
    for row, (title, pages) in enumerate(entries):
        put(page, 80, 100 + 18 * row, str(row + 1))
        entry(page, (110, 480), 100 + 18 * row, title, pages, led=False)
    (found,) = lists(page)
    assert found == [f"{row} {title} {pages}" for row, (title, pages) in enumerate(entries, 1)]


def test_figures_that_dots_lead_to_are_no_contents(page: pymupdf.Page) -> None:
    """They are in no order."""
    for row, (name, figure) in enumerate([("Sand", "812"), ("Chalk", "95"), ("Loam", "407"), ("Clay", "120")]):
        entry(page, (80, 300), 100 + 14 * row, name, figure)
    assert contents_of(read_runs(page)) == []


def test_several_figures_behind_the_dots_are_a_row(page: pymupdf.Page) -> None:
    for row in range(4):
        entry(page, (80, 300), 100 + 14 * row, f"Plot {row}", str(10 + row))
        put(page, 340, 100 + 14 * row, str(20 + row))
    assert contents_of(read_runs(page)) == []
