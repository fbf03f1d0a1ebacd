"""Retrieval figures against cases that were counted by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkers.retrieval_quality import (
    Overlap,
    Passage,
    Question,
    gains,
    hit,
    mean,
    ndcg,
    overlap,
    precision_omega,
    reciprocal_rank,
)

ASKED = Question("a", ((100, 120), (150, 160)))
"""An answer of thirty characters in two places."""


def passage(*spans: tuple[int, int], corpus: str = "a") -> Passage:
    return Passage(corpus, spans)


def test_recall_precision_and_iou_are_shares_of_characters() -> None:
    # 10 of the answer's 30 characters, in a passage of 50: 20 characters of the answer are missing.
    assert overlap(ASKED, [passage((60, 110))]) == Overlap(10 / 30, 10 / 50, 10 / 70)


def test_all_of_the_answer_may_lie_in_two_passages() -> None:
    assert overlap(ASKED, [passage((90, 125)), passage((150, 175))]) == Overlap(1.0, 30 / 60, 30 / 60)


def test_text_that_two_passages_share_is_found_once_and_paid_for_twice() -> None:
    assert overlap(ASKED, [passage((100, 120)), passage((110, 130))]) == Overlap(20 / 30, 20 / 40, 20 / 50)


def test_passages_of_other_corpora_find_nothing_and_cost_their_length() -> None:
    assert overlap(ASKED, [passage((100, 120)), passage((100, 160), corpus="b")]) == Overlap(20 / 30, 20 / 80, 20 / 90)


def test_a_passage_of_two_spans_has_their_length_and_not_the_gap_s() -> None:
    assert overlap(ASKED, [passage((100, 120), (150, 160))]) == Overlap(1.0, 1.0, 1.0)


def test_recall_is_of_the_plain_sum_of_references_as_published() -> None:
    twice = Question("a", ((0, 10), (5, 15)))
    assert overlap(twice, [passage((0, 15))]).recall == 15 / 20


def test_nothing_retrieved_finds_nothing() -> None:
    assert overlap(ASKED, []) == Overlap(0.0, 0.0, 0.0)


def test_precision_omega_takes_every_passage_that_holds_some_of_the_answer() -> None:
    cut = [passage((0, 110)), passage((110, 155)), passage((155, 200)), passage((200, 300))]
    assert precision_omega(ASKED, cut) == 30 / 200


def test_precision_omega_takes_passages_that_only_touch_the_answer() -> None:
    cut = [passage((80, 100)), passage((100, 120)), passage((120, 140)), passage((150, 160)), passage((161, 190))]
    assert precision_omega(ASKED, cut) == 30 / (20 + 20 + 20 + 10)


def test_precision_omega_counts_shared_text_once_and_uncovered_references() -> None:
    assert precision_omega(ASKED, [passage((90, 130)), passage((100, 140))]) == 20 / (50 + 10)


def test_precision_omega_looks_at_the_question_s_corpus_alone() -> None:
    assert precision_omega(ASKED, [passage((90, 170), corpus="b")]) == 0.0
    assert precision_omega(ASKED, [passage((90, 170), corpus="b"), passage((90, 165))]) == 30 / 75


def test_a_gain_is_the_characters_of_the_answer_in_a_passage() -> None:
    ranked = [passage((0, 90)), passage((90, 105), (155, 158)), passage((100, 160), corpus="b"), passage((0, 400))]
    assert gains(ASKED, ranked) == [0, 8, 0, 30]


def test_hit_and_reciprocal_rank_tell_of_the_first_relevant_one() -> None:
    assert [hit([0, 8, 0], k) for k in (1, 2, 3)] == [False, True, True]
    assert reciprocal_rank([0, 8, 30]) == 1 / 2
    assert reciprocal_rank([0, 0]) == 0.0


def test_ndcg_by_hand() -> None:
    told = (10 / math.log2(3)) / (20 + 10 / math.log2(3))
    assert ndcg([0, 10], [10, 0, 20], k=2) == pytest.approx(told)
    assert ndcg([20, 10], [10, 0, 20], k=2) == 1.0
    assert ndcg([0, 0, 20], [20], k=2) == 0.0
    assert ndcg([], [], k=5) == 0.0


def test_the_mean_has_the_population_s_deviation() -> None:
    assert (mean([0.0, 1.0]).mean, mean([0.0, 1.0]).deviation, mean([0.0, 1.0]).n) == (0.5, 0.5, 2)
    with pytest.raises(ValueError, match="no questions"):
        mean([])


@pytest.mark.parametrize("references", [(), ((3, 3),)])
def test_a_question_without_an_answer_is_refused(references: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(ValueError, match="references"):
        Question("a", references)


SPANS = st.tuples(st.integers(0, 40), st.integers(1, 12)).map(lambda pair: (pair[0], pair[0] + pair[1]))
PASSAGES = st.lists(st.builds(lambda corpus, span: Passage(corpus, (span,)), st.sampled_from("ab"), SPANS), max_size=6)


@given(st.lists(SPANS, min_size=1, max_size=3), PASSAGES)
def test_figures_agree_with_a_count_of_every_character(references: list[tuple[int, int]], cut: list[Passage]) -> None:
    asked = Question("a", tuple(references))
    answer = {at for start, end in references for at in range(start, end)}
    own = [set(range(*each.spans[0])) for each in cut if each.corpus == "a"]
    found = answer & set().union(*own)
    size = sum(end - start for each in cut for start, end in each.spans)
    told = overlap(asked, cut)
    assert told.recall == len(found) / sum(end - start for start, end in references)
    assert told.precision == (len(found) / size if size else 0)
    assert told.iou == len(found) / (size + len(answer - found))
    near = {at for start, end in references for at in range(start, end + 1)}
    touching = [chunk for chunk in own if near & (chunk | {max(chunk) + 1})]
    assert precision_omega(asked, cut) == len(answer & set().union(*touching)) / len(answer.union(*touching))
