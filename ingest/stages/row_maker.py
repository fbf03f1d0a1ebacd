"""A row of the index made again: its payload from the version's manifest and chunks, its vector from the cache."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest.catalog.comparing import Comparing, StoredPoint
from ingest.catalog.plan import PlannedPoint, PlannedVector
from ingest.context import Context
from ingest.stages.index_rows import index_rows
from ingest.stages.likely_files import likely_files
from ingest.stages.mixtures import Mixtures
from ingest.stages.parts import Parts
from ingest.stages.payloads import bind, payload_of
from ingest.stages.vectors import VectorCache
from ingest.stored import chunk_set_of, manifest_of
from ingest.vectors import IndexPoint, Vector
from schemas.chunk import Chunk, ChunkSet
from schemas.point import OPEN, PointPayload
from schemas.source import SourceFile


@dataclass(frozen=True, slots=True)
class Made:
    """Rows that could be made, and those that could not: their artifacts are gone."""

    rows: tuple[IndexPoint, ...]
    lost: tuple[StoredPoint, ...]


class RowMaker:
    """For the settings that the collection was made with."""

    def __init__(self, context: Context, parts: Parts) -> None:
        self._context = context
        self._parts = parts
        self._comparing = Comparing(context.catalog.database)
        self._vectors = VectorCache(context)

    def make(self, points: Sequence[StoredPoint], *, may_embed: bool) -> Made:
        """In no order. A vector that the cache has lost is embedded again, if that may be; otherwise its row is
        neither among those that were made nor among the lost."""
        wanted: list[PlannedPoint] = []
        lost: list[StoredPoint] = []
        texts: dict[str, str] = {}
        for group in _by_version(points):
            for point, found in zip(group, self._wanted(group, texts), strict=True):
                if found is None:
                    lost.append(point)
                else:
                    wanted.append(found)
        raw = self._raw_vectors(texts, may_embed=may_embed)
        ready = [each for each in wanted if each.vector is None or _is_there(each.vector, raw)]
        rows = index_rows(ready, raw, self._parts.encoder, self._context.settings.embed.neighbour_share)
        return Made(tuple(rows), tuple(lost))

    def _wanted(self, group: Sequence[StoredPoint], texts: dict[str, str]) -> list[PlannedPoint | None]:
        """`group`: rows that were shown last in one version of one document. `texts` takes in `{raw key: text}` of
        all that their vectors are made of."""
        source = self._source(group[0])
        if source is None:
            return [None] * len(group)
        files, chunks = source
        doc_id = group[0].doc_id
        mixtures = Mixtures(self._context, self._parts.embedder.fingerprint)
        mixtures.add(doc_id, chunks.chunks)
        places = {chunk.id_in(doc_id): place for place, chunk in enumerate(chunks.chunks)}
        found: list[PlannedPoint | None] = []
        for point in group:
            payload = self._payload(point, files, chunks, places.get(point.chunk_id))
            vector = mixtures.vector_of(payload) if payload is not None else None
            if payload is None or (vector.key if vector is not None else None) != point.vector_key:
                found.append(None)
                continue
            if vector is not None:
                texts.update(mixtures.texts_of([vector]))
            found.append(
                PlannedPoint(
                    point_id=point.point_id, payload=payload, payload_digest=point.payload_digest, vector=vector
                )
            )
        return found

    def _source(self, point: StoredPoint) -> tuple[Sequence[SourceFile], ChunkSet] | None:
        """What the version's file may have been, and its chunks."""
        version = self._comparing.version_at(point.doc_id, point.to_seq - 1)
        if version is None:
            return None
        number, chunk_key = version
        chunks = chunk_set_of(self._context, chunk_key)
        if chunks is None:
            return None
        manifest = manifest_of(self._context, point.doc_id, number)
        if manifest is not None and manifest.file is not None:
            return [manifest.file], chunks
        return likely_files(self._parts.index, point, chunks), chunks

    def _payload(
        self, point: StoredPoint, files: Sequence[SourceFile], chunks: ChunkSet, place: int | None
    ) -> PointPayload | None:
        """None where it would not be what was published."""
        if place is None:
            return None
        for chunk, unknown in self._counted(chunks.chunks[place], chunks.unknown_shares[place]):
            for file in files:
                payload = payload_of(bind(point.doc_id, file, chunk, unknown), point.survivor, point.from_seq)
                if payload.digest() == point.payload_digest:
                    return payload.model_copy(update={"current": point.to_seq == OPEN, "to_seq": point.to_seq})
        return None

    def _counted(self, chunk: Chunk, unknown: float) -> Iterator[tuple[Chunk, float]]:
        """With the share of unknown tokens; then as the model counts that the collection was made for later."""
        yield chunk, unknown
        text = [chunk.embed_text()]
        (count,), (share,) = self._parts.counter.count(text), self._parts.counter.unknown_shares(text)
        yield chunk.model_copy(update={"token_count": count}), round(share, 4)

    def _raw_vectors(self, texts: Mapping[str, str], *, may_embed: bool) -> Mapping[str, Vector]:
        embedder = self._parts.embedder
        if not may_embed:
            return self._vectors.stored(list(texts), embedder.dimension, {})
        self._vectors.fill(embedder, texts)
        return self._vectors.get(embedder, texts)


def _is_there(vector: PlannedVector, raw: Mapping[str, Vector]) -> bool:
    return all(key in raw for key in (vector.own, *vector.neighbours))


def _by_version(points: Sequence[StoredPoint]) -> list[list[StoredPoint]]:
    """Rows of one document that ended at one time were shown last in the same version of it."""
    groups: dict[tuple[str, int], list[StoredPoint]] = {}
    for point in points:
        groups.setdefault((point.doc_id, point.to_seq), []).append(point)
    return list(groups.values())
