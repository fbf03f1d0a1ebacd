"""What the checks read of the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from ingest.catalog.duplicate_lists import ChunkRow
from ingest.catalog.rows import DocumentRow
from ingest.context import Context
from ingest.stored import chunk_set_of, document_of, record_of
from schemas.chunk import Chunk, ChunkSet
from schemas.document import Document
from schemas.version import VERSION_STAGE, VersionManifest, manifest_key

_REMEMBERED = 64
_AT_ONCE = 500


class Stored:
    """Chunk sets that were read last are kept."""

    def __init__(self, context: Context) -> None:
        self._context = context

        @lru_cache(maxsize=_REMEMBERED)
        def chunks_of(doc_id: str, chunk_key: str) -> Mapping[str, Chunk]:
            chunk_set = self.chunk_set(chunk_key)
            chunks = chunk_set.chunks if chunk_set is not None else ()
            return {chunk.id_in(doc_id): chunk for chunk in chunks}

        self._chunks_of = chunks_of

    def chunk(self, row: ChunkRow) -> Chunk | None:
        """None where it is gone or damaged, as of all below."""
        return self._chunks_of(row.doc_id, row.chunk_key).get(row.chunk_id)

    def chunk_set(self, chunk_key: str) -> ChunkSet | None:
        return chunk_set_of(self._context, chunk_key)

    def document(self, digest: str) -> Document | None:
        return document_of(self._context, digest)

    def media_types(self, rows: Sequence[DocumentRow]) -> dict[str, str]:
        """By document, the media type of its file, which its manifest alone has: documents of two formats may have
        one chunk set. Empty where it is not there."""
        keys = {manifest_key(row.doc_id, row.version): row.doc_id for row in rows}
        names, found = list(keys), dict.fromkeys(keys.values(), "")
        for start in range(0, len(keys), _AT_ONCE):
            part = names[start : start + _AT_ONCE]
            for key, ref in self._context.catalog.artifacts.find_many(VERSION_STAGE, part).items():
                manifest = record_of(self._context.store, ref, VersionManifest)
                if manifest is not None and manifest.file is not None:
                    found[keys[key]] = manifest.file.media_type
        return found
