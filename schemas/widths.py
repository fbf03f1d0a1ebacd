"""About how wide characters are printed, where only the box of a whole line is known."""

from __future__ import annotations

import unicodedata

_NARROW = frozenset("iljItfr.,;:'!|()[]/\\ ")
_WIDE = frozenset("mwMW@%")


def widths(text: str) -> float:
    """In half squares: Chinese characters are 2, letters about 1."""
    return sum(map(_width, text))


def _width(character: str) -> float:
    if character in _NARROW:
        return 0.6
    if character in _WIDE:
        return 1.5
    if character.isascii():
        return 1.25 if character.isupper() else 1.0
    if unicodedata.combining(character):
        return 0.0
    return 2.0 if unicodedata.east_asian_width(character) in "WF" else 1.0
