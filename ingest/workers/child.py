"""What runs in a worker process, and what it says to the parent.

Nothing heavy may be imported here: the limits on threads are set before the worker is built.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from typing import Literal

from ingest.logs import Where, at, carry_to_parent, where
from ingest.workers.parent import be_killed_with_parent
from schemas.errors import DocstrataError, InputError, InvariantError, ParserCrashed, TooLarge

_THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_LONGEST_TRACEBACK = 20_000

TRACEBACK = "traceback"
"""The fact of an error that holds the worker's traceback."""


@dataclass(frozen=True, slots=True)
class Reply:
    """`ready` once, when the worker is built, or `failed`; then one `done` or `error` a job, and
    before it any number of `pause` and `resume` in turn, and of `more` time. A job in parts says
    `offer` for each of them and `claim` for the one that it needs next; only the latter is answered
    (`ingest.workers.parts`). A `log` may come at any time."""

    kind: Literal["ready", "failed", "done", "error", "pause", "resume", "more", "offer", "claim", "yours", "log"]
    value: object = None


@dataclass(frozen=True, slots=True)
class Order:
    """A pickled job. `again`: it ended its process the first time. `ahead`: parts of it that may be on offer."""

    job: bytes
    again: bool = False
    ahead: int = 0


@dataclass(frozen=True, slots=True)
class Offered:
    """A part of a job, and what the job was about: its lines in the log say so wherever it is done."""

    part: object
    about: Where


class _Clock:
    """The running job's, as the parent keeps it. Pauses may be nested and come from several
    threads: the clock stands still while any lasts."""

    def __init__(self) -> None:
        self.connection: Connection | None = None
        self._pauses = 0
        self._lock = threading.Lock()

    def pause(self) -> None:
        with self._lock:
            self._pauses += 1
            if self._pauses == 1:
                self._tell("pause")

    def resume(self) -> None:
        with self._lock:
            self._pauses -= 1
            if self._pauses == 0:
                self._tell("resume")

    def _tell(self, kind: Literal["pause", "resume"]) -> None:
        if self.connection is not None:
            send(self.connection, Reply(kind))

    def more(self, share: float) -> None:
        if self.connection is not None:
            send(self.connection, Reply("more", share))


class Desk:
    """Where the running job offers parts of itself to whoever is idle, and asks for what became of them."""

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._order = Order(b"")
        self._number = 0

    def sit_down(self, connection: Connection, order: Order) -> None:
        self._connection, self._order = connection, order

    @property
    def ahead(self) -> int:
        """0 where there is nobody to do it but this process."""
        return self._order.ahead

    @property
    def again(self) -> bool:
        return self._order.again

    def offer(self, part: object) -> int:
        """The number under which it is claimed."""
        self._number += 1
        data = pickle.dumps(Offered(part, where()), pickle.HIGHEST_PROTOCOL)
        send(self._at(), Reply("offer", (self._number, data)))
        return self._number

    def claim(self, number: int, *, elsewhere: bool) -> Reply:
        """`done` or `error`, or `yours` with the number of a part that nobody has begun. Waits
        while there is neither, with the clock standing still."""
        connection = self._at()
        send(connection, Reply("claim", (number, elsewhere)))
        try:
            answer: Reply = pickle.loads(connection.recv_bytes())  # noqa: S301  # made by our own parent
        except (EOFError, OSError):
            sys.exit(0)  # the parent is gone
        return answer

    def _at(self) -> Connection:
        if self._connection is None:
            raise InvariantError("parts of a job are offered where no worker runs")
        return self._connection


desk = Desk()
"""One a process: it runs one job at a time, in one thread."""

_sending = threading.Lock()
_clock = _Clock()
"""One a process: it runs one job at a time."""


@contextmanager
def paused() -> Iterator[None]:
    """The running job's time limit does not count what happens inside.

    For waits on another process that has limits of its own, and for nothing else: a job that hangs
    inside is never ended. Its memory is watched as ever. Does nothing where no worker runs.
    """
    _clock.pause()
    try:
        yield
    finally:
        _clock.resume()


def more_time(share: float) -> None:
    """The running job may take so much longer, as a share of its time limit: it has done another part
    of what is known to be long. Does nothing where no worker runs."""
    _clock.more(share)


def run_child(connection: Connection, pickled_factory: bytes, threads: int, log_level: int) -> None:
    """Serves jobs until the parent closes the connection, or dies. `threads` are those that
    numerical libraries may start. Events at `log_level` and above are told to the parent."""
    _die_with_parent()
    carry_to_parent(lambda record: send(connection, Reply("log", record)), log_level)
    # Ctrl-C is the parent's to handle; a session of its own lets the parent end what it started.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.setsid()
    os.environ.update(dict.fromkeys(_THREAD_LIMITS, str(threads)), TOKENIZERS_PARALLELISM="false")
    try:
        worker: Callable[[object], object] = pickle.loads(pickled_factory)()  # noqa: S301  # made by our own parent
    except BaseException as error:  # noqa: BLE001  # told to the parent, whatever it is
        send(connection, Reply("failed", translated(error)))
        return
    send(connection, Reply("ready"))
    _clock.connection = connection
    while True:
        try:
            order: Order = pickle.loads(connection.recv_bytes())  # noqa: S301  # made by our own parent
        except (EOFError, OSError):
            return
        desk.sit_down(connection, order)
        send(connection, _answer(worker, order.job))


def _answer(worker: Callable[[object], object], job: bytes) -> Reply:
    try:
        order = pickle.loads(job)  # noqa: S301  # made by our own parent
        if isinstance(order, Offered):
            with at(order.about):
                return Reply("done", worker(order.part))
        return Reply("done", worker(order))
    except BaseException as error:  # noqa: BLE001  # told to the parent, whatever it is
        return Reply("error", translated(error))


def translated(error: BaseException) -> DocstrataError:
    """The error as the tree of errors has it, with its traceback among the facts."""
    text = "".join(traceback.format_exception(error))[-_LONGEST_TRACEBACK:]
    if isinstance(error, InputError):
        error.facts.setdefault(TRACEBACK, text)
        return error
    if isinstance(error, DocstrataError):
        return error
    if isinstance(error, MemoryError):
        return TooLarge("the file needs more memory than there is: split it", **{TRACEBACK: text})
    return ParserCrashed(
        f"the parser failed with {type(error).__name__}: {error}"[:500] + "; the other files are not affected",
        exception=type(error).__name__,
        **{TRACEBACK: text},
    )


def send(connection: Connection, reply: Reply) -> None:
    """To the parent. Ends this process when that is gone."""
    try:
        data = pickle.dumps(reply, pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # noqa: BLE001  # pickling calls code of any kind of value
        data = pickle.dumps(Reply("error", translated(error)))
    try:
        with _sending:
            connection.send_bytes(data)
    except OSError:
        sys.exit(0)  # the parent is gone


def _die_with_parent() -> None:
    """By the kernel, and by a thread where there is no such call."""
    be_killed_with_parent()
    parent = parent_process()
    if parent is None:
        return
    sentinel = parent.sentinel

    def watch() -> None:
        wait([sentinel])
        os._exit(1)

    # Also for a parent that died before the call above.
    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
