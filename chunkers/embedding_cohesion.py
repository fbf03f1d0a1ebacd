"""Cohesion by sentence vectors: whether the text before and after a joint means the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chunkers.base import SentenceVectors

_WINDOW = 3
"""Units on either side of a joint that are compared: single sentences are too noisy."""
_DIGITS = 3
"""Decimals that are kept: the last ones depend on which texts a model was given together."""


class EmbeddingCohesion:
    """Cosine of the mean vectors of the windows before and after each joint, nothing where it is
    below 0: opposites hang together no less than strangers do."""

    def __init__(self, vectors: SentenceVectors) -> None:
        self._vectors = vectors
        self.fingerprint = f"embedding-1+{vectors.fingerprint}"

    def joints(self, units: Sequence[str]) -> Sequence[float]:
        count = len(units)
        if count < 2:
            return []
        found = np.asarray(self._vectors.vectors(units), np.float64)
        sums = np.concatenate([np.zeros((1, found.shape[1])), np.cumsum(_of_length_one(found), axis=0)])
        joints = np.arange(1, count)
        before = sums[joints] - sums[np.maximum(joints - _WINDOW, 0)]
        after = sums[np.minimum(joints + _WINDOW, count)] - sums[joints]
        cosines = (_of_length_one(before) * _of_length_one(after)).sum(axis=1)
        return [float(value) for value in np.clip(cosines, 0.0, 1.0).round(_DIGITS)]


def _of_length_one(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """A row of zeros stays one: it is like nothing."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: NDArray[np.float64] = rows / np.where(norms > 0.0, norms, 1.0)
    return scaled
