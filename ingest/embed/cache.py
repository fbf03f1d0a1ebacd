"""The key that a vector is kept under."""

from __future__ import annotations

from schemas.ids import digest


def vector_key(fingerprint: str, text: str) -> str:
    """SHA-256 of the embedding fingerprint and the passage: equal keys, equal vectors."""
    return digest(f"{fingerprint}\x1f{text}".encode())
