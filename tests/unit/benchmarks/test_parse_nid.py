from __future__ import annotations

import pytest
from scores.nid import nid, nid_s, nid_text, similarity
from scores.reading import read

TABLE = "| a | b |\n|---|---|\n| 1 | 2 |\n"


def test_a_document_is_like_itself() -> None:
    document = read(f"# Title\n\ntext\n\n{TABLE}")

    assert nid(document, document) == nid_s(document, document) == nid_text(document, document) == 1.0


def test_similarity_is_twice_what_is_common_over_both_lengths() -> None:
    assert similarity("abcd", "abxd") == pytest.approx(2 * 3 / 8)
    assert similarity("abxd", "abcd") == pytest.approx(2 * 3 / 8)
    assert similarity("abc", "xyz") == 0.0


def test_white_space_counts_once() -> None:
    assert similarity("a  b\n\nc ", "a b c") == 1.0


def test_text_in_the_wrong_order_costs() -> None:
    assert similarity("first second", "second first") < 0.7


def test_a_table_counts_in_nid_and_not_in_nid_s() -> None:
    truth, found = read(f"text\n\n{TABLE}"), read("text")

    assert nid(truth, found) < nid_s(truth, found) == 1.0


def test_emphasis_costs_in_nid_and_not_in_the_text() -> None:
    truth, found = read("plain words"), read("**plain** _words_")

    assert nid(truth, found) < nid_text(truth, found) == 1.0


def test_empty_texts_are_unlike_as_published_and_equal_as_text() -> None:
    assert nid(read(""), read("")) == 0.0
    assert nid_text(read(""), read("")) == 1.0
