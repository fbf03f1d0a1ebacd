"""The keys that vectors are known by."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.ids import digest, fingerprint


def vector_key(fingerprint: str, text: str) -> str:
    """SHA-256 of the embedding fingerprint and the passage: equal keys, equal raw vectors."""
    return digest(f"{fingerprint}\x1f{text}".encode())


def mixed_key(own: str, neighbours: Sequence[str], share: float) -> str:
    """Of a vector with a share of its neighbours in it; all are keys of raw vectors. The raw key
    where nothing is mixed in."""
    return fingerprint([own, list(neighbours), share]) if neighbours and share else own
