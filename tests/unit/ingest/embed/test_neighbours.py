"""A share of the neighbours in a vector."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ingest.embed.cache import mixed_key
from ingest.embed.neighbours import mix


def _unit(values: np.ndarray) -> np.ndarray:
    return (values / np.linalg.norm(values)).astype(np.float32)


vectors = (
    arrays.arrays(np.float32, 6, elements=st.floats(-1, 1, width=32))
    .filter(lambda values: float(np.linalg.norm(values)) > 0.1)
    .map(_unit)
)


@given(vectors, st.lists(vectors, max_size=2), st.floats(0, 1))
def test_mixing_is_the_normalised_sum_of_own_and_a_share_of_each_neighbour(
    own: np.ndarray, neighbours: list[np.ndarray], share: float
) -> None:
    total = own.astype(np.float64) + share * sum((each.astype(np.float64) for each in neighbours), np.zeros(6))
    if np.linalg.norm(total) < 1e-3:
        return
    mixed = mix(own, neighbours, share)
    assert mixed.dtype == np.float32
    assert mixed == pytest.approx(total / np.linalg.norm(total), abs=1e-3)
    assert np.linalg.norm(mixed) == pytest.approx(1, abs=1e-5)


@given(vectors, vectors, vectors, st.floats(0, 1))
def test_it_does_not_matter_which_neighbour_stands_before(
    own: np.ndarray, one: np.ndarray, other: np.ndarray, share: float
) -> None:
    assert mix(own, [one, other], share).tobytes() == mix(own, [other, one], share).tobytes()


@given(vectors, st.lists(vectors, max_size=2))
def test_a_share_of_nothing_leaves_the_raw_vector_to_the_bit(own: np.ndarray, neighbours: list[np.ndarray]) -> None:
    assert mix(own, neighbours, 0.0) is own


def test_without_neighbours_the_raw_vector_stays() -> None:
    own = _unit(np.arange(6) + 1.0)
    assert mix(own, [], 0.3) is own


def test_neighbours_that_cancel_the_vector_leave_it_as_it_is() -> None:
    own = _unit(np.arange(6) + 1.0)
    assert mix(own, [-own, -own], 0.5) is own


def test_the_key_tells_what_was_mixed_in_and_is_the_raw_one_where_nothing_was() -> None:
    assert mixed_key("a", ["b"], 0.0) == mixed_key("a", [], 0.3) == "a"
    keys = {
        mixed_key("a", ["b"], 0.3),
        mixed_key("a", ["c"], 0.3),
        mixed_key("b", ["a"], 0.3),
        mixed_key("a", ["b"], 0.4),
    }
    assert len(keys) == 4
