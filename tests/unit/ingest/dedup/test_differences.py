from __future__ import annotations

import pytest

from ingest.dedup.differences import difference_of_near, difference_of_same
from ingest.dedup.shingles import read

FRAME = "When the river turned west the old layers of sand were cut {} and the younger clay lay open on both banks."
ZH_FRAME = "河流改道以后，较老的砂层被切开，{}较新的黏土在两岸出露，研究人员记录了剖面。"


@pytest.mark.parametrize(
    ("extra", "what"),
    [
        ("twice", "number"), ("7 times", "number"), ("in March", "date"), ("yesterday", "date"), ("never", "negation"),
        ("by Darwin", "name"), ("in NASA", "name"), ("by the `tokio` crate", "name"), ("via foo_baz", "name"),
        ("only", "limiting word"), ("موسكو", "name"), ("with x", "name"),
    ],
)  # fmt: skip
def test_an_added_fact_keeps_both(extra: str, what: str) -> None:
    plain, longer = FRAME.format("").replace("  ", " "), FRAME.format(extra)
    told = difference_of_near(plain, longer)
    assert told == difference_of_near(longer, plain)
    assert told is not None
    assert what in told


@pytest.mark.parametrize(
    ("extra", "what"),
    [("上海的", "name"), ("三次，", "number"), ("昨日", "date"), ("没有", "negation"), ("仅", "limiting word")],
)
def test_an_added_chinese_fact_keeps_both(extra: str, what: str) -> None:
    told = difference_of_near(ZH_FRAME.format(""), ZH_FRAME.format(extra))
    assert told is not None
    assert what in told


@pytest.mark.parametrize("extra", ["deeply", "open again", "that"])
def test_ordinary_words_more_are_no_difference(extra: str) -> None:
    assert difference_of_near(FRAME.format("").replace("  ", " "), FRAME.format(extra)) is None
    assert difference_of_near(ZH_FRAME.format(""), ZH_FRAME.format("逐渐")) is None


def test_a_word_for_another_keeps_both() -> None:
    assert difference_of_near(FRAME.format("deeply"), FRAME.format("slowly")) == "a word stands for another"
    moved = FRAME.format("").replace("sand", "clay", 1).replace("younger clay", "younger sand")
    assert difference_of_near(FRAME.format(""), moved) is not None


def test_articles_and_hyphens_may_differ() -> None:
    assert (
        difference_of_near(FRAME.format("at a bend that is well-known"), FRAME.format("at the bend that is wellknown"))
        is None
    )


def test_a_text_without_case_hides_its_names_and_so_keeps_both() -> None:
    assert difference_of_near(FRAME.format("").lower(), FRAME.format("deeply").lower()) == "a name differs"


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ("There is no table here", "There is notable here", "words end elsewhere"),
        ("if a < b then", "if a > b then", "a symbol differs"),
        ("if a <= b then", "if a < b then", "a symbol differs"),
        ("if a != b then", "if a = b then", "a symbol differs"),
        ("it drew 5 mW of power", "it drew 5 MW of power", "a unit differs"),
        ("it is 👍 now", "it is 👎 now", "a symbol differs"),
    ],
)
def test_equal_letters_can_still_differ(one: str, other: str, told: str) -> None:
    assert read(one).squeezed == read(other).squeezed
    assert difference_of_same(one, other) == difference_of_same(other, one) == told


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It drew 5 mW of Power", "IT DREW 5 MW OF POWER"),
        ("A well-known site", "a wellknown site"),
        ("infor-\nmation is lost", "information is lost"),
        ("don’t stop", "dont stop"),
        ("Acme™ makes it → now", "Acme makes it now"),
        ("在 2020 年 5kg", "在2020年5 kg"),
    ],
)
def test_equal_letters_typed_differently_are_the_same(one: str, other: str) -> None:
    assert read(one).squeezed == read(other).squeezed
    assert difference_of_same(one, other) is None
