"""Our values to those of `qdrant-client`, and back."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from qdrant_client import models

from ingest.sinks.payload_indexes import INDEXED_FIELDS, TENANT_FIELD, FieldType, check_filter
from ingest.vectors import DENSE, SPARSE, Condition, IndexPoint, PayloadFilter, SparseWeights
from schemas.point import OPEN


def client_sparse(weights: SparseWeights) -> models.SparseVector:
    return models.SparseVector(indices=weights.indices.tolist(), values=weights.values.tolist())


def client_point(point: IndexPoint) -> models.PointStruct:
    vectors: dict[str, models.Vector] = {}
    if point.dense is not None:
        vectors[DENSE] = point.dense.tolist()
    if point.sparse is not None:
        vectors[SPARSE] = client_sparse(point.sparse)
    return models.PointStruct(id=point.id, vector=vectors, payload=dict(point.payload))


def index_point(record: models.Record) -> IndexPoint:
    vectors = record.vector if isinstance(record.vector, dict) else {}
    dense, sparse = vectors.get(DENSE), vectors.get(SPARSE)
    return IndexPoint(
        id=str(record.id),
        payload=record.payload or {},
        dense=np.asarray(dense, dtype=np.float32) if isinstance(dense, list) else None,
        sparse=_weights(sparse) if isinstance(sparse, models.SparseVector) else None,
    )


def _weights(sparse: models.SparseVector) -> SparseWeights:
    ids = np.asarray(sparse.indices, dtype=np.uint32)
    order = np.argsort(ids)
    return SparseWeights(ids[order], np.asarray(sparse.values, dtype=np.float32)[order])


def client_filter(where: PayloadFilter) -> models.Filter:
    """Raises `ConfigError` for a field that has no index."""
    check_filter(where)
    equals = [(condition.field, _equals(condition)) for condition in where.conditions()]
    must: list[models.Condition] = [condition for _, condition in equals]
    if where.or_chunks:
        others: list[models.Condition] = [condition for name, condition in equals if name != TENANT_FIELD]
        either = models.Filter(should=[models.Filter(must=others), _equals(Condition("chunk_id", where.or_chunks))])
        must = [*(condition for name, condition in equals if name == TENANT_FIELD), either]
    if where.as_of is not None:
        must.append(models.FieldCondition(key="from_seq", range=models.Range(lte=where.as_of)))
        must.append(models.FieldCondition(key="to_seq", range=models.Range(gt=where.as_of)))
    elif not where.history:
        must.append(models.FieldCondition(key="current", match=models.MatchValue(value=True)))
    named = models.IsEmptyCondition(is_empty=models.PayloadField(key="survivor"))
    return models.Filter(must=must, must_not=[named] if where.duplicates else None)


def _equals(condition: Condition) -> models.FieldCondition:
    name, values = condition.field, condition.values
    if len(values) == 1:
        return models.FieldCondition(key=name, match=models.MatchValue(value=values[0]))
    if INDEXED_FIELDS[name] is FieldType.KEYWORD:
        return models.FieldCondition(key=name, match=models.MatchAny(any=[str(value) for value in values]))
    return models.FieldCondition(key=name, match=models.MatchAny(any=[int(value) for value in values]))


def client_ids(ids: Iterable[str]) -> models.Filter:
    """The points of these ids that exist: a server answers 404 for the first that does not otherwise."""
    return models.Filter(must=[models.HasIdCondition(has_id=[*ids])])


def still_open(ids: Iterable[str]) -> models.Filter:
    """Those of these points that are not retired."""
    return models.Filter(must=[models.HasIdCondition(has_id=[*ids]), _equals(Condition("to_seq", (OPEN,)))])


def never_current(ids: Iterable[str]) -> models.Filter:
    """Those of these points that were inserted, and neither made current nor retired."""
    return models.Filter(must=[still_open(ids), _equals(Condition("current", (False,)))])
