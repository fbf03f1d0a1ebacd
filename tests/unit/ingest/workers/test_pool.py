"""With real processes. A job is a Python expression that the worker evaluates: a child can import
no test module, and an expression can hang, crash and bloat as a parser would."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.context import SpawnProcess
from pathlib import Path

import psutil
import pytest
from patience import PATIENCE_S, spawned_children, wait_ended, wait_until

from ingest.workers.pool import PoolOptions, WorkerPool
from schemas.errors import (
    ConfigError,
    CorruptFile,
    InvariantError,
    MissingExtra,
    ParserCrashed,
    ParserTimeout,
    SinkDown,
    TooLarge,
)

ROOT = Path(__file__).resolve().parents[4]

SOURCE = """lambda job, state=[]: eval(job, {
    "os": __import__("os"), "time": __import__("time"), "ctypes": __import__("ctypes"), "state": state,
    "errors": __import__("schemas.errors").errors, "fail": lambda e: (_ for _ in ()).throw(e),
    "waiting": lambda wait: (lambda clock, stack: [stack.enter_context(clock()), wait(), stack.close()][1])(
        __import__("ingest.workers.child", fromlist=["paused"]).paused, __import__("contextlib").ExitStack()),
})"""
EVALUATOR: Callable[[], Callable[[str], object]] = partial(eval, SOURCE)


def pool(**options: object) -> WorkerPool[str, object]:
    return WorkerPool(EVALUATOR, PoolOptions(**{"workers": 2, "timeout_s": 30.0, **options}))


def run(*jobs: str, **options: object) -> list[object]:
    with pool(**options) as workers:
        return [outcome for _, outcome in workers.imap(jobs)]


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_results_come_in_the_order_of_the_jobs_whatever_the_number_of_workers(workers: int) -> None:
    jobs = [f"time.sleep({0.1 if n % 5 == 0 else 0}) or {n}" for n in range(12)]
    with pool(workers=workers) as running:
        assert list(running.imap(jobs)) == [(job, n) for n, job in enumerate(jobs)]


def test_a_daemonic_process_may_have_parsers(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a worker of somebody's pool is."""
    me = multiprocessing.current_process()
    monkeypatch.setattr(me, "daemon", True)

    assert run("1 + 1", workers=1) == [2]
    assert me.daemon


