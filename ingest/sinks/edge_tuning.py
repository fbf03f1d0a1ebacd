"""The tuning of vectors in Qdrant Edge's terms."""

from __future__ import annotations

from typing import Final

from qdrant_edge import (
    BinaryQuantizationConfig,
    Distance,
    EdgeConfig,
    EdgeSparseVectorParams,
    EdgeVectorParams,
    HnswIndexConfig,
    Memory,
    Modifier,
    QuantizationSearchParams,
    ScalarQuantizationConfig,
    ScalarType,
    SearchParams,
)

from ingest.vectors import DENSE, SPARSE, Quantization, VectorTuning

_FULL_SCAN_KB: Final = 10_000
"""Qdrant's own default: below it all vectors are compared, which costs less than the graph."""


def edge_config(dimension: int, tuning: VectorTuning) -> EdgeConfig:
    vectors = EdgeVectorParams(
        size=dimension, distance=Distance.Cosine, memory=Memory.Cold if tuning.on_disk else Memory.Cached
    )
    return EdgeConfig(
        vectors={DENSE: vectors},
        sparse_vectors={SPARSE: EdgeSparseVectorParams(modifier=Modifier.Idf)},
        hnsw_config=HnswIndexConfig(
            m=tuning.hnsw_m, ef_construct=tuning.hnsw_ef_construct, full_scan_threshold=_FULL_SCAN_KB
        ),
        quantization_config=_quantization(tuning.quantization),
    )


def _quantization(kind: Quantization) -> ScalarQuantizationConfig | BinaryQuantizationConfig | None:
    """None keeps what a shard has: searches then pass its quantized vectors by."""
    if kind is Quantization.INT8:
        return ScalarQuantizationConfig(ScalarType.Int8, memory=Memory.Pinned)
    if kind is Quantization.BINARY:
        return BinaryQuantizationConfig(memory=Memory.Pinned)
    return None


def edge_search(tuning: VectorTuning, *, exact: bool) -> SearchParams:
    full = exact or tuning.quantization is Quantization.NONE
    return SearchParams(
        hnsw_ef=tuning.hnsw_ef,
        exact=exact,
        quantization=QuantizationSearchParams(ignore=True)
        if full
        else QuantizationSearchParams(rescore=tuning.rescore, oversampling=tuning.oversampling),
    )
