"""What is read of documents that are compared as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from ingest.catalog.duplicates import DocumentTextRow
from ingest.context import Context
from ingest.dedup.base import Candidate
from ingest.dedup.documents import union
from ingest.dedup.shingles import Shingles
from ingest.dedup.sketch import Sketches
from ingest.stored import chunk_set_of
from schemas.chunk import Chunk

_MOST_SHINGLES = 4_000_000
"""Of documents that are kept in memory, 8 bytes each."""


class ChunkReader(Protocol):
    """Reads what was stored of a version."""

    def __call__(self, chunk_key: str) -> Sequence[Chunk]:
        """Empty where it is gone."""
        ...


def stored_chunks(context: Context, chunk_key: str) -> Sequence[Chunk]:
    """A `ChunkReader` on the artifact store. What is lost is compared with nothing until it is prepared again; no chunk
    is left out for its sake."""
    found = chunk_set_of(context, chunk_key)
    return found.chunks if found is not None else ()


class Readings:
    """What is read of documents, the shingles of those used last."""

    def __init__(self, read: ChunkReader, sketches: Sketches, texts: Mapping[str, DocumentTextRow]) -> None:
        self._read = read
        self._sketches = sketches
        self._texts = texts
        self._arriving: dict[str, Sequence[Chunk]] = {}
        self._shingles: dict[str, Shingles] = {}
        self._held = 0

    def add(self, doc_id: str, chunks: Sequence[Chunk]) -> None:
        self._arriving[doc_id] = chunks

    def is_arriving(self, doc_id: str) -> bool:
        return doc_id in self._arriving

    def shingles(self, doc_id: str) -> Shingles:
        if doc_id in self._shingles:
            made = self._shingles.pop(doc_id)
        else:
            # What is made of stored documents is not kept beside the batch's own.
            sketches = self._sketches if doc_id in self._arriving else self._sketches.fresh()
            made = union(self.chunks(doc_id), sketches)
            self._held += len(made)
        self._shingles[doc_id] = made
        while self._held > _MOST_SHINGLES and len(self._shingles) > 1:
            self._held -= len(self._shingles.pop(next(iter(self._shingles))))
        return made

    def chunks(self, doc_id: str) -> list[Candidate]:
        return candidates_of(doc_id, self._raw(doc_id))

    def texts(self, doc_id: str) -> list[str]:
        """Without what stands in the chunk before already."""
        return [chunk.text[chunk.repeated :] for chunk in self._raw(doc_id)]

    def _raw(self, doc_id: str) -> Sequence[Chunk]:
        arriving = self._arriving.get(doc_id)
        return arriving if arriving is not None else self._read(self._texts[doc_id].chunk_key)


def candidates_of(doc_id: str, chunks: Iterable[Chunk]) -> list[Candidate]:
    """For comparing whole documents: their chunks need no ids."""
    return [Candidate("", doc_id, chunk.text, chunk.kind.value, chunk.language, chunk.table_html) for chunk in chunks]
