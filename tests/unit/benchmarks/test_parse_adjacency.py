from __future__ import annotations

from collections import Counter

import pytest
from scores.adjacency import compare, relations_of
from scores.reading import Grid, read

ABCD = Grid.of_rows([["a", "b"], ["c", "d"]])


def html(text: str) -> Grid:
    return read(text).tables[0]


def test_four_cells_have_four_relations() -> None:
    assert relations_of(ABCD) == Counter(
        [("right", "a", "b"), ("right", "c", "d"), ("below", "a", "c"), ("below", "b", "d")]
    )


def test_a_blank_cell_is_passed_over() -> None:
    assert relations_of(Grid.of_rows([["a", "", "b"]])) == Counter([("right", "a", "b")])


def test_a_spanning_cell_neighbours_every_cell_below_it_once() -> None:
    grid = html('<table><tr><td colspan="2">h</td></tr><tr><td>a</td><td>b</td></tr></table>')

    assert relations_of(grid) == Counter([("below", "h", "a"), ("below", "h", "b"), ("right", "a", "b")])


def test_equal_tables_score_one_whatever_their_order() -> None:
    other = Grid.of_rows([["x", "y", "z"]])
    scores = compare([ABCD, other], [other, ABCD])

    assert (scores.precision, scores.recall, scores.f1, scores.cell_f1, scores.extra) == (1, 1, 1, 1, 0)


def test_two_columns_run_together_lose_their_relations() -> None:
    scores = compare([ABCD], [Grid.of_rows([["a b"], ["c d"]])])

    assert (scores.f1, scores.cell_f1) == (0.0, 0.0)


def test_one_wrong_cell_costs_its_relations() -> None:
    scores = compare([ABCD], [Grid.of_rows([["a", "b"], ["c", "x"]])])

    assert scores.f1 == pytest.approx(2 * 2 / 8)
    assert scores.cell_f1 == pytest.approx(2 * 3 / 8)


def test_a_missed_table_and_a_false_one_count_in_full() -> None:
    one, two = ABCD, Grid.of_rows([["p", "q"], ["r", "s"]])
    missed, false = compare([one, two], [one]), compare([one], [one, two])

    assert (missed.precision, missed.recall, missed.extra) == (1.0, 0.5, 0)
    assert (false.precision, false.recall, false.extra) == (0.5, 1.0, 1)


def test_a_table_cut_in_two_keeps_only_its_better_half() -> None:
    whole = Grid.of_rows([["a", "1"], ["b", "2"], ["c", "3"]])
    scores = compare([whole], [Grid.of_rows([["a", "1"], ["b", "2"]]), Grid.of_rows([["c", "3"]])])

    assert scores.recall == pytest.approx(4 / 7)
    assert scores.extra == 1


def test_marks_and_white_space_in_a_cell_do_not_count() -> None:
    assert compare([ABCD], [Grid.of_rows([["**a**", "` b`"], ["C ", "_d_"]])]).f1 == 1.0


def test_without_a_true_table_there_is_no_score_but_a_count() -> None:
    scores = compare([], [ABCD])

    assert (scores.f1, scores.cell_f1, scores.extra) == (None, None, 1)
    assert compare([ABCD], []).f1 == 0.0
