"""A chunk bound to its document becomes the payload of a point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ingest.vectors import facet
from schemas.chunk import Chunk, build_embed_text
from schemas.point import PointPayload
from schemas.source import MetadataValue, SourceFile

_LONGEST_FACET = 200
"""Characters."""
_MOST_OF_ONE_NAME = 50
"""A mail to thousands must not carry them all in every row of the index."""


@dataclass(frozen=True, slots=True)
class BoundChunk:
    """A chunk that belongs to a document of a source."""

    chunk_id: str
    doc_id: str
    file: SourceFile
    chunk: Chunk
    unknown_share: float


def bind(doc_id: str, file: SourceFile, chunk: Chunk, unknown_share: float) -> BoundChunk:
    return BoundChunk(chunk.id_in(doc_id), doc_id, file, chunk, unknown_share)


def payload_of(bound: BoundChunk, survivor: str | None, seq: int) -> PointPayload:
    """Not current: a point is made visible when all of its version is there."""
    chunk, file = bound.chunk, bound.file
    boxed = [(region.page, region.bbox) for region in chunk.regions if region.bbox is not None]
    return PointPayload(
        tenant=file.tenant,
        source=file.source,
        path=file.path,
        container=file.container,
        doc_id=bound.doc_id,
        chunk_id=bound.chunk_id,
        text=chunk.text,
        repeated=chunk.repeated,
        context=chunk.context,
        kind=chunk.kind.value,
        title=chunk.title,
        heading_path=chunk.heading_path,
        section=chunk.section,
        parent=chunk.parent,
        position=chunk.position,
        part=chunk.part,
        parts=chunk.parts,
        pages=chunk.pages,
        boxes=tuple(box for _, box in boxed),
        box_pages=tuple(page for page, _ in boxed),
        table_html=chunk.table_html,
        token_count=chunk.token_count,
        unknown_share=bound.unknown_share,
        language=chunk.language,
        media_type=file.media_type,
        strategy=chunk.strategy,
        flags=chunk.flags,
        metadata=file.metadata,
        facets=_facets(file.metadata),
        survivor=survivor,
        from_seq=seq,
    )


def _facets(metadata: Mapping[str, MetadataValue]) -> tuple[str, ...]:
    """What is too long to be asked for literally is not for filters, nor the long end of a list."""
    values = ((name, one) for name, value in sorted(metadata.items()) for one in _each(value)[:_MOST_OF_ONE_NAME])
    return tuple(facet(name, one) for name, one in values if len(str(one)) <= _LONGEST_FACET)


def _each(value: MetadataValue) -> tuple[MetadataValue, ...]:
    return value if isinstance(value, tuple) else (value,)


def embed_text_of(payload: PointPayload) -> str:
    return build_embed_text(payload.context, payload.text)
