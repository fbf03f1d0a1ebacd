"""What of a text is compared: its words, as hashed n-grams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import xxhash
from numpy.typing import NDArray

from ingest.dedup.folding import fold, pieces
from ingest.dedup.vocabulary import HAN_NEGATIONS, NEGATIONS

Shingles = NDArray[np.uint64]
"""Sorted and distinct."""

NEGATION = "¬"
_NUMBER_MARK = "\x01"

# Odd multipliers: the position of a word in its shingle counts.
_HALF = np.uint64(32)
_MIX = np.array([0x9E3779B97F4A7C15 * (2 * i + 1) & (2**64 - 1) | 1 for i in range(16)], np.uint64)
_FINISH = np.uint64(0xFF51AFD7ED558CCD)


@dataclass(frozen=True, slots=True)
class Reading:
    """One pass over a text.

    `words`: in order; Han runs are cut by a segmenter. `squeezed`: letters, Han and numbers
    without anything between them, numbers marked off; equal for texts that differ in white
    space, case, width and punctuation outside numbers alone. `facts`: the numbers, and a mark
    for every negation, in order.
    """

    words: tuple[str, ...]
    squeezed: str
    facts: tuple[str, ...]


def read(text: str) -> Reading:
    words: list[str] = []
    squeezed: list[str] = []
    facts: list[str] = []
    for word, han, number in pieces(fold(text).casefold()):
        if word:
            plain = word.replace("'", "") if "'" in word else word
            words.append(plain)
            squeezed.append(plain)
            if plain in NEGATIONS:
                facts.append(NEGATION)
        elif han:
            words.extend(_han_words(han))
            squeezed.append(han)
            facts.extend(NEGATION for char in han if char in HAN_NEGATIONS)
        else:
            plain = number.replace(" ", "")
            words.append(plain)
            squeezed.append(f"{_NUMBER_MARK}{plain}{_NUMBER_MARK}")
            facts.append(plain)
    return Reading(tuple(words), "".join(squeezed), tuple(facts))


def _han_words(run: str) -> list[str]:
    import rjieba  # reads its dictionary when it is imported

    found: list[str] = rjieba.cut(run)
    return found


def shingles(words: Sequence[str], size: int) -> Shingles:
    """Hashes of all runs of `size` words; of the whole text when it is shorter. Empty for no words."""
    if not words:
        return np.empty(0, np.uint64)
    size = min(size, len(words))
    hashed = np.array([_hash(word) for word in words], np.uint64)
    count = len(words) - size + 1
    mixed = hashed[:count] * _MIX[size - 1]
    for position in range(1, size):
        # Not a plain sum: each step depends on the one before.
        mixed ^= mixed >> _HALF
        mixed ^= hashed[position : position + count]
        mixed *= _MIX[position - 1]
    mixed ^= mixed >> _HALF
    mixed *= _FINISH
    return np.unique(mixed)


@lru_cache(maxsize=2**17)
def _hash(word: str) -> int:
    # Broken text may hold lone surrogates.
    return xxhash.xxh3_64_intdigest(word.encode("utf-8", "surrogatepass"))


def jaccard(one: Shingles, other: Shingles) -> float:
    """Size of the intersection by size of the union; 1 for two empty sets."""
    if not len(one) and not len(other):
        return 1.0
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / (len(one) + len(other) - common)
