"""What `docstrata airflow` prepares and refuses; that it runs is in tests/services."""

from __future__ import annotations

import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest
from patience import PATIENCE_S, wait_ended, wait_until

from ingest.cli.airflow_environment import Place, choose_port, environment, first_config
from ingest.cli.airflow_processes import AirflowFailed, AirflowProcesses
from ingest.cli.local_airflow import prepared
from ingest.config import load_settings
from schemas.errors import ConfigError


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "dags").mkdir()
    found = Place(tmp_path / "state", tmp_path / "dags")
    found.airflow_home.mkdir(parents=True)
    return found


@pytest.fixture
def airflow_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A command in Airflow's place: starts a child of its own, then ends or waits, as its first word says."""
    script = tmp_path / "bin" / "airflow"
    script.parent.mkdir()
    script.write_text(
        f"#!{sys.executable}\n"
        + textwrap.dedent("""
            import subprocess, sys, time
            print("hello from", sys.argv[1], flush=True)
            if sys.argv[1] == "dag-processor":
                sys.exit(7)
            subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
            time.sleep(600)
        """),
        "utf-8",
    )
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script.with_name("python")))
    return script


def docstrata(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("docstrata")), *map(str, arguments)],
        cwd=cwd,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_no_setting_of_another_airflow_gets_in(place: Place) -> None:
    users = {
        "AIRFLOW_HOME": "/elsewhere",
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "AIRFLOW_CONFIG": "/x",
        "A": "b",
    }

    given = environment(place, 8080, users)

    assert given["AIRFLOW_HOME"] == str(place.airflow_home)
    assert given["AIRFLOW__CORE__EXECUTOR"] == "LocalExecutor"
    assert "AIRFLOW_CONFIG" not in given
    assert given["A"] == "b"


def test_everything_listens_on_loopback_and_speaks_to_it_directly(place: Place) -> None:
    given = environment(place, 9001, {"no_proxy": "intranet"})

    assert given["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert given["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:9001/execution/"
    assert given["NO_PROXY"] == given["no_proxy"] == "intranet,127.0.0.1,localhost"


def test_the_first_configuration_is_one_that_docstrata_reads(tmp_path: Path) -> None:
    folder = tmp_path / 'a "quoted" 文件夹'
    config = tmp_path / "docstrata.toml"
    config.write_text(first_config(folder / "inbox", [folder / "examples"]), "utf-8")

    options = load_settings(config, {}).airflow

    assert options.inbox == str(folder / "inbox")
    assert [source.path for source in options.sources] == [str(folder / "examples")]


def test_a_configuration_that_is_there_stays_and_names_the_inbox(place: Place, tmp_path: Path) -> None:
    text = f'[airflow]\ninbox = "{tmp_path / "mine"}"\n'
    place.config.write_text(text, "utf-8")

    prepared(place)

    assert place.config.read_text("utf-8") == text
    assert (tmp_path / "mine").is_dir()
    assert not place.inbox.exists()


@pytest.mark.parametrize(("inbox", "says"), [("mine", "give an absolute path"), ("/dev/null/mine", "name another in")])
def test_an_inbox_that_cannot_be_is_a_sentence(place: Place, inbox: str, says: str) -> None:
    place.config.write_text(f'[airflow]\ninbox = "{inbox}"\n', "utf-8")

    with pytest.raises(ConfigError, match=says):
        prepared(place)


def test_a_port_that_is_taken_is_refused_when_asked_for_and_else_passed_by() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port} is taken"):
            choose_port(port)
    assert choose_port(None) >= 8080


@pytest.mark.usefixtures("airflow_command")
def test_stopping_ends_also_what_left_the_process_group(place: Place) -> None:
    processes = AirflowProcesses({}, place.logs)
    processes.start(["scheduler", "triggerer"])
    theirs = [psutil.Process(processes.pid(name)) for name in ("scheduler", "triggerer")]
    wait_until(lambda: all(process.children() for process in theirs))
    family = theirs + [child for process in theirs for child in process.children()]
    assert len(family) == 4

    processes.stop()

    wait_ended(*(process.pid for process in family))


@pytest.mark.usefixtures("airflow_command")
def test_one_that_ends_by_itself_is_told_with_the_end_of_its_log(place: Place) -> None:
    processes = AirflowProcesses({}, place.logs)
    processes.start(["dag-processor"])
    psutil.Process(processes.pid("dag-processor")).wait(PATIENCE_S)

    with pytest.raises(AirflowFailed, match=r"dag-processor ended .*dag-processor\.log") as failed:
        processes.check()

    assert failed.value.facts["tail"] == "hello from dag-processor"
    processes.stop()


def test_a_folder_without_dags_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    done = docstrata("airflow", cwd=tmp_path)

    assert done.returncode == 2
    assert "there is no folder dags" in done.stderr
    assert list(tmp_path.iterdir()) == []
