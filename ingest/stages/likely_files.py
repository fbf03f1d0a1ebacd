"""Versions of a release that kept no manifests: what their file was is told by rows beside, or guessed.

Nothing here is trusted: a payload that is made of it is used where its digest is the published one.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from ingest.catalog.comparing import StoredPoint
from ingest.media_types import ROUTES
from ingest.sinks.base import VectorIndex
from ingest.vectors import PayloadFilter
from schemas.chunk import ChunkSet
from schemas.point import PointPayload
from schemas.source import MEMBER, MetadataValue, Route, SourceFile


def likely_files(index: VectorIndex, point: StoredPoint, chunks: ChunkSet) -> list[SourceFile]:
    """The likeliest first, each once."""
    told = [_file(point, kind, metadata) for kind, metadata in _beside(index, point)]
    guessed = [_file(point, kind, chunks.metadata) for kind in sorted(ROUTES)]
    found = [*told, *guessed]
    return [file for place, file in enumerate(found) if file not in found[:place]]


def _beside(index: VectorIndex, point: StoredPoint) -> Iterator[tuple[str, dict[str, MetadataValue]]]:
    """Of the document's rows that are left, those of the same time first."""
    where = PayloadFilter(equals={"tenant": point.tenant, "doc_id": point.doc_id}, history=True)
    payloads: list[PointPayload] = []
    for row in index.scroll(where):
        try:
            payloads.append(PointPayload.model_validate(row.payload))
        except ValidationError:
            continue  # damaged itself
    for payload in sorted(payloads, key=lambda payload: abs(payload.from_seq - point.from_seq)):
        yield payload.media_type, payload.metadata


def _file(point: StoredPoint, media_type: str, metadata: dict[str, MetadataValue]) -> SourceFile:
    """With what a payload is made of; size, time and bytes are in none."""
    return SourceFile(
        tenant=point.tenant,
        source=point.source,
        path=point.path,
        uri="",
        sha256="",
        size=0,
        mtime_ns=0,
        media_type=media_type,
        route=ROUTES.get(media_type, Route.UNSUPPORTED),
        container=point.path.rpartition(MEMBER)[0] or None,
        metadata=metadata,
    )
