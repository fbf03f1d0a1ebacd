"""Values that hold arrays, and what an index is asked: shared by stages, sinks and search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from schemas.point import PAYLOAD_VERSION

Vector = NDArray[np.float32]
"""Shape (dimension,), of length 1."""
Vectors = NDArray[np.float32]
"""Shape (texts, dimension), each row of length 1."""


class Quantization(StrEnum):
    """How the vectors that are searched first are shrunk: a byte a dimension, or a bit."""

    NONE = "none"
    INT8 = "int8"
    BINARY = "binary"


DENSE = "dense"
SPARSE = "sparse"

FilterValue = str | int | bool

METADATA_PREFIX = "metadata."
"""A filter on `metadata.author` asks for a value of the documents' metadata, whatever its name."""
FACETS = "facets"


def facet(name: str, value: object) -> str:
    """How a value of the metadata is written in the field `facets`."""
    return f"{name}={str(value).lower() if isinstance(value, bool) else value}"


@dataclass(frozen=True, slots=True)
class Condition:
    """The field holds one of the values."""

    field: str
    values: tuple[FilterValue, ...]


@dataclass(frozen=True, slots=True)
class SparseWeights:
    """A sparse vector: distinct term ids (uint32, ascending) and their weights (float32)."""

    indices: NDArray[np.uint32]
    values: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class IndexPoint:
    """A row to store or read. A duplicate has neither vector."""

    id: str
    payload: Mapping[str, object]
    dense: NDArray[np.float32] | None = None
    sparse: SparseWeights | None = None


@dataclass(frozen=True, slots=True)
class ScoredPoint:
    id: str
    score: float
    payload: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class PayloadFilter:
    """All of these must hold. `equals`: the field holds the value, or one of a tuple of values
    (a list field holds it when any element does). `as_of` asks for rows that were current at
    that sequence number; without it, for rows with `current == True`."""

    equals: Mapping[str, FilterValue | tuple[FilterValue, ...]]
    as_of: int | None = None
    history: bool = False
    """Also rows that are no longer, or not yet, current; excludes `as_of`."""
    duplicates: bool = False
    """Only rows that name a survivor."""
    every: tuple[Condition, ...] = ()
    """Further conditions that must all hold, also several on one field."""
    or_chunks: tuple[str, ...] = ()
    """Also rows of these chunks, whatever `equals` and `every` say, but for the tenant."""
    all_tenants: bool = False
    """For the upkeep of a whole collection. Every other filter names one tenant; without it is
    refused, so that nothing reads across tenants by an oversight."""

    def conditions(self) -> tuple[Condition, ...]:
        """`equals` on the fields of the payload, and `every`."""
        return (*(_condition(name, wanted) for name, wanted in self.equals.items()), *self.every)

    def selects(self, payload: Mapping[str, object]) -> bool:
        """Whether a row's payload holds what `equals` and `every` ask for."""
        return all(_holds(payload.get(condition.field), condition.values) for condition in self.conditions())


def _condition(name: str, wanted: FilterValue | tuple[FilterValue, ...]) -> Condition:
    values = wanted if isinstance(wanted, tuple) else (wanted,)
    if name.startswith(METADATA_PREFIX):
        key = name.removeprefix(METADATA_PREFIX)
        return Condition(FACETS, tuple(facet(key, value) for value in values))
    return Condition(name, values)


def _holds(found: object, values: tuple[FilterValue, ...]) -> bool:
    return any(each in values for each in (found if isinstance(found, list | tuple) else [found]))


@dataclass(frozen=True, slots=True)
class CollectionSpec:
    """`name` carries the embedding fingerprint; `fingerprint` and the version of the payload's
    schema are kept with the collection and compared when it is opened (`ConfigError` where they differ)."""

    name: str
    dimension: int
    fingerprint: str
    payload_version: int = PAYLOAD_VERSION


@dataclass(frozen=True, slots=True)
class VectorTuning:
    """How vectors are laid out and looked for. No row depends on it: it may change on a collection
    that exists, and the graphs are then built again by `optimize` (Edge) or the server."""

    hnsw_m: int = 16
    hnsw_ef_construct: int = 100
    hnsw_ef: int | None = None
    quantization: Quantization = Quantization.NONE
    rescore: bool = True
    oversampling: float = 2.0
    on_disk: bool = False


UNTUNED = VectorTuning()
"""As the engine comes."""
