"""A run of the scheduled DAG tells OpenLineage what flowed where."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
AIRFLOW = ROOT / "tests" / "dags" / "airflow_once.py"
pytestmark = pytest.mark.services


def events(folder: Path) -> list[dict[str, Any]]:
    """Of a run over one file, as the file transport writes them. Airflow knows us by our package's entry point."""
    (folder / "documents").mkdir()
    (folder / "documents" / "pump.md").write_text("# Pump\n\nThe pump is oiled every week.\n")
    config = folder / "docstrata.toml"
    config.write_text(f'[airflow]\nsources = [{{path = "{folder}/documents"}}]\n')
    told = folder / "lineage.json"
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")},
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps({"type": "file", "log_file_path": str(told), "append": True}),
        "AIRFLOW__OPENLINEAGE__NAMESPACE": "papers",
        "DOCSTRATA_HOME": str(folder / "home"),
        "DOCSTRATA_CONFIG": str(config),
    }
    for arguments in (("db", "migrate"), ("pools", "import", str(ROOT / "dags" / "pools.json"))):
        subprocess.run([sys.executable, str(AIRFLOW), *arguments], env=environ, check=True, capture_output=True)
    done = subprocess.run(
        [sys.executable, str(AIRFLOW), "dags", "test", "ingest_scheduled"],
        env=environ,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert "file=pump.md" in done.stdout + done.stderr  # the task's log says which file, as our own log does
    return [json.loads(line) for line in told.read_text("utf-8").splitlines()]


def names(datasets: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(each["namespace"], each["name"]) for each in datasets]


def test_a_run_starts_and_completes_with_its_sources_and_the_collection(tmp_path: Path) -> None:
    told = events(tmp_path)

    states: dict[str, list[str]] = {}
    for event in told:
        states.setdefault(event["job"]["name"], []).append(event["eventType"])
    assert states["ingest_scheduled.publish"] == ["START", "COMPLETE"]
    assert states["ingest_scheduled.announce"] == ["START", "COMPLETE"]
    assert "COMPLETE" in states["ingest_scheduled"]
    for event in told:
        if event["job"]["name"] == "ingest_scheduled.announce":
            assert event["job"]["namespace"] == "papers"
            assert names(event["inputs"]) == [("file", str(tmp_path / "documents"))]
            assert names(event["outputs"]) == [("file", str(tmp_path / "home" / "index"))]
