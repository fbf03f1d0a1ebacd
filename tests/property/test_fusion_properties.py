"""What the weighted fusions of two rankings keep, for any two rankings."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ingest.search.fusion import MOSTLY, Fused, dense_weight, fuse_ranks, fuse_scores, normalised, of_best
from schemas.point import Fusion

KEY = st.text("abcdefgh", min_size=1, max_size=3)
SCORE = st.floats(-1, 100, allow_nan=False, width=32)
BM25 = st.floats(2**-10, 100, width=32)
Ranking = dict[str, float]


def _best_first(found: Ranking) -> Ranking:
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


RANKINGS = st.dictionaries(KEY, SCORE, max_size=30).map(_best_first)
BY_WORDS = st.dictionaries(KEY, BM25, max_size=30).map(_best_first)
SHARES = st.floats(0, 1)
KS = st.floats(0.1, 100)
FUSIONS = pytest.mark.parametrize("fusion", list(Fusion))


def fused(fusion: Fusion, dense: Ranking, sparse: Ranking, weights: Ranking, k: float = 3.0) -> list[Fused]:
    return fuse_ranks(dense, sparse, weights, k=k) if fusion is Fusion.RRF else fuse_scores(dense, sparse, weights)


def keys(places: list[Fused]) -> list[str]:
    return [place.key for place in places]


def in_order(ranking: Ranking) -> list[str]:
    """By score, ties by key."""
    return sorted(ranking, key=lambda key: (-ranking[key], key))


@FUSIONS
@given(RANKINGS, BY_WORDS, SHARES, KS)
def test_where_the_model_reads_nothing_of_the_question_the_order_is_that_of_words(
    fusion: Fusion, dense: Ranking, sparse: Ranking, unknown_text: float, k: float
) -> None:
    weights = {key: dense_weight(1.0, unknown_text, full=0.7) for key in dense}
    assert keys(fused(fusion, dense, sparse, weights, k)) == in_order(sparse)


@FUSIONS
@given(RANKINGS, BY_WORDS, st.floats(MOSTLY, 1, exclude_min=True), KS)
def test_a_question_that_is_mostly_unread_has_the_very_order_of_its_words(
    fusion: Fusion, dense: Ranking, sparse: Ranking, unread: float, k: float
) -> None:
    """Not nearly: noise of the weight of a hundredth still puts one passage before another."""
    weights = {key: dense_weight(unread, 0.0, full=1.2) for key in dense}
    assert keys(fused(fusion, dense, sparse, weights, k)) == list(sparse)


@FUSIONS
@given(RANKINGS, BY_WORDS, SHARES, KS)
def test_texts_that_the_model_cannot_read_are_found_by_their_words_alone(
    fusion: Fusion, dense: Ranking, sparse: Ranking, unknown_query: float, k: float
) -> None:
    weights = {key: dense_weight(unknown_query, 1.0, full=0.7) for key in dense}
    assert keys(fused(fusion, dense, sparse, weights, k)) == in_order(sparse)


@FUSIONS
@given(BY_WORDS, KS)
def test_one_ranking_alone_keeps_its_order(fusion: Fusion, ranking: Ranking, k: float) -> None:
    assume(_well_apart(ranking))
    assert keys(fused(fusion, ranking, {}, dict.fromkeys(ranking, 0.7), k)) == in_order(ranking)
    assert keys(fused(fusion, {}, ranking, {}, k)) == in_order(ranking)


def _well_apart(ranking: Ranking) -> bool:
    """Scores that differ by less than fused ones can tell are equal to a fusion by scores."""
    scores = sorted(set(ranking.values()))
    return all(after - before > 1e-6 for before, after in pairwise(scores))


@FUSIONS
@given(RANKINGS, BY_WORDS, KS)
def test_every_key_comes_once_and_its_score_is_what_the_rankings_gave_it(
    fusion: Fusion, dense: Ranking, sparse: Ranking, k: float
) -> None:
    places = fused(fusion, dense, sparse, dict.fromkeys(dense, 1.0), k)
    assert sorted(keys(places)) == sorted({*dense, *sparse})
    for place in places:
        assert (place.dense is None) is (place.key not in dense)
        assert (place.sparse is None) is (place.key not in sparse)
        assert place.score == pytest.approx((place.dense or 0) + (place.sparse or 0))
    assert [place.score for place in places] == sorted((place.score for place in places), reverse=True)


@FUSIONS
@given(RANKINGS, BY_WORDS, st.randoms(use_true_random=False))
def test_the_order_of_dictionaries_decides_nothing(fusion: Fusion, dense: Ranking, sparse: Ranking, dice) -> None:
    weights = dict.fromkeys(dense, 0.7)
    mixed = list(weights.items())
    dice.shuffle(mixed)
    assert fused(fusion, dense, sparse, weights) == fused(fusion, dense, sparse, dict(mixed))


@FUSIONS
@given(RANKINGS.filter(bool), KS)
def test_first_in_both_is_first(fusion: Fusion, ranking: Ranking, k: float) -> None:
    best, *others = ranking
    sparse = {best: 9.0} | {f"x{key}": 9.0 - number for number, key in enumerate(others, 1)}
    assert keys(fused(fusion, ranking, sparse, dict.fromkeys(ranking, 0.7), k))[0] in {
        key for key in ranking if ranking[key] == ranking[best]
    }


@FUSIONS
@given(RANKINGS, BY_WORDS, st.floats(0.1, 3), st.floats(0.1, 3))
def test_more_weight_never_lowers_what_the_dense_ranking_alone_found(
    fusion: Fusion, dense: Ranking, sparse: Ranking, one: float, other: float
) -> None:
    less, more = sorted((one, other))
    before = keys(fused(fusion, dense, sparse, dict.fromkeys(dense, less)))
    after = keys(fused(fusion, dense, sparse, dict.fromkeys(dense, more)))
    for key in dense.keys() - sparse.keys():
        ahead = {each for each in before[: before.index(key)] if each not in dense}
        assert {each for each in after[: after.index(key)] if each not in dense} <= ahead


@given(RANKINGS)
def test_normalised_scores_keep_the_order_and_end_at_one(ranking: Ranking) -> None:
    scores = normalised(ranking)
    assert scores.keys() == ranking.keys()
    assert all(0 < score <= 1 for score in scores.values())
    assert not ranking or max(scores.values()) == 1
    for one in ranking:
        for other in ranking:
            assert ranking[one] < ranking[other] or scores[one] >= scores[other]


@given(BY_WORDS, st.sampled_from([0.25, 0.5, 2.0, 8.0]))
def test_scores_by_words_keep_their_order_and_their_ratios(ranking: Ranking, scale: float) -> None:
    """Half a score is half the words' weight, in a corpus of any size."""
    scores = of_best(ranking)
    assert list(scores) == list(ranking) and all(0 < score <= 1 for score in scores.values())
    assert of_best({key: scale * score for key, score in ranking.items()}) == pytest.approx(scores)
    for one in ranking:
        for other in ranking:
            assert (ranking[one] < ranking[other]) is (scores[one] < scores[other])
            assert scores[one] / scores[other] == pytest.approx(ranking[one] / ranking[other])


