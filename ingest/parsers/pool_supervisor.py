"""Keeps worker processes: starts, feeds, watches, kills and replaces them, in one thread."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Literal

import psutil  # type: ignore[import-untyped]  # it ships no types

from ingest.parsers.pool_child import Reply, run_child, translated
from schemas.errors import (
    ConfigError,
    DocstrataError,
    InputError,
    InvariantError,
    ParserCrashed,
    ParserTimeout,
    TooLarge,
)

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

WATCH_INTERVAL_S = 0.2
_START_LIMIT_S = 180.0
"""For imports and models; a machine under load may need a minute."""
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class PoolOptions:
    """`workers`: processes; 0 runs everything in this process, without time and memory limits.

    `timeout_s` is wall time of one job; `max_rss_mb` the resident memory of one worker in MiB,
    its models included; after `max_tasks` jobs a worker is replaced, 0 means never. `window`:
    results that may wait, beyond two jobs a worker, for an earlier and slower one.
    """

    workers: int = 1
    timeout_s: float = 300.0
    max_rss_mb: int = 2048
    max_tasks: int = 0
    start: Literal["spawn", "forkserver"] = "spawn"
    window: int = 8

    def __post_init__(self) -> None:
        if self.workers < 0 or self.timeout_s <= 0 or self.max_rss_mb <= 0 or self.max_tasks < 0 or self.window < 0:
            raise ConfigError(f"limits of the worker pool must not be negative, nor time and memory zero: {self}")

    @property
    def most_pending(self) -> int:
        return 2 * self.workers + self.window


@dataclass(eq=False, slots=True)
class Ticket:
    """One job on its way. `outcome` is set once, under the supervisor's condition."""

    data: bytes
    done: bool = False
    outcome: object = None


@dataclass(eq=False, slots=True)
class _Worker:
    process: BaseProcess
    connection: Connection
    memory: psutil.Process
    deadline: float
    ready: bool = False
    ticket: Ticket | None = None
    tasks: int = 0
    rss_at_rest: int = 0
    verdict: DocstrataError | None = None
    """Why we killed it."""


