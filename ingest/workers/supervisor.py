"""Keeps worker processes: starts, feeds, watches, kills and replaces them, in one thread."""

from __future__ import annotations

import math
import multiprocessing
import pickle
import signal
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from typing import Literal, cast

from ingest.logs import CarriedRecord
from ingest.workers.child import Order, Reply
from ingest.workers.offers import Offers
from ingest.workers.process import (
    START_LIMIT_S,
    Ticket,
    WorkerProcess,
    allow,
    crashed,
    died_at_start,
    kill,
    not_built,
    read_reply,
    reap,
    resident_bytes,
    start_clock,
    started,
    stop_clock,
)
from schemas.errors import ConfigError, DocstrataError, InvariantError, ParserTimeout, TooLarge

WATCH_INTERVAL_S = 0.2
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class PoolOptions:
    """`workers`: processes; 0 runs everything in this process, without time and memory limits.

    `timeout_s` is wall time of one job; `max_rss_mb` the resident memory of one worker in MiB,
    its models included; after `max_tasks` jobs a worker is replaced, 0 means never. `window`:
    results that may wait, beyond two jobs a worker, for an earlier and slower one. `threads` that
    numerical libraries may start in a worker: one where a worker runs on every core, since more
    would only wait for one another.
    """

    workers: int = 1
    timeout_s: float = 300.0
    max_rss_mb: int = 2048
    max_tasks: int = 0
    start: Literal["spawn", "forkserver"] = "spawn"
    window: int = 8
    threads: int = 1

    def __post_init__(self) -> None:
        if (
            self.workers < 0
            or self.timeout_s <= 0
            or self.max_rss_mb <= 0
            or self.max_tasks < 0
            or self.window < 0
            or self.threads < 1
        ):
            raise ConfigError(f"limits of the worker pool must not be negative, nor time and memory zero: {self}")

    @property
    def most_pending(self) -> int:
        return 2 * self.workers + self.window

    @property
    def most_ahead(self) -> int:
        """Parts of one job that may be on offer or done before it needs them."""
        return 2 * self.workers + 4


