"""Waiting for what is about to happen, with a limit that a busy machine does not reach."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import psutil

PATIENCE_S = 60.0
"""A machine may stand still for seconds, or do everything five times slower: only what never comes takes so long."""


def wait_until(done: Callable[[], object], what: str = "it did not come", within_s: float = PATIENCE_S) -> None:
    """`done` is asked until it is true."""
    until = time.monotonic() + within_s
    while not done():
        assert time.monotonic() < until, what
        time.sleep(0.01)


def has_ended(pid: int) -> bool:
    """A killed process that is not ours to wait for stays as a zombie until its parent comes to it."""
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    return True


def wait_for_new_stamps(folder: Path) -> None:
    """The clock that stamps files ticks some hundred times a second: what is written or changed from now on is stamped
    otherwise than what was before."""
    probe = folder / "stamped"

    def stamp() -> int:
        probe.write_bytes(b"")
        return probe.stat().st_ctime_ns

    before = stamp()
    wait_until(lambda: stamp() != before, "the clock of the files stands still")
    probe.unlink()


def spawned_children() -> list[psutil.Process]:
    """Worker processes of this one, however they are doing."""
    return [child for child in psutil.Process().children() if _is_spawned(child)]


def _is_spawned(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):  # it has ended since it was listed
        return "multiprocessing.spawn" in " ".join(process.cmdline())
    return False


def wait_ended(*pids: int) -> None:
    """A killed process goes when the system comes to it."""
    for pid in pids:
        wait_until(partial(has_ended, pid), f"process {pid} goes on")
