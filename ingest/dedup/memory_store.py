"""Survivors in memory: for tests, and for a look at files without a home."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ingest.dedup.base import Candidate


class MemorySurvivorStore:
    """A `SurvivorStore`. Adding and removing is by the caller, as with any other."""

    def __init__(self) -> None:
        self._survivors: dict[tuple[str, str], Candidate] = {}
        self._age: dict[tuple[str, str], int] = {}
        self._by_digest: dict[tuple[str, bytes], set[str]] = defaultdict(set)
        self._by_band: dict[tuple[str, bytes], set[str]] = defaultdict(set)

    def add(self, tenant: str, survivor: Candidate, digest: bytes, bands: Iterable[bytes]) -> None:
        key = (tenant, survivor.chunk_id)
        age = self._age.setdefault(key, len(self._age))
        self._survivors[key] = replace(survivor, age=(0, age))
        self._by_digest[tenant, digest].add(survivor.chunk_id)
        for band in bands:
            self._by_band[tenant, band].add(survivor.chunk_id)

    def remove(self, tenant: str, chunk_id: str) -> None:
        """What is not there is removed already."""
        self._survivors.pop((tenant, chunk_id), None)

    def exact(self, tenant: str, text_digests: Iterable[bytes]) -> Mapping[bytes, Sequence[Candidate]]:
        return {key: self._oldest_first(tenant, self._by_digest.get((tenant, key), ())) for key in text_digests}

    def near(self, tenant: str, bands: Mapping[str, Sequence[bytes]]) -> Mapping[str, Sequence[Candidate]]:
        return {
            chunk: self._oldest_first(tenant, {one for band in own for one in self._by_band.get((tenant, band), ())})
            for chunk, own in bands.items()
        }

    def _oldest_first(self, tenant: str, chunk_ids: Iterable[str]) -> list[Candidate]:
        keys = [(tenant, one) for one in chunk_ids]
        return sorted((self._survivors[key] for key in keys if key in self._survivors), key=lambda it: it.age)