@FUSIONS
@given(RANKINGS, BY_WORDS, st.floats(0, 2))
def test_nothing_that_words_found_is_lost(fusion: Fusion, dense: Ranking, sparse: Ranking, weight: float) -> None:
    found = set(keys(fused(fusion, dense, sparse, dict.fromkeys(dense, weight))))
    assert found == ({*dense, *sparse} if weight else {*sparse})


@given(RANKINGS, st.sampled_from([0.25, 0.5, 2.0, 8.0]), st.integers(-8, 8))
def test_neither_scale_nor_zero_of_a_ranking_matters(ranking: Ranking, scale: float, shift: int) -> None:
    """BM25 has no upper limit, and cosines of one model lie where they lie."""
    assume(_well_apart(ranking))
    moved = {key: scale * score + shift for key, score in ranking.items()}
    assert normalised(moved) == pytest.approx(normalised(ranking), abs=1e-4)


@given(SHARES, SHARES, SHARES)
def test_the_less_is_read_the_less_the_dense_rank_counts(query: float, text: float, more: float) -> None:
    weight = dense_weight(query, text, full=0.7)
    assert 0 <= weight <= 0.7
    assert dense_weight(max(query, more), text, full=0.7) <= weight
    assert dense_weight(query, max(text, more), full=0.7) <= weight