@dataclass(eq=False)
class Supervisor:
    """A thread of its own, so that limits hold and workers stay fed while the results' reader is busy.

    It also has to be this thread that starts the processes: the kernel kills them when it ends.
    """

    pickled_factory: bytes
    options: PoolOptions
    fatal: BaseException | None = None
    _queue: deque[Ticket] = field(default_factory=deque)
    _workers: list[_Worker] = field(default_factory=list)
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
                    _kill(worker)
        self._wake()

    def close(self) -> None:
        """Kills every worker and returns when they are gone."""
        with self._changed:
            self._closing = True
            for worker in self._workers:
                _kill(worker)
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

    def _start_workers(self) -> None:
        """No more than there are jobs for."""
        spare = sum(worker.ticket is None for worker in self._workers)
        while not self._closing and len(self._workers) < self.options.workers and spare < len(self._queue):
            self._workers.append(self._started())
            spare += 1

    def _started(self) -> _Worker:
        spawn, forkserver = multiprocessing.get_context("spawn"), multiprocessing.get_context("forkserver")
        context = spawn if self.options.start == "spawn" else forkserver
        ours, theirs = context.Pipe()
        process = context.Process(
            target=run_child, args=(theirs, self.pickled_factory), name="docstrata-parser", daemon=True
        )
        process.start()
        theirs.close()
        return _Worker(process, ours, psutil.Process(process.pid), time.monotonic() + _START_LIMIT_S)

    def _feed(self) -> None:
        for worker in tuple(self._workers):
            if worker.ready and worker.ticket is None and self._queue and worker.verdict is None:
                ticket = self._queue.popleft()
                worker.ticket = ticket
                worker.deadline = time.monotonic() + self.options.timeout_s
                try:
                    worker.connection.send_bytes(ticket.data)
                except OSError:
                    # It died while it was idle, which is not this job's doing.
                    self._queue.appendleft(ticket)
                    worker.ticket = None
                    self._drop(worker)

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

    def _reply(self, worker: _Worker, data: bytes) -> None:
        reply = _loaded(data)
        if reply.kind == "failed":
            self._stop(_not_built(reply.value))
            return
        with self._changed:
            if reply.kind == "ready":
                worker.ready = True
                worker.rss_at_rest = _rss(worker)
                return
            self._finish(worker, reply.value)
            worker.tasks += 1
        if worker.tasks == self.options.max_tasks or self._has_grown(worker):
            self._drop(worker)

    def _finish(self, worker: _Worker, outcome: object) -> None:
        if worker.ticket:
            worker.ticket.outcome = outcome
            worker.ticket.done = True
            worker.ticket = None
            self._changed.notify_all()

    def _has_grown(self, worker: _Worker) -> bool:
        """What one file left behind must not be held against the next."""
        room = self.options.max_rss_mb * _MIB - worker.rss_at_rest
        return _rss(worker) > worker.rss_at_rest + room / 2

    def _lost(self, worker: _Worker) -> None:
        """It died: killed by us, by the system, or by what it read."""
        was_ready, had_job = worker.ready, worker.ticket is not None
        self._drop(worker)
        with self._changed:
            if had_job:
                self._finish(worker, worker.verdict or _crashed(worker))
        if not was_ready and not self._closing:
            self._stop(worker.verdict or _died_at_start(worker))

    def _drop(self, worker: _Worker) -> None:
        # Under the lock: another thread must not signal a process id that is no longer ours.
        with self._changed:
            _kill(worker)
            _reap(worker)
            self._workers.remove(worker)

    def _watch(self) -> None:
        """Kills who takes too long or too much; the end of its connection then tells."""
        now = time.monotonic()
        for worker in self._workers:
            if worker.verdict or (worker.ready and worker.ticket is None):
                continue
            if now > worker.deadline:
                worker.verdict = self._too_slow(worker)
            elif (rss := _rss(worker)) > self.options.max_rss_mb * _MIB:
                worker.verdict = self._too_big(worker, rss)
            if worker.verdict:
                _kill(worker)

    def _too_slow(self, worker: _Worker) -> DocstrataError:
        if not worker.ready:
            return InvariantError(f"a parser process was not ready after {_START_LIMIT_S:g} s")
        seconds = self.options.timeout_s
        return ParserTimeout(f"not read within {seconds:g} s: split the file, or allow more time", timeout_s=seconds)

    def _too_big(self, worker: _Worker, rss: int) -> DocstrataError:
        limit = self.options.max_rss_mb
        if not worker.ready:
            return ConfigError(f"{limit} MiB a worker are too few for the parser alone: allow more", max_rss_mb=limit)
        return TooLarge(
            f"reading it took more than {limit} MiB of memory: split the file, or allow more memory",
            max_rss_mb=limit,
            rss_mb=rss // _MIB,
        )


def _loaded(data: bytes) -> Reply:
    try:
        reply = pickle.loads(data)  # noqa: S301  # from our own child
    except Exception as error:  # noqa: BLE001  # unpickling calls code of any kind of value
        return Reply("error", translated(error))
    if not isinstance(reply, Reply):
        raise InvariantError(f"a parser process said {type(reply).__name__}")
    return reply


def _rss(worker: _Worker) -> int:
    try:
        return int(worker.memory.memory_info().rss)
    except psutil.Error:
        return 0  # it has just died; its connection tells


def _kill(worker: _Worker) -> None:
    """With all that it started, if it got as far as having a session of its own."""
    try:
        os.killpg(worker.memory.pid, signal.SIGKILL)
    except ProcessLookupError:
        worker.process.kill()


def _reap(worker: _Worker) -> None:
    worker.process.join()
    worker.connection.close()


def _crashed(worker: _Worker) -> InputError:
    code = worker.process.exitcode or 0
    if code < 0:
        name = {known.value: known.name for known in signal.Signals}.get(-code, f"signal {-code}")
        hint = " (by the system, perhaps for want of memory)" if name == "SIGKILL" else ""
        return ParserCrashed(
            f"the parser's process was ended by {name}{hint}; the other files are not affected", signal=name
        )
    return ParserCrashed(
        f"the parser's process ended itself with status {code}; the other files are not affected", exit_code=code
    )


def _died_at_start(worker: _Worker) -> InvariantError:
    return InvariantError(f"a parser process died while it started, with status {worker.process.exitcode}")


def _not_built(error: object) -> BaseException:
    """What the factory raised, or, for what is no error of ours, that it did."""
    if isinstance(error, DocstrataError) and not isinstance(error, InputError):
        return error
    facts = error.facts if isinstance(error, DocstrataError) else {}
    return InvariantError(f"no parser could be made: {error}", **facts)
