"""Pages read from geometry alone: what is told, and what is left in doubt."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pymupdf
import pytest

from ingest.parsers.pdf.drawings import read_drawings
from ingest.parsers.pdf.grid import part_of
from ingest.parsers.pdf.layout import LayoutPageReader
from ingest.parsers.pdf.page import PageContent, Role
from ingest.parsers.pdf.plain_layout import PlainLayout, plain_layout, without
from ingest.parsers.pdf.words import read_runs

PROSE = "The ground should be short grass and level within five centimetres over the whole of the plot. " * 4


@pytest.fixture
def page() -> pymupdf.Page:
    document = pymupdf.open()
    return document.new_page()


def layout(page: pymupdf.Page) -> PlainLayout:
    return plain_layout(read_runs(page), read_drawings(page))


def texts(content: PageContent) -> list[str]:
    return [" ".join(line.text for line in item.lines) for item in content.items if item.grid is None]


def html(page: pymupdf.Page, box: tuple[float, float, float, float], markup: str) -> None:
    page.insert_htmlbox(pymupdf.Rect(box), markup)


def rows(page: pymupdf.Page, columns: list[float], lines: list[list[str]], top: float = 100.0) -> None:
    for row, cells in enumerate(lines):
        for x, text in zip(columns, cells, strict=True):
            if text:
                page.insert_text((x, top + 16 * row), text, fontsize=10)


def frame(page: pymupdf.Page, xs: list[float], ys: list[float]) -> None:
    for y in ys:
        page.draw_line((xs[0], y), (xs[-1], y))
    for x in xs:
        page.draw_line((x, ys[0]), (x, ys[-1]))


def test_two_columns_of_text_are_no_rows(page: pymupdf.Page) -> None:
    html(page, (60, 60, 285, 400), f"<p>{PROSE}</p>")
    html(page, (310, 60, 535, 400), f"<p>{PROSE}</p>")
    found = layout(page)
    assert found.doubt == 0
    first, second = texts(LayoutPageReader(most_doubt=1).read(page, 1))
    assert first.split() == second.split() == PROSE.split()


def test_rows_without_rules_are_in_doubt(page: pymupdf.Page) -> None:
    rows(page, [60, 200], [["Tea", "3.50"], ["Salt", "0.90"], ["Rice", "1.20"]])
    found = layout(page)
    assert (found.doubt, found.why) == (1.0, "rows without rules")


def test_a_few_rows_on_a_full_page_are_in_doubt_as_well(page: pymupdf.Page) -> None:
    html(page, (60, 300, 535, 800), "".join(f"<p>{PROSE}</p>" for _ in range(5)))
    rows(page, [60, 200], [["Tea", "3.50"], ["Salt", "0.90"], ["Rice", "1.20"], ["Oil", "5.40"], ["Egg", "0.30"]])
    assert layout(page).doubt >= 0.25


def test_columns_in_line_are_a_table_without_any_rule(page: pymupdf.Page) -> None:
    lines = [
        ["Name", "City", "Year"],
        ["Ada", "London", "1815"],
        ["Emmy", "Erlangen", "1882"],
        ["Sofia", "Kiel", "1850"],
        ["Mary", "Bath", "1780"],
        ["Grace", "Arlington", "1906"],
    ]
    rows(page, [60, 200, 330], lines)
    found = layout(page)
    assert found.doubt == 0
    (table,) = [region.table for region in found.regions if region.table is not None]
    assert [[cell.text for cell in table.grid.cells if cell.row == row] for row in range(6)] == lines


def test_items_with_marks_are_no_table(page: pymupdf.Page) -> None:
    rows(page, [60, 90], [["1.", "Wash the grapes"], ["2.", "Crush them"], ["3.", "Wait"], ["4.", "Press"]])
    found = layout(page)
    assert found.doubt == 0
    assert not [region for region in found.regions if region.table is not None]


def test_a_framed_table_has_the_spans_that_its_rules_leave(page: pymupdf.Page) -> None:
    frame(page, [60, 160, 260, 360], [100, 120, 140, 160])
    page.draw_rect(pymupdf.Rect(161, 99, 259.5, 121), color=None, fill=(1, 1, 1))
    for x, y, text in [(65, 114, "Year"), (165, 114, "Yield"), (265, 114, "Rain")]:
        page.insert_text((x, y), text, fontsize=10)
    rows(page, [65, 165, 265], [["2020", "3.1", "640"], ["2021", "2.8", "512"]], top=134)
    (table,) = layout(page).framed
    assert (table.grid.n_rows, table.grid.n_cols, table.grid.header_rows) == (3, 3, 1)


def test_a_cell_without_a_rule_inside_spans_rows_and_columns(page: pymupdf.Page) -> None:
    for x, top, bottom in [(60, 100, 160), (360, 100, 160), (160, 100, 160), (260, 120, 160)]:
        page.draw_line((x, top), (x, bottom))
    for y, left, right in [(100, 60, 360), (160, 60, 360), (120, 160, 360), (140, 160, 360)]:
        page.draw_line((left, y), (right, y))
    for x, y, text in [(65, 134, "Plot"), (165, 114, "Yield in both years"), (165, 134, "3.1"), (265, 134, "2.8")]:
        page.insert_text((x, y), text, fontsize=10)
    rows(page, [165, 265], [["4.0", "4.4"]], top=154)
    (table,) = layout(page).framed
    spans = {cell.text: (cell.row_span, cell.col_span) for cell in table.grid.cells}
    assert spans["Plot"] == (3, 1)
    assert spans["Yield in both years"] == (1, 2)


def test_a_frame_around_text_is_no_table(page: pymupdf.Page) -> None:
    page.draw_rect(pymupdf.Rect(50, 50, 545, 250))
    html(page, (60, 60, 535, 240), f"<p>{PROSE}</p>")
    assert [region.role for region in layout(page).regions] == [Role.TEXT]


def test_a_rule_over_two_tables_does_not_make_one_of_them(page: pymupdf.Page) -> None:
    frame(page, [60, 160, 270], [100, 120, 140, 160, 180])
    frame(page, [320, 420, 530], [100, 120, 140, 160, 180])
    page.draw_line((60, 100), (530, 100))
    rows(page, [65, 165, 325, 425], [["a", "b", "c", "d"]] * 4, top=114)
    assert sorted(round(table.bbox[0]) for table in layout(page).framed) == [60, 320]


def test_two_framed_tables_in_columns_beside_each_other_are_both_certain(page: pymupdf.Page) -> None:
    frame(page, [60, 160, 280], [100, 116, 132, 148, 164])
    frame(page, [300, 400, 520], [100, 116, 132, 148, 164])
    rows(page, [65, 165, 305, 405], [["a", "b", "c", "d"]] * 4, top=112)
    assert [table.grid.n_rows for table in layout(page).framed] == [4, 4]


def test_a_frame_beside_which_the_rows_go_on_is_not_certain(page: pymupdf.Page) -> None:
    frame(page, [160, 260, 360], [100, 116, 132, 148, 164])
    rows(
        page,
        [100, 165, 265],
        [["Alcona", "963", "439"], ["Curtis", "1026", "349"], ["Gustin", "611", "180"], ["Harris", "97", "40"]],
        top=112,
    )
    assert not layout(page).framed


def test_words_in_a_drawing_are_its_labels_and_in_doubt(page: pymupdf.Page) -> None:
    page.draw_circle((200, 200), 80)
    page.insert_text((170, 200), "Gauge", fontsize=10)
    found = layout(page)
    assert found.doubt > 0.2
    assert found.why == "text in a drawing or picture"
    assert [region.role for region in found.regions] == [Role.PICTURE]


def test_a_note_is_small_has_a_mark_and_stands_below_the_text(page: pymupdf.Page) -> None:
    html(page, (60, 60, 535, 400), f"<p>{PROSE}</p>")
    page.insert_text((60, 760), "1 After the survey of 2019.", fontsize=7)
    assert [region.role for region in layout(page).regions] == [Role.TEXT, Role.FOOTNOTE]


def test_a_page_in_doubt_is_shown_to_the_model_and_says_why(page: pymupdf.Page) -> None:
    rows(page, [60, 200], [["Tea", "3.50"], ["Salt", "0.90"], ["Rice", "1.20"]])
    asked = LayoutPageReader(most_doubt=0.2).read(page, 1).reason
    assert asked == "text layer, with the layout model: rows without rules"
    assert LayoutPageReader(most_doubt=1).read(page, 1).reason == "text layer"


def test_the_rest_of_a_run_stays_when_a_table_takes_a_part_of_it(page: pymupdf.Page) -> None:
    page.insert_text((60, 100), "three words here", fontsize=10)
    (run,) = read_runs(page)
    (rest,) = without([run], [part_of(run, 0, 1)])
    assert [word.text for word in rest.words] == ["words", "here"]
    assert without([run], [run]) == []


def test_nothing_of_a_page_is_lost_or_said_twice(corpus: Path) -> None:
    """Every character of the text layer of real pages, whatever is on them."""
    reader = LayoutPageReader(most_doubt=1)
    pages = 0
    for path in sorted(path for path in (corpus / "pdfplumber_pdfs").rglob("*.pdf") if path.stat().st_size):
        with pymupdf.open(path) as document:
            if document.needs_pass:
                continue
            for index in range(min(document.page_count, 1)):
                sheet = document.load_page(index)
                content = reader.read(sheet, index + 1)
                wanted = Counter(c for run in read_runs(sheet) for word in run.words for c in word.text)
                said = "".join(line.text for item in content.items for line in item.lines)
                said += "".join(cell.text for item in content.items if item.grid for cell in item.grid.cells)
                found = Counter(c for c in said if not c.isspace() and c not in "\ufdd0\ufdd1")
                # Hyphens at line ends within cells are undone.
                assert not (found - wanted), path.name
                assert not {c for c in wanted - found if c not in "-‐\u00ad"}, path.name
                pages += 1
    assert pages > 20
