"""Who owns an embedded index, across processes."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

from ingest.logs import get_logger
from schemas.errors import ConfigError, SinkDown

OnWait = Callable[[float, str], None]
"""Called about once a second while waiting, with the seconds waited and who holds the index."""

_POLL_S = 0.02
_TELL_EVERY_S = 1.0

log = get_logger(__name__)


def log_wait(waited_s: float, holder: str) -> None:
    """Tells of a wait after 1, 2, 4, 8 … seconds."""
    if int(waited_s).bit_count() == 1:
        log.warning("index_waits", extra={"facts": {"waited_s": round(waited_s, 1), "holder": holder}})


class EdgeLock:
    """An exclusive lock on a directory, with a turnstile before it.

    `owner.lock` is held by the owner. Whoever wants it first takes `queue.lock`, keeps it until
    it owns the index, and lets it go then. So the owner sees that somebody waits by trying the
    turnstile, and an owner who gave up and comes back cannot overtake the one in the turnstile.

    Both are `flock` locks: the kernel drops them when a process ends, however it ends. They
    belong to the open file, so two objects in one process exclude each other as well; a child
    made by a bare `fork` would share them. Not safe for use by several threads at once.
    """

    def __init__(
        self, directory: Path, *, on_wait: OnWait = log_wait, wait_s: float | None = None, may_write: bool = True
    ) -> None:
        """`may_write`: without it the two files, which have to be there, are locked as they are, and not signed."""
        self._directory = directory
        self._on_wait = on_wait
        self._wait_s = wait_s
        self._may_write = may_write
        self._owned: int | None = None

    @property
    def held(self) -> bool:
        return self._owned is not None

    def acquire(self) -> None:
        """Raises `SinkDown` that names the holder when it took longer than `wait_s`."""
        clock = _Wait(self._on_wait, self._wait_s, self.holder)
        queue = self._open("queue.lock")
        try:
            owner = self._open("owner.lock")
            try:
                clock.until_locked(queue)
                clock.until_locked(owner)
                self._own(owner)
            except BaseException:
                os.close(owner)
                raise
        finally:
            os.close(queue)

    def try_acquire(self) -> bool:
        """Takes it when nobody owns it and nobody waits. The turnstile is tried last: an owner who looked at it just
        then would take whoever only tries for one who waits."""
        queue = self._open("queue.lock")
        try:
            owner = self._open("owner.lock")
            try:
                if _try_lock(owner) and _try_lock(queue):
                    self._own(owner)
            finally:
                if self._owned != owner:
                    os.close(owner)
        finally:
            os.close(queue)
        return self.held

    def _own(self, owner: int) -> None:
        if self._may_write:
            os.ftruncate(owner, 0)
            os.pwrite(owner, f"process {os.getpid()}".encode(), 0)
        self._owned = owner

    def release(self) -> None:
        if self._owned is not None:
            owned, self._owned = self._owned, None
            # A copy of the descriptor in a forked child would keep a lock that is only closed.
            fcntl.flock(owned, fcntl.LOCK_UN)
            os.close(owned)

    def is_wanted(self) -> bool:
        """True while another is in the turnstile. To be asked by the owner."""
        queue = self._open("queue.lock")
        try:
            return not _try_lock(queue)
        finally:
            os.close(queue)

    def _open(self, name: str) -> int:
        if not self._may_write:
            return os.open(self._directory / name, os.O_RDONLY)
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            return os.open(self._directory / name, os.O_RDWR | os.O_CREAT, 0o644)
        except PermissionError as error:
            raise ConfigError(
                f"cannot write to {self._directory}: even a search has to lock the embedded index. "
                "Choose a directory that this user may write to",
                path=str(self._directory),
            ) from error

    def holder(self) -> str:
        """Who owned it last."""
        text = (self._directory / "owner.lock").read_text(encoding="utf-8", errors="replace")
        return text or "another process"


class _Wait:
    """One wait, in as many steps as it takes."""

    def __init__(self, on_wait: OnWait, limit_s: float | None, holder: Callable[[], str]) -> None:
        self._on_wait = on_wait
        self._limit_s = limit_s
        self._holder = holder
        self._start = time.monotonic()
        self._told = 0.0

    def until_locked(self, descriptor: int) -> None:
        # Polled and not blocked in the kernel: a blocked flock has no time limit.
        while not _try_lock(descriptor):
            waited = time.monotonic() - self._start
            if self._limit_s is not None and waited >= self._limit_s:
                holder = self._holder()
                raise SinkDown(
                    f"the index is held by {holder}; gave up after {waited:.1f} s. "
                    "Wait for it to end, or use a Qdrant server for several at a time",
                    holder=holder,
                    waited_s=round(waited, 1),
                )
            if waited - self._told >= _TELL_EVERY_S:
                self._told = waited
                self._on_wait(waited, self._holder())
            time.sleep(_POLL_S)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
