"""Holding an embedded shard open for as long as nobody else wants it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar

from ingest.sinks.edge_lock import EdgeLock
from schemas.errors import InvariantError, SinkDown

_WATCH_EVERY_S = 0.1


class Closable(Protocol):
    def close(self) -> None: ...


S = TypeVar("S", bound=Closable)


class EdgeOwner(Generic[S]):
    """One thread at a time, one process at a time, and the shard open in between.

    Opening costs a tenth of a second or more, so the end of a session closes the shard only when
    somebody waits. While it lies open and idle, a daemon thread looks for waiters and gives the
    shard up to them; a process that is busy elsewhere therefore starves nobody.
    """

    def __init__(self, lock: EdgeLock, open_shard: Callable[[], S], *, wait_s: float | None = None) -> None:
        self._lock = lock
        self._open_shard = open_shard
        self._wait_s = wait_s
        self._mutex = threading.RLock()
        self._depth = 0
        self._shard: S | None = None
        self._watcher: threading.Thread | None = None
        self._stop = threading.Event()

    @contextmanager
    def session(self) -> Iterator[None]:
        """Owns the index until the outermost session of this thread ends."""
        if not self._mutex.acquire(timeout=-1 if self._wait_s is None else self._wait_s):
            raise SinkDown(f"another thread of this process held the index for {self._wait_s} s", holder="this process")
        try:
            if not self._lock.held:
                self._lock.acquire()
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self._end()
        finally:
            self._mutex.release()

    @contextmanager
    def session_if_free(self) -> Iterator[bool]:
        """A session, when this process owns the index or nobody does and nobody waits; else False
        at once, and nothing is held."""
        with self._mutex:
            owned = self._lock.held or self._lock.try_acquire()
            if owned:
                with self.session():
                    yield True
        if not owned:
            yield False

    def shard(self) -> S:
        """The open shard; only within a session."""
        if self._depth == 0:
            raise InvariantError("the shard was asked for outside a session")
        if self._shard is None:
            self._shard = self._open_shard()
        return self._shard

    def drop_shard(self) -> None:
        """Closes the shard and keeps the lock; only within a session."""
        if self._shard is not None:
            shard, self._shard = self._shard, None
            shard.close()

    def close(self) -> None:
        """Gives the index up. A later session takes it anew."""
        with self._mutex:
            if self._depth:
                raise InvariantError("close() within a session")
            self._stop.set()
            self._give_up()
            watcher, self._watcher = self._watcher, None
        # Outside the mutex, which the watcher may be about to take.
        if watcher is not None:
            watcher.join()

    def _end(self) -> None:
        # Without a shard nothing dear would be kept.
        if self._shard is None or self._lock.is_wanted():
            self._give_up()
        elif self._watcher is None:
            self._stop = threading.Event()
            self._watcher = threading.Thread(
                target=self._watch, args=(self._stop,), name="edge-index-watch", daemon=True
            )
            self._watcher.start()

    def _give_up(self) -> None:
        try:
            self.drop_shard()
        finally:
            self._lock.release()

    def _watch(self, stop: threading.Event) -> None:
        while not stop.wait(_WATCH_EVERY_S):
            # Never waits for a session: that one looks for waiters itself when it ends.
            if not self._mutex.acquire(blocking=False):
                continue
            try:
                if stop.is_set():
                    return
                if self._lock.held and self._lock.is_wanted():
                    self._give_up()
                if not self._lock.held:
                    self._watcher = None
                    return
            finally:
                self._mutex.release()
