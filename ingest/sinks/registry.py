"""The index that the options ask for."""

from __future__ import annotations

from pathlib import Path

from ingest.options.index import IndexEngine, IndexOptions
from ingest.sinks.base import VectorIndex
from ingest.sinks.edge_lock import OnWait, log_wait
from schemas.errors import ConfigError


def make_index(options: IndexOptions, directory: Path, on_wait: OnWait = log_wait) -> VectorIndex:
    """`directory` is where an embedded index lies; `on_wait` is told when another process holds it."""
    if options.engine is IndexEngine.EDGE:
        from ingest.sinks.edge import EdgeIndex

        return EdgeIndex(directory, on_wait=on_wait, wait_s=options.wait_s, batch=options.batch, tuning=options.tuning)
    if options.url is None:
        raise ConfigError('engine = "qdrant" needs url')
    from ingest.sinks.qdrant import QdrantIndex

    api_key = options.api_key.get_secret_value() if options.api_key else None
    return QdrantIndex(
        options.url, api_key=api_key, timeout_s=options.timeout_s, batch=options.batch, tuning=options.tuning
    )


def copy_to_read(options: IndexOptions, directory: Path, name: str, into: Path, on_wait: OnWait = log_wait) -> None:
    """The collection `name` of an embedded index whose `directory` cannot be written: it is read in a copy. Of any
    other engine nothing lies in a folder, and nothing is copied. Raises `SinkDown`, `ConfigError`."""
    if options.engine is IndexEngine.EDGE:
        from ingest.sinks.edge_copy import copy_collection

        copy_collection(directory, name, into, on_wait=on_wait, wait_s=options.wait_s)
