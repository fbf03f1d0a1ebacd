"""Tells the single-byte encodings of Cyrillic apart, in a word or two.

They hold the same letters at other places: what is read in the wrong one has rare letters often, and
capitals within its words.
"""

from __future__ import annotations

import math
import re
from functools import cache

_PER_MILLE = {
    "о": 109.7, "е": 84.5, "а": 80.1, "и": 73.5, "н": 67.0, "т": 62.6, "с": 54.7, "р": 47.3, "в": 45.4, "л": 44.0,
    "к": 34.9, "м": 32.1, "д": 29.8, "п": 28.1, "у": 26.2, "я": 20.1, "ы": 19.0, "ь": 17.4, "г": 17.0, "з": 16.5,
    "б": 15.9, "ч": 14.4, "й": 12.1, "х": 9.7, "ж": 9.4, "ш": 7.3, "ю": 6.4, "ц": 4.8, "щ": 3.6, "э": 3.2, "ф": 2.6,
    "і": 2.0, "ї": 1.0, "є": 1.0, "ъ": 0.4, "ё": 0.4, "ґ": 0.1,
}  # fmt: skip
"""Letters of Russian, and those that Ukrainian has besides."""
_NO_LETTER = 0.02
"""Per mille, of what is no letter of these languages."""
_CAPITAL_WITHIN = re.compile(r"(?<=[а-яё])[А-ЯЁ]")
_CAPITAL_COST = 0.7
_WITHIN_COST = 2.0
_UNUSUAL_COST = {"cp1251": 0.0, "koi8_r": 3.0, "cp866": 4.5, "iso8859_5": 4.5}
"""Of a text: the encodings, by the logarithm of how much more seldom they are met than the first."""
_FITS = -3.4
"""Mean logarithm from which bytes are Cyrillic for sure; Russian has about -2.9."""


def guess_cyrillic(data: bytes) -> tuple[str, bool]:
    """The likeliest of those encodings, and whether the bytes are in one of them for sure."""
    texts = {codec: data.decode(codec, errors="replace") for codec in _UNUSUAL_COST}
    letters = max(sum(byte >= 0x80 for byte in data), 1)

    def standing(codec: str) -> float:
        return _score(texts[codec]) - _capitals(texts[codec]) - _UNUSUAL_COST[codec] / letters

    best = max(texts, key=standing)
    return best, _score(texts[best]) >= _FITS


def _score(text: str) -> float:
    """Mean logarithm of how frequent its letters are."""
    foreign = [char for char in text if char >= "\x80"]
    told = sum(map(_likelihood, foreign)) - _WITHIN_COST * len(_CAPITAL_WITHIN.findall(text))
    return told / max(len(foreign), 1)


def _capitals(text: str) -> float:
    """What capitals cost, by letter: text has few, and a title in capitals has usual letters."""
    foreign = [char for char in text if char >= "\x80"]
    return _CAPITAL_COST * sum(map(str.isupper, foreign)) / max(len(foreign), 1)


@cache
def _likelihood(char: str) -> float:
    if char in "«»„“”–—…№\xa0":
        return math.log(0.02)
    return math.log(_PER_MILLE.get(char.lower(), _NO_LETTER) / 1000)
