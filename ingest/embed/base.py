"""What an embedder is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from ingest.vectors import Vector, Vectors

Advance = Callable[[int], None]
"""Told how many more are done."""


class Embedder(Protocol):
    """Texts to vectors. `fingerprint` covers model, weights, pooling, prompt, dtype, backend."""

    fingerprint: str
    dimension: int
    limit: int
    """Tokens, special ones included."""

    def embed(self, texts: Sequence[str], advance: Advance | None = None) -> Vectors:
        """Vectors of passages, in the order of `texts`; `advance` is told of every few that are done.
        Raises `InvariantError` for a text above `limit`."""
        ...

    def embed_query(self, text: str) -> Vector:
        """The vector of a question, with the model's query prompt where it has one. Shape (dimension,)."""
        ...