def test_a_task_of_celery_may_have_parsers() -> None:
    """It is daemonic, and its kind of process is Celery's own."""
    script = f"""
        from functools import partial
        import billiard
        from ingest.workers.pool import PoolOptions, WorkerPool

        def task():
            with WorkerPool(partial(eval, {SOURCE!r}), PoolOptions(workers=2)) as pool:
                print([outcome for _, outcome in pool.imap(["1 + 1", "2 + 2"])])

        process = billiard.Process(target=task, daemon=True)
        process.start()
        process.join()
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        check=False, cwd=ROOT, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.stdout == "[2, 4]\n", done.stderr


def test_large_results_pass() -> None:
    [outcome] = run("b'x' * 30_000_000")
    assert isinstance(outcome, bytes)
    assert len(outcome) == 30_000_000


@pytest.mark.parametrize("workers", [0, 1])
def test_an_input_error_is_the_result_and_carries_the_traceback(workers: int) -> None:
    error, after = run("fail(errors.CorruptFile('broken', page=3))", "7", workers=workers)
    assert isinstance(error, CorruptFile)
    assert error.facts["page"] == 3
    assert "CorruptFile: broken" in str(error.facts["traceback"])
    assert after == 7


@pytest.mark.parametrize("workers", [0, 1])
def test_any_other_exception_is_a_crash_with_its_traceback(workers: int) -> None:
    error, after = run("1 / 0", "7", workers=workers)
    assert isinstance(error, ParserCrashed)
    assert error.facts["exception"] == "ZeroDivisionError"
    assert "ZeroDivisionError" in str(error.facts["traceback"])
    assert after == 7


@pytest.mark.parametrize("workers", [0, 1])
def test_a_memory_error_is_too_large(workers: int) -> None:
    [error] = run("fail(MemoryError())", workers=workers)
    assert isinstance(error, TooLarge)


@pytest.mark.parametrize(
    ("death", "fact", "value"),
    [
        ("os._exit(1)", "exit_code", 1),
        ("ctypes.string_at(0)", "signal", "SIGSEGV"),
        ("os.kill(os.getpid(), 9)", "signal", "SIGKILL"),
        ("os.abort()", "signal", "SIGABRT"),
    ],
)
def test_a_worker_that_dies_costs_its_job_and_is_replaced(death: str, fact: str, value: object) -> None:
    before, error, after = run("os.getpid()", death, "os.getpid()", workers=1)
    assert isinstance(error, ParserCrashed)
    assert error.facts[fact] == value
    assert isinstance(after, int)
    assert before != after


def test_a_result_that_cannot_be_sent_is_a_crash_of_that_job() -> None:
    error, after = run("lambda: 0", "7", workers=1)
    assert isinstance(error, ParserCrashed)
    assert after == 7


def test_a_job_that_hangs_is_killed_and_the_others_are_done() -> None:
    outcomes = run("1", "time.sleep(600)", "3", timeout_s=2.0)
    assert isinstance(outcomes[1], ParserTimeout)
    assert outcomes[1].facts["timeout_s"] == 2.0
    assert (outcomes[0], outcomes[2]) == (1, 3)


def test_a_job_that_holds_the_interpreter_lock_is_killed_too() -> None:
    [error] = run("ctypes.PyDLL(None).sleep(600)", timeout_s=1.0)
    assert isinstance(error, ParserTimeout)


def test_a_job_that_bloats_is_killed() -> None:
    error, after = run("[bytearray(600 * 2**20), time.sleep(600)]", "7", max_rss_mb=300, workers=1)
    assert isinstance(error, TooLarge)
    assert error.facts["max_rss_mb"] == 300
    assert int(str(error.facts["rss_mb"])) > 300
    assert after == 7


def test_memory_that_one_job_left_behind_is_not_held_against_the_next() -> None:
    keep = "state.append(bytearray(200 * 2**20)) or os.getpid()"
    pids = run(*[keep] * 5, max_rss_mb=300, workers=1)
    assert all(isinstance(pid, int) for pid in pids)
    assert len(set(pids)) == 5


def test_limits_hold_while_the_reader_of_results_is_busy(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    with pool(workers=2, timeout_s=2.0) as workers:
        outcomes = workers.imap(["1", f"open({str(told)!r}, 'w').write(f'{{os.getpid()}}.') and time.sleep(600)"])
        next(outcomes)
        wait_until(lambda: told.exists() and told.read_text().endswith("."))
        wait_ended(int(told.read_text()[:-1]))
        _, error = next(outcomes)
    assert isinstance(error, ParserTimeout)


@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.parametrize("kind", [ConfigError, MissingExtra, SinkDown, InvariantError])
def test_errors_that_are_not_the_files_fault_stop_the_run(kind: type[Exception], workers: int) -> None:
    with pool(workers=workers) as running:
        outcomes = running.imap(["1", f"fail(errors.{kind.__name__}('why', fact=1))", "3"])
        assert next(outcomes) == ("1", 1)
        with pytest.raises(kind, match="why") as caught:
            next(outcomes)
    assert caught.value.facts == {"fact": 1}


def test_a_worker_that_cannot_be_built_stops_the_run_with_its_own_error() -> None:
    broken: Callable[[], Callable[[str], int]] = partial(
        eval, "(_ for _ in ()).throw(__import__('schemas.errors').errors.MissingExtra('install it'))"
    )
    with (
        WorkerPool(broken, PoolOptions(workers=2)) as running,
        pytest.raises(MissingExtra, match="install it"),
    ):
        list(running.imap(["1"]))


@pytest.mark.parametrize("source", ["1 / 0", "__import__('os')._exit(9)"])
def test_a_worker_that_dies_while_it_is_built_is_a_defect_and_no_endless_loop(source: str) -> None:
    broken: Callable[[], Callable[[str], int]] = partial(eval, source)
    with WorkerPool(broken, PoolOptions(workers=2)) as running, pytest.raises(InvariantError):
        list(running.imap(["1", "2", "3"]))


def test_jobs_are_pulled_as_results_are_taken() -> None:
    options = PoolOptions(workers=2, window=3)
    pulled = 0

    def jobs() -> Iterator[str]:
        nonlocal pulled
        for _ in range(200):
            pulled += 1
            yield "1"

    with WorkerPool(EVALUATOR, options) as workers:
        for taken, _ in enumerate(workers.imap(jobs()), start=1):
            assert pulled - taken < options.most_pending == 7
    assert pulled == 200


def test_without_jobs_no_process_is_started_and_with_few_no_more_than_jobs() -> None:
    with pool(workers=4) as workers:
        assert list(workers.imap([])) == []
        assert spawned_children() == []
        assert [outcome for _, outcome in workers.imap(["time.sleep(0.3)"])] == [None]
        assert len(spawned_children()) == 1


def test_workers_stay_for_the_next_iteration_and_are_recycled_after_max_tasks() -> None:
    with pool(workers=1, max_tasks=2) as workers:
        first = [outcome for _, outcome in workers.imap(["os.getpid()"])]
        later = [outcome for _, outcome in workers.imap(["os.getpid()"] * 3)]
    assert first[0] == later[0] != later[1] == later[2]


def test_threads_inside_a_worker_are_limited_before_it_is_built() -> None:
    [limits] = run("os.environ['OMP_NUM_THREADS'], os.environ['TOKENIZERS_PARALLELISM']")
    assert limits == ("1", "false")


def test_threads_inside_a_worker_are_as_many_as_the_options_say() -> None:
    [limits] = run("os.environ['OMP_NUM_THREADS'], os.environ['MKL_NUM_THREADS']", threads=3)
    assert limits == ("3", "3")


def test_a_wait_inside_paused_is_not_counted_but_what_comes_before_and_after_is(working: str) -> None:
    wait = f"waiting(lambda: {working}(2.0)) or 'whole'"
    short, nested, before, after = run(
        wait,
        f"waiting(lambda: [waiting(lambda: {working}(0.2)), {working}(1.8)]) and 'whole'",
        f"{working}(0.7) or {wait}",
        f"{wait} and ({working}(1.1) or time.sleep(60) or 'too much')",
        timeout_s=1.0,
        workers=1,
    )
    assert (short, nested, before) == ("whole", "whole", "whole")
    assert isinstance(after, ParserTimeout)


def test_time_before_and_after_a_pause_is_added_up(working: str) -> None:
    job = f"[{working}(0.7), waiting(lambda: {working}(0.5)), {working}(0.7), time.sleep(60), 'too much']"
    [error] = run(job, timeout_s=1.0)
    assert isinstance(error, ParserTimeout)


def test_a_pause_of_one_job_is_no_more_time_for_the_next(working: str) -> None:
    jobs = (f"waiting(lambda: {working}(1.5))", f"{working}(1.1) or time.sleep(60)")
    paused, hung = run(*jobs, timeout_s=1.0, workers=1)
    assert paused is None
    assert isinstance(hung, ParserTimeout)


def test_memory_is_watched_during_a_pause() -> None:
    [error] = run("waiting(lambda: [bytearray(600 * 2**20), time.sleep(600)])", max_rss_mb=300)
    assert isinstance(error, TooLarge)


def test_without_worker_processes_a_pause_does_nothing() -> None:
    assert run("waiting(lambda: 7)", workers=0) == [7]


def test_an_iteration_that_is_given_up_leaves_the_pool_usable() -> None:
    with pool(workers=2) as workers:
        outcomes = workers.imap(["1", "time.sleep(600)", "time.sleep(600)"])
        next(outcomes)
        outcomes.close()
        assert [outcome for _, outcome in workers.imap(["2", "3"])] == [2, 3]


def test_closing_kills_the_workers_at_once() -> None:
    workers = pool(workers=2, timeout_s=600.0)
    outcomes = workers.imap(["os.getpid()", "time.sleep(600)", "time.sleep(600)"])
    next(outcomes)
    started = time.monotonic()
    workers.close()
    assert time.monotonic() - started < PATIENCE_S
    assert spawned_children() == []
    with pytest.raises(RuntimeError, match="closed"):
        next(outcomes)
    workers.close()


def test_a_closed_pool_refuses_jobs_and_one_iteration_runs_at_a_time() -> None:
    with pool(workers=1) as workers:
        first = workers.imap(["1", "2"])
        next(first)
        with pytest.raises(RuntimeError, match="already"):
            next(workers.imap(["3"]))
    with pytest.raises(RuntimeError, match="closed"):
        next(workers.imap(["3"]))


@pytest.mark.parametrize(
    "options", [{"workers": -1}, {"timeout_s": 0}, {"max_rss_mb": 0}, {"max_tasks": -1}, {"threads": 0}]
)
def test_senseless_limits_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        PoolOptions(**options)


def test_the_other_way_to_start_processes_works() -> None:
    assert run("1", "os._exit(4)", "3", start="forkserver")[::2] == [1, 3]


PARENT = """
import os, sys
from functools import partial
from ingest.workers.pool import PoolOptions, WorkerPool
if __name__ == "__main__":
    with WorkerPool(partial(eval, {source!r}), PoolOptions(workers=3)) as pool:
        for job, outcome in pool.imap(["os.getpid()", "os.getpid()", {hang!r}, {hang!r}, {hang!r}]):
            print("busy", outcome, flush=True)
