"""A collection of the embedded engine on the disk.

```
<directory>/<collection name>/collection.json   fingerprint and dimension, which Edge cannot hold
<directory>/<collection name>/shard/            Edge's own files
```
It is made beside its place and moved there whole: what is there is complete. While it is written anew, the
one before it stands beside it as `.old`, and comes back where that was broken off.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError
from qdrant_edge import (
    Distance,
    EdgeConfig,
    EdgeShard,
    EdgeSparseVectorParams,
    EdgeVectorParams,
    KeywordIndexParams,
    Modifier,
    PayloadSchemaType,
    Point,
    UpdateOperation,
)

from ingest.sinks.collection_checks import check_collection
from ingest.sinks.payload_indexes import INDEXED_FIELDS, TENANT_FIELD, FieldType
from ingest.vectors import DENSE, SPARSE, CollectionSpec
from schemas.errors import ConfigError

_NEW: Final = ".new"
_OLD: Final = ".old"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_SCHEMA: Final = {
    FieldType.KEYWORD: PayloadSchemaType.Keyword,
    FieldType.INTEGER: PayloadSchemaType.Integer,
    # See edge_values.BOOL_FIELDS.
    FieldType.BOOL: PayloadSchemaType.Integer,
}


class _Description(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int = 1
    fingerprint: str
    dimension: int


def has_collection(directory: Path, name: str) -> bool:
    """Raises `ConfigError` for a name that is no file name, or a place that something else takes."""
    if not _NAME.fullmatch(name) or name.endswith((_NEW, _OLD)):
        raise ConfigError(f"{name!r} cannot name a collection: letters, digits, '.', '_' and '-' only", name=name)
    place = directory / name
    _put_back(place)
    if place.exists() and not (place / "collection.json").is_file():
        raise ConfigError(f"{place} is no collection of docstrata's: move it away, or choose another directory")
    return place.exists()


def create_collection(directory: Path, spec: CollectionSpec) -> None:
    _make(directory, spec, ()).rename(directory / spec.name)


def rewrite_collection(directory: Path, spec: CollectionSpec, pages: Iterable[Sequence[Point]]) -> None:
    """Holds what `pages` hold, and no byte of anything else. To be called with the shard closed once the last
    page is taken; whoever gives the pages sees to that."""
    new = _make(directory, spec, pages)
    place = directory / spec.name
    old = place.with_name(spec.name + _OLD)
    place.rename(old)
    new.rename(place)
    shutil.rmtree(old)


def _put_back(place: Path) -> None:
    """What a process that died while it wrote the collection anew has left."""
    old = place.with_name(place.name + _OLD)
    if not old.exists():
        return
    if place.exists():
        shutil.rmtree(old)
    else:
        old.rename(place)


def _make(directory: Path, spec: CollectionSpec, pages: Iterable[Sequence[Point]]) -> Path:
    """A whole collection beside its place."""
    new = directory / f"{spec.name}{_NEW}"
    # Left by a process that died here.
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    shard = EdgeShard.create(
        str(new / "shard"),
        EdgeConfig(
            vectors={DENSE: EdgeVectorParams(size=spec.dimension, distance=Distance.Cosine)},
            sparse_vectors={SPARSE: EdgeSparseVectorParams(modifier=Modifier.Idf)},
        ),
    )
    try:
        _index_fields(shard)
        for page in pages:
            shard.update(UpdateOperation.upsert_points([*page]))
        shard.flush()
    finally:
        shard.close()
    described = _Description(fingerprint=spec.fingerprint, dimension=spec.dimension)
    (new / "collection.json").write_text(described.model_dump_json(indent=1), encoding="utf-8")
    return new


def open_collection(directory: Path, spec: CollectionSpec) -> EdgeShard:
    """Raises `ConfigError` where the collection was made for another embedding."""
    place = directory / spec.name
    try:
        described = _Description.model_validate_json((place / "collection.json").read_bytes())
    except FileNotFoundError as error:
        raise ConfigError(f"the collection {spec.name!r} is gone from {directory}", path=str(place)) from error
    except ValidationError as error:
        raise ConfigError(
            f"{place / 'collection.json'} cannot be read: restore it, or move {place} away and index anew",
            path=str(place),
        ) from error
    check_collection(spec, described.fingerprint, described.dimension)
    shard = EdgeShard.load(str(place / "shard"))
    try:
        _index_fields(shard)
    except BaseException:
        shard.close()
        raise
    return shard


def _index_fields(shard: EdgeShard) -> None:
    """Makes the indexes that are not there yet: a later release may filter on more fields."""
    present = shard.info().payload_schema.keys()
    for name, kind in INDEXED_FIELDS.items():
        if name not in present:
            schema = KeywordIndexParams(is_tenant=True) if name == TENANT_FIELD else _SCHEMA[kind]
            shard.update(UpdateOperation.create_field_index(name, schema))
