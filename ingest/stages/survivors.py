"""The survivors that new chunks are compared with: found in the catalog, read from the index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ingest.catalog.catalog import Catalog
from ingest.catalog.survivors import SurvivorRow
from ingest.dedup.base import Candidate
from ingest.sinks.base import VectorIndex
from schemas.point import PointPayload


class IndexedSurvivors:
    """Implements `SurvivorStore`. Chunks in `leaving` and documents in `departing` are about to be
    retired: nobody may be left out for their sake."""

    def __init__(
        self, catalog: Catalog, index: VectorIndex, leaving: frozenset[str], departing: frozenset[str]
    ) -> None:
        self._catalog = catalog
        self._index = index
        self._leaving = leaving
        self._departing = departing
        self._read: dict[str, Candidate] = {}

    def exact(self, tenant: str, text_digest: bytes) -> Sequence[Candidate]:
        return self._candidates(self._catalog.survivors.by_text(tenant, text_digest))

    def near(self, tenant: str, bands: Iterable[bytes]) -> Sequence[Candidate]:
        return self._candidates(self._catalog.survivors.by_bands(tenant, bands))

    def _candidates(self, rows: list[SurvivorRow]) -> list[Candidate]:
        staying = [r for r in rows if r.chunk_id not in self._leaving and r.doc_id not in self._departing]
        unread = [row.point_id for row in staying if row.point_id not in self._read]
        if unread:
            for point_id, point in self._index.retrieve(unread).items():
                self._read[point_id] = _candidate(PointPayload.model_validate(point.payload))
        # A survivor that is missing from the index is a hole for `doctor` to report; it stands for nobody.
        return [self._read[row.point_id] for row in staying if row.point_id in self._read]


def _candidate(payload: PointPayload) -> Candidate:
    return Candidate(
        chunk_id=payload.chunk_id,
        doc_id=payload.doc_id,
        text=payload.text,
        kind=payload.kind,
        language=payload.language,
        table_html=payload.table_html,
    )
