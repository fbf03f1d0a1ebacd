from __future__ import annotations

import pytest

from ingest.dedup.facts import facts
from ingest.dedup.folding import atoms, fold
from ingest.dedup.shingles import read


def test_width_case_space_and_punctuation_are_folded() -> None:
    assert read("Strata,  lie\n(one) on another!").squeezed == read("ＳＴＲＡＴＡ lie; one on ａnother").squeezed
    assert read("地层，一层 叠一层。").squeezed == read("地层一层叠一层").squeezed


@pytest.mark.parametrize(
    "numbers",
    [
        ("1,000", "1.000", "1000", "1 000"),
        ("-5", "5", "+5"),
        (".5", "5", "0.5"),
        ("5%", "5", "5°"),
        ("$5", "€5", "5"),
        ("10²", "102", "10"),
        ("1½", "11/2", "1"),
        ("2021-01-03", "2021/01/03", "20210103"),
        ("<5", ">5", "≤5"),
        ("5 - 3", "5 + 3", "5 / 3"),
        ("18+", "18"),
    ],
)
def test_what_stands_in_a_number_or_belongs_to_it_counts(numbers: tuple[str, ...]) -> None:
    assert len({facts(f"about {number} of it") for number in numbers}) == len(numbers)


@pytest.mark.parametrize(
    ("one", "other"),
    [("1,000", "１，０００"), ("10–20", "10-20"), ("−5", "-5"), ("5 %", "5%"), ("(5)", "5."), ("GPT-4", "GPT 4")],
)
def test_how_a_number_is_typed_does_not_count(one: str, other: str) -> None:
    assert facts(f"it is {one}") == facts(f"it is {other}")


def test_negations_are_facts_in_both_languages() -> None:
    assert facts("It does not lie") == facts("It doesn’t lie") == ("¬",)
    assert facts("它不在这里，也没有来") == ("¬", "¬")
    assert facts("without a word") != facts("with a word")


def test_atoms_keep_the_case_and_the_place_of_words() -> None:
    text = fold("Don’t  use C# — 北京, x != y")
    found = [(atom.norm, text[atom.start : atom.start + len(atom.raw)]) for atom in atoms(text)]
    assert found == [
        ("dont", "Don't"), ("use", "use"), ("c#", "C#"), ("北", "北"), ("京", "京"),
        ("x", "x"), ("!=", "!="), ("y", "y"),
    ]  # fmt: skip


def test_vowel_signs_belong_to_their_words() -> None:
    assert read("कि").squeezed != read("की").squeezed
