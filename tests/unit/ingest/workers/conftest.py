"""Time limits by clocks that do not go on while this machine stands still, or that the jobs move."""

from __future__ import annotations

from pathlib import Path

import in_workers
import pytest
from worker_clocks import UnhurriedClock, keep_time_by


@pytest.fixture(autouse=True)
def _no_time_goes_by_while_the_machine_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_time_by(UnhurriedClock(), monkeypatch, UnhurriedClock.MOMENT_S / 2)


@pytest.fixture
def working(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """`f"{working}(0.7)"` is a job, or a piece of one, that takes 0.7 seconds. One job at a time."""
    path = str(tmp_path / "clock")
    keep_time_by(in_workers.WorkerClock(path), monkeypatch, 0.02)
    return f"__import__('runpy').run_path({in_workers.__file__!r})['WorkerClock']({path!r}).take"
