"""What every adapter checks of a collection and of what is written to it."""

from __future__ import annotations

from collections.abc import Iterable

from ingest.vectors import CollectionSpec, IndexPoint
from schemas.errors import ConfigError, VectorSizeMismatch


def check_collection(spec: CollectionSpec, *, fingerprint: object, dimension: object, payload_version: object) -> None:
    """Raises `ConfigError` where a collection that exists is not of `spec`."""
    if fingerprint != spec.fingerprint or dimension != spec.dimension:
        raise ConfigError(
            f"the collection {spec.name!r} was built with another embedding: of embed.model, embed.passage_vector,"
            " embed.neighbour_share and bm25 one is not what it was. Set it back, build a collection for the new"
            " settings with 'docstrata reindex', or give another --home",
            collection=spec.name,
            expected=spec.fingerprint,
            found=str(fingerprint),
            dimension=spec.dimension,
        )
    if payload_version == spec.payload_version:
        return
    newer = isinstance(payload_version, int) and payload_version > spec.payload_version
    raise ConfigError(
        f"the collection {spec.name!r} holds rows of schema {payload_version}, this docstrata reads and writes schema"
        f" {spec.payload_version}: " + ("update docstrata" if newer else "run 'docstrata reindex' to build it anew"),
        collection=spec.name,
        expected=spec.payload_version,
        found=str(payload_version),
    )


def check_sizes(points: Iterable[IndexPoint], spec: CollectionSpec) -> None:
    """Raises `VectorSizeMismatch`: a vector of another size is our own defect."""
    for point in points:
        if point.dense is not None and point.dense.shape != (spec.dimension,):
            raise VectorSizeMismatch(
                f"a vector of shape {point.dense.shape} for a collection of dimension {spec.dimension}",
                point=point.id,
                dimension=spec.dimension,
            )
