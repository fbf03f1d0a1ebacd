"""What is told of the collection beside the active one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ingest.catalog.collections import CollectionState
from ingest.context import Context
from ingest.options.index import IndexEngine


@dataclass(frozen=True, slots=True)
class BesideStatus:
    """`left`: points that it lacks. `size`: bytes on this disk, None where it lies on a server."""

    model: str
    state: CollectionState
    points: int
    left: int
    size: int | None


def beside_status(context: Context) -> BesideStatus | None:
    collection = context.catalog.collections.beside()
    if collection is None:
        return None
    embedded = context.settings.index.engine is IndexEngine.EDGE
    return BesideStatus(
        model=collection.model,
        state=collection.state,
        points=context.catalog.beside.count(collection.number),
        left=context.catalog.beside.count_left(collection.number),
        size=_size(context.home.index / collection.name) if embedded else None,
    )


def _size(folder: Path) -> int:
    """Of files on the disk, not of the room that sparse ones reserve; those that go meanwhile do not count."""
    return sum(_room(path) for path in folder.rglob("*"))


def _room(path: Path) -> int:
    try:
        stat = path.lstat()
    except FileNotFoundError:
        return 0
    return stat.st_blocks * _BLOCK


_BLOCK = 512
"""Bytes that `st_blocks` counts, whatever the file system's own blocks are."""
