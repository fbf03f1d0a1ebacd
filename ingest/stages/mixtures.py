"""Which raw vectors the stored vector of a chunk is made of: its own, and those of the chunks before
and after it in its document, before duplicates are taken out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.catalog.plan import PlannedPoint, PlannedVector
from ingest.context import Context
from ingest.embed.cache import mixed_key, vector_key
from ingest.embed.neighbours import beside
from ingest.stages.payloads import embed_text_of
from ingest.stored import chunk_set_of
from schemas.chunk import Chunk
from schemas.errors import InvariantError
from schemas.point import PointPayload


@dataclass(frozen=True, slots=True)
class _Passage:
    """Texts to embed."""

    own: str
    neighbours: tuple[str, ...]


class Mixtures:
    """Of one batch. Chunks of documents that are not in it are found through their chunk sets."""

    def __init__(self, context: Context, embedder_fingerprint: str) -> None:
        self._context = context
        self._fingerprint = embedder_fingerprint
        self._share = context.settings.embed.neighbour_share
        self._passages: dict[str, _Passage] = {}
        self._texts: dict[str, str] = {}

    def add(self, doc_id: str, chunks: Sequence[Chunk]) -> None:
        """All chunks of a document, in order."""
        texts = [chunk.embed_text() for chunk in chunks]
        for place, chunk in enumerate(chunks):
            near = tuple(texts[at] for at in beside(place, len(texts))) if self._share else ()
            self._passages[chunk.id_in(doc_id)] = _Passage(texts[place], near)

    def vector_of(self, payload: PointPayload) -> PlannedVector | None:
        """None for a duplicate, which has no vector."""
        if payload.survivor is not None:
            return None
        if payload.chunk_id not in self._passages:
            self._find(payload)
        return self._vector(self._passages[payload.chunk_id])

    def keys(self) -> dict[str, str]:
        """`{chunk id: vector key}` of all chunks that were added."""
        return {chunk: self._vector(passage).key for chunk, passage in self._passages.items()}

    def _vector(self, passage: _Passage) -> PlannedVector:
        own, *neighbours = (self._key(text) for text in (passage.own, *passage.neighbours))
        return PlannedVector(key=mixed_key(own, neighbours, self._share), own=own, neighbours=tuple(neighbours))

    def texts_beside(self, points: Iterable[PlannedPoint]) -> dict[str, str]:
        """`{raw key: text}` of neighbours that are not among the points themselves."""
        vectors = [point.vector for point in points if point.vector is not None]
        own = {vector.own for vector in vectors}
        return {key: self._texts[key] for vector in vectors for key in vector.neighbours if key not in own}

    def texts_of(self, vectors: Iterable[PlannedVector]) -> dict[str, str]:
        """`{raw key: text}` of all that these are made of."""
        return {key: self._texts[key] for vector in vectors for key in (vector.own, *vector.neighbours)}

    def _key(self, text: str) -> str:
        key = vector_key(self._fingerprint, text)
        self._texts[key] = text
        return key

    def _find(self, payload: PointPayload) -> None:
        """A duplicate that is promoted: its document is not in this batch, but its chunks are stored."""
        if self._share:
            self.add(payload.doc_id, self._stored_chunks(payload))
        if payload.chunk_id not in self._passages:
            self._passages[payload.chunk_id] = _Passage(embed_text_of(payload), ())

    def _stored_chunks(self, payload: PointPayload) -> tuple[Chunk, ...]:
        """Nothing where the artifact is gone: then the text stays findable, without its neighbours in
        it, until its document is prepared again."""
        document = self._context.catalog.history.document(payload.doc_id)
        if document is None:
            raise InvariantError("a row of the index belongs to no document", chunk=payload.chunk_id)
        found = chunk_set_of(self._context, document.chunk_key)
        if found is None:
            self._context.progress.say(f"the chunks of {payload.path} are damaged: reprocess it to mix its vectors")
            return ()
        return found.chunks
