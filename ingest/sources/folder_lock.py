"""One process at a time, where several may serve the same folder."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from schemas.errors import StoreDown

LOCK_WAIT_S = 60.0
_POLL_S = 0.05


class FolderLock:
    """A lock that may be nested. The system releases that of a process that dies, however it dies.
    Not for several threads."""

    def __init__(self, path: Path, what: str) -> None:
        """`what` is locked, in words."""
        self._path = path
        self._what = what
        self._depth = 0

    @property
    def held(self) -> bool:
        return self._depth > 0

    @contextmanager
    def hold(self, wait_s: float, say: Callable[[str], None] | None) -> Iterator[None]:
        """Raises `StoreDown`, naming who holds it, after `wait_s`."""
        if self.held:
            with self._counted():
                yield
            return
        try:
            file = self._path.open("a+")
        except OSError as error:
            raise StoreDown(f"{self._path} cannot be opened: {error.strerror}", errno=error.errno) from error
        with file:
            self._acquire(file, wait_s, say)
            with self._counted():
                yield

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    def _acquire(self, file: TextIO, wait_s: float, say: Callable[[str], None] | None) -> None:
        until = time.monotonic() + wait_s
        told = False
        try:
            while not _try_lock(file):
                file.seek(0)
                holder = file.read().strip() or "another process"
                if time.monotonic() >= until:
                    raise StoreDown(f"{holder} serves {self._what}: let it, or end it first", holder=holder)
                if say is not None and not told:
                    say(f"waiting for {holder}, which serves {self._what}")
                    told = True
                time.sleep(_POLL_S)
            file.truncate(0)
            file.write(f"process {os.getpid()}")
            file.flush()
        except OSError as error:
            raise StoreDown(f"{self._path} cannot be locked: {error.strerror}", errno=error.errno) from error


def _try_lock(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
