from dataclasses import replace

from ingest.parsers.pdf.grid import build_grid, is_number
from ingest.parsers.pdf.header_spans import with_header_spans
from ingest.parsers.pdf.page import Grid
from ingest.parsers.pdf.rules import Rule, ruled_grid
from ingest.parsers.pdf.side_by_side import gutter_of, ruled_boxes
from ingest.parsers.pdf.tables import continues, merge, render
from ingest.parsers.pdf.words import Run, Word, union

COLUMNS = (0.0, 100.0, 200.0, 300.0)


def run(text: str, x: float, row: int, *, bold: bool = False) -> Run:
    """Words of five points a character with spaces of three, in rows of twenty points."""
    words = []
    for part in text.split():
        box = (x, row * 20.0 + 5, x + 5.0 * len(part), row * 20.0 + 15)
        words.append(Word(part, box, box[3] - 2, 10.0, bold, False, 1, False))
        x = box[2] + 3
    return Run(tuple(words), union(word.bbox for word in words), (1.0, 0.0), False, row)


def grid(*rows: tuple[str, ...], bold_rows: int = 0) -> Grid:
    runs = [
        run(text, COLUMNS[col] + 2, row, bold=row < bold_rows)
        for row, texts in enumerate(rows)
        for col, text in enumerate(texts)
        if text
    ]
    made = build_grid(runs, [20.0 * n for n in range(len(rows) + 1)], COLUMNS)
    assert made is not None
    return made


PRICES = grid(("Item", "Price", "Year"), ("Tea", "3.50", "2020"), ("Salt", "0.90", "2021"))


def test_rows_slice_the_text_and_the_delimiter_belongs_to_the_header() -> None:
    text, table = render(PRICES)
    assert [text[start:end] for start, end in table.rows] == [
        "| Item | Price | Year |",
        "| Tea | 3.50 | 2020 |",
        "| Salt | 0.90 | 2021 |",
    ]
    assert text[: table.header_end].endswith("| --- | --- | --- |")
    assert table.header_rows == 1
    assert [cell.text for cell in table.cells if cell.header] == ["Item", "Price", "Year"]


def test_a_table_without_a_header_has_no_delimiter() -> None:
    text, table = render(grid(("1", "2", "3"), ("4", "5", "6")))
    assert "---" not in text
    assert (table.header_rows, table.header_end) == (0, 0)


def test_a_pipe_in_a_cell_is_escaped() -> None:
    text, _ = render(grid(("a|b", "c", "d"), ("e", "f", "g")))
    assert "a\\|b" in text


def test_bold_rows_above_plain_ones_are_the_header() -> None:
    assert grid(("Name", "Town", "Note"), ("Ada", "London", "x"), bold_rows=1).header_rows == 1


def test_a_text_across_columns_spans_them() -> None:
    runs = [run("All the prices of the year by month", 5, 0), run("a", 5, 1), run("b", 105, 1), run("c", 205, 1)]
    made = build_grid(runs, (0.0, 20.0, 40.0), COLUMNS)
    assert made is not None
    assert [(cell.text, cell.col, cell.col_span) for cell in made.cells if cell.row == 0] == [
        ("All the prices of the year by month", 0, 2)
    ]


def test_figures_that_stand_close_across_a_border_are_two_cells() -> None:
    made = build_grid([run("1234567890123456 98765", 10, 0), run("x", 105, 1)], (0.0, 20.0, 40.0), COLUMNS)
    assert made is not None
    assert [cell.text for cell in made.cells if cell.row == 0] == ["1234567890123456", "98765"]


def test_a_border_that_was_missed_is_found_from_the_rows() -> None:
    runs = [run(text, x, row) for row in range(4) for text, x in (("47", 5), ("164", 60), ("9", 205))]
    made = build_grid(runs, [20.0 * n for n in range(5)], (0.0, 200.0, 300.0))
    assert made is not None
    assert made.n_cols == 3


def test_a_frame_around_text_is_no_table() -> None:
    assert build_grid([run("only words", 5, 0)], (0.0, 20.0), COLUMNS) is None


def test_a_table_goes_on_and_its_repeated_header_is_dropped() -> None:
    second = grid(("Item", "Price", "Year"), ("Oil", "7.00", "2022"))
    assert continues(PRICES, second)
    text, table = render(merge(PRICES, second))
    assert text.count("Item") == 1
    assert table.n_rows == 4
    assert text.endswith("| Oil | 7.00 | 2022 |")


def test_rows_are_kept_when_no_header_is_repeated() -> None:
    second = grid(("Oil", "7.00", "2022"), ("Ham", "8.00", "2023"))
    assert render(merge(PRICES, second))[1].n_rows == 5


