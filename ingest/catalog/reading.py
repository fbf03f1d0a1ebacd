"""A SQLite catalog that cannot be written, copied so that it can be read.

SQLite reads no catalog in WAL mode without writing beside it, unless whoever writes it has it open just now.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import quote

from schemas.errors import StoreDown

_TRIES: Final = 3
_LOG: Final = "-wal"

_Stamp = tuple[tuple[int, int], ...]
"""Size and time of change of the catalog and of its log."""


def copy_for_reading(catalog: Path, target: Path) -> None:
    """What is committed in `catalog`, as the SQLite file `target`, which is not there yet. Raises `StoreDown`."""
    if not _copied_by_sqlite(catalog, target):
        _copy_files(catalog, target)


def _copied_by_sqlite(catalog: Path, target: Path) -> bool:
    """While another process has it open, under its locks. False where SQLite would have to write beside it."""
    if not Path(f"{catalog}{_LOG}").exists():
        return False
    try:
        with closing(sqlite3.connect(f"file:{quote(os.fsencode(catalog))}?mode=ro", uri=True)) as source:
            source.execute("SELECT count(*) FROM sqlite_master")
            with closing(sqlite3.connect(target)) as copy:
                source.backup(copy)
    except sqlite3.DatabaseError:
        target.unlink(missing_ok=True)  # what is wrong with it is found again, and told, by whoever opens the copy
        return False
    return True


def _copy_files(catalog: Path, target: Path) -> None:
    """Nobody has it open, or its log was left by a process that was ended: SQLite reads the copy of both. That nobody
    wrote meanwhile is seen by the files."""
    log = Path(f"{catalog}{_LOG}")
    try:
        for _ in range(_TRIES):
            before = _stamp(catalog, log)
            shutil.copyfile(catalog, target)
            copied_log = Path(f"{target}{_LOG}")
            copied_log.unlink(missing_ok=True)
            if log.exists():
                shutil.copyfile(log, copied_log)
            if _stamp(catalog, log) == before:
                return
    except OSError as error:
        raise StoreDown(f"the catalog {catalog} cannot be copied to {target.parent}: {error.strerror}") from error
    raise StoreDown(f"the catalog {catalog} is being written by another process: run again when that is done")


def _stamp(*files: Path) -> _Stamp:
    stats = [file.stat() for file in files if file.exists()]
    return tuple((stat.st_size, stat.st_mtime_ns) for stat in stats)
