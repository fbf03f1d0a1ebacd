"""How much of a question a model can read, told by its tokenizer."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ingest.search.reading import COMMON_HAN, QuestionReading


class Known:
    """Every character that is not white space is a token."""

    def __init__(self, han: str) -> None:
        self._han = frozenset(han)

    def unknown_shares(self, texts: Sequence[str]) -> list[float]:
        return [self._share(text) for text in texts]

    def _share(self, text: str) -> float:
        tokens = [each for each in text if not each.isspace()]
        return sum(not each.isascii() and each not in self._han for each in tokens) / max(len(tokens), 1)


def unread(han: str, question: str) -> float:
    tokenizer = Known(han)
    return QuestionReading(tokenizer).unread(question, tokenizer.unknown_shares([question])[0])


def test_the_common_han_are_those_of_the_standard() -> None:
    assert len(COMMON_HAN) == 3755
    assert {*"的一是在不了有和人这中大为上个国我以要他"} < {*COMMON_HAN}


@pytest.mark.parametrize(
    ("question", "share"),
    [
        ("大人中国", 1.0),  # each of them a token that it knows
        ("ONNX 大中", 2 / 3),
        ("what is 大", 1 / 3),
        ("what is oil", 0.0),
        ("", 0.0),
    ],
)
def test_han_that_a_model_has_by_accident_are_not_read(question: str, share: float) -> None:
    assert unread(COMMON_HAN[::10], question) == pytest.approx(share)


@pytest.mark.parametrize("question", ["大人中国", "ONNX 大中", "what is 大"])
def test_a_model_that_was_taught_chinese_reads_it(question: str) -> None:
    assert unread(COMMON_HAN, question) == 0


def test_what_is_unknown_counts_in_any_script() -> None:
    assert unread(COMMON_HAN, "п и") == 1
    assert unread("", "пи大") == 1
