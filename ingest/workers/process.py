"""One worker process as its supervisor sees it."""

from __future__ import annotations

import math
import multiprocessing
import multiprocessing.process
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from types import ModuleType
from typing import TYPE_CHECKING, Literal

import psutil

from ingest.logs import level_wanted
from ingest.workers.child import Reply, run_child, translated
from schemas.errors import DocstrataError, InputError, InvariantError, ParserCrashed

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

START_LIMIT_S = 180.0
"""For imports and models; a machine under load may need a minute."""

_PLACE = frozenset({"__spec__", "__file__"})
"""By these a child finds its parent's main module."""

_starting = threading.Lock()
"""Pools start their processes in threads of their own; there is one main module, and one process that we are."""


@dataclass(eq=False, slots=True)
class Ticket:
    """One job on its way, or a part that the job of `owner` has offered under `number`. `outcome` is
    set once, under the supervisor's condition. `again`: the job ended its process before."""

    data: bytes
    done: bool = False
    outcome: object = None
    again: bool = False
    owner: WorkerProcess | None = None
    number: int = 0


@dataclass(eq=False, slots=True)
class WorkerProcess:
    """`deadline` is on the monotonic clock; `rss_at_rest` in bytes, once it is ready. `offers` are
    parts of its job by their numbers, `since` when the first of them came, `awaits` the one that
    it waits for, `elsewhere` that it does none of them itself."""

    process: BaseProcess
    connection: Connection
    memory: psutil.Process
    deadline: float
    ready: bool = False
    ticket: Ticket | None = None
    tasks: int = 0
    rss_at_rest: int = 0
    left_s: float | None = None
    """What the job has left while its clock stands still."""
    verdict: DocstrataError | None = None
    """Why we killed it."""
    offers: dict[int, Ticket] = field(default_factory=dict)
    since: float = math.inf
    awaits: Ticket | None = None
    elsewhere: bool = False


def started(pickled_factory: bytes, how: Literal["spawn", "forkserver"], threads: int) -> WorkerProcess:
    spawn, forkserver = multiprocessing.get_context("spawn"), multiprocessing.get_context("forkserver")
    context = spawn if how == "spawn" else forkserver
    ours, theirs = context.Pipe()
    arguments = (theirs, pickled_factory, threads, level_wanted())
    process = context.Process(target=run_child, args=arguments, name="docstrata-parser", daemon=True)
    with _starting, _without_main(), _as_parent():
        process.start()
    theirs.close()
    return WorkerProcess(process, ours, psutil.Process(process.pid), time.monotonic() + START_LIMIT_S)


@contextmanager
def _without_main() -> Iterator[None]:
    """A child begins by importing the program's main module. Ours needs nothing of it, and a script
    without a guard would start itself once more; Airflow's would cost every child a second.

    What stands in for it has all of its names, but not where it lies: other threads may look it up."""
    main = sys.modules["__main__"]
    stand_in = ModuleType("__main__")
    stand_in.__dict__.update({name: value for name, value in vars(main).items() if name not in _PLACE})
    sys.modules["__main__"] = stand_in
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@contextmanager
def _as_parent() -> Iterator[None]:
    """A task of Celery's, or a worker of somebody's pool, is daemonic: it is refused children, lest they outlive it.
    Ours die with their parent, however it dies. And Celery's kind of process has a key that is refused to be handed
    to children of another kind, as every child is handed one."""
    me = multiprocessing.current_process()
    kind = type(me.authkey)
    if kind.__module__ != multiprocessing.process.__name__:
        ForkingPickler.register(kind, _plain_key)
    daemonic, me.daemon = me.daemon, False
    try:
        yield
    finally:
        me.daemon = daemonic


def _plain_key(key: bytes) -> tuple[type[bytes], tuple[bytes]]:
    return bytes, (bytes(key),)


def read_reply(data: bytes) -> Reply:
    try:
        reply = pickle.loads(data)  # noqa: S301  # from our own child
    except Exception as error:  # noqa: BLE001  # unpickling calls code of any kind of value
        return Reply("error", translated(error))
    if not isinstance(reply, Reply):
        raise InvariantError(f"a parser process said {type(reply).__name__}")
    return reply


def resident_bytes(worker: WorkerProcess) -> int:
    try:
        return int(worker.memory.memory_info().rss)
    except psutil.Error:
        return 0  # it has just died; its connection tells


def stop_clock(worker: WorkerProcess) -> None:
    worker.left_s = worker.deadline - time.monotonic()
    worker.deadline = math.inf


def start_clock(worker: WorkerProcess) -> None:
    if worker.left_s is not None:
        worker.deadline = time.monotonic() + worker.left_s
        worker.left_s = None


def allow(worker: WorkerProcess, seconds: float) -> None:
    """So much longer, also while its clock stands still."""
    if worker.left_s is not None:
        worker.left_s += seconds
    else:
        worker.deadline += seconds


def kill(worker: WorkerProcess) -> None:
    """With all that it started, if it got as far as having a session of its own."""
    try:
        os.killpg(worker.memory.pid, signal.SIGKILL)
    except ProcessLookupError:
        worker.process.kill()


def reap(worker: WorkerProcess) -> None:
    worker.process.join()
    worker.connection.close()


def crashed(worker: WorkerProcess) -> InputError:
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


def died_at_start(worker: WorkerProcess) -> InvariantError:
    return InvariantError(f"a parser process died while it started, with status {worker.process.exitcode}")


def not_built(error: object) -> BaseException:
    """What the factory raised, or, for what is no error of ours, that it did."""
    if isinstance(error, DocstrataError) and not isinstance(error, InputError):
        return error
    facts = error.facts if isinstance(error, DocstrataError) else {}
    return InvariantError(f"no parser could be made: {error}", **facts)
