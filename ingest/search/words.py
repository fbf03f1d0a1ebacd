"""The words that BM25 counts, in any language, without asking which."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.metadata import version
from typing import Final

from rjieba import Jieba
from Stemmer import Stemmer

from schemas.ids import fingerprint

WORDS_VERSION: Final = 1
"""Counts up when `words` would find other words in some text."""

_HAN: Final = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# Written without spaces, or glued to their endings: kana, Hangul, Thai, Lao, Burmese, Khmer.
_GLUED: Final = "\u3041-\u30ff\u31f0-\u31ff\uac00-\ud7af\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_PLAIN: Final = rf"[^\W_{_HAN}{_GLUED}]"

# In this order: a run of Han, a glued run, "C++" and "C#", and whatever is joined by . _ - ' and the like.
_TOKEN: Final = re.compile(
    rf"(?P<han>[{_HAN}]+)|(?P<glued>[{_GLUED}]+)"
    rf"|(?P<sharp>(?<!\w)[a-z](?:\+\+|\#)(?!\w))"
    rf"|(?P<plain>{_PLAIN}+(?:['._-]+{_PLAIN}+)*)",
    re.IGNORECASE,
)
_THOUSANDS: Final = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_JOINER: Final = re.compile(r"[._-]+")
# Where camelCase turns, and where letters meet digits; "RFCs" is one.
_PART: Final = re.compile(r"[A-Z]{2,}s(?![A-Za-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|.")
_ACRONYMS: Final = re.compile(r"[A-Z]{2,}s")
_LONGEST: Final = 100
"""Characters. What is longer is data, not a word: given whole, its parts are not sought."""


def words(text: str) -> list[str]:
    """The terms of a text in its order: what stands in a query and in a passage must come out alike.

    - Compatibility forms are folded (NFKC) and case is.
    - Runs of Han are cut by a dictionary; a long word is given with the shorter ones inside it,
      so that it is found by them and they by it; what the dictionary lacks, by its characters
      and their pairs.
    - Words of Latin letters are stemmed as English ones.
    - What is joined from parts (`foo_bar`, `v1.2.3`, `RFC-2119`, `getUserName`) is given whole,
      and by its parts of two characters or more.
    - Scripts without spaces, and Hangul, are given as pairs of neighbouring characters.
    - There is no list of stop words: the IDF makes them weightless, and no list fits every language.
    """
    folded = _THOUSANDS.sub("", unicodedata.normalize("NFKC", text).replace("\u2019", "'"))
    return list(_terms(folded))


@cache
def segmenter_fingerprint() -> str:
    """Identity of everything that decides what `words` finds."""
    return fingerprint(
        {
            "words": WORDS_VERSION,
            "rjieba": version("rjieba"),
            "PyStemmer": version("PyStemmer"),
            "unicode": unicodedata.unidata_version,
        }
    )


def _terms(text: str) -> Iterator[str]:
    for match in _TOKEN.finditer(text):
        token = match.group()
        if match.lastgroup == "han":
            yield from _cut(token)
        elif match.lastgroup == "glued":
            yield from _pairs(token)
        else:
            yield from _plain(token)


def _cut(run: str) -> Iterator[str]:
    """Characters that the dictionary has no word for come singly, and in pairs: a name, or what
    is written in traditional characters or in Japanese, would otherwise match by scattered ones."""
    before = ""
    # Without the hidden Markov model: it joins unknown characters by their neighbours, so that a
    # name could come out otherwise in a question than in the passage.
    for word in _segmenter().cut_for_search(run, False):
        single = word if len(word) == 1 else ""
        if before and single:
            yield before + single
        yield word
        before = single


def _pairs(run: str) -> Iterator[str]:
    if len(run) == 1:
        yield run
    for start in range(len(run) - 1):
        yield run[start : start + 2]


def _plain(token: str) -> tuple[str, ...]:
    return _analysed(token) if len(token) <= _LONGEST else (token.casefold(),)


@lru_cache(maxsize=65_536)
def _analysed(token: str) -> tuple[str, ...]:
    """The whole, and its parts where it has some."""
    # The stemmer knows the apostrophe: "user's" is "user".
    parts = [token] if "'" in token else _parts(token)
    whole = _stem(token)
    return (whole,) if len(parts) == 1 else (whole, *(_stem(part) for part in parts if len(part) > 1))


def _parts(token: str) -> list[str]:
    pieces = _JOINER.split(token)
    return [part for piece in pieces for part in (_PART.findall(piece) if piece.isascii() else [piece])]


@cache
def _segmenter() -> Jieba:
    """Our own: words that somebody adds to the library's shared one would change ours."""
    return Jieba()


def _stem(word: str) -> str:
    # The stemmer leaves the plural of what has no vowel.
    singular = word[:-1] if _ACRONYMS.fullmatch(word) else word
    stemmer = getattr(_local, "stemmer", None)
    if stemmer is None:
        stemmer = _local.stemmer = Stemmer("english")
    stem: str = stemmer.stemWord(singular.casefold())
    return stem


# A stemmer is not safe for several threads.
_local = threading.local()
