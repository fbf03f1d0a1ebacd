"""What a chunker is, and what it is given from outside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from schemas.base import Span
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

    def offsets(self, text: str) -> list[Span]:
        """Where each token of `text` stands in it, special ones left out, in order; white space
        belongs to none, and what one token was cut from another may overlap with it."""
        ...


class Cohesion(Protocol):
    """How strongly the text holds together at each joint between neighbouring units.

    Deterministic; linear in the length of the text. The units of one call are consecutive
    sentences, lines or paragraphs of one section, so an implementation can batch them.
    """

    fingerprint: str
    """Identity of the method and whatever it is built on: boundaries depend on it."""

    def joints(self, units: Sequence[str]) -> Sequence[float]:
        """`len(units) - 1` values in [0, 1]: value i tells how much the text around units i and
        i + 1 is about one thing; 0 marks a change of subject."""
        ...


class SentenceVectors(Protocol):
    """What sentences mean, as vectors. Deterministic but for rounding."""

    fingerprint: str
    """Identity of the model: boundaries depend on it."""

    def vectors(self, texts: Sequence[str]) -> NDArray[np.floating]:
        """One row a text, shape (texts, dimension); any length of text is read, as far as the model reads."""
        ...


@dataclass(frozen=True, slots=True)
class Passage:
    """What statements are written about: the sentences, in order, and the headings above them."""

    headings: tuple[str, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposition:
    """A self-contained statement. `sentences` are the places in the passage, counted from 0, that it
    is said to come from: nothing is checked yet."""

    text: str
    sentences: tuple[int, ...]


class PropositionWriter(Protocol):
    """A language model that turns passages into statements; equal passages are to get equal ones."""

    fingerprint: str
    """Identity of the model and of how it is asked."""

    def write(self, passages: Sequence[Passage]) -> list[list[Proposition]]:
        """The statements of each passage, in order; none for one that it could not restate."""
        ...


class Chunker(Protocol):
    """Small, deterministic and lazy: equal documents and options give equal chunks."""

    name: str
    version: str

    def chunk(self, document: Document) -> Iterator[Chunk]: ...
