from __future__ import annotations

from ingest.parsers.html_tables import read_html_table


def test_cells_stand_past_those_that_reach_down_from_above() -> None:
    table = read_html_table(
        "<TABLE><tr><td rowspan=2>a<td colspan=2>b</tr><tr><td>c<td>d</tr><tr><td>e<td>f<td>g</tr></TABLE>"
    )
    assert table is not None
    assert [(c.row, c.col, c.text) for c in table.cells] == [
        (0, 0, "a"),
        (0, 1, "b"),
        (1, 1, "c"),
        (1, 2, "d"),
        (2, 0, "e"),
        (2, 1, "f"),
        (2, 2, "g"),
    ]
    assert (table.n_rows, table.n_cols) == (3, 3)


def test_row_spans_are_cut_to_the_rows_there_are() -> None:
    table = read_html_table("<table><tr><td rowspan=99>a</td></tr><tr><td>b</td></tr></table>")
    assert table is not None
    assert table.cells[0].row_span == 2


def test_rows_cover_the_table_and_header_rows_end_where_the_last_of_them_ends() -> None:
    html = "<table><caption>Cap</caption>\n<thead>\n<tr><td>h</td></tr>\n</thead>\n<tr><td>1</td></tr>\n</table>"
    table = read_html_table(html)
    assert table is not None
    assert table.header_rows == 1
    assert html[: table.header_end].endswith("<tr><td>h</td></tr>")
    (first, second) = (html[start:end] for start, end in table.rows)
    assert first.startswith("<table><caption>Cap")
    assert second.startswith("</thead>")
    assert second.endswith("</table>")


def test_a_table_whose_spans_lie_beyond_reason_is_refused() -> None:
    rows = "<tr><td rowspan=5000 colspan=1000>x</td></tr>" * 2000
    assert read_html_table(f"<table>{rows}</table>") is None
