from __future__ import annotations

import pytest

from chunkers.enclosed import LONGEST, enclosed, passages


def pairs(text: str) -> list[str]:
    return [text[start:end] for start, end in enclosed(text, 0, len(text))]


def told(text: str) -> list[str]:
    return [text[start:end].strip() for start, end, _ in passages(text, 0, len(text))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a “b” c 「d」 e", ["“b”", "「d」"]),
        ("a (b [c] (d)) e", ["(b [c] (d))"]),
        ("『外「内」外』《书》（注）", ["『外「内」外』", "《书》", "（注）"]),
        ("1) one 2) two :) and ( open", []),
        ("“never closed. (but this is)", ["(but this is)"]),
        ("(a “b) c”", ["(a “b)"]),
        ("", []),
    ],
)
def test_pairs_are_the_outermost_and_marks_without_a_partner_are_text(text: str, found: list[str]) -> None:
    assert pairs(text) == found


def test_a_quotation_stays_in_one_piece_with_the_sentences_it_is_in() -> None:
    text = "Before. He said: “One. Two! Three?” and left. After."
    assert told(text) == ["Before.", "He said: “One. Two! Three?” and left.", "After."]
    assert told("他说：“好。走吧！”然后走了。完。") == ["他说：“好。走吧！”", "然后走了。", "完。"]


def test_an_open_mark_does_not_glue_what_follows() -> None:
    assert told("He said: “One. Two. Three. And so on.") == ["He said: “One.", "Two.", "Three.", "And so on."]


def test_what_is_too_long_between_two_marks_is_no_pair() -> None:
    text = f"(Start. {'Go on. ' * LONGEST})"
    assert len(told(text)) > LONGEST


def test_rows_of_open_marks_cost_linear_time() -> None:
    assert pairs("(" * 200_000 + "]" * 200_000) == []
