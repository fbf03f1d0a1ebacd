"""How scheduled runs end when something is out of the ordinary; docs/airflow-when.md tells users the same."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from airflow_harness import AirflowForTests, Row, slowness, wait_until
from end_state import EndState, end_state

pytestmark = [pytest.mark.services, pytest.mark.timeout(3600)]

DAG = "ingest_scheduled"
REPORT = "chunk_quality_report"
FILES = 12


@dataclass
class Site:
    """One Airflow for all; each test has a folder of its own, whose name is its source's."""

    airflow: AirflowForTests
    library: Path

    def ended(self, run_id: str) -> Row:
        return self.airflow.wait_for_run(DAG, run_id, limit_s=420)

    def run(self, paths: list[Path], **form: object) -> Row:
        """The ended run of a filled-in trigger form."""
        return self.ended(self.airflow.trigger(DAG, {"paths": [str(path) for path in paths], **form}))

    def states(self, run_id: str) -> dict[str, str]:
        rows = self.airflow.task_instances(DAG, run_id)
        return {f"{row['task_id']}[{row['map_index']}]": str(row["state"]) for row in rows}

    def log(self, run_id: str, task: str) -> str:
        """Of its last try."""
        rows = [row for row in self.airflow.task_instances(DAG, run_id) if row["task_id"] == task]
        answer = self.airflow.get(f"dags/{DAG}/dagRuns/{run_id}/taskInstances/{task}/logs/{rows[0]['try_number']}")
        return json.dumps(answer, ensure_ascii=False)

    @property
    def state(self) -> EndState:
        return end_state(self.airflow.home, self.airflow.place.config)

    def live(self, folder: Path) -> set[str]:
        """Paths of the folder's documents that are not retired."""
        rows = self.state.documents
        return {str(path) for source, path, _, _, _, _, live, _ in rows if source == folder.name and live}

    def versions(self, folder: Path) -> int:
        """How many were ever made of the folder's documents."""
        return sum(int(str(version)) for source, _, _, version, *_ in self.state.documents if source == folder.name)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`library` is configured and taken in."""
    folder = tmp_path_factory.mktemp("endings")
    library = filled(folder / "library")
    config = f"[airflow]\nsources = [{{ path = {json.dumps(str(library))} }}]\n"
    with AirflowForTests(folder / "airflow", config=config) as airflow:
        airflow.wait_for_dags(DAG, REPORT)
        opened = Site(airflow, library)
        first = opened.ended(airflow.trigger(DAG))
        assert first["state"] == "success", airflow.story(DAG, str(first["dag_run_id"]))
        assert len(opened.live(library)) == FILES
        yield opened


def filled(folder: Path, files: int = FILES) -> Path:
    folder.mkdir(parents=True)
    for number in range(files):
        text = (
            f"# Pump {number} of {folder.name}\n\nPump {number} of {folder.name} moves {number + 3} litres a minute.\n"
        )
        (folder / f"{number:02}.md").write_text(text, "utf-8")
    return folder


def test_a_backfill_looks_at_the_folder_of_today_and_changes_nothing(site: Site) -> None:
    before = site.state
    created = site.airflow.post(
        "backfills",
        dag_id=DAG,
        from_date="2026-01-01T00:00:00Z",
        to_date="2026-01-02T00:00:00Z",
        run_backwards=False,
        dag_run_conf={},
        reprocess_behavior="none",
        max_active_runs=1,
    )

    def runs() -> list[Row]:
        return [run for run in site.airflow.runs(DAG) if run["run_type"] == "backfill"]

    wait_until(lambda: bool(runs()) and all(over(run) for run in runs()), "the backfill", 420)

    assert created["dag_id"] == DAG
    assert [run["state"] for run in runs()] == ["success", "success"]
    assert site.state == before
    assert all(site.states(str(run["dag_run_id"]))["announce[-1]"] == "skipped" for run in runs())


@pytest.mark.parametrize("task", ["text.embed", "publish"])
def test_a_task_that_is_cleared_runs_again_and_changes_nothing(site: Site, task: str) -> None:
    (first,) = [run for run in site.airflow.runs(DAG) if run["run_type"] == "manual"][:1]
    run_id, before = str(first["dag_run_id"]), site.state

    site.airflow.post(
        f"dags/{DAG}/clearTaskInstances",
        dry_run=False,
        dag_run_id=run_id,
        task_ids=[task],
        include_downstream=True,
        only_failed=False,
        reset_dag_runs=True,
    )
    ended = site.ended(run_id)

    assert ended["state"] == "success", site.airflow.story(DAG, run_id)
    assert site.state == before


def test_two_triggers_at_once_are_carried_out_one_after_the_other(site: Site, tmp_path: Path) -> None:
    north = filled(tmp_path / "north")
    form = {"paths": [str(north)]}
    first, second = [
        site.ended(run_id) for run_id in [site.airflow.trigger(DAG, form), site.airflow.trigger(DAG, form)]
    ]

    assert (first["state"], second["state"]) == ("success", "success")
    assert str(second["start_date"]) >= str(first["end_date"])
    assert (len(site.live(north)), site.versions(north)) == (FILES, FILES)
    assert site.states(str(second["dag_run_id"]))["announce[-1]"] == "skipped", "the second found nothing new"


def test_a_trigger_beside_a_run_of_the_command_line_ends_well_and_so_does_that(site: Site, tmp_path: Path) -> None:
    south = filled(tmp_path / "south")
    run_id = site.airflow.trigger(DAG, {"paths": [str(south)]})
    typed = command_line(site, south)
    ended = site.ended(run_id)

    assert typed.returncode == 0, typed.stderr
    assert ended["state"] == "success", site.airflow.story(DAG, run_id)
    assert (len(site.live(south)), site.versions(south)) == (FILES, FILES)


def test_an_empty_folder_is_a_success_that_nobody_is_told_of(site: Site, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    before = site.state

    ended = site.run([empty])

    assert ended["state"] == "success"
    states = site.states(str(ended["dag_run_id"]))
    assert (states["publish[-1]"], states["announce[-1]"]) == ("success", "skipped"), "a report follows announcements"
    assert site.state == before


def test_a_source_that_is_away_fails_with_its_sentence_and_retires_nothing(site: Site, tmp_path: Path) -> None:
    away = filled(tmp_path / "away")
    assert site.run([away])["state"] == "success"
    before = site.state
    away.rename(tmp_path / "elsewhere")

    ended = site.run([away])

    assert ended["state"] == "failed"
    run_id = str(ended["dag_run_id"])
    assert site.states(run_id)["plan[-1]"] == "failed"
    assert f"there is no file or folder at {away}" in site.log(run_id, "plan")
    assert [row["try_number"] for row in site.airflow.task_instances(DAG, run_id) if row["task_id"] == "plan"] == [1]
    assert site.state == before


def test_a_folder_whose_disk_is_not_mounted_retires_nothing(site: Site, tmp_path: Path) -> None:
    """Its mount point is still there, and empty."""
    mounted = filled(tmp_path / "mounted")
    assert site.run([mounted])["state"] == "success"
    before = site.state
    for file in mounted.iterdir():
        file.unlink()

    ended = site.run([mounted])

    assert ended["state"] == "success"
    assert f"{FILES} of {FILES} files of 'mounted' vanished at once" in site.log(str(ended["dag_run_id"]), "publish")
    assert site.state == before


def test_a_folder_that_lost_half_its_files_keeps_them_until_someone_says_that_it_is_meant(
    site: Site, tmp_path: Path
) -> None:
    halved = filled(tmp_path / "halved")
    assert site.run([halved])["state"] == "success"
    before = site.state
    for file in sorted(halved.iterdir())[: FILES // 2]:
        file.unlink()

    held_back = site.run([halved])
    told = site.log(str(held_back["dag_run_id"]), "publish")

    assert held_back["state"] == "success"
    assert f"{FILES // 2} of {FILES} files of 'halved' vanished at once" in told
    assert "nothing is retired; run with --allow-vanish if that is meant" in told
    assert site.state == before

    meant = site.run([halved], allow_vanish=True)

    assert meant["state"] == "success"
    assert site.live(halved) == {f"{number:02}.md" for number in range(FILES // 2, FILES)}


def over(run: Mapping[str, object]) -> bool:
    return run["state"] in {"success", "failed"}


def command_line(site: Site, folder: Path) -> subprocess.CompletedProcess[str]:
    """In the same home, while the DAG's run is under way."""
    config = site.airflow.place.config
    return subprocess.run(
        [sys.executable, "-m", "ingest.cli.app", "run", str(folder), "--home", str(site.airflow.home),
         "--config", str(config)],
        check=False, capture_output=True, text=True, timeout=300 * slowness(),
    )  # fmt: skip
