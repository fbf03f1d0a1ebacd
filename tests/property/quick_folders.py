"""Folders in memory, where there is room: catalogs and indexes wait for the disk at every commit.

The index's files are mostly holes, and a hole that is looked at takes memory: such a folder goes with its test.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

_MEMORY = Path("/dev/shm")
_ROOM = 8 * 2**30
"""A home takes a third of a gigabyte there, and several tests run at a time."""


@contextmanager
def quick_folder() -> Iterator[Path]:
    """Empty, and removed at the end."""
    place = _MEMORY if _is_roomy() else None
    # What a test left open may still write.
    with TemporaryDirectory(prefix="docstrata-", dir=place, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _is_roomy() -> bool:
    if not _MEMORY.is_dir():
        return False
    return min(shutil.disk_usage(_MEMORY).free, psutil.virtual_memory().available) > _ROOM
