"""A passage by its id: what a citation that somebody kept leads back to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from ingest.search.request import Expansion
from ingest.vectors import IndexPoint, PayloadFilter
from schemas.errors import ConfigError
from schemas.point import Hit, PointPayload


@dataclass(frozen=True, slots=True)
class FoundChunk:
    """`around`: the larger text, where it was asked for. `as_of`: the sequence number, where the past was asked."""

    payload: PointPayload
    around: Expansion | None
    as_of: int | None


class _Scrolled(Protocol):
    def scroll(self, where: PayloadFilter) -> Iterator[IndexPoint]: ...


def find_chunk(index: _Scrolled, tenant: str, chunk_id: str, as_of: int | None) -> Hit:
    """Duplicates too. Raises `ConfigError` for an id that nothing has, or had then."""
    where = PayloadFilter({"tenant": tenant, "chunk_id": chunk_id}, as_of=as_of)
    found = [(PointPayload.model_validate(point.payload), point.id) for point in index.scroll(where)]
    if not found:
        when = (
            "now: its document may have changed, so ask as of the time when it was found" if as_of is None else "then"
        )
        raise ConfigError(f"there is no chunk '{chunk_id}' {when}", chunk_id=chunk_id)
    # The old row and the new one may both be there for a moment.
    payload, point_id = max(found, key=lambda each: each[0].from_seq)
    return Hit(score=1.0, payload=payload, point_id=point_id)
