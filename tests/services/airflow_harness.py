"""A real Airflow for tests: started as `docstrata airflow` starts it, on a free port, with a short patience.

Executor, database and workers are the test's choice, by `environ`; without, SQLite and LocalExecutor.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import psutil
from sqlalchemy import create_engine, text

from ingest.cli.airflow_environment import HOST, Place, environment
from ingest.cli.airflow_processes import AirflowFailed, AirflowProcesses
from ingest.cli.local_airflow import prepared

ROOT = Path(__file__).resolve().parents[2]

Row = dict[str, object]

_IMPATIENT = {
    # What a killed scheduler left is given out again after seconds.
    "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "3",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "3",
    "AIRFLOW__CORE__PARALLELISM": "2",
}
_GIVEN_UP_AFTER_S = {
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": 6,
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": 30,
}
"""Without a sign of life, on a machine that does nothing else."""
_DATABASE = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
_START_LIMIT_S = 180.0
_POLL_S = 0.3


@dataclass(frozen=True, slots=True)
class XCom:
    """What a task handed on. `size` in bytes, as it is stored."""

    task_id: str
    map_index: int
    key: str
    size: int


class AirflowForTests:
    """A context manager; `config` is the text of the DAGs' docstrata.toml, else the usual one. `environ` is for all
    of its processes, over what is usual."""

    def __init__(
        self,
        folder: Path,
        *,
        dags: Path = ROOT / "dags",
        config: str | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.place = Place(folder, dags)
        self.place.logs.mkdir(parents=True)
        if config is not None:
            self.place.config.write_text(config, "utf-8")
        self.settings = prepared(self.place)
        self.url = f"http://{HOST}:{free_port()}"
        port = int(self.url.rpartition(":")[2])
        # A user's docstrata settings are not the test's.
        outer = {name: value for name, value in os.environ.items() if not name.startswith("DOCSTRATA")}
        usual = environment(self.place, port, outer)
        # Where tests run beside others, a writer of SQLite's waits for longer than five seconds.
        usual[_DATABASE] = f"{usual[_DATABASE]}?timeout=60"
        given_up = {name: str(round(limit_s * slowness())) for name, limit_s in _GIVEN_UP_AFTER_S.items()}
        self.environ = usual | _IMPATIENT | given_up | dict(environ or {})
        self.processes = AirflowProcesses(self.environ, self.place.logs)
        self._client: httpx.Client | None = None

    def __enter__(self) -> Self:
        try:
            self.processes.run("db-migrate", "db", "migrate")
            if self.place.pools.is_file():
                self.processes.run("pools", "pools", "import", str(self.place.pools))
            self.processes.start()
            self.processes.wait_healthy(self.url, _START_LIMIT_S * slowness())
        except BaseException:
            self.processes.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._client is not None:
            self._client.close()
        self.processes.stop()

    @property
    def inbox(self) -> Path:
        return Path(self.settings.airflow.inbox)

    @property
    def home(self) -> Path:
        return self.place.docstrata_home

    # The API

    def get(self, path: str, **parameters: str | int) -> Row:
        return self._asked("GET", path, params=parameters)

    def post(self, path: str, **body: object) -> Row:
        return self._asked("POST", path, json=body)

    def trigger(self, dag_id: str, conf: Mapping[str, object] | None = None) -> str:
        """The id of the new run."""
        body = {"logical_date": None, "conf": dict(conf or {})}
        return str(self._asked("POST", f"dags/{dag_id}/dagRuns", json=body)["dag_run_id"])

    def answer(self, dag_id: str, run_id: str, task_id: str, option: str) -> None:
        """What a person chooses of a task that waits for one."""
        path = f"dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/-1/hitlDetails"
        self._asked("PATCH", path, json={"chosen_options": [option], "params_input": {}})

    def states(self, dag_id: str, run_id: str) -> dict[str, str]:
        """Of tasks that are not mapped."""
        return {str(row["task_id"]): str(row["state"]) for row in self.task_instances(dag_id, run_id)}

    def runs(self, dag_id: str) -> list[Row]:
        """Oldest first."""
        return _rows(self.get(f"dags/{dag_id}/dagRuns", limit=100, order_by="run_after"), "dag_runs")

    def task_instances(self, dag_id: str, run_id: str) -> list[Row]:
        return _rows(self.get(f"dags/{dag_id}/dagRuns/{run_id}/taskInstances", limit=1000), "task_instances")

    def xcoms(self, dag_id: str, run_id: str) -> list[XCom]:
        """From Airflow's database: the API does not tell sizes."""
        rows = self.metadata(
            "SELECT task_id, map_index, key, CAST(value AS TEXT) FROM xcom WHERE dag_id = :dag_id AND run_id = :run_id",
            dag_id=dag_id,
            run_id=run_id,
        )
        return [
            XCom(str(task), int(str(index)), str(key), len(str(value).encode())) for task, index, key, value in rows
        ]

    def metadata(self, sql: str, **values: str) -> list[tuple[object, ...]]:
        """Rows of Airflow's own database."""
        engine = create_engine(self.environ[_DATABASE])
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.execute(text(sql), values)]
        finally:
            engine.dispose()

    def metadata_bytes(self) -> int:
        """What Airflow's own database holds, without the room that is free in it."""
        if self.environ[_DATABASE].startswith("sqlite"):
            pragmas = "pragma_page_count(), pragma_freelist_count(), pragma_page_size()"
            ((used,),) = self.metadata(f"SELECT (page_count - freelist_count) * page_size FROM {pragmas}")
        else:
            ((used,),) = self.metadata("SELECT pg_database_size(current_database())")
        return int(str(used))

    def wait_for_dags(self, *dag_ids: str, limit_s: float = 60) -> None:
        """Until they are there; an import error of any DAG file fails at once."""

        def there() -> bool:
            wrong = _rows(self.get("importErrors"), "import_errors")
            assert wrong == [], wrong
            return {row["dag_id"] for row in _rows(self.get("dags", limit=100), "dags")} >= set(dag_ids)

        wait_until(there, f"the DAGs {dag_ids}", limit_s)

    def wait_for_run(self, dag_id: str, run_id: str, limit_s: float = 300) -> Row:
        """The finished run, however it ended."""
        found: list[Row] = []

        def ended() -> bool:
            self.processes.check()
            found[:] = [self.get(f"dags/{dag_id}/dagRuns/{run_id}")]
            return found[0]["state"] in {"success", "failed"}

        wait_until(ended, f"the end of {dag_id} {run_id}", limit_s, lambda: self.story(dag_id, run_id))
        return found[0]

    def story(self, dag_id: str, run_id: str) -> str:
        return "; ".join(
            f"{row['task_id']}[{row['map_index']}] {row['state']} (try {row['try_number']})"
            for row in self.task_instances(dag_id, run_id)
        )

    # Accidents

    def kill_scheduler(self, *, with_tasks: bool) -> None:
        """As the kernel ends it when memory runs out. `with_tasks`: and all that it had started."""
        scheduler = psutil.Process(self.processes.pid("scheduler"))
        tasks = scheduler.children(recursive=True)
        os.kill(scheduler.pid, signal.SIGKILL)
        for task in tasks if with_tasks else ():
            with _already_gone():
                task.kill()
        with _already_gone():
            psutil.wait_procs([scheduler], timeout=10)

    def restart_scheduler(self) -> None:
        try:
            self.processes.check()
        except AirflowFailed:
            self.processes.start(["scheduler"])
            self.processes.wait_healthy(self.url, _START_LIMIT_S * slowness())
        else:
            raise AssertionError("the scheduler still runs")

    def _asked(self, method: str, path: str, **more: object) -> Row:
        if self._client is None:
            client = httpx.Client(base_url=self.url, timeout=30 * slowness(), trust_env=False)
            token = client.get("/auth/token").raise_for_status().json()["access_token"]
            client.headers["Authorization"] = f"Bearer {token}"
            self._client = client
        answer = self._client.request(method, f"/api/v2/{path}", **more)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return dict(answer.json())


