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


def cells(page: pymupdf.Page) -> list[list[str]]:
    """Of the one framed table; a cell's text stands where the cell begins."""
    (table,) = layout(page).framed
    found = [[""] * table.grid.n_cols for _ in range(table.grid.n_rows)]
    for cell in table.grid.cells:
        found[cell.row][cell.col] = cell.text
    return found


ROLL = [["Alcona", "963", "439"], ["Curtis", "1026", "349"], ["Gustin", "611", "180"], ["Harris", "97", "40"]]


def test_labels_beside_a_frame_are_its_first_column(page: pymupdf.Page) -> None:
    frame(page, [160, 260, 360], [100, 116, 132, 148, 164])
    rows(page, [100, 165, 265], ROLL, top=112)
    assert cells(page) == ROLL


def test_a_frame_beside_which_several_columns_go_on_is_not_certain(page: pymupdf.Page) -> None:
    frame(page, [160, 260, 360], [100, 116, 132, 148, 164])
    rows(page, [60, 120, 165, 265], [[str(at), *row] for at, row in enumerate(ROLL)], top=112)
    assert not layout(page).framed


def test_a_row_of_frames_below_a_table_is_its_last(page: pymupdf.Page) -> None:
    frame(page, [100, 160, 260, 360], [100, 116, 132, 148, 164])
    rows(page, [105, 165, 265], ROLL, top=112)
    frame(page, [101, 160, 261, 360], [176, 192])
    rows(page, [105, 165, 265], [["Totals", "2697", "1008"]], top=188)
    assert cells(page) == [*ROLL, ["Totals", "2697", "1008"]]


def test_rows_of_figures_that_only_their_columns_part_are_rows(page: pymupdf.Page) -> None:
    frame(page, [100, 160, 260, 360], [100, 116, 180])
    rows(page, [105, 165, 265], [["Town", "Voters", "Votes"], *ROLL], top=112)
    assert cells(page) == [["Town", "Voters", "Votes"], *ROLL]


def test_rows_of_words_that_only_their_columns_part_are_rows(page: pymupdf.Page) -> None:
    frame(page, [100, 180, 260, 340], [100, 116, 180])
    lines = [
        ["Town", "Office", "State"],
        ["Alcona", "North", "open"],
        ["Curtis", "East", "shut"],
        ["Gustin", "Mid", "open"],
    ]
    rows(page, [105, 185, 265], lines, top=112)
    assert cells(page) == lines


def test_shades_in_one_column_tell_the_rows_of_the_others(page: pymupdf.Page) -> None:
    frame(page, [100, 160, 260, 360], [100, 164])
    for top in (116, 148):
        page.draw_rect((100, top, 160, top + 16), color=None, fill=(0.9, 0.8, 0.7))
    rows(page, [105, 165, 265], ROLL, top=112)
    assert cells(page) == ROLL


def test_a_label_beside_several_rows_spans_them(page: pymupdf.Page) -> None:
    frame(page, [100, 160, 260, 360], [100, 116, 132, 180])
    lines = [
        ["Group", "Voters", "Votes"],
        ["One", "5", "4"],
        ["Two", "963", "439"],
        ["", "1026", "349"],
        ["", "611", "180"],
    ]
    rows(page, [105, 165, 265], lines, top=112)
    (table,) = layout(page).framed
    assert [(cell.text, cell.row, cell.row_span) for cell in table.grid.cells if cell.col == 0] == [
        ("Group", 0, 1),
        ("One", 1, 1),
        ("Two", 2, 3),
    ]


def test_a_text_that_fills_its_lines_is_one_cell(page: pymupdf.Page) -> None:
    frame(page, [100, 190, 280, 370], [100, 116, 164])
    for x in (102, 192, 282):
        html(
            page,
            (x, 118, x + 86, 162),
            '<p style="font-size:9px">some words that are broken over lines of the cell</p>',
        )
    rows(page, [105, 195, 285], [["One", "Two", "Three"]], top=112)
    assert len(cells(page)) == 2


def test_records_with_labels_are_one_cell_each(page: pymupdf.Page) -> None:
    frame(page, [60, 200, 340, 480], [100, 160, 220])
    for top in (112, 172):
        lines = [["Name : Ada"] * 3, ["House : 5"] * 3, ["Age : 36"] * 3]
        rows(page, [65, 205, 345], lines, top=top)
    assert cells(page) == [["Name : Ada House : 5 Age : 36"] * 3] * 2


def test_a_box_in_the_corner_of_a_cell_does_not_cut_the_lines_of_its_text(page: pymupdf.Page) -> None:
    frame(page, [60, 200, 340], [100, 160, 220])
    for x in (60, 200):
        for y in (100, 160):
            page.draw_rect((x, y, x + 40, y + 14))
            page.draw_rect((x + 100, y + 19, x + 140, y + 60))
    for row in range(2):
        number = [str(2 * row + 1), "AB1", str(2 * row + 2), "CD2"]
        rows(page, [65, 130, 205, 270], [number], top=111 + 60 * row)
        rows(
            page,
            [65, 115, 205, 255],
            [["Name :", "Ada L", "Name :", "Bob M"], ["Age :", "36", "Age :", "52"]],
            top=132 + 60 * row,
        )
    assert cells(page)[:2] == [["1", "AB1", "2", "CD2"], ["Name : Ada L Age : 36", "", "Name : Bob M Age : 52", ""]]


def test_rules_below_groups_of_rows_do_not_make_one_row_of_a_group(page: pymupdf.Page) -> None:
    lines = [["Town", "Men", "All"], *ROLL, *ROLL, *ROLL]
    rows(page, [105, 205, 305], lines, top=112)
    for y in (100, 116, 180, 244, 308):
        page.draw_line((100, y), (360, y))
    (table,) = [region.table for region in layout(page).regions if region.table is not None]
    assert [cell.text for cell in table.grid.cells if cell.col == 0] == [line[0] for line in lines]


def test_a_heading_on_its_side_stands_in_its_cell(page: pymupdf.Page) -> None:
    frame(page, [100, 160, 260, 360], [40, 100, 116, 132, 148, 164])
    rows(page, [105, 165, 265], ROLL, top=112)
    for x, name in ((190, "Voters"), (290, "Votes cast")):
        page.insert_text((x, 96), name, fontsize=8, rotate=90)
    assert cells(page) == [["", "Voters", "Votes cast"], *ROLL]


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


def test_code_that_is_set_a_little_larger_parts_no_paragraph(page: pymupdf.Page) -> None:
    """Fonts of code are scaled to look as large as the text's: a good part of a line may be such code."""
    lines = [
        ["The ground should be level, and short grass over the whole plot,"],
        ["and then call ", "prune_vines(rows)", " for all that stand"],
        ["before the first frost. Whoever forgets it has no vines next year,"],
        ["which is a pity."],
    ]
    for row, parts in enumerate(lines):
        x = 60.0
        for part, (font, size) in zip(parts, [("helv", 10), ("cour", 10.8), ("helv", 10)], strict=False):
            page.insert_text((x, 100 + 12 * row), part, fontsize=size, fontname=font)
            x += pymupdf.Font(font).text_length(part, size)
    (text,) = texts(LayoutPageReader(most_doubt=1).read(page, 1))
    assert text.endswith("which is a pity.")
