"""Time limits by a clock that the jobs move."""

from __future__ import annotations

from pathlib import Path

import in_workers
import pytest

from ingest.workers import offers, process, supervisor


@pytest.fixture
def working(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """`f"{working}(0.7)"` is a job, or a piece of one, that takes 0.7 seconds. One job at a time."""
    path = str(tmp_path / "clock")
    clock = in_workers.WorkerClock(path)
    for module in (offers, process, supervisor):
        monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(supervisor, "WATCH_INTERVAL_S", 0.02)
    return f"__import__('runpy').run_path({in_workers.__file__!r})['WorkerClock']({path!r}).take"
