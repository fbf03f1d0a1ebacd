"""What de-duplication asks of the place where signatures are kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that is searchable now and may stand for another.

    `text` is the clean text.
    """

    chunk_id: str
    doc_id: str
    text: str
    kind: str
    language: str | None
    table_html: str | None = None


class SurvivorStore(Protocol):
    """The survivors (current chunks that are not duplicates) of one tenant."""

    def exact(self, tenant: str, text_digest: bytes) -> Sequence[Candidate]:
        """Survivors whose normalised text has this digest, oldest first."""
        ...

    def near(self, tenant: str, bands: Iterable[bytes]) -> Sequence[Candidate]:
        """Survivors that share at least one band, oldest first."""
        ...
