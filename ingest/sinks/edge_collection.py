"""A collection of the embedded engine on the disk.

```
<directory>/<collection name>/collection.json   what Edge cannot hold: fingerprint, dimension, schema, tuning
<directory>/<collection name>/shard/            Edge's own files
<directory>/<collection name>.lock/             who owns it
```
It is made beside its place and moved there whole: what is there is complete. It is moved aside
before it is removed; while it is written anew, the one before stands beside it as `.old`, and comes
back where that was broken off.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, ValidationError
from qdrant_edge import EdgeShard, KeywordIndexParams, PayloadSchemaType, UpdateOperation

from ingest.sinks.collection_checks import check_collection
from ingest.sinks.edge_tuning import edge_config
from ingest.sinks.edge_values import edge_point
from ingest.sinks.payload_indexes import INDEXED_FIELDS, TENANT_FIELD, FieldType
from ingest.vectors import CollectionSpec, IndexPoint, VectorTuning
from schemas.errors import ConfigError

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_DESCRIPTION: Final = "collection.json"
_SHARD: Final = "shard"
_NEW, _OLD, _GONE, _LOCK = ".new", ".old", ".gone", ".lock"
_SCHEMA: Final = {
    FieldType.KEYWORD: PayloadSchemaType.Keyword,
    FieldType.INTEGER: PayloadSchemaType.Integer,
    # See edge_values.BOOL_FIELDS.
    FieldType.BOOL: PayloadSchemaType.Integer,
}


class _Description(BaseModel):
    """`tuning` is what Edge was last told; a file of an earlier release names none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int = 1
    fingerprint: str
    dimension: int
    payload_version: int = 1
    tuning: VectorTuning = VectorTuning()

    @classmethod
    def of(cls, spec: CollectionSpec, tuning: VectorTuning) -> Self:
        return cls(
            fingerprint=spec.fingerprint,
            dimension=spec.dimension,
            payload_version=spec.payload_version,
            tuning=tuning,
        )

    def write(self, place: Path) -> None:
        """Whole or not at all."""
        new = place / (_DESCRIPTION + _NEW)
        new.write_text(self.model_dump_json(indent=1), encoding="utf-8")
        new.rename(place / _DESCRIPTION)


def lock_folder(directory: Path, name: str) -> Path:
    """Raises `ConfigError` for a name that is no file name."""
    if not _NAME.fullmatch(name) or name.endswith((_NEW, _OLD, _GONE, _LOCK)):
        raise ConfigError(f"{name!r} cannot name a collection: letters, digits, '.', '_' and '-' only", name=name)
    return directory / f"{name}{_LOCK}"


def collection_names(directory: Path) -> list[str]:
    places = [place.parent.name for place in directory.glob(f"*/{_DESCRIPTION}")]
    return sorted(name for name in places if not name.endswith((_NEW, _OLD, _GONE)))


def collection_folder(directory: Path, name: str) -> Path | None:
    """Where it lies, or its state before it was written anew, where that was broken off; None where it is not there.
    Changes nothing."""
    place = directory / name
    return next((each for each in (place, place.with_name(name + _OLD)) if each.exists()), None)


def has_collection(directory: Path, name: str) -> bool:
    """To be called by its owner. Raises `ConfigError` for a place that something else takes."""
    place = directory / name
    _put_back(place)
    if place.exists() and not (place / _DESCRIPTION).is_file():
        raise ConfigError(f"{place} is no collection of docstrata's: move it away, or choose another directory")
    return place.exists()


def create_collection(directory: Path, spec: CollectionSpec, tuning: VectorTuning) -> None:
    _make(directory, spec, tuning, ()).rename(directory / spec.name)


def rewrite_collection(
    directory: Path, spec: CollectionSpec, tuning: VectorTuning, pages: Iterable[Sequence[IndexPoint]]
) -> None:
    """Holds what `pages` hold, and no byte of anything else. Whoever gives the pages closes the shard
    when the last is taken."""
    new, place = _make(directory, spec, tuning, pages), directory / spec.name
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


def _make(directory: Path, spec: CollectionSpec, tuning: VectorTuning, pages: Iterable[Sequence[IndexPoint]]) -> Path:
    """A whole collection beside its place."""
    new = directory / f"{spec.name}{_NEW}"
    # Left by a process that died here.
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    shard = EdgeShard.create(str(new / _SHARD), edge_config(spec.dimension, tuning))
    try:
        _index_fields(shard)
        for page in pages:
            shard.update(UpdateOperation.upsert_points([edge_point(point) for point in page]))
        shard.flush()
    finally:
        shard.close()
    _Description.of(spec, tuning).write(new)
    return new


def check_description(directory: Path, spec: CollectionSpec) -> None:
    """Raises `ConfigError` where the collection was made for another embedding or schema. Needs no lock."""
    _read_description(directory, spec)


def open_collection(directory: Path, spec: CollectionSpec, tuning: VectorTuning) -> EdgeShard:
    """Another tuning than before is handed to the engine, which follows it at its next `optimize`."""
    place = directory / spec.name
    described = _read_description(directory, spec)
    changed = edge_config(spec.dimension, tuning) if described.tuning != tuning else None
    shard = EdgeShard.load(str(place / _SHARD), changed)
    try:
        _index_fields(shard)
        if changed is not None:
            _Description.of(spec, tuning).write(place)
    except BaseException:
        shard.close()
        raise
    return shard


def _read_description(directory: Path, spec: CollectionSpec) -> _Description:
    place = directory / spec.name
    try:
        described = _Description.model_validate_json((place / _DESCRIPTION).read_bytes())
    except FileNotFoundError as error:
        raise ConfigError(f"the collection {spec.name!r} is gone from {directory}", path=str(place)) from error
    except ValidationError as error:
        raise ConfigError(
            f"{place / _DESCRIPTION} cannot be read: restore it, or move {place} away and index anew",
            path=str(place),
        ) from error
    check_collection(
        spec,
        fingerprint=described.fingerprint,
        dimension=described.dimension,
        payload_version=described.payload_version,
    )
    return described


def sync_log(directory: Path, name: str) -> None:
    """Puts the engine's log of writes on the disk: after a power cut it replays what its other files
    lack, however much of them was written. Milliseconds, where a flush of all files takes most of a
    second whatever was changed. Raises `OSError`."""
    log = directory / name / _SHARD / "wal"
    for place in (*log.iterdir(), log):
        try:
            descriptor = os.open(place, os.O_RDONLY)
        except FileNotFoundError:  # the engine prepares the log's next files under passing names
            continue
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def remove_collection(directory: Path, name: str) -> None:
    """To be called by its owner, its shard closed."""
    gone = directory / f"{name}{_GONE}"
    # Left by a process that died here.
    shutil.rmtree(gone, ignore_errors=True)
    if has_collection(directory, name):
        (directory / name).rename(gone)
        shutil.rmtree(gone)


def _index_fields(shard: EdgeShard) -> None:
    """Makes the indexes that are not there yet: a later release may filter on more fields."""
    present = shard.info().payload_schema.keys()
    for name, kind in INDEXED_FIELDS.items():
        if name not in present:
            schema = KeywordIndexParams(is_tenant=True) if name == TENANT_FIELD else _SCHEMA[kind]
            shard.update(UpdateOperation.create_field_index(name, schema))
