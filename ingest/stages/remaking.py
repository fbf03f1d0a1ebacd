"""Rows of the index made anew, from manifests, chunk sets and cached vectors: nothing is parsed for it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import ValidationError

from ingest.catalog.comparing import KnownPoint
from ingest.catalog.plan import PlannedVector
from ingest.context import Context
from ingest.embed.cache import vector_key
from ingest.embed.neighbours import mix
from ingest.stages.manifests import Manifests
from ingest.stages.mixtures import Mixtures
from ingest.stages.parts import Parts
from ingest.stages.payloads import bind, chunk_id_of, embed_text_of, payload_of
from ingest.stages.vectors import VectorCache
from ingest.store import DamagedArtifact
from ingest.vectors import IndexPoint, SparseWeights, Vector
from schemas.chunk import Chunk, ChunkSet
from schemas.point import OPEN, PointPayload
from schemas.source import SourceFile

_KEPT_VERSIONS = 32


@dataclass(frozen=True, slots=True)
class RemadeRow:
    """`vector`: what its vector is made of, None for a duplicate; `texts`: `{raw vector key: text}` of that."""

    point_id: str
    payload: PointPayload
    vector: PlannedVector | None
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Version:
    """A version as its artifacts tell it: `chunks` by id, with the share of unknown tokens."""

    file: SourceFile
    chunks: Mapping[str, tuple[Chunk, float]]
    mixtures: Mixtures


class Remaker:
    """Keeps the versions that it read last: ask for rows of one document together."""

    def __init__(self, context: Context, parts: Parts) -> None:
        self._context = context
        self._parts = parts
        self._manifests = Manifests(context)
        self._vectors = VectorCache(context)
        self._kept: OrderedDict[tuple[str, int], _Version | None] = OrderedDict()

    def payload(self, row: KnownPoint) -> PointPayload | None:
        """As it stands in the index, of the digest that the catalog tells; None where it cannot be made."""
        return self._payload_of(row, {row.payload_digest})

    def found_again(self, row: KnownPoint, payload: PointPayload) -> bool:
        """Whether the artifacts tell the same of the row as the index does, whatever the catalog says."""
        return self._payload_of(row, {payload.digest()}) is not None

    def vector(self, row: KnownPoint, payload: PointPayload) -> RemadeRow | None:
        """The row with what its vector is made of, as the catalog tells its key; None where it cannot be made."""
        for candidate in self._vectors_of(row, payload):
            if (candidate.vector.key if candidate.vector is not None else None) == row.vector_key:
                return candidate
        return None

    def vector_key(self, row: KnownPoint, payload: PointPayload) -> str | None:
        """As it should be; None for a duplicate."""
        made = next(iter(self._vectors_of(row, payload)))
        return made.vector.key if made.vector is not None else None

    def known(self, rows: Sequence[RemadeRow]) -> dict[str, IndexPoint]:
        """Those whose vectors are cached, as the index shall hold them."""
        texts = _texts(rows)
        raw = self._vectors.stored(list(texts), self._parts.embedder.dimension, {}) if texts else {}
        return self._points([row for row in rows if all(key in raw for key in row.texts)], raw)

    def made(self, rows: Sequence[RemadeRow]) -> tuple[dict[str, IndexPoint], int]:
        """All of them, and how many texts had to be embedded because no cached vector is left."""
        texts = _texts(rows)
        embedded = self._vectors.fill(self._parts.embedder, texts) if texts else 0
        raw = self._vectors.get(self._parts.embedder, texts) if texts else {}
        return self._points(rows, raw), embedded

    # ---------------------------------------------------------------- payloads

    def _payload_of(self, row: KnownPoint, digests: set[str]) -> PointPayload | None:
        for version, chunk_key in self._context.catalog.comparing.versions(row.doc_id, row.from_seq, row.to_seq - 1):
            known = self._version(row.doc_id, version, chunk_key)
            if known is None or row.chunk_id not in known.chunks:
                continue
            chunk, unknown = known.chunks[row.chunk_id]
            bound = bind(row.doc_id, known.file, chunk, unknown)
            made = payload_of(bound, row.survivor, row.from_seq).model_copy(
                update={"current": row.to_seq == OPEN, "to_seq": row.to_seq}
            )
            if made.digest() in digests:
                return made
            # A collection that was built by 'reindex' counts by its own tokenizer.
            recounted = self._recounted(made)
            if recounted.digest() in digests:
                return recounted
        return None

    def _recounted(self, payload: PointPayload) -> PointPayload:
        text = [embed_text_of(payload)]
        (count,), (share,) = self._parts.counter.count(text), self._parts.counter.unknown_shares(text)
        return payload.model_copy(update={"token_count": count, "unknown_share": round(share, 4)})

    # ----------------------------------------------------------------- vectors

    def _vectors_of(self, row: KnownPoint, payload: PointPayload) -> Iterable[RemadeRow]:
        """Mixed with what stood beside it; alone, as it was published where its chunks were damaged then."""
        if payload.survivor is not None:
            yield RemadeRow(row.point_id, payload, None, {})
            return
        for version, chunk_key in self._context.catalog.comparing.versions(row.doc_id, row.to_seq - 1, row.to_seq - 1):
            known = self._version(row.doc_id, version, chunk_key)
            if known is not None and row.chunk_id in known.chunks:
                vector = known.mixtures.vector_of(payload)
                if vector is not None:
                    yield RemadeRow(row.point_id, payload, vector, known.mixtures.texts_of([vector]))
        text = embed_text_of(payload)
        own = vector_key(self._parts.embedder.fingerprint, text)
        yield RemadeRow(row.point_id, payload, PlannedVector(key=own, own=own), {own: text})

    def _points(self, rows: Sequence[RemadeRow], raw: Mapping[str, Vector]) -> dict[str, IndexPoint]:
        share = self._context.settings.embed.neighbour_share
        found: dict[str, IndexPoint] = {}
        for row in rows:
            dense: Vector | None = None
            sparse: SparseWeights | None = None
            if row.vector is not None:
                dense = mix(raw[row.vector.own], [raw[key] for key in row.vector.neighbours], share)
                (sparse,) = self._parts.encoder.encode_passages([embed_text_of(row.payload)])
            found[row.point_id] = IndexPoint(row.point_id, row.payload.model_dump(mode="json"), dense, sparse)
        return found

    # ---------------------------------------------------------------- versions

    def _version(self, doc_id: str, version: int, chunk_key: str) -> _Version | None:
        """None where an artifact is gone or damaged."""
        key = doc_id, version
        if key not in self._kept:
            self._kept[key] = self._read(doc_id, version, chunk_key)
            if len(self._kept) > _KEPT_VERSIONS:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _read(self, doc_id: str, version: int, chunk_key: str) -> _Version | None:
        ref = self._context.catalog.artifacts.find("chunk", chunk_key)
        try:
            manifest = self._manifests.read(doc_id, version)
            content = self._context.store.read(ref) if ref is not None else None
        except DamagedArtifact:
            return None
        if manifest is None or manifest.file is None or content is None:
            return None
        found = ChunkSet.model_validate_json(content)
        mixtures = Mixtures(self._context, self._parts.embedder.fingerprint)
        mixtures.add(doc_id, found.chunks)
        chunks = {
            chunk_id_of(doc_id, chunk): (chunk, unknown)
            for chunk, unknown in zip(found.chunks, found.unknown_shares, strict=True)
        }
        return _Version(manifest.file, chunks, mixtures)


def read_payload(point: IndexPoint) -> PointPayload | None:
    """None where the row is no row of ours, or a damaged one."""
    try:
        return PointPayload.model_validate(point.payload)
    except ValidationError:
        return None


def as_told(payload: PointPayload, row: KnownPoint) -> KnownPoint:
    """The catalog's row as the payload tells it."""
    return replace(row, payload_digest=payload.digest(), survivor=payload.survivor, chunk_id=payload.chunk_id)


def _texts(rows: Iterable[RemadeRow]) -> dict[str, str]:
    return {key: text for row in rows for key, text in row.texts.items()}
