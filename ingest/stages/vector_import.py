"""Vectors from Parquet, into the cache of a home: what is in it is not embedded again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from ingest.context import Context
from ingest.embed.base import Embedder
from ingest.embed.cache import vector_key
from ingest.stages.vectors import VectorCache
from ingest.vectors import Vectors
from schemas.errors import ConfigError

if TYPE_CHECKING:
    import pyarrow as pa

_TOGETHER: Final = 2048
"""Rows that are held at a time."""
_UNIT: Final = 1e-3
"""How far from 1 the length of a vector may be."""
_NEEDED: Final = ("key", "fingerprint", "vector")


@dataclass(frozen=True, slots=True)
class Imported:
    """`known` were here before."""

    rows: int
    added: int
    known: int


def import_vectors(context: Context, embedder: Embedder, file: Path) -> Imported:
    """Takes the vectors of `file` into the cache. Raises `ConfigError` for a file of another
    embedding, for one that is not what was exported (what came before stays), and for a home that
    cannot be written."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    context.home.require_writable()
    cache = VectorCache(context)
    rows = added = 0
    try:
        with pq.ParquetFile(file) as opened:
            names = set(opened.schema_arrow.names)
            _check_columns(file, names)
            wanted = [*_NEEDED, *(["text"] if "text" in names else [])]
            for batch in opened.iter_batches(batch_size=_TOGETHER, columns=wanted):
                keys, vectors = _checked(file, batch, embedder)
                rows += len(keys)
                added += _take_in(cache, embedder, keys, vectors)
    except FileNotFoundError as error:
        raise ConfigError(f"there is no file {file}; check the path") from error
    except (OSError, pa.ArrowInvalid) as error:
        raise ConfigError(f"{file} cannot be read as Parquet: {error}") from error
    return Imported(rows, added, rows - added)


def _check_columns(file: Path, names: set[str]) -> None:
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise ConfigError(
            f"{file} has no column {', '.join(missing)}: give a file that 'docstrata vectors export' has written"
        )


def _checked(file: Path, batch: pa.RecordBatch, embedder: Embedder) -> tuple[list[str], Vectors]:
    """Keys and vectors of a batch. Raises `ConfigError` where they are not this embedding's."""
    others = set(batch.column("fingerprint").to_pylist()) - {embedder.fingerprint}
    if others:
        raise ConfigError(
            f"the vectors of {file} were made by another model or under other settings of [embed]: "
            "set them as they were where the file was written",
            wanted=embedder.fingerprint,
        )
    column = batch.column("vector")
    size = getattr(column.type, "list_size", None)
    if size != embedder.dimension:
        raise ConfigError(f"the vectors of {file} have {size} numbers, the model's have {embedder.dimension}")
    vectors = np.asarray(column.flatten(), dtype=np.float32).reshape(-1, embedder.dimension)
    keys: list[str] = batch.column("key").to_pylist()
    lengths = np.linalg.norm(vectors, axis=1)
    if not np.all(np.abs(lengths - 1) < _UNIT):
        raise ConfigError(f"{file} holds vectors that are not of length 1: it is not what was exported")
    if "text" in batch.schema.names:
        texts = batch.column("text").to_pylist()
        if any(key != vector_key(embedder.fingerprint, text) for key, text in zip(keys, texts, strict=True)):
            raise ConfigError(f"{file} holds texts that are not those of its vectors: it is not what was exported")
    return keys, vectors


def _take_in(cache: VectorCache, embedder: Embedder, keys: Sequence[str], vectors: Vectors) -> int:
    places = {key: place for place, key in reversed(list(enumerate(keys)))}
    missing = cache.missing(list(places))
    if missing:
        cache.put(embedder, missing, vectors[[places[key] for key in missing]])
    return len(missing)
