"""Two workers as on two machines: CeleryExecutor on Redis, Airflow's metadata and docstrata's catalog in Postgres, the
store on S3, the index behind a URL. One worker and the scheduler are killed in mid-run.

Stand-ins, for want of the servers themselves: moto's S3 for MinIO, `qdrant_stub` for Qdrant.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
import s3fs
from airflow_harness import ROOT, AirflowForTests, Row, free_port, listeners, slowness, wait_until
from celery_worker import CeleryWorker
from cryptography.fernet import Fernet
from end_state import end_state
from moto.server import ThreadedMotoServer
from postgres_server import new_database, postgres
from qdrant_stub import serving
from redis_server import redis_server

pytestmark = [pytest.mark.services, pytest.mark.timeout(3600)]

DAG = "ingest_scheduled"
LARGEST_XCOM = 10_000
"""Bytes. Only references travel."""
GOLDEN = ROOT / "tests" / "golden"
EXAMPLES = ROOT / "examples" / "inbox"
_RFCS = 30
_LARGEST_RFC = 9_000
_OTHERS = (
    EXAMPLES / "contracts" / "service-agreement.md",
    EXAMPLES / "contracts" / "采购合同.md",
    EXAMPLES / "manuals" / "centrifugal-pump.pdf",
    EXAMPLES / "manuals" / "离心泵操作手册.pdf",
    EXAMPLES / "notes" / "会议纪要.txt",
    EXAMPLES / "notes" / "broken.pdf",
    GOLDEN / "office" / "chinese.docx",
    GOLDEN / "sheets" / "stanley-cups.tsv",
    GOLDEN / "mail" / "family-day.eml",
    GOLDEN / "real" / "text_rec.jpg",
)


@dataclass
class Cluster:
    """`north` works on the queue `default`, `south` on `gpu` too."""

    airflow: AirflowForTests
    north: CeleryWorker
    south: CeleryWorker
    config: Path
    broker: str

    def machines(self, run_id: str) -> dict[str, str]:
        """Who did what."""
        rows = self.airflow.task_instances(DAG, run_id)
        return {f"{row['task_id']}[{row['map_index']}]": str(row["hostname"]) for row in rows if row["hostname"]}

    def running(self, run_id: str, machine: str) -> list[str]:
        rows = self.airflow.task_instances(DAG, run_id)
        return [str(row["task_id"]) for row in rows if row["state"] == "running" and row["hostname"] == machine]

    def story(self, run_id: str) -> str:
        waiting = {name: redis.Redis.from_url(self.broker).llen(name) for name in ("default", "gpu")}
        return f"{self.airflow.story(DAG, run_id)}; waiting in the broker: {waiting}"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    with ExitStack() as stack:
        environ = stack.enter_context(pytest.MonkeyPatch.context())
        server = stack.enter_context(postgres(free_port()))
        metadata = stack.enter_context(new_database(server, "airflow"))
        catalog = stack.enter_context(new_database(server, "docstrata"))
        broker = stack.enter_context(redis_server(free_port()))
        for name, value in stack.enter_context(object_store()).items():
            environ.setenv(name, value)
        stub = stack.enter_context(serving())
        config = (
            '[airflow]\nbatch_files = 5\ngpu_queue = "gpu"\n'
            f'[catalog]\nurl = "{catalog}"\n'
            '[store]\nurl = "s3://documents/strata"\n'
            f'[index]\nengine = "qdrant"\nurl = "{stub.url}"\n'
        )
        airflow = stack.enter_context(
            AirflowForTests(folder / "control", config=config, environ=settings_of_all(metadata, broker))
        )
        workers = []
        for machine, queues in (("north", ["default"]), ("south", ["default", "gpu"])):
            workers.append(CeleryWorker(machine, queues, airflow.environ, folder / machine))
            stack.callback(workers[-1].kill)
        airflow.wait_for_dags(DAG)
        yield Cluster(airflow, *workers, airflow.place.config, broker)


def settings_of_all(metadata: str, broker: str) -> dict[str, str]:
    """What several machines need of Airflow beyond one, and a short patience."""
    alchemy = metadata.replace("postgresql://", "postgresql+psycopg2://")
    return {
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__FERNET_KEY": Fernet.generate_key().decode(),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(32),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": alchemy,
        "AIRFLOW__CELERY__BROKER_URL": broker,
        "AIRFLOW__CELERY__RESULT_BACKEND": f"db+{metadata}",
        "AIRFLOW__CELERY__WORKER_PREFETCH_MULTIPLIER": "1",
        # A task that a dead worker had taken is given out again by Airflow; the broker's own copy comes late.
        "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT": "600",
        # One that a dead worker had taken and not begun; longer than any waits for the worker that is left, or Airflow
        # fails it the third time.
        "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "300",
        # Machines have names of their own, as they would have.
        "AIRFLOW__CORE__HOSTNAME_CALLABLE": "machine_name.name",
        "PYTHONPATH": os.pathsep.join(
            filter(None, [os.environ.get("PYTHONPATH"), str(Path(__file__).parent), str(ROOT)])
        ),
    }


@contextmanager
def object_store() -> Iterator[dict[str, str]]:
    """An S3 of the test's own, with a bucket; the variables that lead there."""
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        environ = {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "docstrata",
            "AWS_SECRET_ACCESS_KEY": "docstrata",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        client = s3fs.S3FileSystem(
            key="docstrata", secret="docstrata", endpoint_url=environ["AWS_ENDPOINT_URL"], skip_instance_cache=True
        )
        client.mkdir("documents")
        yield environ
    finally:
        server.stop()


def test_the_health_checks_of_the_images_find_every_process_alive(cluster: Cluster) -> None:
    """The very script that containers run."""
    for command in ("airflow api-server", "airflow scheduler", "airflow dag-processor", "airflow triggerer"):
        checked = _healthcheck(cluster, command)
        assert checked.returncode == 0, f"{command}: {checked.stdout}{checked.stderr}"
    alive = _healthcheck(cluster, "airflow celery worker", WORKER_NAME="south@south")
    assert alive.returncode == 0, alive.stdout + alive.stderr
    assert _healthcheck(cluster, "airflow celery worker", WORKER_NAME="nobody@nowhere").returncode != 0


def test_a_run_outlives_a_machine_and_the_scheduler_and_ends_as_a_plain_run(
    cluster: Cluster, corpus: Path, tmp_path: Path
) -> None:
    library = _library(corpus, tmp_path / "library")
    airflow = cluster.airflow
    run_id = airflow.trigger(DAG, {"paths": [str(library)]})
    began = time.monotonic()
    # Both at work and something done, so that the one that dies leaves work behind.
    wait_until(lambda: _is_half_way(cluster, run_id), "both workers at work", 300, lambda: cluster.story(run_id))
    interrupted = cluster.running(run_id, "north")
    done = _states(airflow, run_id)["success"]

    cluster.north.kill()
    airflow.kill_scheduler(with_tasks=True)
    killed = time.monotonic() - began
    airflow.restart_scheduler()
    ended = _ended(cluster, run_id)
    took = time.monotonic() - began

    assert ended["state"] == "success", cluster.story(run_id)
    machines = Counter(cluster.machines(run_id).values())
    assert machines["north"] and machines["south"], machines
    seconds = _plain_run(library, tmp_path)
    together, alone = end_state(cluster.south.docstrata_home, cluster.config), end_state(tmp_path / "plain")
    files = len(list(library.iterdir()))
    assert len(alone.documents) == files - 1, "one is broken"
    assert together == alone
    largest = max(xcom.size for xcom in airflow.xcoms(DAG, run_id))
    assert largest <= LARGEST_XCOM
    assert {"127.0.0.1"} >= listeners(airflow.processes)
    tried_again = sum(int(str(row["try_number"])) > 1 for row in airflow.task_instances(DAG, run_id))
    print(
        f"\n{files} files, two workers: worker north killed in {', '.join(interrupted)} and the scheduler with it"
        f" after {killed:.1f} s, {done} tasks done; finished after {took:.1f} s (plain run {seconds:.1f} s);"
        f" last tries: north {machines['north']}, south {machines['south']}; {tried_again} tasks tried again;"
        f" {len(together.documents)} documents, {len(together.points)} points as in the plain run;"
        f" the largest XCom {largest} bytes"
    )


def _healthcheck(cluster: Cluster, command: str, **more: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["sh", str(ROOT / "docker" / "healthcheck.sh"), command],
        env={**cluster.airflow.environ, "PATH": path, **more},
        check=False, capture_output=True, text=True, timeout=120 * slowness(),
    )  # fmt: skip


def _library(corpus: Path, folder: Path) -> Path:
    folder.mkdir()
    rfcs = [file for file in sorted((corpus / "history_rfcs" / "2021-01-01").rglob("[0-9]*.md"))
            if file.stat().st_size < _LARGEST_RFC][:_RFCS]  # fmt: skip
    for file in (*rfcs, *_OTHERS):
        shutil.copy(file, folder / file.name)
    assert len(list(folder.iterdir())) == _RFCS + len(_OTHERS)
    return folder


def _is_half_way(cluster: Cluster, run_id: str) -> bool:
    """Planned, shared out, a batch done, and both at work."""
    cluster.north.check()
    cluster.south.check()
    rows = cluster.airflow.task_instances(DAG, run_id)
    batches = [row for row in rows if str(row["task_id"]).endswith((".prepare", ".embed"))]
    at_work = {row["hostname"] for row in batches if row["state"] == "running"}
    return at_work == {"north", "south"} and any(row["state"] == "success" for row in batches)


def _states(airflow: AirflowForTests, run_id: str) -> Counter[str]:
    return Counter(str(row["state"]) for row in airflow.task_instances(DAG, run_id))


def _ended(cluster: Cluster, run_id: str) -> Row:
    """The finished run; the worker that is left must be there all the time."""
    found: list[Row] = []

    def over() -> bool:
        cluster.south.check()
        cluster.airflow.processes.check()
        found[:] = [cluster.airflow.get(f"dags/{DAG}/dagRuns/{run_id}")]
        return found[0]["state"] in {"success", "failed"}

    wait_until(over, "the end of the run", 900, lambda: cluster.story(run_id))
    return found[0]


def _plain_run(folder: Path, scratch: Path) -> float:
    """`docstrata run` of the same folder into a home that needs nobody; seconds."""
    config = scratch / "plain.toml"
    config.write_text("", "utf-8")
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "ingest.cli.app", "run", str(folder), "--home", str(scratch / "plain"),
         "--config", str(config)],
        check=False, capture_output=True, text=True, timeout=600 * slowness(),
    )  # fmt: skip
    assert done.returncode in {0, 3}, done.stderr  # 3: a file is in quarantine
    return time.monotonic() - began
