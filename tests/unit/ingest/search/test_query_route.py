"""What is seen of a question by its form, and what follows."""

from __future__ import annotations

import time

import pytest

from ingest.search.query_route import Known, read_form, route


@pytest.mark.parametrize(
    ("query", "identifier"),
    [
        ("RFC-2119", "RFC-2119"),
        ("what does RFC 2119 say of MUST?", "RFC 2119"),
        ("GB/T 19001 是什么标准", "GB/T 19001"),
        ("ERR_0042是什么意思", "ERR_0042"),
        ("changes in v1.2.3", "v1.2.3"),
        ("is getUserName safe?", "getUserName"),
        ("PointStruct upsert", "PointStruct"),
        ("foo_bar", "foo_bar"),
        ("release 3.11.2", "3.11.2"),
        ("ＲＦＣ－２１１９", "RFC-2119"),
        ("commit a1b2c3d4e5", "a1b2c3d4e5"),
        ("tube 12AX7", "12AX7"),
    ],
)
def test_identifiers_and_codes_are_seen_among_other_words(query: str, identifier: str) -> None:
    assert read_form(query).identifiers == (identifier,)


@pytest.mark.parametrize(
    "query",
    [
        "long-term growth in 2022",
        "the 15th amendment of the 1990s",
        "$37.1 billion",
        "a pump of 12kg",
        "Section 2.1",
        "违约金是多少",
        "2024-01-05",
        "who is Smith-Jones, or McKenzie?",
        "write to a.b@example.com",
        "feedback facade",
    ],
)
def test_numbers_dates_and_plain_words_are_no_identifiers(query: str) -> None:
    assert read_form(query).identifiers == ()


@pytest.mark.parametrize(
    ("query", "quoted"),
    [
        ('the "ninety days" clause', "ninety days"),
        ("“不可抗力”怎么定义", "不可抗力"),
        ("「総則」", "総則"),
        ("it's a dog's life", None),
    ],
)
def test_quoted_phrases_are_seen(query: str, quoted: str | None) -> None:
    assert read_form(query).quoted == (() if quoted is None else (quoted,))


@pytest.mark.parametrize(
    ("query", "asks"),
    [
        ("how often are bearings oiled", True),
        ("notice period?", True),
        ("违约金是多少", True),
        ("离心泵启动前要检查哪些项目", True),
        ("the bearings are oiled by the operator", True),
        ("notice period", False),
        ("违约金", False),
        ("bearing oil interval", False),
    ],
)
def test_a_sentence_is_told_from_a_list_of_words(query: str, asks: bool) -> None:
    assert read_form(query).asks is asks


def _weight(query: str, *rare: str) -> float:
    return route(read_form(query), Known(rare), 0.0).dense


def test_the_less_a_question_says_by_its_meaning_the_less_meaning_counts() -> None:
    assert _weight("how long is the notice period?") == 1
    assert 1 > _weight("notice period") > _weight("notice period", "period") > _weight("ERR_0042") >= 1 / 3
    assert _weight('what is "ERR_0042"?') == pytest.approx(1 / 3)


def test_reasons_name_what_was_seen() -> None:
    way = route(read_form("“ninety days” in RFC-2119 and ABC-1"), Known(absent=("ABC-1",)), 0.25)
    told = " | ".join(way.reasons)
    assert "'ninety days'" in told and "identifier or code ('RFC-2119')" in told
    assert "no passage holds 'ABC-1'" in told and "cannot read 25%" in told
    assert route(read_form("how long is the notice period?"), Known(), 0.0).reasons == ()


def test_long_texts_are_read_in_no_time() -> None:
    began = time.process_time()
    for text in (
        "A" + "1" * 50_000 + "é@",
        "a_" * 50_000 + "@",
        "aA" * 50_000 + "@",
        '"' * 50_000,
        "1a" * 20_000 + "@",
    ):
        read_form(text)
    assert time.process_time() - began < 5
