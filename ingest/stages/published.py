"""What was published of a chunk, told by its version's manifest and chunks, whatever catalog and index say."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ingest.catalog.comparing import Comparing, StoredPoint
from ingest.context import Context
from ingest.stages.mixtures import Mixtures
from ingest.stages.parts import Parts
from ingest.stages.payloads import bind, embed_text_of, payload_of
from ingest.stored import chunk_set_of, manifest_of
from schemas.chunk import Chunk
from schemas.ids import point_id
from schemas.point import OPEN, PointPayload
from schemas.source import SourceFile

_KEPT = 32
"""Versions that were read last."""


@dataclass(frozen=True, slots=True)
class _Version:
    """`chunks` by id, with the share of unknown tokens."""

    file: SourceFile
    chunks: Mapping[str, tuple[Chunk, float]]
    mixtures: Mixtures


class Published:
    def __init__(self, context: Context, parts: Parts) -> None:
        self._context = context
        self._parts = parts
        self._comparing = Comparing(context.catalog.database)
        self._kept: OrderedDict[tuple[str, int], _Version | None] = OrderedDict()

    def lost_row(self, row_id: str, payload: PointPayload) -> StoredPoint | None:
        """What the catalog should say of a row that it does not know; None for one that nobody published: it
        was never shown, its document's version holds no such chunk, or another row stands for it at that time."""
        if payload.current != (payload.to_seq == OPEN):
            return None
        row = StoredPoint(
            row_id, payload.chunk_id, payload.doc_id, payload.tenant, payload.source, payload.path,
            payload.digest(), None, payload.survivor, payload.from_seq, payload.to_seq,
        )  # fmt: skip
        others = self._comparing.of_chunk(row.doc_id, row.chunk_id)
        if any(other.from_seq < row.to_seq and row.from_seq < other.to_seq for other in others):
            return None
        told = self._told(row, payload)
        # A collection that was built beside another has kept the ids of that one's rows.
        active = self._context.catalog.collections.active()
        is_copy = active is not None and active.number > 1
        return told if told is not None and (is_copy or _is_named(told)) else None

    def right_row(self, known: StoredPoint, payload: PointPayload) -> StoredPoint | None:
        """What the catalog should say of a row that it tells wrongly; None where the index is wrong, or nobody
        can tell."""
        if (payload.chunk_id, payload.doc_id, payload.tenant) != (known.chunk_id, known.doc_id, known.tenant):
            return None
        told = self._told(replace(known, payload_digest=payload.digest(), survivor=payload.survivor), payload)
        return told if told is not None and _is_named(told) else None

    def _told(self, row: StoredPoint, payload: PointPayload) -> StoredPoint | None:
        found = self._comparing.version_at(row.doc_id, row.to_seq - 1)
        version = self._version(row.doc_id, *found) if found is not None else None
        if version is None or row.chunk_id not in version.chunks:
            return None
        chunk, unknown = version.chunks[row.chunk_id]
        made = payload_of(bind(row.doc_id, version.file, chunk, unknown), row.survivor, row.from_seq)
        if payload.digest() not in (made.digest(), self._recounted(made).digest()):
            return None
        vector = version.mixtures.vector_of(payload)
        return replace(row, vector_key=vector.key if vector is not None else None)

    def _recounted(self, payload: PointPayload) -> PointPayload:
        """As in a collection that was built later, for a model with another tokenizer."""
        text = [embed_text_of(payload)]
        (count,), (share,) = self._parts.counter.count(text), self._parts.counter.unknown_shares(text)
        return payload.model_copy(update={"token_count": count, "unknown_share": round(share, 4)})

    def _version(self, doc_id: str, version: int, chunk_key: str) -> _Version | None:
        """None where an artifact is gone or damaged."""
        key = doc_id, version
        if key not in self._kept:
            self._kept[key] = self._read(doc_id, version, chunk_key)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _read(self, doc_id: str, version: int, chunk_key: str) -> _Version | None:
        manifest, found = manifest_of(self._context, doc_id, version), chunk_set_of(self._context, chunk_key)
        if manifest is None or manifest.file is None or found is None:
            return None
        mixtures = Mixtures(self._context, self._parts.embedder.fingerprint)
        mixtures.add(doc_id, found.chunks)
        shares = zip(found.chunks, found.unknown_shares, strict=True)
        return _Version(manifest.file, {chunk.id_in(doc_id): (chunk, share) for chunk, share in shares}, mixtures)


def _is_named(row: StoredPoint) -> bool:
    """Its id is made of what is told of it."""
    return row.point_id == point_id(row.chunk_id, row.payload_digest, row.vector_key or "", row.from_seq)
