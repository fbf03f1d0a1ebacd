"""A collection on a Qdrant server: made, checked, and tuned."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Final

from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import UnexpectedResponse

from ingest.sinks.collection_checks import check_collection
from ingest.sinks.payload_indexes import INDEXED_FIELDS, TENANT_FIELD, FieldType
from ingest.sinks.qdrant_tuning import client_hnsw, client_quantization, is_tuned
from ingest.vectors import DENSE, SPARSE, CollectionSpec, VectorTuning
from schemas.errors import ConfigError

_SCHEMA: Final = {
    FieldType.KEYWORD: models.PayloadSchemaType.KEYWORD,
    FieldType.INTEGER: models.PayloadSchemaType.INTEGER,
    FieldType.BOOL: models.PayloadSchemaType.BOOL,
}
_STRICT: Final = models.StrictModeConfig(
    enabled=True, unindexed_filtering_retrieve=False, unindexed_filtering_update=False
)
_CONFLICT: Final = 409


def create_collection(client: QdrantClient, spec: CollectionSpec, tuning: VectorTuning) -> None:
    try:
        client.create_collection(
            spec.name,
            vectors_config={
                DENSE: models.VectorParams(size=spec.dimension, distance=models.Distance.COSINE, on_disk=tuning.on_disk)
            },
            sparse_vectors_config={SPARSE: models.SparseVectorParams(modifier=models.Modifier.IDF)},
            hnsw_config=client_hnsw(tuning),
            quantization_config=client_quantization(tuning.quantization),
            metadata={
                "fingerprint": spec.fingerprint,
                "dimension": spec.dimension,
                "payload_version": spec.payload_version,
            },
            strict_mode_config=_STRICT,
        )
    except UnexpectedResponse as error:
        # Another worker made it between the question and this: its fingerprint is checked next.
        if error.status_code != _CONFLICT:
            raise


def check_made_by_us(url: str, spec: CollectionSpec, metadata: Mapping[str, object] | None) -> None:
    if metadata is None:
        raise ConfigError(
            f"the collection {spec.name!r} at {url} does not say which embedding it was built with: "
            "docstrata did not make it, or the server is older than Qdrant 1.16",
            collection=spec.name,
        )
    check_collection(
        spec,
        fingerprint=metadata.get("fingerprint"),
        dimension=metadata.get("dimension"),
        # The first release did not write it.
        payload_version=metadata.get("payload_version", 1),
    )


def settle_tuning(client: QdrantClient, name: str, info: models.CollectionInfo, tuning: VectorTuning) -> None:
    """Another tuning than the collection has is handed to the server, which follows it in the
    background; so is strict mode, where somebody has switched it off."""
    strict = info.config.strict_mode_config
    if not is_tuned(info.config, tuning) or strict is None or not strict.enabled:
        client.update_collection(
            name,
            vectors_config={DENSE: models.VectorParamsDiff(on_disk=tuning.on_disk)},
            hnsw_config=client_hnsw(tuning),
            quantization_config=client_quantization(tuning.quantization) or models.Disabled.DISABLED,
            strict_mode_config=_STRICT,
        )


def index_fields(client: QdrantClient, name: str, present: Container[str]) -> None:
    for field, kind in INDEXED_FIELDS.items():
        if field in present:
            continue
        schema = (
            models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True)
            if field == TENANT_FIELD
            else _SCHEMA[kind]
        )
        client.create_payload_index(name, field, schema, wait=True)