@dataclass(eq=False)
class Supervisor:
    """A thread of its own, so that limits hold and workers stay fed while the results' reader is busy.

    It also has to be this thread that starts the processes: the kernel kills them when it ends.
    """

    pickled_factory: bytes
    options: PoolOptions
    fatal: BaseException | None = None
    _queue: deque[Ticket] = field(default_factory=deque)
    _offers: Offers = field(default_factory=Offers)
    _workers: list[WorkerProcess] = field(default_factory=list)
    _closing: bool = False

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._wake_reader, self._wake_writer = multiprocessing.Pipe(duplex=False)
        self._thread = threading.Thread(target=self._run, name="parser-pool", daemon=True)
        self._thread.start()

    # --- called from the thread that reads results

    def submit(self, ticket: Ticket) -> None:
        with self._changed:
            self._queue.append(ticket)
        self._wake()

    def outcome(self, ticket: Ticket) -> object:
        """Waits for it. Raises what stopped the pool."""
        with self._changed:
            self._changed.wait_for(lambda: ticket.done or self.fatal is not None)
            if not ticket.done and self.fatal is not None:
                raise self.fatal
            return ticket.outcome

    def abandon(self, tickets: set[Ticket]) -> None:
        """Forgets what has not started and kills the workers on the rest."""
        with self._changed:
            self._queue = deque(ticket for ticket in self._queue if ticket not in tickets)
            for worker in self._workers:
                if worker.ticket in tickets:
                    worker.ticket = None
                    worker.verdict = InvariantError("the job was given up")
                    kill(worker)
        self._wake()

    def forget(self, tickets: set[Ticket]) -> None:
        """Drops what has not started, with an outcome that says so; the rest is finished."""
        with self._changed:
            for ticket in tickets.intersection(self._queue):
                ticket.outcome = InvariantError("the job was given up")
                ticket.done = True
            self._queue = deque(ticket for ticket in self._queue if not ticket.done)
            self._changed.notify_all()

    def close(self) -> None:
        """Kills every worker and returns when they are gone."""
        with self._changed:
            self._closing = True
            for worker in self._workers:
                kill(worker)
        self._wake()
        self._thread.join()

    def _wake(self) -> None:
        try:
            self._wake_writer.send_bytes(b"x")
        except OSError:
            return  # the thread has ended and closed the pipe

    # --- the thread

    def _run(self) -> None:
        # Inherited by the workers: Ctrl-C must not reach one before it ignores it.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            while not self._closing and self.fatal is None:
                with self._changed:
                    self._start_workers()
                    self._feed()
                self._take_replies()
                with self._changed:
                    self._watch()
        except BaseException as error:  # noqa: BLE001  # raised again where results are read
            self._stop(error)
        finally:
            self._end()

    def _end(self) -> None:
        for worker in tuple(self._workers):
            self._drop(worker)
        self._wake_reader.close()
        self._wake_writer.close()
        if self.fatal is None:
            self._stop(RuntimeError("the pool is closed"))

    def _stop(self, error: BaseException) -> None:
        with self._changed:
            self.fatal = self.fatal or error
            self._changed.notify_all()

    @property
    def _most(self) -> int:
        """Processes: one more for each that waits for a part which it must not do itself."""
        return self.options.workers + sum(worker.elsewhere for worker in self._workers)

    def _start_workers(self) -> None:
        """No more than there are jobs for, and parts worth it."""
        spare = sum(worker.ticket is None for worker in self._workers)
        wanted = len(self._queue) + self._offers.worth_a_process(self._workers)
        while not self._closing and len(self._workers) < self._most and spare < wanted:
            self._workers.append(started(self.pickled_factory, self.options.start, self.options.threads))
            spare += 1

    def _feed(self) -> None:
        for worker in tuple(self._workers):
            if worker.ready and worker.ticket is None and worker.verdict is None:
                if len(self._workers) > self._most:
                    self._drop(worker)
                elif ticket := self._next():
                    self._send(worker, ticket)

    def _next(self) -> Ticket | None:
        """Parts before jobs: what was begun is finished first."""
        if self._offers:
            return self._offers.take()
        busy = sum(worker.ticket is not None and not worker.elsewhere for worker in self._workers)
        return self._queue.popleft() if self._queue and busy < self.options.workers else None

    def _send(self, worker: WorkerProcess, ticket: Ticket) -> None:
        worker.ticket = ticket
        worker.deadline = time.monotonic() + self.options.timeout_s
        worker.left_s, worker.since = None, math.inf
        ahead = self.options.most_ahead if ticket.owner is None else 0
        order = Order(ticket.data, ticket.again, ahead)
        try:
            worker.connection.send_bytes(pickle.dumps(order, pickle.HIGHEST_PROTOCOL))
        except OSError:
            # It died while it was idle, which is not this job's doing.
            self._put_back(ticket)
            worker.ticket = None
            self._drop(worker)

    def _put_back(self, ticket: Ticket) -> None:
        if ticket.owner is None:
            self._queue.appendleft(ticket)
        else:
            self._offers.put_back(ticket)

    def _take_replies(self) -> None:
        busy = bool(self._queue) or any(worker.ticket or not worker.ready for worker in self._workers)
        by_connection = {worker.connection: worker for worker in self._workers}
        for ready in wait([self._wake_reader, *by_connection], timeout=WATCH_INTERVAL_S if busy else None):
            if ready is self._wake_reader:
                self._wake_reader.recv_bytes()
                continue
            worker = next(w for connection, w in by_connection.items() if connection is ready)
            try:
                data = worker.connection.recv_bytes()
            except (EOFError, OSError):
                self._lost(worker)
            else:
                self._reply(worker, data)

    def _reply(self, worker: WorkerProcess, data: bytes) -> None:
        reply = read_reply(data)
        if reply.kind == "log":
            if isinstance(reply.value, CarriedRecord):
                reply.value.tell()
            return
        if reply.kind == "failed":
            self._stop(not_built(reply.value))
            return
        with self._changed:
            if reply.kind == "ready":
                worker.ready = True
                worker.rss_at_rest = resident_bytes(worker)
                return
            if reply.kind in {"pause", "resume", "more", "offer", "claim"}:
                self._heed(worker, reply)
                return
            worker.tasks += worker.ticket is not None and worker.ticket.owner is None
            self._finish(worker, reply.value)
        worn = 0 < self.options.max_tasks <= worker.tasks
        if worn or self._has_grown(worker):
            self._drop(worker)

    def _heed(self, worker: WorkerProcess, reply: Reply) -> None:
        if reply.kind == "pause":
            stop_clock(worker)
        elif reply.kind == "resume":
            start_clock(worker)
        elif reply.kind == "more":
            allow(worker, cast("float", reply.value) * self.options.timeout_s)
        elif worker.ticket is None:
            return  # it was given up
        elif reply.kind == "offer":
            number, data = cast("tuple[int, bytes]", reply.value)
            self._offers.add(worker, number, data)
        else:
            number, elsewhere = cast("tuple[int, bool]", reply.value)
            self._offers.claim(worker, number, elsewhere=elsewhere)

    def _finish(self, worker: WorkerProcess, outcome: object) -> None:
        ticket, worker.ticket = worker.ticket, None
        if ticket is None:
            return
        self._offers.forget(worker)
        if ticket.owner is not None:
            self._offers.finish(ticket, outcome)
            return
        ticket.outcome = outcome
        ticket.done = True
        self._changed.notify_all()

    def _has_grown(self, worker: WorkerProcess) -> bool:
        """What one file left behind must not be held against the next."""
        room = self.options.max_rss_mb * _MIB - worker.rss_at_rest
        return resident_bytes(worker) > worker.rss_at_rest + room / 2

    def _lost(self, worker: WorkerProcess) -> None:
        """It died: killed by us, by the system, or by what it read."""
        was_ready, ticket = worker.ready, worker.ticket
        self._drop(worker)
        with self._changed:
            if ticket is not None and ticket.owner is None and not ticket.again and worker.since < math.inf:
                worker.ticket, ticket.again = None, True
                self._queue.appendleft(ticket)
            else:
                self._finish(worker, worker.verdict or crashed(worker))
            self._offers.forget(worker)
        if not was_ready and not self._closing:
            self._stop(worker.verdict or died_at_start(worker))

    def _drop(self, worker: WorkerProcess) -> None:
        # Under the lock: another thread must not signal a process id that is no longer ours.
        with self._changed:
            kill(worker)
            reap(worker)
            self._workers.remove(worker)

    def _watch(self) -> None:
        """Kills who takes too long or too much; the end of its connection then tells."""
        now = time.monotonic()
        for worker in self._workers:
            if worker.verdict or (worker.ready and worker.ticket is None):
                continue
            if now > worker.deadline:
                worker.verdict = self._too_slow(worker)
            elif (rss := resident_bytes(worker)) > self.options.max_rss_mb * _MIB:
                worker.verdict = self._too_big(worker, rss)
            if worker.verdict:
                kill(worker)

    def _too_slow(self, worker: WorkerProcess) -> DocstrataError:
        if not worker.ready:
            return InvariantError(f"a parser process was not ready after {START_LIMIT_S:g} s")
        seconds = self.options.timeout_s
        return ParserTimeout(f"not read within {seconds:g} s: split the file, or allow more time", timeout_s=seconds)

    def _too_big(self, worker: WorkerProcess, rss: int) -> DocstrataError:
        limit = self.options.max_rss_mb
        if not worker.ready:
            return ConfigError(f"{limit} MiB a worker are too few for the parser alone: allow more", max_rss_mb=limit)
        return TooLarge(
            f"reading it took more than {limit} MiB of memory: split the file, or allow more memory",
            max_rss_mb=limit,
            rss_mb=math.ceil(rss / _MIB),
        )
