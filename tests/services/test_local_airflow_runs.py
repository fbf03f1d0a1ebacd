"""`docstrata airflow` as a person starts and stops it, with a DAG of the test's own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest
from airflow_harness import AirflowForTests, free_port, listeners, slowness, wait_until

pytestmark = pytest.mark.services

DAG = """
import time
from airflow.sdk import dag, task

@dag(schedule=None)
def sleepers():
    @task
    def sleep(seconds: int) -> int:
        time.sleep(seconds)
        return seconds

    @task(pool="one_slot")
    def total(seconds) -> int:
        return sum(seconds)

    total(sleep.expand(seconds=[4, 4, 4]))

sleepers()
"""


@pytest.fixture(scope="module")
def dags(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkout") / "dags"
    folder.mkdir()
    (folder / "sleepers.py").write_text(DAG, "utf-8")
    (folder / "pools.json").write_text(json.dumps({"one_slot": {"slots": 1, "description": ""}}), "utf-8")
    return folder


@pytest.fixture(scope="module")
def airflow(dags: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AirflowForTests]:
    with AirflowForTests(tmp_path_factory.mktemp("airflow"), dags=dags) as running:
        running.wait_for_dags("sleepers")
        yield running


def test_nothing_listens_beyond_loopback(airflow: AirflowForTests) -> None:
    assert listeners(airflow.processes) == {"127.0.0.1"}


@pytest.mark.parametrize("with_tasks", [False, True], ids=["scheduler", "scheduler and tasks"])
def test_a_run_outlives_a_scheduler_that_is_killed(airflow: AirflowForTests, with_tasks: bool) -> None:
    run_id = airflow.trigger("sleepers")
    wait_until(
        lambda: any(row["state"] == "running" for row in airflow.task_instances("sleepers", run_id)),
        "a task that sleeps", 120, lambda: airflow.story("sleepers", run_id),
    )  # fmt: skip

    airflow.kill_scheduler(with_tasks=with_tasks)
    airflow.restart_scheduler()
    ended = airflow.wait_for_run("sleepers", run_id, limit_s=120)

    assert ended["state"] == "success"
    sizes = {(x.task_id, x.map_index): x.size for x in airflow.xcoms("sleepers", run_id) if x.key == "return_value"}
    assert sizes == {("sleep", 0): 1, ("sleep", 1): 1, ("sleep", 2): 1, ("total", -1): 2}


def test_ctrl_c_ends_all_of_it_and_a_later_start_goes_on(dags: Path, tmp_path: Path) -> None:
    port = str(free_port())
    command = [sys.executable, "-m", "ingest.cli.app", "airflow", "--folder", str(tmp_path), "--dags", str(dags)]
    for turn in ("first", "second"):
        started = _start([*command, "--port", port])
        family = psutil.Process(started.pid).children(recursive=True)
        assert len(family) >= 4

        refused = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60 * slowness())
        assert refused.returncode == 2
        assert f"http://127.0.0.1:{port}" in refused.stderr.replace("\n", "")
        with urlopen(f"http://127.0.0.1:{port}/api/v2/version", timeout=10 * slowness()) as answer:
            assert json.load(answer)["version"]

        began = time.monotonic()
        started.send_signal(signal.SIGINT if turn == "first" else signal.SIGTERM)
        assert started.wait(timeout=30 * slowness()) == 0
        print(f"stopped in {time.monotonic() - began:.1f} s")
        assert [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []


def test_one_that_dies_takes_the_others_along_with_a_sentence(dags: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ingest.cli.app", "airflow", "--folder", str(tmp_path), "--dags", str(dags)]
    started = _start([*command, "--port", str(free_port())])
    family = psutil.Process(started.pid).children(recursive=True)
    triggerer = next(p for p in family if "triggerer" in p.cmdline())

    os.kill(triggerer.pid, signal.SIGKILL)
    _, told = started.communicate(timeout=30 * slowness())

    assert started.returncode == 1
    assert "Airflow's triggerer ended by signal 9" in told.replace("\n", " ")
    assert "Starting the triggerer" in told  # the end of its log
    assert [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []


def _start(command: list[str]) -> subprocess.Popen[str]:
    """Up, as its last line says."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Ctrl-C stops it" in line:
            return process
    raise AssertionError(f"it did not start: {lines} {process.communicate()[1]}")
