"""What every adapter checks of a collection and of what is written to it."""

from __future__ import annotations

from collections.abc import Iterable

from ingest.vectors import CollectionSpec, IndexPoint
from schemas.errors import ConfigError, VectorSizeMismatch


def check_collection(spec: CollectionSpec, fingerprint: object, dimension: object) -> None:
    """Raises `ConfigError` where a collection that exists is not of `spec`."""
    if fingerprint == spec.fingerprint and dimension == spec.dimension:
        return
    raise ConfigError(
        f"the collection {spec.name!r} was built with another embedding (model, tokenizer or BM25 settings). "
        "Go back to the settings it was built with, or give a new collection name and index the sources again",
        collection=spec.name,
        expected=spec.fingerprint,
        found=str(fingerprint),
        dimension=spec.dimension,
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
