"""Token counts from remembered words, for tokenizers that never read across white space.

Of such a tokenizer (BERT's) the tokens of a text are the tokens of its words, one after the other,
so that each distinct word is tokenized once and a text is counted at the speed of a dictionary.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

Encode = Callable[[list[str]], list[tuple[int, int]]]
"""For each word its tokens, and how many of them are unknown; special tokens left out."""

_MOST = 10_000_000
"""About how many bytes of words are remembered."""
_ENTRY = 160
"""Bytes that an entry takes beside its characters."""
_LONGEST = 48
"""A longer word is rarely one: Han text has no spaces, so it is taken apart further."""
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]|[^\u3400-\u4dbf\u4e00-\u9fff]+")
"""BERT sets spaces around each of these."""
_NO_SPACE = ("\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x1f", "\x85")
"""White space to Python that BERT takes out, which joins what stands around it."""
_SPACES = re.compile(r"[ \t\n\r]+")


class WordTokens:
    """Remembers what it has seen up to a bound, then forgets all of it."""

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._tokens: dict[str, int] = {}
        self._unknown: dict[str, int] = {}
        self._size = 0

    def tokens(self, texts: Sequence[str]) -> list[int]:
        """Of each text, special ones left out."""
        split = [_words(text) for text in texts]
        of = self._tokens.__getitem__
        try:
            counts = [sum(map(of, words)) for words in split]
        except KeyError:  # a new word; most texts have none, and are not searched for one
            self._learn(split)
            counts = [sum(map(of, words)) for words in split]
        self._forget()
        return counts

    def pairs(self, texts: Sequence[str]) -> list[tuple[int, int]]:
        """For each text its tokens, and how many of them are unknown."""
        split = [_words(text) for text in texts]
        self._learn(split)
        of, of_unknown = self._tokens.__getitem__, self._unknown.get
        counts = [(sum(map(of, words)), sum(of_unknown(word, 0) for word in words)) for words in split]
        self._forget()
        return counts

    def _learn(self, split: Sequence[Sequence[str]]) -> None:
        """All words of the texts are known from now on."""
        fresh = sorted(set().union(*split).difference(self._tokens))
        if fresh:
            for word, (tokens, unknown) in zip(fresh, self._encode(fresh), strict=True):
                self._tokens[word] = tokens
                if unknown:
                    self._unknown[word] = unknown
                self._size += len(word) + _ENTRY

    def _forget(self) -> None:
        if self._size > _MOST:
            self._tokens.clear()
            self._unknown.clear()
            self._size = 0


def _words(text: str) -> list[str]:
    words = _SPACES.split(text) if any(map(text.__contains__, _NO_SPACE)) else text.split()
    if text.isascii() or max(map(len, words), default=0) <= _LONGEST:
        return words
    return [part for word in words for part in ((word,) if len(word) <= _LONGEST else _HAN.findall(word))]


def reads_words_alone(tokenizer: Path) -> bool:
    """True for a `tokenizer.json` of BERT's kind. Its special tokens hold no white space and no
    Han, so they are found within one word too."""
    described = json.loads(tokenizer.read_text("utf-8"))
    kinds = [(described.get(part) or {}).get("type") for part in ("normalizer", "pre_tokenizer", "model")]
    if kinds != ["BertNormalizer", "BertPreTokenizer", "WordPiece"] or not described["normalizer"]["clean_text"]:
        return False
    if not described["normalizer"]["handle_chinese_chars"]:
        return False
    added = [token["content"] for token in described["added_tokens"]]
    return all(content.isascii() and len(content.split()) == 1 for content in added)
