"""The clock by which pools of worker processes keep time limits, in place of the machine's."""

from __future__ import annotations

import time
from threading import Lock
from typing import Protocol

import pytest

from ingest.workers import offers, process, supervisor


class Clock(Protocol):
    def monotonic(self) -> float: ...


class UnhurriedClock:
    """Goes with that of the machine, but only a moment from one look to the next: while the whole machine stands
    still, as it may for seconds, no job's time goes by."""

    MOMENT_S = 0.1

    def __init__(self) -> None:
        self._lock = Lock()
        self._looked, self._now = time.monotonic(), 0.0

    def monotonic(self) -> float:
        with self._lock:
            looked = time.monotonic()
            self._now += min(looked - self._looked, self.MOMENT_S)
            self._looked = looked
            return self._now


def keep_time_by(clock: Clock, patched: pytest.MonkeyPatch, look_every_s: float) -> None:
    """For the supervisors of this process. `look_every_s`: less than a moment, lest an unhurried clock be slow."""
    for module in (offers, process, supervisor):
        patched.setattr(module, "time", clock)
    patched.setattr(supervisor, "WATCH_INTERVAL_S", look_every_s)
