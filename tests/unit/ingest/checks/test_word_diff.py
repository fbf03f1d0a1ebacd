from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.checks.word_diff import word_diff
from schemas.duplication import DIFF_CHARACTERS, Side

_TEXTS = st.text(alphabet="ab 中文.\n1-", max_size=60)


def side(pieces: tuple, *sides: Side) -> str:
    return "".join(piece.text for piece in pieces if piece.side in sides)


def test_only_the_words_that_differ_are_marked() -> None:
    diff = word_diff("Payment is due in 30 days.", "Payment is due in 60 days.")
    assert [(piece.side, piece.text) for piece in diff.pieces] == [
        (Side.SAME, "Payment is due in "), (Side.KEPT, "30 "), (Side.LEFT_OUT, "60 "), (Side.SAME, "days."),
    ]  # fmt: skip


def test_chinese_is_compared_by_characters() -> None:
    diff = word_diff("每三十天付款一次", "每六十天付款一次")
    assert [piece.text for piece in diff.pieces if piece.side is not Side.SAME] == ["三", "六"]


def test_equal_passages_have_no_pieces() -> None:
    assert word_diff("the same", "the same").pieces == ()


def test_what_goes_on_behind_the_bound_is_told() -> None:
    long = "word " * DIFF_CHARACTERS
    diff = word_diff("a " + long, "b " + long)
    assert diff.cut
    assert len(side(diff.pieces, Side.SAME, Side.KEPT)) <= DIFF_CHARACTERS


@given(_TEXTS, _TEXTS)
def test_the_pieces_give_both_passages_again_but_for_white_space(kept: str, left_out: str) -> None:
    pieces = word_diff(kept, left_out).pieces
    if kept != left_out:
        assert side(pieces, Side.SAME, Side.KEPT) == kept.lstrip()
        assert side(pieces, Side.SAME, Side.LEFT_OUT).split() == left_out.split() or (
            "".join(side(pieces, Side.SAME, Side.LEFT_OUT).split()) == "".join(left_out.split())
        )
