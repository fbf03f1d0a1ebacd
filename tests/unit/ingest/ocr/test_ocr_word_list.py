"""Near misses of a domain's terms, in lines in doubt only."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.ocr.word_list import read_word_list, word_list
from ingest.page_images import TextLine
from schemas.errors import ConfigError

TERMS = ("strainer", "Bearing", "impeller", "MS-17", "valve V1", "保管期限", "采购合同第三条")


def corrected(text: str, confidence: float = 0.7) -> str:
    line = TextLine(text, confidence, ((0, 0), (90, 0), (90, 9), (0, 9)))
    return word_list(TERMS, below=0.9).corrected(line).text


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("clean the stralner, then", "clean the strainer, then"),
        ("The lmpeller turns.", "The impeller turns."),
        ("STRALNER", "STRAINER"),
        ("Strainr", "Strainer"),
        ("the baring", "the Bearing"),
        ("永久和定期保管朋限分为", "永久和定期保管期限分为"),
    ],
)
def test_a_near_miss_becomes_the_term_and_keeps_its_case(read: str, meant: str) -> None:
    assert corrected(read) == meant


def test_a_line_that_is_beyond_doubt_is_left_alone() -> None:
    assert corrected("the stralner", confidence=0.95) == "the stralner"


@pytest.mark.parametrize(
    "text",
    [
        "form MS-18",  # a digit is never changed
        "采购合同第二条",  # nor a numeral
        "train",  # too far
        "ring",  # too short for a miss
        "the strainer",  # is one
        "88-4120-B costs $1,249.50",
    ],
)
def test_what_is_no_near_miss_stays(text: str) -> None:
    assert corrected(text) == text


def test_between_two_terms_as_near_nothing_is_chosen() -> None:
    line = TextLine("the valce", 0.5, ((0, 0), (9, 0), (9, 9), (0, 9)))
    assert word_list(["valve", "value", "valse"], below=0.9).corrected(line) is line


def test_a_list_is_read_from_a_file_without_comments(tmp_path: Path) -> None:
    path = tmp_path / "terms.txt"
    path.write_text("\ufeff# pumps\nimpeller\n\nfloat switch\n", "utf-8")
    assert set(read_word_list(path, 0.9).words) == {"impeller", "float", "switch"}


def test_a_list_that_cannot_be_read_is_the_configurations_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"ocr\.word_list: .* cannot be read"):
        read_word_list(tmp_path / "none.txt", 0.9)
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    with pytest.raises(ConfigError, match="UTF-8"):
        read_word_list(tmp_path / "latin.txt", 0.9)
