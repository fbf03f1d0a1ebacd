"""Duplicates answer through their survivor.

A duplicate has no vector. Where a filter selects it and not its survivor, the survivor is searched
in its stead, and the duplicate's own row is what comes back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from ingest.search.subtree import Subtree
from ingest.vectors import IndexPoint, PayloadFilter
from schemas.point import Hit, PointPayload


class _Scrolled(Protocol):
    def scroll(self, where: PayloadFilter) -> Iterator[IndexPoint]: ...


@dataclass(frozen=True, slots=True)
class StandIns:
    """`asked`: what the request selects. `where`: that, and the survivors of the duplicates that it selects."""

    where: PayloadFilter
    asked: PayloadFilter
    subtree: Subtree
    duplicates: Mapping[str, tuple[IndexPoint, ...]]
    """By the survivor's chunk id."""

    @classmethod
    def find(cls, index: _Scrolled, where: PayloadFilter, subtree: Subtree) -> StandIns:
        """Costs nothing where nothing but the tenant is filtered by: survivors are then found themselves."""
        asked = subtree.narrowed(where)
        if asked.equals.keys() <= {"tenant"} and not asked.every:
            return cls(asked, asked, subtree, {})
        found: dict[str, list[IndexPoint]] = defaultdict(list)
        for point in index.scroll(replace(asked, duplicates=True)):
            if subtree.holds(PointPayload.model_validate(point.payload).heading_path):
                found[str(point.payload["survivor"])].append(point)
        whole = replace(asked, or_chunks=tuple(sorted(found)))
        return cls(whole, asked, subtree, {survivor: tuple(points) for survivor, points in found.items()})

    def put_back(self, hits: Iterable[Hit]) -> list[Hit]:
        """A survivor that was not asked for gives way to the duplicates that were."""
        put: list[Hit] = []
        for hit in hits:
            if self._selects(hit.payload):
                put.append(hit)
                continue
            for point in self.duplicates.get(hit.payload.chunk_id, ()):
                payload = PointPayload.model_validate(point.payload)
                put.append(hit.model_copy(update={"payload": payload, "point_id": point.id}))
        return put

    def _selects(self, payload: PointPayload) -> bool:
        return self.asked.selects(payload.model_dump(mode="json")) and self.subtree.holds(payload.heading_path)
