from __future__ import annotations

import pytest

from chunkers.cohesion import LexicalCohesion


@pytest.mark.parametrize(
    "units",
    [
        [
            "Cats drink milk in the kitchen.",
            "The kitchen belongs to the cats.",
            "Cats chase whoever takes the milk.",
            "Interest rates rose sharply again.",
            "Banks expect rates to stay high.",
            "Higher interest helps the banks.",
        ],
        [
            "猫咪喜欢喝牛奶。",
            "牛奶让猫咪开心。",
            "猫咪在厨房喝牛奶。",
            "银行利率上升。",
            "利率让银行担心。",
            "银行调整利率。",
        ],
    ],
)
def test_the_weakest_joint_is_where_the_subject_changes(units: list[str]) -> None:
    joints = LexicalCohesion().joints(units)
    assert len(joints) == len(units) - 1
    assert min(range(len(joints)), key=joints.__getitem__) == 2


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 9])
def test_values_lie_between_nothing_and_one(count: int) -> None:
    joints = LexicalCohesion().joints(["the same sentence again"] * count)
    assert joints == [1.0] * max(0, count - 1)


def test_text_without_words_holds_nothing_together() -> None:
    assert LexicalCohesion().joints(["--", "??", ""]) == [0.0, 0.0]
