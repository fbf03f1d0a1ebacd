"""The survivors that new chunks are compared with: found in the catalog, read from the index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ingest.catalog.catalog import Catalog
from ingest.catalog.survivors import Signed, SurvivorRow
from ingest.dedup.base import Candidate
from ingest.dedup.finder import DuplicateFinder
from ingest.sinks.base import VectorIndex
from ingest.vectors import PayloadFilter
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
                self._read[point_id] = candidate_of(PointPayload.model_validate(point.payload))
        # A survivor that is missing from the index is a hole for `doctor` to report; it stands for nobody.
        return [self._read[row.point_id] for row in staying if row.point_id in self._read]


def keep_scheme(catalog: Catalog, index: VectorIndex, finder: DuplicateFinder) -> None:
    """Signs every survivor again when options or versions make other digests and bands than are kept.

    `finder` needs a store that holds nothing: it is only asked how it would sign.
    """
    if catalog.survivors.scheme() == finder.fingerprint:
        return
    everyone = PayloadFilter(equals={}, all_tenants=True)
    payloads = (PointPayload.model_validate(point.payload) for point in index.scroll(everyone))
    catalog.survivors.sign_anew(
        finder.fingerprint, (_signed(finder, payload) for payload in payloads if payload.survivor is None)
    )


def _signed(finder: DuplicateFinder, payload: PointPayload) -> Signed:
    (decision,) = finder.decide(payload.tenant, [candidate_of(payload)])
    return Signed(payload.tenant, payload.chunk_id, decision.digest, decision.bands)


def candidate_of(payload: PointPayload) -> Candidate:
    return Candidate(
        chunk_id=payload.chunk_id,
        doc_id=payload.doc_id,
        text=payload.text,
        kind=payload.kind,
        language=payload.language,
        table_html=payload.table_html,
    )
