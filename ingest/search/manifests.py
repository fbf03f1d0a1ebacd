"""The chunks of a document's version, in order: what the index does not tell.

Order and spans are volatile, so they are in no payload. They lie in the version's chunk set, which
every reader finds by the catalog on the artifact store, wherever the index is.
"""

from __future__ import annotations

from ingest.context import Context
from ingest.search.expander import Manifest
from ingest.store import DamagedArtifact
from schemas.artifact import ArtifactRef
from schemas.chunk import ChunkKind, ChunkSet
from schemas.document import Document


class Manifests:
    """Implements `ChunkSource`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def manifest_of(self, doc_id: str, as_of: int | None) -> Manifest:
        """Of the version that is current, or was at that sequence number; empty where it is damaged."""
        key = self._context.catalog.history.chunk_key(doc_id, as_of)
        artifacts = self._context.catalog.artifacts
        content = self._read(artifacts.find("chunk", key)) if key is not None else None
        if content is None:
            return Manifest(())
        found = ChunkSet.model_validate_json(content)
        if all(chunk.kind is not ChunkKind.PROPOSITION for chunk in found.chunks):
            return Manifest(found.chunks)
        document = self._read(artifacts.of_digest("parse", found.document))
        return Manifest(found.chunks, Document.model_validate_json(document).text if document is not None else None)

    def _read(self, ref: ArtifactRef | None) -> bytes | None:
        try:
            return self._context.store.read(ref) if ref is not None else None
        except DamagedArtifact:
            return None
