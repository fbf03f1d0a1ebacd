"""docstrata's DAGs in a real Airflow: files that are dropped while it runs, and a scheduler that is killed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from airflow_harness import ROOT, AirflowForTests, Row, listeners, slowness, wait_until
from end_state import end_state

from ingest.api import Docstrata
from ingest.config import load_settings

pytestmark = pytest.mark.services

DAGS = (
    "ingest_scheduled",
    "ingest_drop_folder",
    "chunk_quality_report",
    "maintenance",
    "reindex",
    "reprocess_quarantine",
)
LARGEST_XCOM = 10_000
"""Bytes. Only references travel."""

EXAMPLES = ROOT / "examples" / "inbox"
GOLDEN = ROOT / "tests" / "golden"
DROPPED = (
    EXAMPLES / "contracts" / "service-agreement.md",
    EXAMPLES / "contracts" / "采购合同.md",
    EXAMPLES / "manuals" / "centrifugal-pump.pdf",
    EXAMPLES / "manuals" / "离心泵操作手册.pdf",
    EXAMPLES / "notes" / "会议纪要.txt",
    GOLDEN / "office" / "chinese.docx",
    GOLDEN / "sheets" / "stanley-cups.tsv",
    GOLDEN / "mail" / "family-day.eml",
    GOLDEN / "real" / "text_rec.jpg",
)
BROKEN = EXAMPLES / "notes" / "broken.pdf"
ANSWERS = {
    "How long is the notice period for ending the service agreement?": "service-agreement.md",
    "离心泵启动前要检查什么？": "离心泵操作手册.pdf",
}


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AirflowForTests]:
    """Its inbox is empty at first."""
    with _running(tmp_path_factory.mktemp("airflow")) as running:
        yield running


@pytest.fixture
def fresh_airflow(tmp_path: Path) -> Iterator[AirflowForTests]:
    """One that took nothing in yet: who came first decides who stands for duplicates."""
    with _running(tmp_path / "airflow") as running:
        yield running


@contextmanager
def _running(folder: Path) -> Iterator[AirflowForTests]:
    config = (
        f"[airflow]\ninbox = {json.dumps(str(folder / 'inbox'))}\nbatch_files = 10\n"
        "[watch]\nsettle_s = 1.0\npoll_s = 0.5\n"
    )
    with AirflowForTests(folder, config=config) as running:
        running.wait_for_dags(*DAGS)
        yield running


def test_files_that_are_dropped_are_searchable_and_a_broken_one_is_put_aside(airflow: AirflowForTests) -> None:
    began = time.monotonic()
    for file in (*DROPPED[:4], BROKEN):
        shutil.copy(file, airflow.inbox)
    _copied_slowly(DROPPED[4], airflow.inbox)
    wait_until(lambda: bool(airflow.runs("ingest_drop_folder")), "the first run", 60)
    noticed = time.monotonic() - began
    for file in DROPPED[5:]:  # while the run is under way
        shutil.copy(file, airflow.inbox)

    done, quarantine = airflow.inbox / "done", airflow.inbox / "quarantine"
    wait_until(lambda: len(_files(done)) >= len(DROPPED), "all files in done/", 420, lambda: _place(airflow))
    taken = time.monotonic() - began
    runs = _all_over(airflow, "ingest_drop_folder")

    assert _files(done) == sorted(file.name for file in DROPPED)
    assert _files(quarantine) == sorted([BROKEN.name, f"{BROKEN.name}.error.json"])
    assert json.loads((quarantine / f"{BROKEN.name}.error.json").read_text("utf-8"))
    for question, name in ANSWERS.items():
        assert name in _found(airflow, question)
    assert {run["state"] for run in runs} == {"success"}
    largest = _largest_xcom(airflow, "ingest_drop_folder", runs)
    print(f"\n{len(DROPPED)} files: noticed after {noticed:.1f} s, in the index after {taken:.1f} s,"
          f" {len(runs)} runs, the largest XCom {largest} bytes")  # fmt: skip
    assert largest <= LARGEST_XCOM
    assert listeners(airflow.processes) == {"127.0.0.1"}


def test_a_report_follows_what_was_taken_in(airflow: AirflowForTests) -> None:
    reports = airflow.home / "reports"
    took = wait_until(lambda: any(reports.glob("**/*.html")), f"a report in {reports}", 180)
    wait_until(lambda: _are_over(airflow.runs("chunk_quality_report")), "the end of the report's runs", 120)

    newest = max(reports.glob("**/*.html"), key=lambda file: file.stat().st_mtime)
    assert "service-agreement.md" in newest.read_text("utf-8") or BROKEN.name in newest.read_text("utf-8")
    assert any(reports.glob("**/*.json"))
    print(f"\nthe report after {took:.1f} s more: {newest.stat().st_size} bytes")


def test_the_same_files_again_change_nothing(airflow: AirflowForTests) -> None:
    before = end_state(airflow.home).points
    for file in DROPPED[:3]:
        shutil.copy(file, airflow.inbox)

    wait_until(lambda: _waiting(airflow) == [], "an empty inbox", 180, lambda: _place(airflow))
    wait_until(lambda: _are_over(airflow.runs("ingest_drop_folder")), "the end of the runs", 120)

    assert end_state(airflow.home).points == before


def test_other_vectors_wait_for_a_person_and_go_when_they_are_rejected(airflow: AirflowForTests) -> None:
    config = airflow.place.config.read_text("utf-8")
    airflow.place.config.write_text(f"{config}[embed]\nneighbour_share = 0.2\n", "utf-8")
    try:
        run_id = airflow.trigger("reindex", {"on_reject": "drop"})

        def waits() -> bool:
            return airflow.states("reindex", run_id).get("approve") in {"deferred", "awaiting_input"}

        took = wait_until(waits, "a person to be asked", 240, lambda: airflow.story("reindex", run_id))
        with Docstrata(airflow.home, load_settings(airflow.place.config, {})) as strata:
            beside = strata.status().beside
        airflow.answer("reindex", run_id, "approve", "Reject")
        ended = airflow.wait_for_run("reindex", run_id)
    finally:
        airflow.place.config.write_text(config, "utf-8")

    states = airflow.states("reindex", run_id)
    assert ended["state"] == "success", airflow.story("reindex", run_id)
    assert (states["rejected"], states["switch"]) == ("success", "skipped")
    assert beside is not None
    with Docstrata(airflow.home, load_settings(airflow.place.config, {})) as strata:
        assert strata.status().beside is None
    for question, name in ANSWERS.items():
        assert name in _found(airflow, question), "the old vectors are searched still"
    print(f"\na person was asked after {took:.1f} s")


@pytest.mark.parametrize("with_tasks", [False, True], ids=["scheduler", "scheduler and tasks"])
def test_a_scheduled_run_outlives_a_killed_scheduler_and_ends_as_a_plain_run(
    fresh_airflow: AirflowForTests, corpus: Path, tmp_path: Path, with_tasks: bool
) -> None:
    airflow, library = fresh_airflow, tmp_path / "library"
    _copy_markdown(corpus / "history_rfcs" / "2021-01-01", library)
    run_id = airflow.trigger("ingest_scheduled", {"paths": [str(library)]})
    began = time.monotonic()
    wait_until(lambda: _prepared(airflow, run_id) >= 2, "two finished batches", 240)

    airflow.kill_scheduler(with_tasks=with_tasks)
    killed = time.monotonic() - began
    airflow.restart_scheduler()
    ended = airflow.wait_for_run("ingest_scheduled", run_id, limit_s=420)
    took = time.monotonic() - began

    assert ended["state"] == "success", airflow.story("ingest_scheduled", run_id)
    plain_seconds = _plain_run(airflow, library, tmp_path)
    scheduled = end_state(airflow.home)
    assert len(scheduled.documents) == 60
    assert scheduled == end_state(tmp_path / "plain")
    largest = _largest_xcom(airflow, "ingest_scheduled", [ended])
    print(f"\n60 files: killed after {killed:.1f} s, finished after {took:.1f} s (plain run {plain_seconds:.1f} s),"
          f" {_tried_again(airflow, run_id)} tasks tried again,"
          f" the largest XCom {largest} bytes")  # fmt: skip
    assert largest <= LARGEST_XCOM


def _plain_run(airflow: AirflowForTests, folder: Path, scratch: Path) -> float:
    """`docstrata run` of the same folder with the same configuration into a home of its own."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "ingest.cli.app", "run", str(folder), "--home", str(scratch / "plain"),
         "--config", str(airflow.place.config)],
        check=False, capture_output=True, text=True, timeout=300 * slowness(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return time.monotonic() - began


def _copy_markdown(origin: Path, folder: Path) -> None:
    folder.mkdir()
    for file in sorted(origin.rglob("[0-9]*.md"))[:60]:
        shutil.copy(file, folder / file.name)
    assert len(list(folder.iterdir())) == 60


def _copied_slowly(file: Path, folder: Path) -> None:
    """As a network share writes: a piece, a pause, the rest."""
    data = file.read_bytes()
    with (folder / file.name).open("wb") as out:
        out.write(data[: len(data) // 2])
        out.flush()
        time.sleep(2.5)
        out.write(data[len(data) // 2 :])


def _all_over(airflow: AirflowForTests, dag_id: str) -> list[Row]:
    """The runs at a moment when none was under way: the bell may ring once more afterwards."""
    runs: list[Row] = []

    def over() -> bool:
        runs[:] = airflow.runs(dag_id)
        return _are_over(runs)

    wait_until(over, f"the end of the runs of {dag_id}", 120)
    return runs


def _found(airflow: AirflowForTests, question: str) -> list[str]:
    with Docstrata(airflow.home, load_settings(airflow.place.config, {})) as strata:
        return [Path(hit.payload.path).name for hit in strata.search(question, limit=3).hits]


def _files(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.rglob("*") if file.is_file())


def _waiting(airflow: AirflowForTests) -> list[str]:
    """Dropped and not settled yet."""
    claimed = _files(airflow.inbox / ".docstrata" / "work")
    return claimed + [file.name for file in airflow.inbox.iterdir() if file.is_file()]


def _place(airflow: AirflowForTests) -> str:
    return f"waiting {_waiting(airflow)}, {[(run['dag_run_id'], run['state']) for run in airflow.runs(DAGS[1])]}"


def _are_over(runs: list[Row]) -> bool:
    return all(run["state"] in {"success", "failed"} for run in runs)


def _prepared(airflow: AirflowForTests, run_id: str) -> int:
    rows = airflow.task_instances("ingest_scheduled", run_id)
    return sum(str(row["task_id"]).endswith(".prepare") and row["state"] == "success" for row in rows)


def _tried_again(airflow: AirflowForTests, run_id: str) -> int:
    return sum(int(str(row["try_number"])) > 1 for row in airflow.task_instances("ingest_scheduled", run_id))


def _largest_xcom(airflow: AirflowForTests, dag_id: str, runs: list[Row]) -> int:
    return max(xcom.size for run in runs for xcom in airflow.xcoms(dag_id, str(run["dag_run_id"])))
