"""Duplicates answer through their survivor.

A duplicate has no vector. Where a filter selects it and not its survivor, the survivor is searched
in its stead, and the duplicate's own row is what comes back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from ingest.search.request import SearchRequest
from ingest.vectors import IndexPoint, PayloadFilter
from schemas.point import Hit, PointPayload


class _Scrolled(Protocol):
    def scroll(self, where: PayloadFilter) -> Iterator[IndexPoint]: ...


@dataclass(frozen=True, slots=True)
class StandIns:
    """`where`: the request's filter, and the survivors of the duplicates that it selects."""

    where: PayloadFilter
    asked: PayloadFilter
    duplicates: Mapping[str, tuple[IndexPoint, ...]]
    """By the survivor's chunk id."""

    @classmethod
    def find(cls, index: _Scrolled, request: SearchRequest) -> StandIns:
        """Costs nothing where the request filters by nothing: survivors are then found themselves."""
        asked = request.where()
        if not request.equals and request.under is None:
            return cls(asked, asked, {})
        found: dict[str, list[IndexPoint]] = defaultdict(list)
        for point in index.scroll(replace(asked, duplicates=True)):
            found[str(point.payload["survivor"])].append(point)
        where = replace(asked, or_chunks=tuple(sorted(found)))
        return cls(where, asked, {survivor: tuple(points) for survivor, points in found.items()})

    def put_back(self, hits: Iterable[Hit]) -> list[Hit]:
        """A survivor that was not asked for gives way to the duplicates that were."""
        put: list[Hit] = []
        for hit in hits:
            if self.asked.selects(hit.payload.model_dump(mode="json")):
                put.append(hit)
                continue
            for point in self.duplicates.get(hit.payload.chunk_id, ()):
                payload = PointPayload.model_validate(point.payload)
                put.append(hit.model_copy(update={"payload": payload, "point_id": point.id}))
        return put
