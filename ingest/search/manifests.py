"""The chunks of a document's version, in order: what the index does not tell.

Order and spans are volatile, so they are in no payload. They lie in the version's chunk set, which
every reader finds by the catalog on the artifact store, wherever the index is.
"""

from __future__ import annotations

from ingest.context import Context
from ingest.store import DamagedArtifact
from schemas.chunk import ChunkSet


class Manifests:
    """Implements `ChunkSource`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def chunks_of(self, doc_id: str, as_of: int | None) -> ChunkSet | None:
        """Of the version that is current, or was at that sequence number; None where it is damaged."""
        key = self._context.catalog.history.chunk_key(doc_id, as_of)
        ref = self._context.catalog.artifacts.find("chunk", key) if key is not None else None
        try:
            return ChunkSet.model_validate_json(self._context.store.read(ref)) if ref is not None else None
        except DamagedArtifact:
            return None
