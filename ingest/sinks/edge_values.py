"""Our values to Qdrant Edge's, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from qdrant_edge import (
    FieldCondition,
    Filter,
    HasIdCondition,
    IsEmptyCondition,
    MatchAny,
    MatchValue,
    Point,
    RangeFloat,
    Record,
    SparseVector,
)

from ingest.sinks.payload_indexes import INDEXED_FIELDS, TENANT_FIELD, FieldType, check_filter
from ingest.vectors import DENSE, SPARSE, Condition, FilterValue, IndexPoint, PayloadFilter, SparseWeights
from schemas.point import OPEN

BOOL_FIELDS = frozenset(name for name, kind in INDEXED_FIELDS.items() if kind is FieldType.BOOL)
"""Stored as 0 and 1: Edge 0.9's Python binding turns `MatchValue(True)` into the integer 1,
which matches no boolean, so a boolean could not be filtered on."""


def stored_payload(payload: Mapping[str, object]) -> dict[str, object]:
    stored = dict(payload)
    for name in BOOL_FIELDS & stored.keys():
        stored[name] = int(bool(stored[name]))
    return stored


def read_payload(stored: Mapping[str, object] | None) -> dict[str, object]:
    payload = dict(stored or {})
    for name in BOOL_FIELDS & payload.keys():
        payload[name] = bool(payload[name])
    return payload


def edge_sparse(weights: SparseWeights) -> SparseVector:
    return SparseVector(weights.indices.tolist(), weights.values.tolist())


def edge_point(point: IndexPoint) -> Point:
    vectors: dict[str, list[float] | list[list[float]] | SparseVector] = {}
    if point.dense is not None:
        vectors[DENSE] = point.dense.tolist()
    if point.sparse is not None:
        vectors[SPARSE] = edge_sparse(point.sparse)
    return Point(point.id, vectors, stored_payload(point.payload))


def index_point(record: Record) -> IndexPoint:
    vectors = record.vector if isinstance(record.vector, dict) else {}
    dense, sparse = vectors.get(DENSE), vectors.get(SPARSE)
    return IndexPoint(
        id=str(record.id),
        payload=read_payload(record.payload),
        dense=None if dense is None else np.asarray(dense, dtype=np.float32),
        # A list under the sparse name cannot be: the collection was made with a sparse vector.
        sparse=None if sparse is None or isinstance(sparse, list) else _weights(sparse.indices, sparse.values),
    )


def _weights(indices: Sequence[int], values: Sequence[float]) -> SparseWeights:
    ids = np.asarray(indices, dtype=np.uint32)
    order = np.argsort(ids)
    return SparseWeights(ids[order], np.asarray(values, dtype=np.float32)[order])


def edge_filter(where: PayloadFilter) -> Filter:
    """Raises `ConfigError` for a field that has no index."""
    check_filter(where)
    equals = [(condition.field, _equals(condition)) for condition in where.conditions()]
    must: list[FieldCondition | Filter] = [condition for _, condition in equals]
    if where.or_chunks:
        others = [condition for name, condition in equals if name != TENANT_FIELD]
        either = Filter(should=[Filter(must=[*others]), _equals(Condition("chunk_id", where.or_chunks))])
        must = [*(condition for name, condition in equals if name == TENANT_FIELD), either]
    if where.as_of is not None:
        must.append(FieldCondition("from_seq", range=RangeFloat(lte=float(where.as_of))))
        must.append(FieldCondition("to_seq", range=RangeFloat(gt=float(where.as_of))))
    elif not where.history:
        must.append(FieldCondition("current", match=MatchValue(1)))
    return Filter(must=[*must], must_not=[IsEmptyCondition("survivor")] if where.duplicates else None)


def _equals(condition: Condition) -> FieldCondition:
    name, values = condition.field, condition.values
    if len(values) == 1:
        return FieldCondition(name, match=MatchValue(_value(values[0])))
    if INDEXED_FIELDS[name] is FieldType.KEYWORD:
        return FieldCondition(name, match=MatchAny([str(value) for value in values]))
    return FieldCondition(name, match=MatchAny([int(value) for value in values]))


def _value(value: FilterValue) -> str | int:
    return int(value) if isinstance(value, bool) else value


def edge_ids(ids: Iterable[str]) -> Filter:
    """The points of these ids that exist: Edge raises for the first one that does not otherwise."""
    return Filter(must=[HasIdCondition(set(ids))])


def still_open(ids: Iterable[str]) -> Filter:
    """Those of these points that are not retired."""
    return Filter(must=[HasIdCondition(set(ids)), FieldCondition("to_seq", match=MatchValue(OPEN))])


def never_current(ids: Iterable[str]) -> Filter:
    """Those of these points that were inserted, and neither made current nor retired."""
    hidden = FieldCondition("current", match=MatchValue(0))
    return Filter(must=[HasIdCondition(set(ids)), FieldCondition("to_seq", match=MatchValue(OPEN)), hidden])
