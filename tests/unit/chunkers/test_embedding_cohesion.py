from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from chunkers.embedding_cohesion import EmbeddingCohesion


class Told:
    fingerprint = "told"

    def __init__(self, *rows: tuple[float, ...]) -> None:
        self.rows = np.asarray(rows, np.float32)

    def vectors(self, texts: Sequence[str]) -> NDArray[np.floating]:
        return self.rows[: len(texts)]


def test_cohesion_is_lowest_where_the_text_turns() -> None:
    cohesion = EmbeddingCohesion(Told((1, 0), (2, 0), (1, 0.1), (0, 1), (0.1, 1), (0, 3)))
    strengths = cohesion.joints(["text"] * 6)
    assert len(strengths) == 5
    assert min(strengths) == strengths[2] < 0.1
    assert strengths[0] > 0.8
    assert strengths[4] > 0.8


def test_a_joint_is_judged_by_several_sentences_on_either_side() -> None:
    """One sentence that strays is no change of subject."""
    strays = EmbeddingCohesion(Told((1, 0), (1, 0), (0, 1), (1, 0), (1, 0), (1, 0))).joints(["text"] * 6)
    turns = EmbeddingCohesion(Told((1, 0), (1, 0), (0, 1), (0, 1), (0, 1), (0, 1))).joints(["text"] * 6)
    assert strays[1] > 0.8
    assert turns[1] == 0.0


def test_opposites_hang_together_no_less_than_strangers() -> None:
    assert EmbeddingCohesion(Told((1, 0), (-1, 0))).joints(["a", "b"]) == [0.0]


def test_what_means_nothing_is_like_nothing() -> None:
    assert EmbeddingCohesion(Told((0, 0), (1, 0))).joints(["a", "b"]) == [0.0]


@pytest.mark.parametrize("texts", [[], ["one"]])
def test_there_is_no_joint_in_less_than_two_units(texts: list[str]) -> None:
    assert EmbeddingCohesion(Told((1, 0))).joints(texts) == []


def test_rounding_of_a_model_moves_nothing() -> None:
    rows = ((1.0, 0.2), (0.9, 0.3), (0.1, 1.0))
    shaken = tuple(tuple(value * (1 + 1e-6) for value in row) for row in rows)
    assert EmbeddingCohesion(Told(*rows)).joints(["a"] * 3) == EmbeddingCohesion(Told(*shaken)).joints(["a"] * 3)


def test_the_model_is_part_of_the_fingerprint() -> None:
    assert "told" in EmbeddingCohesion(Told((1, 0))).fingerprint
