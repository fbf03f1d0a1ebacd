"""Planned points as rows of the index: payload, mixed vector, sparse vector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ingest.catalog.plan import PlannedPoint
from ingest.embed.neighbours import mix
from ingest.search.bm25 import Bm25Encoder
from ingest.stages.payloads import embed_text_of
from ingest.vectors import IndexPoint, Vector


def index_rows(
    points: Sequence[PlannedPoint], raw: Mapping[str, Vector], encoder: Bm25Encoder, share: float
) -> list[IndexPoint]:
    """In the order of `points`. `raw` has every vector that they name; `share` is that of the
    collection (another one is refused when it is opened)."""
    searched = [point for point in points if point.vector is not None]
    weights = encoder.encode_passages([embed_text_of(point.payload) for point in searched])
    sparse = {point.point_id: weight for point, weight in zip(searched, weights, strict=True)}
    return [
        IndexPoint(
            id=point.point_id,
            payload=point.payload.model_dump(mode="json"),
            dense=_mixed(point, raw, share),
            sparse=sparse.get(point.point_id),
        )
        for point in points
    ]


def _mixed(point: PlannedPoint, raw: Mapping[str, Vector], share: float) -> Vector | None:
    """None for a duplicate."""
    vector = point.vector
    return mix(raw[vector.own], [raw[key] for key in vector.neighbours], share) if vector is not None else None
