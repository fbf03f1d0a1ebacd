"""Tells the multi-byte encodings of Chinese, Japanese and Korean apart, short texts included.

General detectors judge by how orderly the decoded characters look, which needs pages of text:
nearly every pair of bytes is some character in each of these encodings. Here each candidate is
decoded and scored by how usual its characters are in the language that the encoding is for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ingest.text_bytes import REPLACEMENT
from ingest.usual_characters import USUAL, japanese, korean, simplified, traditional

_ACCEPTED = 0.75
"""Mean score from which a text is taken for the language. Prose in the right encoding has about
2; bytes of another encoding rarely reach 0.5."""
_SURE = 1.5
"""Mean score from which no other encoding is thought of."""
_READ = 64 * 1024
"""Bytes that are scored; the encoding of a file does not change on the way."""
_TOO_MANY_WRONG = 0.02
_MARK = re.compile(r"[\u2018-\u201d\u3001-\u301f\uff01-\uff1f]")
_BY_ITSELF = re.compile(r"(?<![A-Za-z])[\u4e00-\u9fff](?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class _Candidate:
    codec: str
    score: Callable[[str], float]
    """Of one character beyond ASCII."""


@dataclass(frozen=True, slots=True)
class CjkGuess:
    """`score`: the mean of the characters beyond ASCII; prose has about 2."""

    codec: str
    score: float

    @property
    def is_sure(self) -> bool:
        return self.score >= _SURE


def guess_cjk(data: bytes) -> CjkGuess | None:
    """Chinese, Japanese or Korean text in a multi-byte encoding, else None.

    Characters that cannot be decoded may be 2 % (a damaged or cut file is still read).
    """
    scores = ((candidate.codec, _score(candidate, data)) for candidate in _CANDIDATES)
    told = [CjkGuess(codec, score) for codec, score in scores if score is not None and score > _ACCEPTED]
    return max(told, key=lambda guess: guess.score, default=None)


def _score(candidate: _Candidate, data: bytes) -> float | None:
    """Mean of the characters beyond ASCII; None for what cannot be so encoded."""
    text = data[:_READ].decode(candidate.codec, errors="replace")
    foreign = [c for c in text if c >= "\x80"]
    if len(foreign) == 1 and candidate.score in {simplified, traditional}:
        return _lone(text, candidate.score(foreign[0]))
    if len(foreign) < 2 or _undecoded(text) > _TOO_MANY_WRONG * len(foreign) + 1:
        return None
    return sum(map(candidate.score, foreign)) / len(foreign)


def _lone(text: str, score: float) -> float | None:
    """Of a text with one character beyond ASCII: only one of daily use, and standing by itself, or
    two letters with accents may be meant; a mark may stand anywhere."""
    is_mark = _MARK.search(text) is not None
    return score if score >= USUAL and (is_mark or _BY_ITSELF.search(text)) else None


def _undecoded(text: str) -> int:
    # The cut at _READ may halve the last character.
    return text[:-1].count(REPLACEMENT)


_CANDIDATES = (
    _Candidate("gb18030", simplified),
    _Candidate("big5hkscs", traditional),
    _Candidate("cp932", japanese),
    _Candidate("euc_jp", japanese),
    _Candidate("cp949", korean),
)