def test_a_table_with_other_columns_is_another_table() -> None:
    moved = replace(
        PRICES,
        columns=tuple(x + 80 for x in PRICES.columns),
        extents=tuple((low + 80, high + 80) for low, high in PRICES.extents),
    )
    assert not continues(PRICES, moved)


def test_a_table_with_a_bold_header_of_its_own_is_another_table() -> None:
    other = grid(("City", "People", "Area"), ("Rome", "2.8", "1285"), bold_rows=1)
    assert not continues(PRICES, other)


def test_figures_and_words_are_told_apart() -> None:
    assert all(map(is_number, ["1,234.5", "-3", "12%", "$ 5", "2020", "(7)", "–", "N/A", "3.4*"]))
    assert not any(map(is_number, ["Total", "B12 x", "Q1 2020 sales", ""]))


ACROSS = [Rule(True, y, 0.0, 300.0) for y in (0.0, 20.0, 60.0, 80.0)]
DOWN = [Rule(False, x, 0.0, 80.0) for x in (0.0, 100.0, 300.0)]
BOX = (0.0, 0.0, 300.0, 80.0)


def test_a_line_of_text_within_a_framed_cell_is_no_row() -> None:
    runs = [run(text, x, row) for row in range(4) for text, x in (("words", 5), ("more", 105))]
    borders = ([0.0, 20.0, 40.0, 60.0, 80.0], [0.0, 100.0, 300.0])
    assert list(ruled_grid(BOX, borders, ACROSS + DOWN, runs)[0]) == [0.0, 20.0, 60.0, 80.0]


def test_rows_of_figures_stay_rows_where_only_the_header_is_ruled() -> None:
    runs = [run(text, x, row) for row in range(1, 5) for text, x in (("Tea", 5), ("3.50", 105))]
    borders = ([20.0 * n for n in range(6)], [0.0, 100.0, 300.0])
    rules = [Rule(True, y, 0.0, 300.0) for y in (0.0, 20.0, 100.0)]
    rules += [Rule(False, x, 0.0, 100.0) for x in (0.0, 100.0, 300.0)]
    assert ruled_grid((0.0, 0.0, 300.0, 100.0), borders, rules, runs) == borders


def test_without_rules_between_columns_the_model_is_believed() -> None:
    borders = ([0.0, 20.0, 40.0, 60.0, 80.0], [0.0, 100.0, 300.0])
    assert ruled_grid(BOX, borders, ACROSS, []) == borders


def test_names_at_the_left_of_columns_with_figures_at_the_right_are_in_order() -> None:
    runs = [run("Item", 5, 0), run("A", 105, 0), run("B", 190, 0)]
    runs += [run(text, x, row) for row in (1, 2) for text, x in (("Tea", 5), ("30", 188), ("40", 288))]
    made = build_grid(runs, (0.0, 20.0, 40.0, 60.0), COLUMNS)
    assert made is not None
    assert [(cell.text, cell.col) for cell in made.cells if cell.row == 0] == [("Item", 0), ("A", 1), ("B", 2)]


def heads(*rules: Rule) -> list[tuple[str, int, int]]:
    """Of the first row: texts, first columns and spans."""
    made = replace(grid(("Town", "", "Votes"), ("", "Men", "Women"), ("Ulm", "4", "5")), header_rows=2)
    return [(cell.text, cell.col, cell.col_span) for cell in with_header_spans(made, rules).cells if cell.row == 0]


def test_a_rule_below_a_heading_tells_its_columns() -> None:
    assert heads() == [("Town", 0, 1), ("Votes", 2, 1)]
    assert heads(Rule(True, 18.0, 100.0, 240.0)) == [("Town", 0, 1), ("Votes", 1, 2)]


def test_a_heading_that_is_centred_spans_its_columns() -> None:
    runs = [run("Votes", 158, 0), run("Town", 5, 1), run("Men", 105, 1), run("Women", 205, 1)]
    runs += [run(text, x, 2) for text, x in (("Ulm", 5), ("4", 105), ("5", 205))]
    made = build_grid(runs, (0.0, 20.0, 40.0, 60.0), COLUMNS)
    assert made is not None
    found = with_header_spans(replace(made, header_rows=2), ())
    assert [(cell.text, cell.col, cell.col_span) for cell in found.cells if cell.row == 0] == [("Votes", 1, 2)]


def test_two_tables_are_parted_where_no_rule_runs() -> None:
    texts = [run(text, x, row) for row in range(3) for text, x in (("Tea", 5), ("3", 60), ("Salt", 205), ("9", 260))]
    box = union(text.bbox for text in texts)
    sides = ruled_boxes([Rule(True, y, x, x + 80) for y in (0.0, 20.0, 60.0) for x in (0.0, 200.0)])
    assert gutter_of(box, sides, texts) == 140.0
    assert gutter_of(box, [*sides, (0.0, 0.0, 280.0, 60.0)], texts) is None
