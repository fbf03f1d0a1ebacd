"""Cohesion without a model: whether the words before and after a joint are the same words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from math import sqrt

_WINDOW = 4
"""Units on either side of a joint that are compared (TextTiling's block size)."""

_IDEOGRAPHS = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_STEM = re.compile(rf"([^\W{_IDEOGRAPHS}]{{4,6}})[^\W{_IDEOGRAPHS}]*")
"""The first six letters of words of four or more: a cheap stemmer and list of stop words."""
_PAIR = re.compile(rf"(?=([{_IDEOGRAPHS}]{{2}}))")


class NoCohesion:
    """Every joint is as good as any other: rules and sizes alone decide."""

    fingerprint = "none"

    def joints(self, units: Sequence[str]) -> Sequence[float]:
        return [0.0] * (len(units) - 1)


class LexicalCohesion:
    """Cosine of term counts of the windows before and after each joint, after Hearst's TextTiling.

    Terms are word stems of alphabetic scripts and character pairs of Han and kana, so it needs
    neither a segmenter nor a list of stop words: short words are left out, and a pair that is
    common everywhere is as common on both sides.
    """

    fingerprint = "lexical-2"

    def joints(self, units: Sequence[str]) -> Sequence[float]:
        terms = [_terms(unit) for unit in units]
        after = [Counter(chain.from_iterable(terms[at : at + _WINDOW])) for at in range(len(terms))]
        before = [Counter(chain.from_iterable(terms[:at])) for at in range(min(_WINDOW, len(terms)))] + after[
            : -_WINDOW or None
        ]
        norms = [_squared(bag) for bag in after]
        first = [_squared(bag) for bag in before[:_WINDOW]]
        left = first + norms
        return [_cosine(before[at], after[at], left[at] * norms[at]) for at in range(1, len(terms))]


def _terms(text: str) -> list[str]:
    folded = text.casefold()
    stems: list[str] = _STEM.findall(folded)
    return stems if folded.isascii() else stems + _PAIR.findall(folded)


def _squared(bag: Counter[str]) -> int:
    return sum([count * count for count in bag.values()])


def _cosine(left: Counter[str], right: Counter[str], norms: int) -> float:
    """Of two bags, the product of whose squared lengths is `norms`."""
    if len(left) > len(right):
        left, right = right, left
    shared = sum([count * right[term] for term, count in left.items() if term in right])
    return min(1.0, shared / sqrt(norms)) if shared else 0.0
