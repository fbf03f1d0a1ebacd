from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.embed.batching import batches, encode_or_halve
from ingest.vectors import Vectors


@given(st.lists(st.integers(0, 300)), st.integers(1, 2000))
def test_every_text_is_in_one_batch_within_the_budget(lengths: list[int], budget: int) -> None:
    made = list(batches(lengths, budget))
    assert sorted(index for batch in made for index in batch) == list(range(len(lengths)))
    for batch in made:
        longest = max(lengths[index] for index in batch)
        assert longest == lengths[batch[0]]
        assert len(batch) == 1 or longest * len(batch) <= budget


def numbers(texts: list[str]) -> Vectors:
    return np.array([[float(text)] for text in texts], np.float32)


def test_too_large_a_batch_is_halved_until_it_fits() -> None:
    sizes: list[int] = []

    def encode(texts: list[str]) -> Vectors:
        sizes.append(len(texts))
        if len(texts) > 3:
            raise MemoryError
        return numbers(texts)

    texts = [str(number) for number in range(10)]
    assert np.array_equal(encode_or_halve(encode, texts, MemoryError), numbers(texts))
    assert max(sizes) == 10
    assert sizes.count(10) == 1


def test_a_single_text_that_is_too_much_is_told() -> None:
    def encode(texts: list[str]) -> Vectors:
        raise MemoryError(texts[0])

    with pytest.raises(MemoryError, match="0"):
        encode_or_halve(encode, ["0", "1"], MemoryError)
