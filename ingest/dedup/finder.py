"""Finds, for each chunk, the one that can stand for it.

```
same digest ──► nothing tells them apart ──────────────────────────────► exact duplicate
same band, both plain text ──► exact Jaccard >= threshold ──► no fact ──► near duplicate
```
LSH only proposes. Symmetric: whether two chunks can stand for one another does not depend on
which came first; who came first stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ingest.dedup.base import Candidate, SurvivorStore
from ingest.dedup.differences import difference_of_near
from ingest.dedup.identity import Identity, difference_of_identical, identify
from ingest.dedup.shingles import Shingles, jaccard, read, shingles
from ingest.dedup.signatures import Signatures
from ingest.dedup_options import DedupOptions
from schemas.chunk import ChunkKind, Duplicate, DuplicateKind

Incoming = Candidate
"""A chunk to decide on has what a survivor has."""


@dataclass(frozen=True, slots=True)
class Decision:
    """`digest` and `bands` are what the store keeps of a survivor; a duplicate has no bands,
    and neither has a text that is only ever the same or not."""

    chunk_id: str
    duplicate: Duplicate | None
    digest: bytes
    bands: tuple[bytes, ...] = ()


class DuplicateFinder:
    """`fingerprint` belongs with the stored digests and bands: other ones do not meet them."""

    fingerprint: str

    def __init__(self, options: DedupOptions, store: SurvivorStore) -> None:
        self._options = options
        self._store = store
        self._signatures = Signatures(options)
        self.fingerprint = self._signatures.fingerprint

    def decide(self, tenant: str, chunks: Iterable[Incoming]) -> list[Decision]:
        """In order; survivors among `chunks` stand for later ones, after those of the store."""
        earlier = _Earlier()
        decisions = []
        for chunk in chunks:
            decision = self._decide(tenant, chunk, earlier)
            if decision.duplicate is None:
                earlier.add(chunk, decision)
            decisions.append(decision)
        return decisions

    def _decide(self, tenant: str, chunk: Incoming, earlier: _Earlier) -> Decision:
        identity = identify(chunk.text, chunk.kind, chunk.table_html)
        if not self._options.enabled:
            return Decision(chunk.chunk_id, None, identity.digest)
        stored = self._store.exact(tenant, identity.digest)
        if duplicate := _exact(chunk, identity, [*stored, *earlier.exact(identity.digest)]):
            return Decision(chunk.chunk_id, duplicate, identity.digest)
        if not self._can_be_near(chunk, identity) or identity.reading is None:
            return Decision(chunk.chunk_id, None, identity.digest)
        own = shingles(identity.reading.words, self._options.shingle_words)
        bands = self._signatures.bands(self._signatures.signature(own), identity.reading.facts)
        candidates = [*self._store.near(tenant, bands), *earlier.near(bands)]
        if duplicate := self._near(chunk, own, candidates):
            return Decision(chunk.chunk_id, duplicate, identity.digest)
        return Decision(chunk.chunk_id, None, identity.digest, bands)

    def _can_be_near(self, chunk: Incoming, identity: Identity) -> bool:
        return (
            self._options.near
            and chunk.kind == ChunkKind.TEXT
            and identity.reading is not None
            and len(identity.reading.words) >= self._options.min_words
        )

    def _near(self, chunk: Incoming, own: Shingles, candidates: Sequence[Candidate]) -> Duplicate | None:
        """Of those that nothing keeps apart the most similar, of equally similar ones the oldest."""
        similar = [(self._similarity(own, candidate), candidate) for candidate in _distinct(chunk, candidates)]
        for similarity, candidate in sorted(similar, key=lambda pair: -pair[0]):
            if similarity < self._options.threshold:
                break
            if difference_of_near(chunk.text, candidate.text) is None:
                return Duplicate(
                    chunk_id=chunk.chunk_id,
                    survivor=candidate.chunk_id,
                    kind=DuplicateKind.NEAR,
                    similarity=similarity,
                    reason=f"{_floor(similarity)} of the shingles, no number, date, unit, name or negation differs",
                )
        return None

    def _similarity(self, own: Shingles, candidate: Candidate) -> float:
        if candidate.kind != ChunkKind.TEXT or candidate.table_html is not None:
            return 0.0
        return jaccard(own, shingles(read(candidate.text).words, self._options.shingle_words))


class _Earlier:
    """Survivors of the call that is going on."""

    def __init__(self) -> None:
        self._by_digest: dict[bytes, list[Candidate]] = defaultdict(list)
        self._by_band: dict[bytes, list[Candidate]] = defaultdict(list)
        self._order: dict[str, int] = {}

    def add(self, chunk: Incoming, decision: Decision) -> None:
        self._order[chunk.chunk_id] = len(self._order)
        self._by_digest[decision.digest].append(chunk)
        for band in decision.bands:
            self._by_band[band].append(chunk)

    def exact(self, digest: bytes) -> Sequence[Candidate]:
        return self._by_digest.get(digest, ())

    def near(self, bands: Iterable[bytes]) -> Sequence[Candidate]:
        found = {c.chunk_id: c for band in bands for c in self._by_band.get(band, ())}
        return sorted(found.values(), key=lambda candidate: self._order[candidate.chunk_id])


def _exact(chunk: Incoming, identity: Identity, candidates: Sequence[Candidate]) -> Duplicate | None:
    for candidate in _distinct(chunk, candidates):
        if difference_of_identical(chunk.text, candidate.text, identity) is None:
            return Duplicate(
                chunk_id=chunk.chunk_id,
                survivor=candidate.chunk_id,
                kind=DuplicateKind.EXACT,
                similarity=1.0,
                reason="the same text" if identity.reading else "the same to the letter",
            )
    return None


def _distinct(chunk: Incoming, candidates: Sequence[Candidate]) -> Iterator[Candidate]:
    """Each candidate once, and never the chunk itself, which the store may know from before."""
    seen = {chunk.chunk_id}
    for candidate in candidates:
        if candidate.chunk_id not in seen:
            seen.add(candidate.chunk_id)
            yield candidate


def _floor(similarity: float) -> str:
    """Two digits, never rounded up to a similarity that was not reached."""
    return f"{int(similarity * 100) / 100:.2f}"
