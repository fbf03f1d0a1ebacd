"""A passage's vector as the mean of its sentences' vectors, weighted by their tokens.

A small model reads one sentence better than six at once: the mean finds more of what was asked,
at the same cost (docs/adr/011, with figures).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chunkers.sentences import sentences
from ingest.vectors import Vectors

POOLING_VERSION = 1
"""Counts up when the same passages would be taken apart or put together otherwise."""

_NOTHING = 1e-6
"""A shorter mean is rounding, not direction."""


@dataclass(frozen=True, slots=True)
class Parts:
    """`texts`: every sentence of the passages once. `members[i]`: the places in it of passage i's
    sentences, in order, each as often as it stands there."""

    texts: list[str]
    members: list[list[int]]


def parts_of(passages: Sequence[str]) -> Parts:
    """Sentences without the white space at their ends; a passage without any is a part itself."""
    places: dict[str, int] = {}
    members = [
        [places.setdefault(part, len(places)) for part in _sentences(passage) or [passage]] for passage in passages
    ]
    return Parts(list(places), members)


def _sentences(passage: str) -> list[str]:
    found = (passage[start:end].strip() for start, end in sentences(passage, 0, len(passage)))
    return [sentence for sentence in found if sentence]


def pooled(vectors: Vectors, tokens: Sequence[int], members: Sequence[Sequence[int]]) -> Vectors:
    """Rows of length 1, shape (len(members), dimension), of the parts' `vectors` and their `tokens`.

    Where the parts leave no direction, because they say the very opposite, the longest stands alone.
    """
    weights = np.maximum(np.asarray(tokens, dtype=np.float32), 1)
    rows = np.empty((len(members), vectors.shape[1]), np.float32)
    for row, places in enumerate(members):
        mean = weights[list(places)] @ vectors[list(places)]
        length = np.linalg.norm(mean)
        rows[row] = mean / length if length > _NOTHING else vectors[max(places, key=lambda place: weights[place])]
    return rows
