from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ingest.embed.sentence_pooling import parts_of, pooled


def test_a_sentence_that_recurs_is_one_part() -> None:
    parts = parts_of(["It rains. It pours.", "它下雨。它刮风。", "It rains."])
    assert parts.texts == ["It rains.", "It pours.", "它下雨。", "它刮风。"]
    assert parts.members == [[0, 1], [2, 3], [0]]


@given(st.lists(st.text(max_size=40), max_size=5))
def test_every_passage_has_parts_and_no_visible_character_is_lost(passages: list[str]) -> None:
    parts = parts_of(passages)
    for passage, members in zip(passages, parts.members, strict=True):
        told = "".join(parts.texts[place] for place in members)
        assert members
        assert "".join(told.split()) == "".join(passage.split())


def test_longer_sentences_weigh_more() -> None:
    vectors = np.eye(2, dtype=np.float32)
    (row,) = pooled(vectors, [3, 4], [[0, 1]])
    assert np.allclose(row, [0.6, 0.8])


def test_opposites_leave_the_longest() -> None:
    vectors = np.array([[1, 0], [-1, 0]], dtype=np.float32)
    (row,) = pooled(vectors, [5, 5], [[1, 0]])
    assert row.tolist() == [-1, 0]


def test_rows_have_length_one() -> None:
    random = np.random.default_rng(1).normal(size=(6, 8)).astype(np.float32)
    vectors = random / np.linalg.norm(random, axis=1, keepdims=True)
    rows = pooled(vectors, [1, 2, 3, 4, 5, 6], [[0, 1, 2], [3], [4, 5]])
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    assert np.allclose(rows[1], vectors[3])
