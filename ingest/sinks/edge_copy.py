"""A collection of the embedded engine that cannot be written, copied so that it can be read.

The engine opens its files for writing whatever is asked of it.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ingest.sinks.edge_collection import collection_folder, lock_folder
from ingest.sinks.edge_lock import EdgeLock, OnWait
from schemas.errors import ConfigError, SinkDown

_SPARE: Final = 64 * 2**20
"""Bytes that a copy leaves free."""
_PART: Final = 2**20
_BLOCK: Final = 512
"""Bytes of a block, as `stat` counts them."""


def copy_collection(directory: Path, name: str, into: Path, *, on_wait: OnWait, wait_s: float | None) -> None:
    """Waits for its owner. Raises `SinkDown` where that takes too long, or where there is no room for a copy, and
    `ConfigError` where it cannot be read."""
    try:
        with _locked(directory, name, on_wait, wait_s):
            place = collection_folder(directory, name)
            if place is None:
                return
            files = [Path(folder, file) for folder, _, inside in os.walk(place) for file in inside]
            into.mkdir(parents=True, exist_ok=True)
            _require_room(sum(file.stat().st_blocks for file in files) * _BLOCK, into, directory)
            for file in files:
                copied = into / name / file.relative_to(place)
                copied.parent.mkdir(parents=True, exist_ok=True)
                _copy_file(file, copied)
    except PermissionError as error:
        raise ConfigError(f"{error.filename} cannot be read: see to its rights", path=str(error.filename)) from error


@contextmanager
def _locked(directory: Path, name: str, on_wait: OnWait, wait_s: float | None) -> Iterator[None]:
    folder = lock_folder(directory, name)
    if not (folder / "owner.lock").exists():  # nobody has opened it where it lies now
        yield
        return
    lock = EdgeLock(folder, on_wait=on_wait, wait_s=wait_s, may_write=False)
    lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _copy_file(file: Path, copied: Path) -> None:
    """Without its rights, and with its holes: the engine makes files of hundreds of megabytes that hold little."""
    with file.open("rb") as source, copied.open("wb") as target:
        size = os.fstat(source.fileno()).st_size
        os.truncate(target.fileno(), size)
        end = 0
        while (start := _next_data(source.fileno(), end)) is not None:
            end = os.lseek(source.fileno(), start, os.SEEK_HOLE)
            source.seek(start)
            target.seek(start)
            while (left := end - source.tell()) > 0 and (part := source.read(min(left, _PART))):
                target.write(part)


def _next_data(file: int, start: int) -> int | None:
    try:
        return os.lseek(file, start, os.SEEK_DATA)
    except OSError as error:
        if error.errno == errno.ENXIO:  # none up to the end
            return None
        raise


def _require_room(size: int, into: Path, directory: Path) -> None:
    free = shutil.disk_usage(into).free
    if free < size + _SPARE:
        raise SinkDown(
            f"{directory} cannot be written, and in {tempfile.gettempdir()} is no room for a copy to search in"
            f" ({size / 2**20:.0f} MiB): make room there, or let TMPDIR name a folder with more",
            free=free,
        )
