"""Free space, looked at before much is written."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from ingest.context import LEAST_ROOM
from schemas.errors import StoreDown

MIB: Final = 2**20


def room_of(paths: Iterable[Path]) -> int:
    """Bytes that these files take on the disk; sparse files take less than their size."""
    stats = [path.stat() for path in paths if path.exists()]
    return sum(min(stat.st_size, stat.st_blocks * 512) for stat in stats)


def require_room_at(folder: Path, needed: int, what: str) -> None:
    """Raises `StoreDown` where the disk of the folder has less free, with something to spare."""
    free = shutil.disk_usage(folder).free
    if free < needed + LEAST_ROOM:
        raise StoreDown(
            f"the disk of {folder} has {free / MIB:,.0f} MiB free, and {what} {needed / MIB:,.0f} MiB: make room, or"
            " choose another place",
            free=free,
            needed=needed,
        )
