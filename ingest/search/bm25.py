"""Sparse vectors whose dot product, with the IDF that the index adds, is BM25."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import xxhash

from ingest.options.index import Bm25Options
from ingest.search.words import segmenter_fingerprint, words
from ingest.vectors import SparseWeights
from schemas.ids import fingerprint

ENCODER_VERSION: Final = 1
"""Counts up when equal words would give other vectors."""


class Bm25Encoder:
    """Term ids are 32-bit hashes of the terms: no vocabulary to build, to ship or to keep in step.

    encoder = Bm25Encoder(Bm25Options())
    encoder.encode_passages(["Strata lie on one another."])
    """

    fingerprint: str

    def __init__(self, options: Bm25Options) -> None:
        self._options = options
        self.fingerprint = fingerprint(
            {"encoder": ENCODER_VERSION, "segmenter": segmenter_fingerprint(), "options": options.model_dump()}
        )

    def encode_passages(self, texts: Sequence[str]) -> list[SparseWeights]:
        """One vector a text, empty for a text without words."""
        return [self._encode(words(text)) for text in texts]

    def encode_query(self, text: str) -> SparseWeights:
        """Every word counts once, however often it is asked for."""
        return _sparse({_term_id(term): 1.0 for term in words(text)})

    def terms(self, query: str) -> tuple[str, ...]:
        """What `encode_query` looks for, each once, in the order of the question."""
        return tuple(dict.fromkeys(words(query)))

    def encode_term(self, term: str) -> SparseWeights:
        """A query for one of `terms` alone."""
        return _sparse({_term_id(term): 1.0})

    def held(self, terms: Sequence[str], text: str) -> dict[str, float]:
        """Those of the terms that a passage holds, with their weights in its vector: what the index multiplies
        with the IDF."""
        weights = self._encode(words(text))
        by_id = dict(zip(weights.indices.tolist(), weights.values.tolist(), strict=True))
        return {term: by_id[_term_id(term)] for term in terms if _term_id(term) in by_id}

    def _encode(self, terms: Sequence[str]) -> SparseWeights:
        k1, b = self._options.k1, self._options.b
        norm = k1 * (1 - b + b * len(terms) / self._options.average_length)
        # Counted by id: two terms of one id would otherwise be one index twice.
        counts = Counter(map(_term_id, terms))
        return _sparse({term: count * (k1 + 1) / (count + norm) for term, count in counts.items()})


def _term_id(term: str) -> int:
    return xxhash.xxh32_intdigest(term.encode())


def _sparse(weights: Mapping[int, float]) -> SparseWeights:
    indices = np.fromiter(weights.keys(), dtype=np.uint32, count=len(weights))
    values = np.fromiter(weights.values(), dtype=np.float32, count=len(weights))
    order = np.argsort(indices)
    return SparseWeights(indices[order], values[order])
