"""The DAGs under Airflow 3.3, in an environment that has no engine: that is in this interpreter."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from airflow_harness import ROOT, slowness

from ingest.api import Docstrata, settings_for

pytestmark = pytest.mark.services

PYTHON = ROOT / ".venv33" / "bin" / "python"
EXAMPLES = ROOT / "examples" / "inbox"
DAGS = {
    "chunk_quality_report",
    "ingest_drop_folder",
    "ingest_scheduled",
    "maintenance",
    "reindex",
    "reprocess_quarantine",
}


class Airflow33:
    """Its command line; nothing of the settings of this environment's Airflow reaches it."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "state"
        self.database = folder / "airflow" / "airflow.db"
        inbox = folder / "inbox"
        inbox.mkdir()
        config = folder / "docstrata.toml"
        config.write_text(
            f"[airflow]\npython = {json.dumps(sys.executable)}\ninbox = {json.dumps(str(inbox))}\n"
            f"sources = [{{ path = {json.dumps(str(EXAMPLES))} }}]\n"
        )
        outer = {name: text for name, text in os.environ.items() if not name.startswith(("AIRFLOW", "_AIRFLOW"))}
        self._environ = outer | {
            "AIRFLOW_HOME": str(folder / "airflow"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "DOCSTRATA_HOME": str(self.home),
            "DOCSTRATA_CONFIG": str(config),
            "PYTHONPATH": str(ROOT),
        }
        self._folder = folder
        self("db", "migrate")
        self("pools", "import", str(ROOT / "dags" / "pools.json"))

    def __call__(self, *arguments: str) -> str:
        done = self.python("-m", "airflow", *arguments)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        return done.stdout + done.stderr

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(PYTHON), *arguments],
            env=self._environ, cwd=self._folder, capture_output=True, text=True, check=False, timeout=600 * slowness(),
        )  # fmt: skip


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Airflow33:
    assert PYTHON.exists(), "there is no Airflow 3.3: 'make airflow33' makes its environment"
    return Airflow33(tmp_path_factory.mktemp("airflow33"))


def test_every_dag_file_imports_where_no_engine_is(airflow: Airflow33) -> None:
    script = f"""
import importlib.util, json
from airflow.dag_processing.dagbag import DagBag
bag = DagBag({str(ROOT / "dags")!r})
print(json.dumps([sorted(bag.dag_ids), bag.import_errors, sorted(
    name for name in ("torch", "pymupdf", "qdrant_client", "qdrant_edge", "paddleocr", "unstructured")
    if importlib.util.find_spec(name))]))
"""
    done = airflow.python("-c", script)
    assert done.returncode == 0, done.stderr

    found, errors, heavy = json.loads(done.stdout.splitlines()[-1])

    assert errors == {}
    assert set(found) == DAGS
    assert heavy == []
    assert "3.3." in airflow("version")


def test_a_run_ends_and_is_searchable(airflow: Airflow33) -> None:
    log = airflow("dags", "test", "ingest_scheduled")

    with closing(sqlite3.connect(airflow.database)) as database:
        states = dict(database.execute("SELECT task_id, state FROM task_instance WHERE map_index <= 0").fetchall())
        (run,) = database.execute("SELECT state FROM dag_run").fetchone()
    assert run == "success", log[-4000:]
    assert (states["text.embed"], states["publish"], states["announce"]) == ("success",) * 3
    assert "in quarantine" in log, "what the engine logs elsewhere stands in the task's log"
    with Docstrata(airflow.home, settings_for()) as strata:
        hits = strata.search("How long is the notice period for ending the service agreement?").hits
        assert [failure.path for failure in strata.failures()] == ["notes/broken.pdf"]
    assert hits[0].payload.path == "contracts/service-agreement.md"
