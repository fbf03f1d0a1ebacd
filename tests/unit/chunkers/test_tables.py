from __future__ import annotations

from chunkers.tables import Grid, to_html
from schemas.document import Table, TableCell


def cell(row: int, col: int, text: str, **more: int) -> TableCell:
    return TableCell(row=row, col=col, text=text, **more)


TABLE = Table(
    n_rows=4,
    n_cols=2,
    header_rows=1,
    rows=((0, 1), (1, 2), (2, 3), (3, 4)),
    cells=(
        cell(0, 0, "Name & kind", col_span=2),
        cell(1, 0, "tall", row_span=3),
        cell(1, 1, "a<b"),
        cell(2, 1, "two\nlines"),
        cell(3, 1, "last"),
    ),
)


def test_a_table_has_its_header_in_thead_and_its_text_escaped() -> None:
    assert to_html(TABLE) == (
        '<table><thead><tr><th colspan="2">Name &amp; kind</th></tr></thead>'
        '<tbody><tr><td rowspan="3">tall</td><td>a&lt;b</td></tr>'
        "<tr><td>two<br>lines</td></tr><tr><td>last</td></tr></tbody></table>"
    )


def test_a_part_repeats_the_header_and_cells_that_reach_into_it() -> None:
    assert to_html(TABLE, (2, 4)) == (
        '<table><thead><tr><th colspan="2">Name &amp; kind</th></tr></thead>'
        '<tbody><tr><td rowspan="2">tall</td><td>two<br>lines</td></tr><tr><td>last</td></tr></tbody></table>'
    )


def test_a_part_clips_cells_that_reach_beyond_it() -> None:
    assert '<td rowspan="2">tall</td>' in to_html(TABLE, (0, 3))
    assert "last" not in to_html(TABLE, (0, 3))


def test_a_table_without_header_has_a_body_only() -> None:
    table = Table(n_rows=1, n_cols=1, rows=((0, 1),), cells=(cell(0, 0, "x"),))
    assert to_html(table) == "<table><tbody><tr><td>x</td></tr></tbody></table>"


def test_a_place_without_a_cell_is_an_empty_one_so_that_columns_stay() -> None:
    table = Table(
        n_rows=3,
        n_cols=3,
        header_rows=1,
        rows=((0, 1), (1, 2), (2, 3)),
        cells=(cell(0, 1, "B"), cell(0, 2, "C"), cell(1, 1, "tall", row_span=2), cell(2, 2, "c2")),
    )

    assert to_html(table) == (
        "<table><thead><tr><th></th><th>B</th><th>C</th></tr></thead>"
        '<tbody><tr><td></td><td rowspan="2">tall</td><td></td></tr><tr><td></td><td>c2</td></tr></tbody></table>'
    )
    assert Grid(table).html((2, 3), (1, 3)) == (
        "<table><thead><tr><th>B</th><th>C</th></tr></thead><tbody><tr><td>tall</td><td>c2</td></tr></tbody></table>"
    )
