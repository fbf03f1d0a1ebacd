from __future__ import annotations

import time
from itertools import pairwise

import pytest

from chunkers.sentences import fracture, lines, safe_cut, sentences


def split(text: str) -> list[str]:
    return [text[a:b].strip() for a, b in sentences(text, 0, len(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("Dr. Smith met J. R. Tolkien. They talked.", ["Dr. Smith met J. R. Tolkien.", "They talked."]),
        ("It costs 3.5 dollars, e.g. in No. 5. See Fig. 3.", ["It costs 3.5 dollars, e.g. in No. 5.", "See Fig. 3."]),
        ("See http://a.b/c.d?e=f. Then go.", ["See http://a.b/c.d?e=f.", "Then go."]),
        ('"Really?" he said. "Yes."', ['"Really?" he said.', '"Yes."']),
        ("He left (at last!). She stayed.", ["He left (at last!).", "She stayed."]),
        ("I said no. No one came.", ["I said no.", "No one came."]),
        ("Well... maybe so. Fine.", ["Well... maybe so.", "Fine."]),
        ("今天很好。明天呢？走吧！", ["今天很好。", "明天呢？", "走吧！"]),
        ("他说：“你好。”然后走了。", ["他说：“你好。”", "然后走了。"]),
        ("「はい。」と言った。", ["「はい。」", "と言った。"]),
        ("第3.5节讲版本 2.0 的变化；下面是例子。", ["第3.5节讲版本 2.0 的变化；下面是例子。"]),
        ("他说：“嗯……其实……我见过。”然后走了……", ["他说：“嗯……其实……我见过。”", "然后走了……"]),
        ("先保存。`state_dict()`存参数。", ["先保存。", "`state_dict()`存参数。"]),
        ("有两点：1. 不访问整个输入;2. 不存储矩阵。", ["有两点：1. 不访问整个输入;2. 不存储矩阵。"]),
        ("他走了……\n明天再来。好吧……！走。", ["他走了……", "明天再来。", "好吧……！", "走。"]),
        ("Hello world.你好。", ["Hello world.", "你好。"]),
        ("1. First item. 2. Second item.", ["1. First item.", "2. Second item."]),
        ("Items:\n- one\n- two", ["Items:", "- one", "- two"]),
        ("要点：\n（一）甲\n（二）乙", ["要点：", "（一）甲", "（二）乙"]),
        ("a line that is\nwrapped softly. Next.", ["a line that is\nwrapped softly.", "Next."]),
    ],
)
def test_sentences_end_where_a_reader_says_they_do(text: str, expected: list[str]) -> None:
    assert split(text) == expected


@pytest.mark.parametrize("text", ["", "   ", "a", "。。。", "..", "?!?!", "\n\n\n", "e.g.", "“”"])
def test_spans_adjoin_and_cover_the_text(text: str) -> None:
    spans = list(sentences(text, 0, len(text)))
    assert "".join(text[a:b] for a, b in spans) == text
    assert all(left[1] == right[0] for left, right in pairwise(spans))


def test_an_over_long_sentence_comes_apart_at_clauses_then_words_then_characters() -> None:
    text = "one two, three four five six seven, " + "x" * 25
    pieces = [(text[a:b], mark) for a, b, mark in fracture(text, 0, len(text), 12)]
    assert "".join(piece for piece, _ in pieces) == text
    assert [mark for _, mark in pieces] == ["clause", "clause", "word", "word", "clause", "char", "char"]
    assert pieces[0][0] == "one two, "


def test_a_comma_in_a_number_is_no_clause_mark() -> None:
    text = "it cost 1,000,000 dollars"
    assert [text[a:b] for a, b, _ in fracture(text, 0, len(text), 100)] == [text]


@pytest.mark.parametrize("cluster", ["e\u0301", "👩\u200d🔬", "👍🏽", "🇨🇳", "\u1100\u1161"])
def test_a_cut_does_not_part_a_grapheme(cluster: str) -> None:
    text = cluster * 4
    for at in range(len(cluster), len(text)):
        assert safe_cut(text, 0, at) % len(cluster) == 0


def test_a_giant_grapheme_is_cut_all_the_same() -> None:
    assert safe_cut("e" + "\u0301" * 50, 0, 10) == 10


def test_lines_know_the_blank_line_above_them() -> None:
    text = "a\nb\n\n\nc"
    assert [(text[a:b], blank) for a, b, blank in lines(text, 0, len(text))] == [
        ("a\n", False),
        ("b\n", False),
        ("c", True),
    ]


@pytest.mark.parametrize("pattern", [".", "!?", "…", ":;", " ", "\n", "a.", "”", "( ", "。", "- \n"])
def test_odd_repetitions_take_linear_time(pattern: str) -> None:
    def seconds(times: int) -> float:
        text = pattern * times + "x"
        begin = time.thread_time()
        for _ in sentences(text, 0, len(text)):
            pass
        for _ in fracture(text, 0, len(text), 50):
            pass
        return time.thread_time() - begin

    # What a busy machine adds to a time is not the same twice; a square would make it 400 times as long each time.
    short = max(min(seconds(2_000) for _ in range(2)), 0.002)
    assert any(seconds(40_000) < 60 * short for _ in range(5))
