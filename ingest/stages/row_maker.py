"""A row of the index made again: its payload from the version's manifest and chunks, its vector from the cache."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.catalog.comparing import Comparing, StoredPoint
from ingest.catalog.plan import PlannedVector
from ingest.context import Context
from ingest.embed.neighbours import mix
from ingest.stages.manifests import Manifests
from ingest.stages.mixtures import Mixtures
from ingest.stages.parts import Parts
from ingest.stages.payloads import bind, chunk_id_of, embed_text_of, payload_of
from ingest.stages.vectors import VectorCache
from ingest.store import DamagedArtifact
from ingest.vectors import IndexPoint
from schemas.chunk import ChunkSet
from schemas.point import OPEN, PointPayload
from schemas.source import SourceFile


@dataclass(frozen=True, slots=True)
class Made:
    """Rows that could be made, and those that could not: their artifacts are gone."""

    rows: tuple[IndexPoint, ...]
    lost: tuple[StoredPoint, ...]


@dataclass(frozen=True, slots=True)
class _Wanted:
    point_id: str
    payload: PointPayload
    vector: PlannedVector | None


class RowMaker:
    """For the settings that the collection was made with."""

    def __init__(self, context: Context, parts: Parts) -> None:
        self._context = context
        self._parts = parts
        self._comparing = Comparing(context.catalog.database)
        self._manifests = Manifests(context)
        self._vectors = VectorCache(context)
        self._texts: dict[str, str] = {}

    def make(self, points: Sequence[StoredPoint]) -> Made:
        """In no order. A vector that the cache has lost is embedded again."""
        wanted: list[_Wanted] = []
        lost: list[StoredPoint] = []
        self._texts = {}
        for group in _by_version(points):
            for point, found in zip(group, self._wanted(group), strict=True):
                if found is None:
                    lost.append(point)
                else:
                    wanted.append(found)
        self._vectors.fill(self._parts.embedder, self._texts)
        return Made(tuple(self._rows(wanted)), tuple(lost))

    def _wanted(self, group: Sequence[StoredPoint]) -> list[_Wanted | None]:
        """`group`: rows that were shown last in one version of one document."""
        source = self._source(group[0])
        if source is None:
            return [None] * len(group)
        file, chunks = source
        doc_id = group[0].doc_id
        mixtures = Mixtures(self._context, self._parts.embedder.fingerprint)
        mixtures.add(doc_id, chunks.chunks)
        places = {chunk_id_of(doc_id, chunk): place for place, chunk in enumerate(chunks.chunks)}
        found: list[_Wanted | None] = []
        for point in group:
            payload = self._payload(point, file, chunks, places.get(point.chunk_id))
            vector = mixtures.vector_of(payload) if payload is not None else None
            if payload is None or (vector.key if vector is not None else None) != point.vector_key:
                found.append(None)
                continue
            if vector is not None:
                self._texts.update(mixtures.texts_of([vector]))
            found.append(_Wanted(point.point_id, payload, vector))
        return found

    def _source(self, point: StoredPoint) -> tuple[SourceFile, ChunkSet] | None:
        version = self._comparing.version_at(point.doc_id, point.to_seq - 1)
        if version is None:
            return None
        number, chunk_key = version
        ref = self._context.catalog.artifacts.find("chunk", chunk_key)
        try:
            manifest = self._manifests.read(point.doc_id, number)
            content = self._context.store.read(ref) if ref is not None else None
        except DamagedArtifact:
            return None
        if manifest is None or manifest.file is None or content is None:
            return None
        return manifest.file, ChunkSet.model_validate_json(content)

    def _payload(
        self, point: StoredPoint, file: SourceFile, chunks: ChunkSet, place: int | None
    ) -> PointPayload | None:
        """None where it would not be what was published."""
        if place is None:
            return None
        chunk = chunks.chunks[place]
        for unknown in (chunks.unknown_shares[place], *self._parts.counter.unknown_shares([chunk.embed_text()])):
            # The second is that of a model that the collection was made for later.
            bound = bind(point.doc_id, file, chunk, unknown)
            payload = payload_of(bound, point.survivor, point.from_seq)
            if payload.digest() == point.payload_digest:
                validity = {"current": point.to_seq == OPEN, "to_seq": point.to_seq}
                return payload.model_copy(update=validity)
        return None

    def _rows(self, wanted: Sequence[_Wanted]) -> list[IndexPoint]:
        raw = self._vectors.get(self._parts.embedder, self._texts)
        share = self._context.settings.embed.neighbour_share
        searched = [each for each in wanted if each.vector is not None]
        sparse = self._parts.encoder.encode_passages([embed_text_of(each.payload) for each in searched])
        weights = {each.point_id: weight for each, weight in zip(searched, sparse, strict=True)}
        return [
            IndexPoint(
                id=each.point_id,
                payload=each.payload.model_dump(mode="json"),
                dense=(
                    mix(raw[each.vector.own], [raw[key] for key in each.vector.neighbours], share)
                    if each.vector is not None
                    else None
                ),
                sparse=weights.get(each.point_id),
            )
            for each in wanted
        ]


def _by_version(points: Sequence[StoredPoint]) -> list[list[StoredPoint]]:
    """Rows of one document that ended at one time were shown last in the same version of it."""
    groups: dict[tuple[str, int], list[StoredPoint]] = {}
    for point in points:
        groups.setdefault((point.doc_id, point.to_seq), []).append(point)
    return list(groups.values())
