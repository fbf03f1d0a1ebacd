"""The files of an embedded collection, at rest while they are copied."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.sinks.edge_collection import lock_folder
from ingest.sinks.edge_lock import EdgeLock, OnWait, log_wait


@contextmanager
def collection_at_rest(directory: Path, name: str, on_wait: OnWait = log_wait) -> Iterator[Path]:
    """Its folder; nobody has it open until the end. Whoever gave it up has flushed it."""
    lock = EdgeLock(lock_folder(directory, name), on_wait=on_wait)
    lock.acquire()
    try:
        yield directory / name
    finally:
        lock.release()
