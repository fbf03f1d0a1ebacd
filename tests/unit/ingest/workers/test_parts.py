"""Jobs in parts, with real processes. A job and a part are Python expressions that a worker evaluates."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from functools import partial
from pathlib import Path

import in_workers
import psutil
import pytest
from patience import PATIENCE_S, wait_ended, wait_until

from ingest.workers.pool import PoolOptions, WorkerPool
from schemas.errors import ParserCrashed, ParserTimeout, TooLarge

ROOT = Path(__file__).resolve().parents[4]

SOURCE = """(lambda world: world.setdefault("run", lambda job: eval(job, world)))({
    **{name: __import__(name) for name in ("os", "time", "ctypes")},
    **vars(__import__("ingest.workers.parts", fromlist=["in_parts"])),
    **vars(__import__("ingest.workers.child", fromlist=["more_time"])),
})"""
EVALUATOR: Callable[[], Callable[[str], object]] = partial(eval, SOURCE)


def run(*jobs: str, **options: object) -> list[object]:
    chosen = PoolOptions(**{"workers": 2, "timeout_s": 30.0, **options})
    with WorkerPool(EVALUATOR, chosen) as pool:
        return [outcome for _, outcome in pool.imap(jobs)]


def in_all(parts: list[str], **options: object) -> str:
    return f"[outcome for _, outcome in in_parts({parts!r}, run, **{options!r})]"


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_parts_come_in_their_order_whatever_the_number_of_workers(workers: int) -> None:
    parts = [f"time.sleep({0.05 if n % 3 == 0 else 0}) or {n}" for n in range(30)]
    assert run(in_all(parts), "7", workers=workers) == [list(range(30)), 7]


def test_a_worker_that_is_idle_does_parts_of_anothers_job(tmp_path: Path) -> None:
    """Two at a time: each part waits for one of the other process."""
    part = f"__import__('runpy').run_path({in_workers.__file__!r})['take_turns']({str(tmp_path)!r}, 40)"
    [pids] = run(in_all([part] * 40), workers=2, timeout_s=120.0)
    assert isinstance(pids, list)
    assert sorted(map(pids.count, set(pids))) == [20, 20]


@pytest.mark.usefixtures("working")
def test_no_process_is_started_for_what_is_soon_done() -> None:
    [pids] = run(in_all(["os.getpid()"] * 40), workers=2)
    assert isinstance(pids, list)
    assert len(set(pids)) == 1


@pytest.mark.parametrize(
    ("death", "kind", "workers", "timeout_s"),
    [
        ("os._exit(3)", ParserCrashed, 1, 30.0),
        ("ctypes.string_at(0)", ParserCrashed, 2, 30.0),
        ("time.sleep(600)", ParserTimeout, 2, 2.0),
        ("[bytearray(500 * 2**20), time.sleep(600)]", TooLarge, 1, 30.0),
    ],
)
def test_what_ends_a_process_costs_its_part_and_the_job_goes_on(
    death: str, kind: type, workers: int, timeout_s: float
) -> None:
    parts = ["0", "1", death, "3", "4"]
    job = f"[outcome for _, outcome in in_parts({parts!r}, run, elsewhere=second_try(), most=2)]"
    outcomes, after = run(job, "7", workers=workers, timeout_s=timeout_s, max_rss_mb=300)
    assert isinstance(outcomes, list)
    assert isinstance(outcomes[2], kind)
    assert outcomes[:2] + outcomes[3:] == [0, 1, 3, 4]
    assert after == 7


def test_a_job_that_ends_its_process_by_itself_is_not_tried_for_ever() -> None:
    error, after = run(f"{in_all(['1'])} and os._exit(3)", "7", workers=1)
    assert isinstance(error, ParserCrashed)
    assert after == 7


def test_a_job_without_parts_is_not_tried_again(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    [error] = run(f"open({str(mark)!r}, 'a').write('x') and os._exit(3)", workers=1)
    assert isinstance(error, ParserCrashed)
    assert len(mark.read_text()) <= 1


def test_what_a_job_has_done_gives_it_more_time(working: str) -> None:
    slow = f"[({working}(0.5), more_time(0.5)) for _ in range(4)] and 'whole'"
    hung = f"more_time(0.5) or {working}(1.6) or time.sleep(60)"
    whole, error = run(slow, hung, timeout_s=1.0, workers=1)
    assert whole == "whole"
    assert isinstance(error, ParserTimeout)


def test_a_pool_is_usable_after_a_job_in_parts_was_given_up(tmp_path: Path) -> None:
    part = f"[open(os.path.join({str(tmp_path)!r}, str(os.getpid())), 'w').close(), time.sleep(0.5)]"
    with WorkerPool(EVALUATOR, PoolOptions(workers=2, timeout_s=120.0)) as pool:
        outcomes = pool.imap(["1", in_all([part] * 200)])
        next(outcomes)
        wait_until(lambda: len(list(tmp_path.iterdir())) == 2, "one worker does it all")
        outcomes.close()
        assert [outcome for _, outcome in pool.imap(["2", "3"])] == [2, 3]


PARENT = """
from functools import partial
from ingest.workers.pool import PoolOptions, WorkerPool
with WorkerPool(partial(eval, {source!r}), PoolOptions(workers=2)) as pool:
    for job, outcome in pool.imap(["0", {job!r}]):
        print("busy", flush=True)
"""


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_no_worker_that_does_parts_outlives_the_run(tmp_path: Path, ending: signal.Signals) -> None:
    script = tmp_path / "parent.py"
    script.write_text(textwrap.dedent(PARENT.format(source=SOURCE, job=in_all(["time.sleep(0.3)"] * 900))))
    parent = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
        # A suite in the background of a shell ignores the signal, and its children would too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  pytest runs no threads here
    )
    try:
        assert parent.stdout is not None
        assert parent.stdout.readline().startswith(b"busy")
        wait_until(lambda: len(psutil.Process(parent.pid).children(recursive=True)) == 3)  # one tracks the two
        workers = psutil.Process(parent.pid).children(recursive=True)
        os.killpg(parent.pid, ending)
        parent.communicate(timeout=PATIENCE_S)
        wait_ended(*(worker.pid for worker in workers))
    finally:
        parent.kill()
