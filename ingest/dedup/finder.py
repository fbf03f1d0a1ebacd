"""Finds, for each chunk, the one that can stand for it.

```
same digest ──► nothing tells them apart ──────────────────────────────► exact duplicate
same band, both plain text ──► exact Jaccard >= threshold ──► no fact ──► near duplicate
```
LSH only proposes. Symmetric: whether two chunks can stand for one another does not depend on
which came first; who came first stays. Chunks of documents that are told apart never do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest.dedup.base import Candidate, NoSeparation, Separation, SurvivorStore
from ingest.dedup.differences import difference_of_near, difference_of_same
from ingest.dedup.shingles import jaccard
from ingest.dedup.sketch import Sketch, Sketches
from ingest.options.dedup import DedupOptions
from schemas.chunk import ChunkKind, Duplicate, DuplicateKind

Incoming = Candidate
"""A chunk to decide on has what a survivor has."""


@dataclass(frozen=True, slots=True)
class KeptApart:
    """The most similar of those that reached the threshold, and what kept it from standing for the chunk."""

    other: str
    similarity: float
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """`digest` and `bands` are what the store keeps of a survivor; a duplicate has no bands,
    and neither has a text that is only ever the same or not. `kept_apart` is of survivors only."""

    chunk_id: str
    duplicate: Duplicate | None
    digest: bytes
    bands: tuple[bytes, ...] = ()
    kept_apart: KeptApart | None = None


@dataclass(slots=True)
class _Looked:
    """At the candidates of one chunk."""

    duplicate: Duplicate | None = None
    kept_apart: KeptApart | None = None

    def keep_apart(self, other: Candidate, similarity: float, reason: str) -> None:
        if self.kept_apart is None or similarity > self.kept_apart.similarity:
            self.kept_apart = KeptApart(other.chunk_id, similarity, reason)


class DuplicateFinder:
    """For one batch. `fingerprint` belongs with the stored digests and bands: other ones do not meet them."""

    fingerprint: str

    def __init__(self, options: DedupOptions, store: SurvivorStore) -> None:
        self._options = options
        self._store = store
        self.sketches = Sketches(options)
        self.fingerprint = self.sketches.signatures.fingerprint

    def decide(self, tenant: str, chunks: Iterable[Incoming], separation: Separation | None = None) -> list[Decision]:
        """In order; survivors among `chunks` stand for later ones, after those of the store."""
        incoming = list(chunks)
        if not self._options.enabled:
            return [Decision(chunk.chunk_id, None, self.sketches.of(chunk).digest) for chunk in incoming]
        batch = _Batch(self._options, self.sketches, separation or NoSeparation(), _Earlier())
        batch.stored_same = self._store.exact(tenant, {self.sketches.of(chunk).digest for chunk in incoming})
        # Of most chunks that are exact duplicates it is known now: they need no look by band.
        batch.settle(incoming)
        unsettled = [chunk for chunk in incoming if chunk.chunk_id not in batch.settled]
        bands = {chunk.chunk_id: self.sketches.of(chunk).bands for chunk in unsettled}
        batch.stored_near = self._store.near(tenant, {chunk: own for chunk, own in bands.items() if own})
        return [batch.decide(chunk) for chunk in incoming]


class _Batch:
    def __init__(self, options: DedupOptions, sketches: Sketches, separation: Separation, earlier: _Earlier) -> None:
        self._options = options
        self._sketches = sketches
        self._separation = separation
        self._earlier = earlier
        self.stored_same: Mapping[bytes, Sequence[Candidate]] = {}
        self.settled: dict[str, Duplicate] = {}
        self.stored_near: Mapping[str, Sequence[Candidate]] = {}

    def settle(self, chunks: Iterable[Incoming]) -> None:
        """Exact duplicates of what is stored, which stands before all that comes now."""
        for chunk in chunks:
            stored = self.stored_same.get(self._sketches.of(chunk).digest)
            duplicate = self._same(chunk, stored).duplicate if stored else None
            if duplicate is not None:
                self.settled[chunk.chunk_id] = duplicate

    def decide(self, chunk: Incoming) -> Decision:
        sketch = self._sketches.of(chunk)
        if (settled := self.settled.get(chunk.chunk_id)) is not None:
            return Decision(chunk.chunk_id, settled, sketch.digest)
        stored, earlier = self.stored_same.get(sketch.digest, ()), self._earlier.exact(sketch.digest)
        same = self._same(chunk, [*stored, *earlier])
        if same.duplicate is not None:
            return Decision(chunk.chunk_id, same.duplicate, sketch.digest)
        near = self._near(chunk, sketch)
        if near.duplicate is not None:
            return Decision(chunk.chunk_id, near.duplicate, sketch.digest)
        decision = Decision(chunk.chunk_id, None, sketch.digest, sketch.bands, same.kept_apart or near.kept_apart)
        self._earlier.add(chunk, decision)
        return decision

    def _same(self, chunk: Incoming, candidates: Sequence[Candidate]) -> _Looked:
        sketch, looked = self._sketches.of(chunk), _Looked()
        for candidate in _distinct(chunk, candidates):
            typed_alike = not sketch.folded or chunk.text == candidate.text
            difference = None if typed_alike else difference_of_same(chunk.text, candidate.text)
            difference = difference or self._documents_differ(chunk, candidate)
            if difference is None:
                looked.duplicate = Duplicate(
                    chunk_id=chunk.chunk_id,
                    survivor=candidate.chunk_id,
                    kind=DuplicateKind.EXACT,
                    similarity=1.0,
                    reason="the same to the letter" if sketch.to_the_letter else "the same text",
                )
                break
            looked.keep_apart(candidate, 1.0, difference)
        return looked

    def _near(self, chunk: Incoming, sketch: Sketch) -> _Looked:
        """Of those that nothing keeps apart the most similar, of equally similar ones the oldest."""
        looked = _Looked()
        candidates = [*self.stored_near.get(chunk.chunk_id, ()), *self._earlier.near(sketch.bands)]
        similar = [(self._similarity(sketch, candidate), candidate) for candidate in _distinct(chunk, candidates)]
        for similarity, candidate in sorted(similar, key=lambda pair: -pair[0]):
            if similarity < self._options.threshold:
                break
            difference = difference_of_near(chunk.text, candidate.text) or self._documents_differ(chunk, candidate)
            if difference is None:
                looked.duplicate = Duplicate(
                    chunk_id=chunk.chunk_id,
                    survivor=candidate.chunk_id,
                    kind=DuplicateKind.NEAR,
                    similarity=similarity,
                    reason=f"{floored(similarity)} of the shingles, no number, date, unit, name or negation differs",
                )
                break
            looked.keep_apart(candidate, similarity, difference)
        return looked

    def _similarity(self, sketch: Sketch, candidate: Candidate) -> float:
        if candidate.kind != ChunkKind.TEXT or candidate.table_html is not None:
            return 0.0
        return jaccard(sketch.shingles, self._sketches.of(candidate).shingles)

    def _documents_differ(self, chunk: Incoming, candidate: Candidate) -> str | None:
        difference = self._separation.apart(chunk.doc_id, candidate.doc_id)
        return f"the documents are told apart: {difference}" if difference is not None else None


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


def _distinct(chunk: Incoming, candidates: Sequence[Candidate]) -> Iterator[Candidate]:
    """Each candidate once, and never the chunk itself, which the store may know from before."""
    seen = {chunk.chunk_id}
    for candidate in candidates:
        if candidate.chunk_id not in seen:
            seen.add(candidate.chunk_id)
            yield candidate


def floored(similarity: float) -> str:
    """Two digits, never rounded up to a similarity that was not reached."""
    return f"{int(similarity * 100) / 100:.2f}"
