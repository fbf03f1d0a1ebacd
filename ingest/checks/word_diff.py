"""What differs between two passages, word by word: `schemas.duplication.DiffPiece`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from schemas.duplication import DIFF_CHARACTERS, DiffPiece, Side

_WIDE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_WORD = re.compile(rf"([{_WIDE}]|[^\W{_WIDE}]+|[^\s])(\s*)")


@dataclass(frozen=True, slots=True)
class _Word:
    word: str
    space: str

    @property
    def text(self) -> str:
        return self.word + self.space


@dataclass(frozen=True, slots=True)
class WordDiff:
    """`cut`: a passage goes on behind what was compared."""

    pieces: tuple[DiffPiece, ...]
    cut: bool


def word_diff(kept: str, left_out: str) -> WordDiff:
    """Of the beginnings of two passages; no pieces where they are equal."""
    if kept == left_out:
        return WordDiff((), cut=False)
    one, other = _words(kept[:DIFF_CHARACTERS]), _words(left_out[:DIFF_CHARACTERS])
    return WordDiff(tuple(_joined(_pieces(one, other))), cut=max(len(kept), len(left_out)) > DIFF_CHARACTERS)


def _words(text: str) -> list[_Word]:
    return [_Word(match[1], match[2]) for match in _WORD.finditer(text)]


def _pieces(kept: Sequence[_Word], left_out: Sequence[_Word]) -> Iterator[tuple[Side, str]]:
    start = _common(kept, left_out)
    end = _common(kept[start:][::-1], left_out[start:][::-1])
    inner, other = kept[start : len(kept) - end], left_out[start : len(left_out) - end]
    yield from ((Side.SAME, word.text) for word in kept[:start])
    # Near duplicates differ in little: what is the same at both ends need not be searched.
    matcher = SequenceMatcher(None, [word.word for word in inner], [word.word for word in other], autojunk=False)
    for tag, first, last, other_first, other_last in matcher.get_opcodes():
        if tag == "equal":
            yield from ((Side.SAME, word.text) for word in inner[first:last])
        else:
            yield from ((Side.KEPT, word.text) for word in inner[first:last])
            yield from ((Side.LEFT_OUT, word.text) for word in other[other_first:other_last])
    yield from ((Side.SAME, word.text) for word in kept[len(kept) - end :])


def _common(one: Sequence[_Word], other: Sequence[_Word]) -> int:
    """Words that both begin with."""
    count = 0
    for own, others in zip(one, other, strict=False):
        if own.word != others.word:
            break
        count += 1
    return count


def _joined(pieces: Iterator[tuple[Side, str]]) -> Iterator[DiffPiece]:
    for side, group in groupby(pieces, key=lambda piece: piece[0]):
        yield DiffPiece(side=side, text="".join(text for _, text in group))
