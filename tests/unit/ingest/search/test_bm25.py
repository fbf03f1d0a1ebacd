"""Sparse vectors by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.options.index import Bm25Options
from ingest.search.bm25 import Bm25Encoder


def encode(text: str, **options: float) -> dict[int, float]:
    weights = Bm25Encoder(Bm25Options(**options)).encode_passages([text])[0]
    return dict(zip(weights.indices.tolist(), weights.values.tolist(), strict=True))


def test_a_passage_weighs_its_words_as_bm25_does() -> None:
    weights = encode("cat cat dog", k1=1.2, b=0.75, average_length=3)
    # Of average length: tf * (k1 + 1) / (tf + k1).
    assert sorted(weights.values()) == pytest.approx([1.0, 2 * 2.2 / 3.2])


def test_a_word_counts_less_in_a_longer_passage() -> None:
    short, long = encode("cat dog"), encode("cat dog " + "filler " * 300)
    for term, weight in short.items():
        assert long[term] < weight


def test_length_counts_for_nothing_without_b() -> None:
    short, long = encode("cat", b=0.0), encode("cat " + "filler " * 300, b=0.0)
    (term,) = short
    assert long[term] == pytest.approx(short[term])


def test_a_query_has_the_terms_of_the_passage_once_each() -> None:
    encoder = Bm25Encoder(Bm25Options())
    passage = encoder.encode_passages(["Cats in the 清华大学"])[0]
    query = encoder.encode_query("cat CAT in the 清华大学")
    assert query.indices.tolist() == passage.indices.tolist()
    assert set(query.values.tolist()) == {1.0}


def test_vectors_are_sorted_distinct_and_of_the_types_that_the_index_takes() -> None:
    (weights,) = Bm25Encoder(Bm25Options()).encode_passages(["many different words in one long passage of words"])
    assert weights.indices.dtype == np.uint32
    assert weights.values.dtype == np.float32
    assert (np.diff(weights.indices.astype(np.int64)) > 0).all()


def test_a_text_without_words_has_an_empty_vector() -> None:
    encoder = Bm25Encoder(Bm25Options())
    assert encoder.encode_query("?!").indices.size == 0
    assert [weights.indices.size for weights in encoder.encode_passages(["", "…", "x"])] == [0, 0, 1]


def test_the_fingerprint_is_of_the_constants() -> None:
    usual = Bm25Encoder(Bm25Options()).fingerprint
    assert usual == Bm25Encoder(Bm25Options()).fingerprint
    for changed in ({"k1": 1.5}, {"b": 0.5}, {"average_length": 64}):
        assert Bm25Encoder(Bm25Options(**changed)).fingerprint != usual


def test_term_ids_never_change() -> None:
    # Stored vectors hold them: another hash would find nothing.
    assert Bm25Encoder(Bm25Options()).encode_query("strata").indices.tolist() == [TERM_ID]


TERM_ID = 2579610605
