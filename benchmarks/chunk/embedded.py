"""Vectors of the default model, kept in a file from run to run, and what is mixed of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from chunkers.retrieval_quality import Passage
from ingest.embed.neighbours import beside, mix
from ingest.embed.sentence_transformer import SentenceTransformerEmbedder
from ingest.embed.sentence_vectors import ModelSentenceVectors
from ingest.options.embed import EmbedOptions
from ingest.vectors import Vector, Vectors

Reading = Literal["sentences", "whole"]


class Embedded:
    """One reading of passages; call `keep` to write what was made."""

    def __init__(self, folder: Path, reading: Reading) -> None:
        self._options = EmbedOptions(passage_vector=reading)
        self._model = ModelSentenceVectors(self._options)
        self._file = folder / f"{self._model.fingerprint[:16]}.npz"
        self._known: dict[str, Vector] = {}
        if self._file.exists():
            with np.load(self._file) as kept:
                self._known = dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Of a peer's passage that is longer than the model reads, the beginning is read."""
        missing = list(dict.fromkeys(text for text in texts if _key(text) not in self._known))
        self._known |= dict(zip(map(_key, missing), self._model.vectors(missing), strict=True))
        return np.stack([self._known[_key(text)] for text in texts])

    def questions(self, texts: Sequence[str]) -> Vectors:
        embedder = SentenceTransformerEmbedder(self._options)
        return np.stack([embedder.embed_query(text) for text in texts])

    def keep(self) -> None:
        if not self._known:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(self._file, keys=np.array(list(self._known)), vectors=np.stack(list(self._known.values())))


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def with_neighbours(vectors: Vectors, passages: Sequence[Passage], share: float) -> Vectors:
    """As publishing does: the passages of a corpus stand in order."""
    rows = []
    for at, passage in enumerate(passages):
        near = [vectors[other] for other in beside(at, len(passages)) if passages[other].corpus == passage.corpus]
        rows.append(mix(vectors[at], near, share))
    return np.stack(rows)
