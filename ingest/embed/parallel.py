"""One list of batches, and as many workers as there are devices."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ingest.embed.base import Advance

W = TypeVar("W")


class SharedBatches:
    """Each batch goes to whoever asks first, so a fast device does more. For several threads."""

    def __init__(self, batches: Iterator[list[int]]) -> None:
        self._batches = batches
        self._lock = threading.Lock()
        self._stopped = False

    def __iter__(self) -> Iterator[list[int]]:
        while True:
            with self._lock:
                batch = None if self._stopped else next(self._batches, None)
            if batch is None:
                return
            yield batch

    def stop(self) -> None:
        """No further batch is handed out."""
        with self._lock:
            self._stopped = True

    def tell(self, advance: Advance, done: int) -> None:
        with self._lock:
            advance(done)


def in_parallel(work: Callable[[W], None], workers: Sequence[W], stop: Callable[[], None]) -> None:
    """`work` for each of the workers, in a thread of its own where there are several. The first error
    is raised when all have ended; `stop` is called before that."""
    if len(workers) == 1:
        work(workers[0])
        return

    def guarded(worker: W) -> None:
        try:
            work(worker)
        except BaseException:
            stop()
            raise

    with ThreadPoolExecutor(len(workers), thread_name_prefix="embed") as threads:
        for done in [threads.submit(guarded, worker) for worker in workers]:
            done.result()
