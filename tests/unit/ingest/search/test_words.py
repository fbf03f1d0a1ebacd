"""Which words BM25 counts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from ingest.search.words import words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("  \n\t", []),
        ("!!! … 😀 —", []),
        ("Running connections", ["run", "connect"]),
        ("RUNNING Connections", ["run", "connect"]),
        ("the user's don’t", ["the", "user", "don't"]),
        ("foo_bar", ["foo_bar", "foo", "bar"]),
        ("RFC-2119", ["rfc-2119", "rfc", "2119"]),
        ("RFC2119", ["rfc2119", "rfc", "2119"]),
        ("v1.2.3", ["v1.2.3"]),
        ("v10.2.33", ["v10.2.33", "10", "33"]),
        ("getUserName", ["getusernam", "get", "user", "name"]),
        ("PDFs and GPUs", ["pdf", "and", "gpu"]),
        ("C++ and C#, not C", ["c++", "and", "c#", "not", "c"]),
        ("1,234,567 and 1,2", ["1234567", "and", "1", "2"]),
        ("end. Start", ["end", "start"]),
        ("ＡＢＣ１２３", ["abc123", "abc", "123"]),
        ("café naïve Straße", ["café", "naïv", "strass"]),
        ("стекло Ἀθήνα", ["стекло", "ἀθήνα"]),
        ("한국어 문서", ["한국", "국어", "문서"]),
        ("東京タワー", ["東", "東京", "京", "タワ", "ワー"]),
        ("使用DataLoader加载", ["使用", "dataload", "data", "loader", "加载"]),
        ("𠮷", ["𠮷"]),
    ],
)
def test_words_of(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_a_chinese_compound_and_its_parts_find_each_other() -> None:
    passage = words("他毕业于清华大学。")
    assert {"清华", "大学", "清华大学"} <= set(passage)
    assert set(words("清华大学")) <= set(passage)
    assert set(words("大学")) <= set(passage)


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("data loader", "the DataLoader class"),
        ("dataloader", "the DataLoader class"),
        ("rfc 2119", "as RFC-2119 says"),
        ("user name", "call get_user_name()"),
        ("getusername", "getUserName()"),
        ("gpu", "on two GPUs"),
        ("university", "two universities"),
        ("ﬁle", "a file"),
        ("１２月", "12月"),
        ("1234", "1,234 pages"),
    ],
)
def test_what_is_asked_one_way_is_found_written_another(asked: str, written: str) -> None:
    assert set(words(asked)) <= set(words(written))


def test_a_chinese_name_is_cut_alike_whatever_stands_around_it() -> None:
    name = words("飞桨")
    for text in ("安装飞桨框架", "飞桨的安装", "用飞桨"):
        assert set(name) <= set(words(text))


def test_very_long_runs_are_words_too_and_take_no_long_time() -> None:
    assert words("a" * 1_000_000) == ["a" * 1_000_000]
    assert len(words("aB" * 500_000)) == 1
    assert len(words("a_" * 500_000)) == 1
    assert len(words("中" * 100_000)) > 0


def test_threads_find_the_same_words() -> None:
    texts = [f"Running {number} connections of 清华大学 getUser{number}Names" for number in range(400)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(words, texts)) == [words(text) for text in texts]
