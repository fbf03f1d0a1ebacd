from __future__ import annotations

import numpy as np
import pytest

from ingest.evaluation.scores import cutoffs_of, estimated, latency_of, scores_of, values_of


def test_cutoffs_go_as_far_as_the_hits_that_are_asked_for() -> None:
    assert [cutoffs_of(k) for k in (1, 4, 10, 20)] == [(1,), (1, 3, 4), (1, 3, 5, 10), (1, 3, 5, 10, 20)]


def test_a_question_without_a_right_chunk_counts_as_missed() -> None:
    assert set(values_of([], 0, 10)) == {0.0}


def test_the_interval_holds_the_true_mean_in_about_95_of_100_samples() -> None:
    chance = np.random.default_rng(7)
    share, held, trials = 0.7, 0, 300
    for _ in range(trials):
        [estimate] = estimated((chance.random((80, 1)) < share).astype(float), resamples=999)
        assert estimate.low is not None
        assert estimate.high is not None
        held += estimate.low <= share <= estimate.high
    # Three standard errors of 300 draws around 0.95, which is 0.913 to 0.988.
    assert 0.913 <= held / trials <= 0.988


def test_an_interval_of_differences_is_paired() -> None:
    chance = np.random.default_rng(3)
    hard = chance.random((60, 14))
    better = hard + 0.1 + 0.01 * chance.standard_normal((60, 14))

    _, _, difference = scores_of([better, hard, better - hard], 10, resamples=999)

    # The questions differ ten times as much among each other as the two lists do.
    assert difference.mrr.mean == pytest.approx(0.1, abs=0.01)
    assert difference.mrr.low is not None
    assert difference.mrr.low > 0.09


def test_the_same_seed_gives_the_same_interval_and_another_one_another() -> None:
    values = np.random.default_rng(1).random((30, 3))
    assert estimated(values, resamples=499, seed=4) == estimated(values, resamples=499, seed=4)
    assert estimated(values, resamples=499, seed=4) != estimated(values, resamples=499, seed=5)


def test_where_all_questions_are_alike_the_interval_is_a_point() -> None:
    [same, other] = estimated(np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 1.0]]), resamples=499)
    assert (same.low, same.mean, same.high) == (1.0, 1.0, 1.0)
    assert other.low is not None
    assert other.low < other.mean


def test_one_question_has_no_interval() -> None:
    [estimate] = estimated(np.array([[0.5]]))
    assert (estimate.mean, estimate.low, estimate.high) == (0.5, None, None)


def test_percentiles_of_times_are_times_that_were_measured() -> None:
    told = latency_of([number / 1000 for number in range(100, 0, -1)], 3)
    assert (told.p50_ms, told.p95_ms, told.p99_ms) == (50.0, 95.0, 99.0)
    assert told.per_second == pytest.approx(100 / 5.05)
    assert (told.searches, told.warm_up) == (100, 3)
