"""What de-duplication asks of the place where signatures are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that is searchable now and may stand for another.

    `text` is the clean text; `age` orders those that are stored, the oldest first.
    """

    chunk_id: str
    doc_id: str
    text: str
    kind: str
    language: str | None
    table_html: str | None = None
    age: tuple[int, int] = (0, 0)


class SurvivorStore(Protocol):
    """The survivors (current chunks that are not duplicates) of one tenant. Asked for a whole batch
    at once: what nobody has is left out of the answer."""

    def exact(self, tenant: str, text_digests: Iterable[bytes]) -> Mapping[bytes, Sequence[Candidate]]:
        """By digest, those whose normalised text has it, oldest first."""
        ...

    def near(self, tenant: str, bands: Mapping[str, Sequence[bytes]]) -> Mapping[str, Sequence[Candidate]]:
        """By the chunk that is asked for, those that share a band with it, oldest first. A store may
        leave out those that share the fewest, where there are very many."""
        ...


class Separation(Protocol):
    """Which documents must not stand for one another."""

    def apart(self, doc_id: str, other: str) -> str | None:
        """What tells the two near-identical documents apart, or None."""
        ...


class NoSeparation:
    """Where chunks are looked at without their documents."""

    def apart(self, doc_id: str, other: str) -> str | None:  # a protocol's signature
        return None
