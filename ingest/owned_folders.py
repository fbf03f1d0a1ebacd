"""Temporary folders that outlive nobody for long: the next process that makes one removes those of ended processes."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

_LOCK: Final = "owner.lock"


class OwnedFolder:
    """Removed by `close`. Where its process ended before that, however it ended, the lock in it is free."""

    def __init__(self, prefix: str) -> None:
        sweep(prefix)
        self.path = Path(tempfile.mkdtemp(prefix=prefix))
        # Locked under another name: whoever finds the lock shall never find it free while its owner lives.
        made = self.path / f"{_LOCK}.new"
        self._lock = made.open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        made.rename(self.path / _LOCK)

    def close(self) -> None:
        shutil.rmtree(self.path)
        self._lock.close()


def sweep(prefix: str) -> None:
    """Removes what ended processes of this user left of such folders."""
    for lock in Path(tempfile.gettempdir()).glob(f"{prefix}*/{_LOCK}"):
        folder = lock.parent
        with suppress(OSError):  # another process removes it just now
            found = folder.lstat()
            if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and _is_free(lock):
                shutil.rmtree(folder)


def _is_free(lock: Path) -> bool:
    with closing(lock.open()) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
