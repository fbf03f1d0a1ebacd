"""The chunks of a document's version, in order: what the index does not tell.

Order and spans are volatile, so they are in no payload. They lie in the version's chunk set, which
every reader finds by the catalog on the artifact store, wherever the index is.
"""

from __future__ import annotations

from ingest.context import Context
from ingest.search.expander import Manifest
from ingest.stored import chunk_set_of, document_of
from schemas.chunk import ChunkKind


class Manifests:
    """Implements `ChunkSource`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def manifest_of(self, doc_id: str, as_of: int | None) -> Manifest:
        """Of the version that is current, or was at that sequence number; empty where it is damaged."""
        key = self._context.catalog.history.chunk_key(doc_id, as_of)
        found = chunk_set_of(self._context, key) if key is not None else None
        if found is None:
            return Manifest(())
        if all(chunk.kind is not ChunkKind.PROPOSITION for chunk in found.chunks):
            return Manifest(found.chunks)
        document = document_of(self._context, found.document)
        return Manifest(found.chunks, document.text if document is not None else None)
