"""What weighted rank fusion keeps, for any two rankings."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.search.fusion import dense_weight, fuse

KEYS = st.lists(st.text("abcdefgh", min_size=1, max_size=3), unique=True, max_size=30)
SHARES = st.floats(0, 1)
KS = st.floats(0.1, 100)


@given(KEYS, KEYS, SHARES, KS)
def test_where_the_model_reads_nothing_of_the_question_the_order_is_that_of_words(
    dense: list[str], sparse: list[str], unknown_text: float, k: float
) -> None:
    weights = {key: dense_weight(1.0, unknown_text, full=0.7) for key in dense}
    assert [place.key for place in fuse(dense, sparse, weights, k=k)] == sparse


@given(KEYS, KEYS, SHARES, KS)
def test_texts_that_the_model_cannot_read_are_found_by_their_words_alone(
    dense: list[str], sparse: list[str], unknown_query: float, k: float
) -> None:
    weights = {key: dense_weight(unknown_query, 1.0, full=0.7) for key in dense}
    assert [place.key for place in fuse(dense, sparse, weights, k=k)] == sparse


@given(KEYS, KS)
def test_one_ranking_alone_keeps_its_order(ranking: list[str], k: float) -> None:
    assert [place.key for place in fuse(ranking, [], dict.fromkeys(ranking, 0.7), k=k)] == ranking
    assert [place.key for place in fuse([], ranking, {}, k=k)] == ranking


@given(KEYS, KEYS, KS)
def test_every_key_comes_once_with_its_ranks_and_scores_fall(dense: list[str], sparse: list[str], k: float) -> None:
    places = fuse(dense, sparse, dict.fromkeys(dense, 1.0), k=k)
    assert {place.key for place in places} == {*dense, *sparse}
    assert len(places) == len({*dense, *sparse})
    for place in places:
        assert place.dense_rank == (dense.index(place.key) + 1 if place.key in dense else None)
        assert place.sparse_rank == (sparse.index(place.key) + 1 if place.key in sparse else None)
    assert [place.score for place in places] == sorted((place.score for place in places), reverse=True)


@given(KEYS, KEYS, KS)
def test_the_order_of_dictionaries_decides_nothing(dense: list[str], sparse: list[str], k: float) -> None:
    weights = dict.fromkeys(dense, 0.7)
    backwards = dict(reversed(weights.items()))
    assert fuse(dense, sparse, weights, k=k) == fuse(dense, sparse, backwards, k=k)


@given(KEYS.filter(bool), KS)
def test_first_in_both_is_first(keys: list[str], k: float) -> None:
    others = [f"x{key}" for key in keys]
    assert fuse(keys, [keys[0], *others], dict.fromkeys(keys, 0.7), k=k)[0].key == keys[0]


@given(SHARES, SHARES, SHARES)
def test_the_less_is_read_the_less_the_dense_rank_counts(query: float, text: float, more: float) -> None:
    weight = dense_weight(query, text, full=0.7)
    assert 0 <= weight <= 0.7
    assert dense_weight(max(query, more), text, full=0.7) <= weight
    assert dense_weight(query, max(text, more), full=0.7) <= weight
