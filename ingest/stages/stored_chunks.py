"""Chunk sets, on the artifact store."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.context import Context
from ingest.store import DamagedArtifact
from schemas.chunk import Chunk, ChunkSet


class StoredChunks:
    """A `ChunkReader` on the artifact store."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def __call__(self, chunk_key: str) -> Sequence[Chunk]:
        found = self.chunk_set(chunk_key)
        return found.chunks if found is not None else ()

    def chunk_set(self, chunk_key: str) -> ChunkSet | None:
        ref = self._context.catalog.artifacts.find("chunk", chunk_key)
        try:
            content = self._context.store.read(ref) if ref is not None else None
        except DamagedArtifact:
            # It is compared with nothing until it is prepared again; no chunk is left out for its sake.
            content = None
        return ChunkSet.model_validate_json(content) if content is not None else None
