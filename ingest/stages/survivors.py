"""The survivors that new chunks are compared with: found in the catalog, read from the index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from ingest.catalog.catalog import Catalog
from ingest.catalog.survivors import Signed, SurvivorRow
from ingest.context import Context
from ingest.dedup.base import Candidate
from ingest.dedup.finder import DuplicateFinder
from ingest.sinks.base import VectorIndex
from ingest.stages.compare_anew import compare_anew
from ingest.vectors import PayloadFilter
from schemas.point import PointPayload

_Key = TypeVar("_Key")
_MOST_CANDIDATES = 64
"""Stored texts that one text is compared with: of a form letter that was sent ten thousand times those
that are most like it."""


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
        self._known: dict[str, Candidate] = {}

    def exact(self, tenant: str, text_digests: Iterable[bytes]) -> Mapping[bytes, Sequence[Candidate]]:
        return self._candidates(self._catalog.survivors.by_texts(tenant, text_digests))

    def near(self, tenant: str, bands: Mapping[str, Sequence[bytes]]) -> Mapping[str, Sequence[Candidate]]:
        return self._candidates(self._catalog.survivors.by_bands(tenant, bands, _MOST_CANDIDATES))

    def _candidates(self, found: Mapping[_Key, list[SurvivorRow]]) -> dict[_Key, list[Candidate]]:
        staying = {key: [row for row in rows if self._stays(row)] for key, rows in found.items()}
        self._read({row.point_id: row for rows in staying.values() for row in rows})
        # A survivor that is missing from the index is a hole for `doctor` to report; it stands for nobody.
        return {
            key: [self._known[row.point_id] for row in rows if row.point_id in self._known]
            for key, rows in staying.items()
        }

    def _stays(self, row: SurvivorRow) -> bool:
        return row.chunk_id not in self._leaving and row.doc_id not in self._departing

    def _read(self, rows: Mapping[str, SurvivorRow]) -> None:
        unread = sorted(rows.keys() - self._known.keys())
        for point_id, point in self._index.retrieve(unread).items() if unread else ():
            self._known[point_id] = stored_candidate(point.payload, rows[point_id].age)


def keep_scheme(context: Context, index: VectorIndex, finder: DuplicateFinder) -> None:
    """Signs every survivor and every document again when options or versions make other digests and
    bands than are kept.

    `finder` needs a store that holds nothing: it is only asked how it would sign.
    """
    catalog = context.catalog
    if catalog.survivors.scheme() == finder.fingerprint:
        return
    compare_anew(context)
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


def stored_candidate(payload: Mapping[str, object], age: tuple[int, int]) -> Candidate:
    """From a row as it lies in the index, without checking all of it: a chunk is compared with many."""
    language, table_html = payload["language"], payload["table_html"]
    return Candidate(
        chunk_id=str(payload["chunk_id"]),
        doc_id=str(payload["doc_id"]),
        text=str(payload["text"]),
        kind=str(payload["kind"]),
        language=None if language is None else str(language),
        table_html=None if table_html is None else str(table_html),
        age=age,
    )
