from __future__ import annotations

from scores.reading import Grid, Heading, normalised, read, with_html_tables


def texts(grid: Grid) -> list[list[str | None]]:
    return [[None if place is None else grid.cells[place].text for place in row] for row in grid.slots]


def test_headings_have_their_level_and_no_marks() -> None:
    headings = read("# A *fine* `title`\n\ntext\n\n### [Third](x.md) level ###\n").headings

    assert headings == (Heading(1, "A fine title"), Heading(3, "Third level"))


def test_a_comment_in_a_code_block_is_no_heading() -> None:
    assert read("```sh\n# not a heading\n```\n").headings == ()


def test_a_line_above_a_rule_is_no_heading() -> None:
    assert read("the end of a page\n---\n").headings == ()


def test_a_pipe_table_and_its_html_give_the_same_grid() -> None:
    pipes = read("| a | b |\n|---|:-:|\n| 1 | 2 |").tables
    html = read("<table><thead><tr><th>a</th><th>b</th></tr></thead><tr><td>1</td><td>2</td></tr></table>").tables

    assert texts(pipes[0]) == texts(html[0]) == [["a", "b"], ["1", "2"]]


def test_a_short_row_of_a_pipe_table_is_filled_and_a_long_one_cut() -> None:
    assert texts(read("| a | b |\n|---|---|\n| 1 |\n| 2 | 3 | 4 |").tables[0]) == [["a", "b"], ["1", ""], ["2", "3"]]


def test_spans_cover_their_places() -> None:
    html = '<table><tr><td rowspan="2">a</td><td colspan="2">b</td></tr><tr><td>c</td><td>d</td></tr></table>'

    assert texts(read(html).tables[0]) == [["a", "b", "b"], ["a", "c", "d"]]


def test_a_span_that_leaves_the_table_adds_no_row() -> None:
    assert texts(read('<table><tr><td rowspan="9">a</td><td>b</td></tr></table>').tables[0]) == [["a", "b"]]


def test_pipes_in_a_code_block_are_no_table() -> None:
    code = "```\n| a | b |\n|---|---|\n```"

    assert with_html_tables(code) == code
    assert read(code).tables == ()


def test_an_escaped_pipe_belongs_to_its_cell() -> None:
    assert texts(read("| a \\| b | c |\n|---|---|").tables[0]) == [["a \\| b", "c"]]


def test_a_break_in_a_cell_is_a_space() -> None:
    assert texts(read("<table><tr><td>two<br>lines</td></tr></table>").tables[0]) == [["two lines"]]
    assert texts(read("| two<br>lines |\n|---|").tables[0]) == [["two lines"]]


def test_text_has_neither_tables_nor_marks() -> None:
    assert read("# Title\n\n**bold** and [a link](x)\n\n<table><tr><td>1</td></tr></table>\n").text == (
        "Title\nbold and a link"
    )


def test_quotes_dashes_case_and_spaces_do_not_tell_two_texts_apart() -> None:
    assert normalised("“Pro–forma”  A") == normalised('"pro-forma" a')
    assert normalised("1.2") != normalised("12")
