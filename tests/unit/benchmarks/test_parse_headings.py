from __future__ import annotations

import pytest
from scores.headings import heading_scores, parents_of
from scores.reading import Heading, Reading


def reading(*headings: tuple[int, str]) -> Reading:
    return Reading("", tuple(Heading(level, text) for level, text in headings), (), "")


TREE = reading((1, "A"), (2, "A.a"), (3, "deep"), (2, "A.b"), (1, "B"))


def test_the_same_headings_score_one() -> None:
    scores = heading_scores(TREE, TREE)

    assert (scores.precision, scores.recall, scores.f1, scores.parents, scores.levels) == (1, 1, 1, 1, 1)


def test_parents_are_the_nearest_above_of_a_higher_rank() -> None:
    assert parents_of(TREE.headings) == [None, 0, 1, 0, None]
    assert parents_of(reading((3, "x"), (1, "y"), (4, "z")).headings) == [None, None, 1]


def test_a_miss_costs_recall_and_a_false_heading_precision() -> None:
    truth = reading((1, "A"), (1, "B"), (1, "C"), (1, "D"))
    scores = heading_scores(truth, reading((1, "A"), (1, "B"), (1, "wrong")))

    assert scores.precision == pytest.approx(2 / 3)
    assert scores.recall == pytest.approx(2 / 4)
    assert scores.f1 == pytest.approx(2 * 2 / 7)


def test_headings_in_another_order_match_in_part() -> None:
    assert heading_scores(reading((1, "A"), (1, "B")), reading((1, "B"), (1, "A"))).recall == 0.5


def test_a_repeated_heading_is_matched_as_often_as_it_is_there() -> None:
    twice = reading((1, "Notes"), (1, "Notes"))

    assert heading_scores(twice, twice).f1 == 1.0
    assert heading_scores(twice, reading((1, "Notes"))).recall == 0.5


def test_all_levels_one_too_deep_is_the_same_tree() -> None:
    scores = heading_scores(TREE, reading((2, "A"), (3, "A.a"), (4, "deep"), (3, "A.b"), (2, "B")))

    assert (scores.parents, scores.levels) == (1.0, 0.0)


def test_a_flat_list_has_the_right_parents_only_for_the_top() -> None:
    scores = heading_scores(TREE, reading((1, "A"), (1, "A.a"), (1, "deep"), (1, "A.b"), (1, "B")))

    assert (scores.parents, scores.levels) == (2 / 5, 2 / 5)


def test_a_parent_that_was_missed_makes_its_children_wrong() -> None:
    assert heading_scores(reading((1, "A"), (2, "x")), reading((2, "x"))).parents == 0.0


def test_nothing_found_scores_zero_and_nothing_wanted_has_no_shares() -> None:
    missed = heading_scores(TREE, reading())
    spurious = heading_scores(reading(), TREE)

    assert (missed.precision, missed.recall, missed.f1, missed.parents) == (None, 0.0, 0.0, 0.0)
    assert (spurious.precision, spurious.recall, spurious.f1, spurious.parents) == (0.0, None, 0.0, None)
    assert heading_scores(reading(), reading()).f1 is None