"""


@pytest.mark.parametrize(
    ("ending", "hang"),
    [
        (signal.SIGINT, "time.sleep(600)"),
        (signal.SIGTERM, "time.sleep(600)"),
        (signal.SIGKILL, "ctypes.PyDLL(None).sleep(600)"),  # holds the interpreter lock
    ],
)
def test_no_worker_outlives_its_parent(tmp_path: Path, ending: signal.Signals, hang: str) -> None:
    script = tmp_path / "parent.py"
    script.write_text(textwrap.dedent(PARENT.format(source=SOURCE, hang=hang)))
    parent = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
        # A suite in the background of a shell ignores the signal, and its children would too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  pytest runs no threads here
    )
    try:
        assert parent.stdout is not None
        assert parent.stdout.readline().startswith(b"busy")
        assert parent.stdout.readline().startswith(b"busy")
        workers = psutil.Process(parent.pid).children(recursive=True)
        assert workers
        # As a terminal does: Ctrl-C goes to the whole group.
        os.killpg(parent.pid, ending)
        parent.communicate(timeout=PATIENCE_S)
        wait_ended(*(worker.pid for worker in workers))
    finally:
        parent.kill()


def test_options_pass_between_processes() -> None:
    options = PoolOptions(workers=3)
    assert pickle.loads(pickle.dumps(options)) == options


def test_a_script_without_a_guard_is_not_run_again_by_its_workers(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import operator, functools\n"
        "from ingest.workers.pool import PoolOptions, WorkerPool\n"
        "print('begins')\n"
        "with WorkerPool(functools.partial(operator.methodcaller, 'upper'), PoolOptions(workers=1)) as pool:\n"
        "    print([result for _, result in pool.imap(['one', 'two'])])\n"
    )

    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=300, check=False)

    assert done.stdout.splitlines() == ["begins", "['ONE', 'TWO']"], done.stderr


def test_pools_that_start_at_the_same_time_leave_the_main_module_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each starts its processes in a thread of its own; meanwhile others look their classes up there."""
    main, start = sys.modules["__main__"], SpawnProcess.start
    names: set[str] = set(vars(main)) - {"__file__", "__spec__"}
    seen: list[set[str]] = []

    def slow_start(process: SpawnProcess) -> None:
        start(process)
        seen.append(names & set(vars(sys.modules["__main__"])))
        time.sleep(0.05)

    monkeypatch.setattr(SpawnProcess, "start", slow_start)
    with pool(workers=2) as first, pool(workers=2) as second:
        assert [o for _, o in first.imap(["1"])] == [o for _, o in second.imap(["1"])] == [1]

    assert sys.modules["__main__"] is main
    assert seen
    assert all(each == names for each in seen)
