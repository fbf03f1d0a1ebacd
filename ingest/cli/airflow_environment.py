"""Where a local Airflow lives, and what its processes are told. Pure but for the look at ports."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import ConfigError

HOST = "127.0.0.1"
USUAL_PORT = 8080
_MOST_TASKS = 4


@dataclass(frozen=True, slots=True)
class Place:
    """`folder` holds all that is made; `dags` is read only. Both absolute."""

    folder: Path
    dags: Path

    @property
    def airflow_home(self) -> Path:
        return self.folder / "airflow"

    @property
    def docstrata_home(self) -> Path:
        return self.airflow_home / "docstrata"

    @property
    def config(self) -> Path:
        return self.airflow_home / "docstrata.toml"

    @property
    def pools(self) -> Path:
        return self.dags / "pools.json"

    @property
    def logs(self) -> Path:
        return self.airflow_home / "logs"

    @property
    def inbox(self) -> Path:
        """What the first configuration names; from then on that file says where the inbox is."""
        return self.folder / "inbox"

    @property
    def examples(self) -> Path:
        return self.dags.parent / "examples" / "inbox"


def environment(place: Place, port: int, environ: Mapping[str, str]) -> dict[str, str]:
    """For every process of this Airflow. No `AIRFLOW…` of the user's gets in: it may be meant for another version."""
    kept = {name: value for name, value in environ.items() if not name.startswith("AIRFLOW_")}
    url = f"http://{HOST}:{port}"
    return kept | {
        "AIRFLOW_HOME": str(place.airflow_home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(place.dags),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": str(min(_MOST_TASKS, max(2, os.cpu_count() or 1))),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{place.airflow_home / 'airflow.db'}",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(place.logs),
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__WORKERS": "1",
        # A new or edited DAG file shows within seconds.
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "5",
        # What a stopped Airflow left unfinished is taken up again when the next one starts, not five minutes later.
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "15",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "DOCSTRATA_HOME": str(place.docstrata_home),
        "DOCSTRATA_CONFIG": str(place.config),
        # Tasks speak to the API server; a proxy cannot reach this machine's loopback.
        "NO_PROXY": _with_loopback(environ.get("NO_PROXY", environ.get("no_proxy", ""))),
        "no_proxy": _with_loopback(environ.get("NO_PROXY", environ.get("no_proxy", ""))),
    }


def _with_loopback(no_proxy: str) -> str:
    return ",".join(part for part in (no_proxy, HOST, "localhost") if part)


def first_config(inbox: Path, sources: Iterable[Path]) -> str:
    """The `docstrata.toml` that is written where there is none."""
    lines = "".join(f"    {{ path = {_quoted(path)}, name = {_quoted('examples')} }},\n" for path in sources)
    return (
        "# What the DAGs do, and where. docs/airflow.md says how; docs/configuration.md lists every key.\n"
        "[airflow]\n"
        f"inbox = {_quoted(inbox)}\n"
        'schedule = "@daily"\n'
        '# Folders of your own: one line each. Their index follows them; kind = "append" only adds.\n'
        f"sources = [\n{lines}]\n"
    )


def _quoted(value: Path | str) -> str:
    # A JSON string is a TOML string, but for one character that JSON leaves as it is.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def choose_port(wanted: int | None) -> int:
    """The one that is asked for, else 8080 or the next that is free."""
    if wanted is not None:
        if not _is_free(wanted):
            raise ConfigError(f"port {wanted} is taken: choose another with --port, or leave it out")
        return wanted
    for port in range(USUAL_PORT, USUAL_PORT + 100):
        if _is_free(port):
            return port
    raise ConfigError(f"ports {USUAL_PORT} to {USUAL_PORT + 99} are all taken: choose another with --port")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the server does it: a port that was closed a moment ago counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
