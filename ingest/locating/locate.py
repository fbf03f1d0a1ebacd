"""Locate: a chunk's document, version, pages, boxes, paragraphs and lines."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.context import Context
from ingest.locating.finding import LocatedChunk, find_chunk
from ingest.locating.place import Place, PlaceBlock, PlacePage
from ingest.stored import document_of, manifest_of
from schemas.base import BBox, Span
from schemas.chunk import Chunk, ChunkKind
from schemas.document import Document, Region
from schemas.errors import ConfigError
from schemas.point import OPEN

_AROUND = 240
"""Characters of the document that are told before and after a chunk."""
_MOST_BESIDE = 20
"""Pages of a table that are told beside those of one part of it: some run over hundreds."""
_OF_LINES = frozenset({"text", "markdown"})
"""Parsers whose document is the file's own text, line by line."""


def locate(context: Context, name: str, version: int | None = None) -> Place:
    """`name`: a chunk's id, the beginning of one, or `DOCUMENT#ORDINAL`; `version` of its document. Raises
    `ConfigError` for what is not there."""
    found = find_chunk(context, name, version)
    manifest = manifest_of(context, found.known.doc_id, found.version.version)
    if manifest is None or manifest.file is None:
        raise ConfigError(
            f"what is known of version {found.version.version} of {found.known.name} is damaged or gone:"
            " 'docstrata reconcile' tells what can be mended"
        )
    document = document_of(context, found.chunk_set.document)
    current = context.catalog.history.document(found.known.doc_id)
    chunk, file = found.chunk, manifest.file
    before, after = _around(document, chunk)
    with context.store.original(file.sha256) as path:
        kept = path is not None
    return Place(
        chunk_id=found.chunk_id,
        doc_id=found.known.doc_id,
        source=file.source,
        path=file.path,
        container=file.container,
        uri=file.uri,
        media_type=file.media_type,
        sha256=file.sha256,
        version=found.version.version,
        current=current is not None and current.live and current.version == found.version.version,
        published_ns=found.version.at_ns,
        original_kept=kept,
        ordinal=chunk.ordinal,
        chunks=len(found.chunk_set.chunks),
        part=chunk.part,
        parts=chunk.parts,
        kind=chunk.kind.value,
        title=chunk.title,
        heading_path=chunk.heading_path,
        pages=_pages(document, chunk),
        blocks=_blocks(document, chunk),
        spans=chunk.spans,
        lines=_lines(document, chunk),
        survivor=_survivor(found),
        text=chunk.text,
        before=before,
        after=after,
    )


def _pages(document: Document | None, chunk: Chunk) -> tuple[PlacePage, ...]:
    """Those that the chunk is on; of a part of a table also the others that the table goes over, the nearest first."""
    if document is None:
        return ()
    table = (
        [region for ordinal in chunk.blocks for region in document.blocks[ordinal].regions] if _is_part(chunk) else []
    )
    own = set(chunk.pages)
    beside = sorted({region.page for region in table} - own, key=lambda page: min(abs(page - one) for one in own))
    numbers = own | set(beside[:_MOST_BESIDE])
    return tuple(
        PlacePage(
            number=page.number,
            width=page.width,
            height=page.height,
            rotation=page.rotation,
            method=page.method.value,
            boxes=_boxes(chunk.regions, page.number),
            whole=_boxes(table, page.number),
        )
        for page in document.pages
        if page.number in numbers
    )


def _is_part(chunk: Chunk) -> bool:
    return chunk.kind is ChunkKind.TABLE and chunk.parts > 1 and bool(chunk.regions)


def _boxes(regions: Sequence[Region], page: int) -> tuple[BBox, ...]:
    return tuple(region.bbox for region in regions if region.page == page and region.bbox is not None)


def _blocks(document: Document | None, chunk: Chunk) -> tuple[PlaceBlock, ...]:
    if document is None:
        return ()
    return tuple(
        PlaceBlock(
            number=block.ordinal,
            kind=block.kind.value,
            pages=tuple(sorted({region.page for region in block.regions})),
            start=block.start,
            end=block.end,
        )
        for block in (document.blocks[ordinal] for ordinal in chunk.blocks)
    )


def _lines(document: Document | None, chunk: Chunk) -> Span | None:
    if document is None or document.parser not in _OF_LINES:
        return None
    first, last = chunk.spans[0][0], chunk.spans[-1][1]
    return document.text.count("\n", 0, first) + 1, document.text.count("\n", 0, last - 1) + 1


def _around(document: Document | None, chunk: Chunk) -> tuple[str, str]:
    if document is None:
        return "", ""
    first, last = chunk.spans[0][0], chunk.spans[-1][1]
    return document.text[max(0, first - _AROUND) : first], document.text[last : last + _AROUND]


def _survivor(found: LocatedChunk) -> str | None:
    """At the end of that version's time: another chunk may have come to answer for it."""
    rows = [row for row in found.rows if row.from_seq <= found.version.seq < row.to_seq or row.to_seq == OPEN]
    return rows[-1].survivor if rows else None
