"""A call in another interpreter: what comes back, what is heard of it meanwhile, and how it ends."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest
from airflow.exceptions import AirflowFailException, AirflowSkipException
from patience import PATIENCE_S, wait_ended, wait_until

from ingest.airflow_tasks import tasks
from ingest.task_calls import remote
from ingest.task_calls.dispatch import call
from ingest.task_calls.errors import EngineLost, EngineTransient
from ingest.task_calls.remote import call_in, environment
from schemas.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that stands in for the engine of the other interpreter: its calls do what a test wants."""
    package = tmp_path / "there" / "ingest" / "task_calls"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").write_text(f"__path__.append({str(ROOT / 'ingest')!r})\n")
    (package / "__init__.py").write_text(f"__path__.append({str(ROOT / 'ingest' / 'task_calls')!r})\n")
    (package / "calls.py").write_text(
        textwrap.dedent("""
        import logging, os, signal, subprocess, sys, time
        from ingest.logs import about
        from ingest.task_calls.errors import NothingToDo
        from schemas.errors import ConfigError, InvariantError, SinkDown

        log = logging.getLogger("docstrata.stages.prepare")

        def echo(value):
            print("printed by a library")
            with about(file="a.pdf", stage="parse"):
                log.warning("a page was read", extra={"facts": {"page": 3}})
            return value

        def nothing(): raise NothingToDo("nothing has come")
        def down(): raise SinkDown("the index is away")
        def wrong(): raise ConfigError("set it")
        def defect(): raise InvariantError("text was lost")
        def crash(): raise ValueError("nobody thought of this")
        def killed(): os.kill(os.getpid(), signal.SIGKILL)
        def settings(): return sorted(name for name in os.environ if "AIRFLOW" in name)

        def hang(told):
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
            open(told, "w").write(f"{os.getpid()} {child.pid}.")
            log.info("hangs")
            time.sleep(600)

        CALLS = {name: call for name, call in globals().items() if callable(call) and call.__module__ == __name__}
        """)
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'there'}{os.pathsep}{ROOT}")
    monkeypatch.setenv("DOCSTRATA__AIRFLOW__PYTHON", sys.executable)
    return tmp_path


def test_what_is_said_there_is_heard_here_and_prints_do_not_disturb_the_answer(
    elsewhere: Path, caplog: pytest.LogCaptureFixture
) -> None:
    value = {"text": "离心泵\n", "numbers": [1, 2.5, None, True]}

    with caplog.at_level(logging.INFO):
        assert call("echo", value=value) == value

    heard = {(record.name, record.levelno, record.getMessage()) for record in caplog.records}
    assert ("docstrata.stages.prepare", logging.WARNING, "a page was read") in heard
    (facts,) = (record.facts for record in caplog.records if getattr(record, "facts", None))
    assert facts == {"file": "a.pdf", "stage": "parse", "page": 3}
    assert ("docstrata.task_calls.remote", logging.INFO, "printed by a library") in heard


@pytest.mark.parametrize(
    ("name", "raised", "said"),
    [
        ("nothing", AirflowSkipException, "nothing has come"),
        ("down", EngineTransient, "sink_down: the index is away"),
        ("wrong", AirflowFailException, "config: set it"),
        ("defect", AirflowFailException, "invariant: text was lost"),
        ("killed", EngineLost, "was ended by SIGKILL before it answered"),
    ],
)
def test_an_error_there_is_retried_or_final_or_a_skip_here(
    elsewhere: Path, name: str, raised: type[Exception], said: str
) -> None:
    with pytest.raises(raised, match=said):
        tasks.told(tasks.call)(name)


def test_a_defect_there_leaves_its_traceback_in_the_log(elsewhere: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), pytest.raises(EngineLost, match="ended with exit code 1"):
        call_in(sys.executable, "crash", {})
    assert "ValueError: nobody thought of this" in caplog.text


def test_settings_of_airflow_stay_here(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "LocalExecutor")
    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "client")
    assert call_in(sys.executable, "settings", {}) == ["DOCSTRATA__AIRFLOW__PYTHON"]
    assert environment({"AIRFLOW_HOME": "/a", "DOCSTRATA_HOME": "/d"})["DOCSTRATA_HOME"] == "/d"


@pytest.mark.parametrize("python", ["python", "/nowhere/bin/python"])
def test_an_interpreter_that_is_none_is_told_at_once(python: str) -> None:
    with pytest.raises(ConfigError, match="give the absolute path of the interpreter"):
        call_in(python, "plan", {})


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_the_engine_ends_with_its_task_however_that_ends(elsewhere: Path, number: signal.Signals) -> None:
    """As Airflow stops a task: its own handler of SIGTERM does not end one that waits."""
    told = elsewhere / "told"
    task = f"""
import signal
from ingest.task_calls.remote import call_in
signal.signal(signal.SIGTERM, lambda *_: None)
call_in({sys.executable!r}, "hang", {{"told": {str(told)!r}}})
"""
    process = subprocess.Popen([sys.executable, "-c", task], stderr=subprocess.DEVNULL)
    started = _there(told)

    process.send_signal(number)

    assert process.wait(PATIENCE_S) != 0
    wait_ended(started[0])


def test_a_time_limit_ends_the_engine_and_all_that_it_started(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Airflow raises in the waiting thread when `execution_timeout` is over."""
    monkeypatch.setattr(remote, "_GRACE_S", 0.5)
    told = elsewhere / "told"

    def over(_number: int, _frame: object) -> None:
        raise TimeoutError

    def limit() -> None:
        _there(told)
        os.kill(os.getpid(), signal.SIGALRM)

    before = signal.signal(signal.SIGALRM, over)
    clock = threading.Thread(target=limit)
    clock.start()
    try:
        with pytest.raises(TimeoutError):
            call_in(sys.executable, "hang", {"told": str(told)})
    finally:
        clock.join()
        signal.signal(signal.SIGALRM, before)

    wait_ended(*_there(told))


def _there(told: Path) -> tuple[int, int]:
    """The engine and its child, once both are there."""
    wait_until(lambda: told.exists() and told.read_text().endswith("."), "the engine did not start")
    engine, child = told.read_text().removesuffix(".").split()
    return int(engine), int(child)
