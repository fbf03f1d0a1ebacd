"""The documents of a batch that are the same as others, near them, or to be told apart from them.

Of the stored documents only those are looked at that share a band with one of the batch, and of
those only what their decision needs is read from the store.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from ingest.catalog.duplicates import DocumentTextRow, Duplicates
from ingest.catalog.keys import band_key
from ingest.catalog.plan import PlannedDocumentText, PlannedRelation
from ingest.context import Context
from ingest.dedup.documents import DocumentSketch, are_the_same, difference_of_documents, sketch_document
from ingest.dedup.finder import floored
from ingest.dedup.furniture import difference_of_furniture
from ingest.dedup.shingles import jaccard
from ingest.dedup.sketch import Sketches
from ingest.stages.document_readings import ChunkReader, Readings, candidates_of, stored_chunks
from schemas.chunk import Chunk, ChunkSet, DocumentRelation

_MOST_LOOKED_AT = 32
"""Candidates of one document that are compared in full, for each of near and apart: a form that was
filled in ten thousand times must not cost ten thousand comparisons each."""
_MOST_APART = 8
"""Documents that are listed as told apart from one. Chunks are kept apart of all of them."""


@dataclass(frozen=True, slots=True)
class Arriving:
    """A document as it shall be, and its chunks."""

    sketch: DocumentSketch
    chunks: Sequence[Chunk]


class DocumentTwins:
    """A `Separation` for one batch. `going`: documents whose stored version is on its way out, because
    they change or leave, now or later in the run."""

    def __init__(
        self,
        duplicates: Duplicates,
        read: ChunkReader,
        sketches: Sketches,
        tenant: str,
        going: frozenset[str],
    ) -> None:
        self._duplicates = duplicates
        self._sketches = sketches
        self._tenant = tenant
        self._threshold = sketches.options.threshold
        self._going = going
        self._heirs: dict[str, str | None] = {}
        self._texts: dict[str, DocumentTextRow] = {}
        self._near: dict[str, set[str]] = defaultdict(set)
        self._originals: dict[str, str] = {}
        self._by_band: dict[int, list[str]] = defaultdict(list)
        self._apart: dict[tuple[str, str], str | None] = {}
        self._readings = Readings(read, sketches, self._texts)
        self.relations: list[PlannedRelation] = []

    def heirs_of(self, doc_ids: Iterable[str]) -> dict[str, str]:
        """Which exact copy takes the place of each document that goes; those without one are left out."""
        self._find_heirs(doc_ids)
        return {one: heir for one in doc_ids if (heir := self._heirs.get(one)) is not None}

    # ------------------------------------------------------------------ deciding

    def decide(self, arriving: Iterable[Arriving]) -> list[PlannedDocumentText]:
        """In order: who came first stays the original of its copies. What the catalog shall keep of each."""
        batch = list(arriving)
        bands = {it.sketch.doc_id: [band_key(self._tenant, band) for band in it.sketch.bands] for it in batch}
        stored = self._stored({band for own in bands.values() for band in own})
        planned: list[PlannedDocumentText] = []
        for it in batch:
            sketch, own = it.sketch, bands[it.sketch.doc_id]
            self._texts[sketch.doc_id] = DocumentTextRow(
                sketch.doc_id, sketch.chunk_key, sketch.text_digest, sketch.facts_digest, sketch.furniture
            )
            self._readings.add(sketch.doc_id, it.chunks)
            candidates = _distinct(it for band in own for it in (*stored.get(band, ()), *self._by_band.get(band, ())))
            self._meet(sketch.doc_id, candidates)
            copied = self._relate(sketch.doc_id, candidates)
            planned.append(_planned(sketch, () if copied else tuple(own)))
            if not copied:
                for band in own:
                    self._by_band[band].append(sketch.doc_id)
        return planned

    def watch(self, doc_ids: Iterable[str]) -> None:
        """Documents that are stored and stay, of whose chunks is to be decided."""
        originals = self._duplicates.originals([one for one in doc_ids if not self._readings.is_arriving(one)])
        own = self._duplicates.bands_of(set(originals.values()))
        stored = self._stored({band for bands in own.values() for band in bands})
        for doc_id, original in originals.items():
            self._originals[doc_id] = self._staying(original) or doc_id
        for original, bands in own.items():
            heir = self._staying(original)
            if heir is not None:
                met = _distinct(it for band in bands for it in (*stored.get(band, ()), *self._by_band.get(band, ())))
                self._meet(heir, [it for it in met if it != heir])

    def has_neighbours(self, doc_id: str) -> bool:
        """Whether there is anything that it could be told apart from."""
        return doc_id in self._near or self._originals.get(doc_id, doc_id) in self._near

    def apart(self, doc_id: str, other: str) -> str | None:
        if doc_id == other or not self._near:
            return None
        one, two = self._original(doc_id), self._original(other)
        # A copy was met under its own name, those that came before it under their original's.
        met = any(b in self._near.get(a, ()) for a in {doc_id, one} for b in {other, two})
        if one == two or not met:
            return None
        pair = (min(one, two), max(one, two))
        if pair not in self._apart:
            difference = difference_of_furniture(self._texts[one].furniture, self._texts[two].furniture)
            similar = difference is not None and self._similarity(one, two) >= self._threshold
            self._apart[pair] = difference if similar else None
        return self._apart[pair]

    # ---------------------------------------------------------------- candidates

    def _stored(self, bands: Iterable[int]) -> dict[int, list[str]]:
        """By band, the stored documents that have it and stay; oldest first."""
        found = self._duplicates.documents_by_bands(bands)
        self._find_heirs({one for ids in found.values() for one in ids} & self._going)
        staying = {band: [it for one in ids if (it := self._staying(one)) is not None] for band, ids in found.items()}
        unknown = {it for ids in staying.values() for it in ids} - self._texts.keys()
        self._texts.update(self._duplicates.texts(unknown))
        return {band: [it for it in ids if it in self._texts] for band, ids in staying.items()}

    def _find_heirs(self, doc_ids: Iterable[str]) -> None:
        unknown = [one for one in doc_ids if one not in self._heirs]
        found = self._duplicates.heirs(unknown, self._going)
        self._heirs.update({one: found.get(one) for one in unknown})

    def _staying(self, doc_id: str) -> str | None:
        """Itself, or its heir."""
        if doc_id not in self._going:
            return doc_id
        self._find_heirs([doc_id])
        return self._heirs[doc_id]

    def _meet(self, doc_id: str, others: Iterable[str]) -> None:
        for other in others:
            self._near[doc_id].add(other)
            self._near[other].add(doc_id)

    def _original(self, doc_id: str) -> str:
        if doc_id not in self._originals:
            known = doc_id if doc_id in self._near else self._duplicates.originals([doc_id]).get(doc_id, doc_id)
            self._originals[doc_id] = self._staying(known) or doc_id
        return self._originals[doc_id]

    # ---------------------------------------------------------------- comparing

    def _relate(self, doc_id: str, candidates: Sequence[str]) -> bool:
        """Writes down what the document is to others. True for an exact copy of one."""
        self._originals[doc_id] = doc_id
        if (original := self._copy_of(doc_id, candidates)) is not None:
            self._originals[doc_id] = original
            self._record(doc_id, original, DocumentRelation.EXACT, 1.0, "the same text, and the same in the margins")
            return True
        own = self._texts[doc_id]
        alike: list[str] = []
        apart = 0
        for other in candidates:
            text = self._texts[other]
            if difference_of_furniture(own.furniture, text.furniture) is None:
                if text.facts_digest == own.facts_digest:
                    alike.append(other)
            elif apart < _MOST_LOOKED_AT:
                apart += 1
                self._record_apart(doc_id, other)
        self._record_near(doc_id, alike[:_MOST_LOOKED_AT])
        return False

    def _copy_of(self, doc_id: str, candidates: Sequence[str]) -> str | None:
        own = self._texts[doc_id]
        same = [
            it
            for it in candidates
            if (self._texts[it].text_digest, self._texts[it].furniture) == (own.text_digest, own.furniture)
        ]
        for other in same[:_MOST_LOOKED_AT]:
            if self._texts[other].chunk_key == own.chunk_key:
                return other
            if are_the_same(self._readings.chunks(doc_id), self._readings.chunks(other), self._sketches):
                return other
        return None

    def _record_apart(self, doc_id: str, other: str) -> None:
        listed = sum(it.doc_id == doc_id and it.kind is DocumentRelation.APART for it in self.relations)
        if listed < _MOST_APART and (difference := self.apart(doc_id, other)) is not None:
            self._record(doc_id, other, DocumentRelation.APART, self._similarity(doc_id, other), difference)

    def _record_near(self, doc_id: str, candidates: Sequence[str]) -> None:
        """The most similar, of equally similar ones the oldest."""
        similar = [(self._similarity(doc_id, other), other) for other in candidates]
        for similarity, other in sorted(similar, key=lambda pair: -pair[0]):
            if similarity < self._threshold:
                return
            if difference_of_documents(self._readings.texts(doc_id), self._readings.texts(other)) is None:
                reason = f"{floored(similarity)} of the shingles, no number, date, unit, name or negation differs"
                self._record(doc_id, other, DocumentRelation.NEAR, similarity, reason)
                return

    def _record(self, doc_id: str, other: str, kind: DocumentRelation, similarity: float, reason: str) -> None:
        self.relations.append(
            PlannedRelation(doc_id=doc_id, other=other, kind=kind, similarity=similarity, reason=reason)
        )

    def _similarity(self, one: str, other: str) -> float:
        if self._texts[one].text_digest == self._texts[other].text_digest:
            return 1.0
        return jaccard(self._readings.shingles(one), self._readings.shingles(other))


def _planned(sketch: DocumentSketch, bands: tuple[int, ...]) -> PlannedDocumentText:
    return PlannedDocumentText(
        doc_id=sketch.doc_id,
        text_digest=sketch.text_digest.hex(),
        facts_digest=sketch.facts_digest.hex(),
        furniture=sketch.furniture,
        words=sketch.words,
        bands=bands,
    )


def _distinct(doc_ids: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(doc_ids))


def arriving(doc_id: str, chunk_key: str, chunk_set: ChunkSet, sketches: Sketches) -> Arriving:
    chunks = candidates_of(doc_id, chunk_set.chunks)
    return Arriving(sketch_document(doc_id, chunk_key, chunks, chunk_set.furniture, sketches), chunk_set.chunks)


def document_twins(
    context: Context, duplicates: Duplicates, sketches: Sketches, going: frozenset[str] | set[str]
) -> DocumentTwins:
    """Reads stored documents from the artifact store."""
    return DocumentTwins(
        duplicates, partial(stored_chunks, context), sketches, context.settings.tenant, frozenset(going)
    )
