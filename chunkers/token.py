"""`token`: langchain's windows of equally many tokens, as slices of the text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from chunkers.sentences import safe_cut
from chunkers.splitting import Sizes, Splitting
from chunkers.windows import Split

_LONGEST_GRAPHEME = 64
"""Characters that a cut is moved back by at most, so as not to part what is one sign."""


class _Slices:
    """`Tokenizer.encode` and `decode` of one text at a time. Ids are the numbers of tokens, and decoding
    slices the text: word pieces put together again would give another text."""

    def __init__(self, sizes: Sizes) -> None:
        self._counter = sizes.counter
        self._text = ""
        self._cuts: list[int] = []

    def encode(self, text: str) -> list[int]:
        starts = accumulate((start for start, _ in self._counter.offsets(text)), max)
        inner = [safe_cut(text, max(0, start - _LONGEST_GRAPHEME), start) for start in starts]
        self._text = text
        # What no token is made of goes with the one before it, at the beginning with the first.
        self._cuts = [0, *inner[1:], len(text)]
        return list(range(len(self._cuts) - 1))

    def decode(self, ids: Sequence[int]) -> str:
        return self._text[self._cuts[ids[0]] : self._cuts[ids[-1] + 1]]


def _make(sizes: Sizes) -> Split:
    from langchain_text_splitters.base import Tokenizer, split_text_on_tokens

    slices = _Slices(sizes)
    tokenizer = Tokenizer(chunk_overlap=0, tokens_per_chunk=sizes.largest, encode=slices.encode, decode=slices.decode)
    return lambda text: split_text_on_tokens(text=text, tokenizer=tokenizer)


TOKEN = Splitting("token", "1", _make)
