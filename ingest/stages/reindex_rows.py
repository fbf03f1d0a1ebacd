"""What a row of the active collection is in another one: the same id and text, other vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.catalog.beside import CopiedRow, SourceRow
from ingest.catalog.plan import PlannedPoint
from ingest.context import Context
from ingest.sinks.base import VectorIndex
from ingest.stages.index_rows import index_rows
from ingest.stages.mixtures import Mixtures
from ingest.stages.parts import Parts
from ingest.stages.payloads import embed_text_of
from ingest.stages.vectors import VectorCache
from ingest.stored import chunk_set_of
from ingest.vectors import IndexPoint
from schemas.errors import InvariantError, SinkDown
from schemas.point import OPEN, PAYLOAD_VERSION, PointPayload


@dataclass(frozen=True, slots=True)
class Translated:
    """`points` as they shall be. `texts`: `{raw vector key: text}` of what their vectors are made of.
    `absent`: rows that the active collection does not hold."""

    points: tuple[PlannedPoint, ...]
    texts: Mapping[str, str]
    absent: tuple[str, ...]


class Translator:
    """`context` and `parts` are of the new settings."""

    def __init__(self, context: Context, parts: Parts) -> None:
        self._context = context
        self._parts = parts

    def translate(self, source: VectorIndex, rows: Sequence[SourceRow]) -> Translated:
        found = source.retrieve([row.point_id for row in rows])
        there = [row for row in rows if row.point_id in found]
        payloads = self._payloads(there, [PointPayload.model_validate(found[row.point_id].payload) for row in there])
        mixtures: dict[tuple[str, str], Mixtures] = {}
        points: list[PlannedPoint] = []
        texts: dict[str, str] = {}
        for row, payload in zip(there, payloads, strict=True):
            mixed = self._mixtures(row, mixtures)
            vector = mixed.vector_of(payload)
            texts |= mixed.texts_of([vector] if vector is not None else [])
            points.append(
                PlannedPoint(point_id=row.point_id, payload=payload, payload_digest=payload.digest(), vector=vector)
            )
        absent = tuple(row.point_id for row in rows if row.point_id not in found)
        return Translated(tuple(points), texts, absent)

    def lengths(self, source: VectorIndex, rows: Sequence[SourceRow]) -> list[int]:
        """Tokens of their texts, by the new tokenizer."""
        found = source.retrieve([row.point_id for row in rows]).values()
        return self._parts.counter.count([embed_text_of(PointPayload.model_validate(row.payload)) for row in found])

    def _payloads(self, rows: Sequence[SourceRow], old: Sequence[PointPayload]) -> list[PointPayload]:
        """Counted by the new tokenizer, as a run with it would; validity is what the catalog says."""
        texts = [embed_text_of(payload) for payload in old]
        counts = self._parts.counter.count(texts) if texts else []
        shares = self._parts.counter.unknown_shares(texts) if texts else []
        return [
            payload.model_copy(
                update={
                    "schema_version": PAYLOAD_VERSION,
                    "token_count": count,
                    "unknown_share": round(share, 4),
                    "current": row.to_seq == OPEN,
                    "to_seq": row.to_seq,
                }
            )
            for row, payload, count, share in zip(rows, old, counts, shares, strict=True)
        ]

    def _mixtures(self, row: SourceRow, known: dict[tuple[str, str], Mixtures]) -> Mixtures:
        """Of the last version of its document in which the row was current: what stood beside it then."""
        share = self._context.settings.embed.neighbour_share
        key = self._context.catalog.history.chunk_key(row.doc_id, row.to_seq - 1) if share else None
        place = row.doc_id, key or ""
        if place not in known:
            known[place] = Mixtures(self._context, self._parts.embedder.fingerprint)
            if key:
                self._add_chunks(known[place], row.doc_id, key)
        return known[place]

    def _add_chunks(self, mixtures: Mixtures, doc_id: str, chunk_key: str) -> None:
        found = chunk_set_of(self._context, chunk_key)
        if found is not None:
            mixtures.add(doc_id, found.chunks)


class Writer:
    """Puts translated rows into the new collection, and reads back what it put there."""

    def __init__(self, context: Context, parts: Parts) -> None:
        self._parts = parts
        self._share = context.settings.embed.neighbour_share
        self._vectors = VectorCache(context)

    def missing(self, translated: Translated) -> dict[str, str]:
        """`{raw vector key: text}` of those that nobody has made."""
        return {key: translated.texts[key] for key in self._vectors.missing(list(translated.texts))}

    def embed(self, translated: Translated) -> int:
        """Makes the vectors that nobody has made. Returns how many."""
        return self._vectors.fill(self._parts.embedder, translated.texts) if translated.texts else 0

    def write(self, target: VectorIndex, translated: Translated) -> list[CopiedRow]:
        """Whole rows, whatever an interrupted attempt left there; on the disk when this returns."""
        with target.session():
            target.upsert(self.index_points(translated))
            self._verify(target, translated.points)
            target.flush()
        return [
            CopiedRow(point.point_id, point.payload_digest, point.vector_key, point.payload.to_seq)
            for point in translated.points
        ]

    def index_points(self, translated: Translated) -> list[IndexPoint]:
        raw = self._vectors.get(self._parts.embedder, translated.texts) if translated.texts else {}
        return index_rows(translated.points, raw, self._parts.encoder, self._share)

    def _verify(self, target: VectorIndex, points: Sequence[PlannedPoint]) -> None:
        found = target.retrieve([point.point_id for point in points])
        for point in points:
            stored = found.get(point.point_id)
            if stored is None:
                raise SinkDown("a point that was written is not in the index", point=point.point_id)
            if PointPayload.model_validate(stored.payload) != point.payload:
                raise InvariantError("a point in the index is not what was written", point=point.point_id)
