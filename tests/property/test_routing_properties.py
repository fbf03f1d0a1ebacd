"""What weighing the rankings by a question's form keeps, for any question."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.search.query_route import Known, read_form, route

WORDS = st.lists(
    st.sampled_from(["pump", "oil", "RFC-2119", "“two words”", "why", "泵", "如何", "a_b", "2024"]), max_size=8
)
QUERIES = st.one_of(st.text(max_size=60), WORDS.map(" ".join))
SOME = st.lists(st.text("abc", min_size=1), max_size=4).map(tuple)


@given(QUERIES, SOME, st.floats(0, 1))
def test_no_ranking_is_ever_dropped_and_meaning_never_counts_more_than_it_is_set_to(
    query: str, rare: tuple[str, ...], unknown: float
) -> None:
    way = route(read_form(query), Known(rare), unknown)
    assert 0.3 < way.dense <= 1


@given(QUERIES, SOME, st.floats(0, 1))
def test_a_weight_that_changes_has_its_reason_in_words(query: str, rare: tuple[str, ...], unknown: float) -> None:
    way = route(read_form(query), Known(rare), unknown)
    assert way.reasons or (way.dense == 1 and unknown == 0)


@given(QUERIES, SOME)
def test_an_identifier_that_no_passage_holds_weighs_nothing(query: str, rare: tuple[str, ...]) -> None:
    form = read_form(query)
    without = type(form)(form.quoted, (), form.asks)
    assert route(form, Known(rare, form.identifiers), 0).dense == route(without, Known(rare), 0).dense


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    form = read_form(text)
    assert all(form.identifiers) and all(form.quoted)