def free_port() -> int:
    with socket.create_server((HOST, 0)) as server:
        return int(server.getsockname()[1])


def slowness() -> float:
    """How many times longer things take than where nothing else runs, as far as the load tells."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def wait_until(
    done: Callable[[], bool], what: str, limit_s: float, story: Callable[[], str] = lambda: "nothing more is known"
) -> float:
    """Seconds that it took. `limit_s`: on a machine that does nothing else; on a busy one it is so much longer."""
    began = time.monotonic()
    while not done():
        waited = time.monotonic() - began
        if waited > limit_s * slowness():
            raise AssertionError(f"waited {waited:.0f} s in vain for {what}: {story()}")
        time.sleep(_POLL_S)
    return time.monotonic() - began


def listeners(processes: AirflowProcesses) -> set[str]:
    """The addresses on which anything of this Airflow listens."""
    found: set[str] = set()
    for process in psutil.process_iter():
        with _already_gone():
            if os.getpgid(process.pid) == processes.group:
                found |= {link.laddr.ip for link in process.net_connections() if link.status == psutil.CONN_LISTEN}
    return found


@contextmanager
def _already_gone() -> Iterator[None]:
    try:
        yield
    except (psutil.NoSuchProcess, ProcessLookupError):
        return


def _rows(answer: Row, name: str) -> list[Row]:
    rows = answer[name]
    assert isinstance(rows, list)
    return rows
