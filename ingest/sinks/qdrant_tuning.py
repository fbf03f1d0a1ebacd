"""The tuning of vectors in the terms of `qdrant-client`."""

from __future__ import annotations

from qdrant_client import models

from ingest.vectors import DENSE, Quantization, VectorTuning


def client_hnsw(tuning: VectorTuning) -> models.HnswConfigDiff:
    return models.HnswConfigDiff(m=tuning.hnsw_m, ef_construct=tuning.hnsw_ef_construct)


def client_quantization(kind: Quantization) -> models.ScalarQuantization | models.BinaryQuantization | None:
    if kind is Quantization.INT8:
        return models.ScalarQuantization(
            scalar=models.ScalarQuantizationConfig(type=models.ScalarType.INT8, always_ram=True)
        )
    if kind is Quantization.BINARY:
        return models.BinaryQuantization(binary=models.BinaryQuantizationConfig(always_ram=True))
    return None


def client_search(tuning: VectorTuning, *, exact: bool) -> models.SearchParams:
    full = exact or tuning.quantization is Quantization.NONE
    return models.SearchParams(
        hnsw_ef=tuning.hnsw_ef,
        exact=exact,
        quantization=models.QuantizationSearchParams(ignore=True)
        if full
        else models.QuantizationSearchParams(rescore=tuning.rescore, oversampling=tuning.oversampling),
    )


def is_tuned(found: models.CollectionConfig, tuning: VectorTuning) -> bool:
    """Whether a collection is laid out as `tuning` asks."""
    vectors = found.params.vectors
    dense = vectors.get(DENSE) if isinstance(vectors, dict) else None
    return (
        (found.hnsw_config.m, found.hnsw_config.ef_construct) == (tuning.hnsw_m, tuning.hnsw_ef_construct)
        and dense is not None
        and bool(dense.on_disk) == tuning.on_disk
        and _kind(found.quantization_config) is tuning.quantization
    )


def _kind(found: object) -> Quantization | None:
    """None: of a kind that docstrata does not set."""
    if found is None:
        return Quantization.NONE
    if isinstance(found, models.ScalarQuantization):
        return Quantization.INT8
    return Quantization.BINARY if isinstance(found, models.BinaryQuantization) else None
