"""What a chunker is, and what it is given from outside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from schemas.chunk import Chunk
from schemas.document import Document


class TokenCounter(Protocol):
    """Counts as the embedder does, special tokens included."""

    fingerprint: str
    """Identity of tokenizer and its settings."""
    limit: int
    """The most tokens that the embedder reads; what lies beyond would be lost."""

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, as the model would see it alone, special tokens included."""
        ...


class Chunker(Protocol):
    """Small, deterministic and lazy: equal documents and options give equal chunks."""

    name: str
    version: str

    def chunk(self, document: Document) -> Iterator[Chunk]: ...
