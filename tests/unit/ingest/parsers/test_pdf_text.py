import pytest

from ingest.parsers.pdf.text import Spelling, clean, is_cjk, join_lines


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("ﬁnd the ﬂow", "find the flow"),
        ("e\u0301te\u0301", "été"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("bell\x07 null\x00", "bell null"),
        ("no\u00a0break\u3000space", "no break space"),
        ("hy\u00adphen", "hyphen"),
        ("⽂字", "文字"),
        ("㎏ and ²", "㎏ and ²"),
        ("\ue000", "\ue000"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("a\u200cb", "ab"),
    ],
)
def test_characters_are_cleaned_without_losing_meaning(raw: str, expected: str) -> None:
    assert clean(raw) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["two lines", "of prose"], "two lines of prose"),
        (["hyphen-", "ation ends"], "hyphenation ends"),
        (["soft\u00ad", "ness"], "softness"),
        (["Anglo-", "Saxon"], "Anglo-Saxon"),
        (["1990-", "2000"], "1990-2000"),
        (["state-of-the-", "art"], "state-of-the-art"),
        (["x-", "axis"], "x-axis"),
        (["图书室由居民", "共同管理"], "图书室由居民共同管理"),
        (["借阅以后，", "Python 也"], "借阅以后，Python 也"),
        (["使用", "Excel"], "使用 Excel"),
        (["他说", "“可以”"], "他说“可以”"),
        (["한국어 문장은", "띄어쓴다"], "한국어 문장은 띄어쓴다"),
        (["see https://example.org/a/", "long/path for more"], "see https://example.org/a/long/path for more"),
        (["a dash -", "stays"], "a dash - stays"),
    ],
)
def test_lines_join_as_their_script_asks(lines: list[str], expected: str) -> None:
    assert join_lines(lines) == expected


def test_a_compound_of_the_document_keeps_its_hyphen() -> None:
    spelling = Spelling.of(["the well-known rule of thumb", "a broken word"])
    assert join_lines(["this well-", "known rule"], spelling) == "this well-known rule"


def test_a_word_of_the_document_loses_the_hyphen_of_its_line_break() -> None:
    spelling = Spelling.of(["to under the stand and understand it all"])
    assert join_lines(["we under-", "stand"], spelling) == "we understand"


def test_two_words_of_the_document_are_a_compound() -> None:
    spelling = Spelling.of(["high vectors of a dimensional kind here"])
    assert join_lines(["in high-", "dimensional space"], spelling) == "in high-dimensional space"


@pytest.mark.parametrize(
    ("character", "expected"), [("文", True), ("，", True), ("か", True), ("a", False), ("한", False)]
)
def test_scripts_without_spaces_are_known(character: str, expected: bool) -> None:
    assert is_cjk(character) is expected
