"""Rows for tests of vector indexes."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import numpy as np

from ingest.sinks.base import VectorIndex
from ingest.vectors import CollectionSpec, IndexPoint, PayloadFilter, SparseWeights, VectorTuning
from schemas.point import PointPayload

DIMENSION = 8
EVERYTHING = PayloadFilter({}, history=True, all_tenants=True)
CURRENT = PayloadFilter({"tenant": "t"})

Make = Callable[[], VectorIndex]
MakeTuned = Callable[[VectorTuning], VectorIndex]


SPEC = CollectionSpec(name="docstrata-contract", dimension=DIMENSION, fingerprint="model-a")


def identifier(number: int) -> str:
    return str(UUID(int=(number * 2654435761 % 2**32) << 96 | number))


def payload(number: int, **changes: object) -> dict[str, object]:
    record = PointPayload(
        tenant="t",
        source="s",
        path=f"文档/{number}.md",
        strategy="rules",
        doc_id=f"doc-{number // 4}",
        chunk_id=f"chunk-{number}",
        text=f"第{number}段 “text” \u0000 🧪 \U00020000",
        kind="text",
        heading_path=("Guide", f"Part {number % 3}"),
        section=f"section-{number % 3}",
        position=number,
        pages=(number, number + 1),
        token_count=7,
        media_type="text/markdown",
        metadata={"author": "Zoë", "year": 2024, "draft": False},
        facets=("author=Zoë", f"parity={number % 2}", "draft=false"),
        current=True,
        from_seq=1,
    )
    return {**record.model_dump(mode="json"), **changes}


def sparse(weights: dict[int, float]) -> SparseWeights:
    items = sorted(weights.items())
    return SparseWeights(
        np.array([term for term, _ in items], dtype=np.uint32), np.array([w for _, w in items], dtype=np.float32)
    )


def unit(*values: float) -> np.ndarray:
    vector = np.zeros(DIMENSION, dtype=np.float32)
    vector[: len(values)] = values
    return vector / np.linalg.norm(vector)


def point(number: int, **changes: object) -> IndexPoint:
    return IndexPoint(
        id=identifier(number),
        payload=payload(number, **changes),
        dense=unit(1.0, number + 1.0),
        sparse=sparse({1: 1.0, 10 + number: 0.5}),
    )


def duplicate(number: int, **changes: object) -> IndexPoint:
    return IndexPoint(id=identifier(number), payload=payload(number, survivor="chunk-0", **changes))


def ids_of(index: VectorIndex, where: PayloadFilter) -> set[str]:
    found = {row.id for row in index.scroll(where)}
    assert index.count(where) == len(found)
    return found
