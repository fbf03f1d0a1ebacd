"""`docstrata airflow`: a local Airflow with docstrata's DAGs and an inbox, on this machine's loopback alone.

It only starts Airflow's own commands and imports nothing of it.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Annotated

import psutil
import typer

from ingest.cli.airflow_environment import HOST, Place, choose_port, environment, first_config
from ingest.cli.airflow_processes import AirflowFailed, AirflowProcesses
from ingest.cli.common import errors, out
from ingest.config import Settings, load_settings
from schemas.errors import ConfigError

_READY_LIMIT_S = 180.0
"""Ten seconds on a machine at rest."""

_LOCK = "running.lock"


def airflow(
    folder: Annotated[Path, typer.Option(help="Holds Airflow, docstrata's state and the inbox.", file_okay=False)] = (
        Path(".docstrata")
    ),
    dags: Annotated[Path, typer.Option(help="The folder of docstrata's DAGs.", file_okay=False)] = Path("dags"),
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Otherwise 8080, or the next free one.")] = None,
) -> None:
    """Start a local Airflow that runs docstrata's DAGs and watches an inbox. Ctrl-C stops it."""
    place = Place(folder.absolute(), dags.absolute())
    if not place.dags.is_dir():
        raise ConfigError(
            f"there is no folder {dags}: start this in a checkout of docstrata, or name its DAGs by --dags"
        )
    place.logs.mkdir(parents=True, exist_ok=True)
    place.airflow_home.chmod(0o700)  # Airflow keeps its secrets there
    with _sole_owner(place.airflow_home / _LOCK) as lock, _stop_signals() as stopped:
        settings = prepared(place)
        chosen = choose_port(port)
        url = f"http://{HOST}:{chosen}"
        processes = AirflowProcesses(environment(place, chosen, os.environ), place.logs, keep_open=lock)
        try:
            _bring_up(processes, place, url, lock, stopped)
            if not stopped.is_set():
                _tell_ready(place, settings, url)
            while not stopped.wait(1.0):
                processes.check()
        except AirflowFailed as failed:
            typer.echo(failed.facts.get("tail", ""), err=True)
            raise
        finally:
            if processes.group:
                errors.print("stopping Airflow")
            processes.stop()


def prepared(place: Place) -> Settings:
    """Writes the first configuration where there is none, reads it, and makes the inbox that it names.
    Raises `ConfigError`."""
    if not place.config.exists():
        sources = [place.examples] if place.examples.is_dir() else []
        place.config.write_text(first_config(place.inbox, sources), "utf-8")
    settings = load_settings(place.config)
    if settings.airflow.inbox:
        _make_inbox(Path(settings.airflow.inbox), place.config)
    return settings


def _make_inbox(inbox: Path, config: Path) -> None:
    if not inbox.is_absolute():
        raise ConfigError(f"airflow.inbox in {config} is '{inbox}': give an absolute path")
    try:
        inbox.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"the inbox {inbox} cannot be made ({error.strerror}): make it, or name another in {config}"
        ) from error


def _bring_up(processes: AirflowProcesses, place: Place, url: str, lock: int, stopped: Event) -> None:
    errors.print("starting Airflow (half a minute)")
    processes.run("db-migrate", "db", "migrate", stopping=stopped.is_set)
    _import_pools(processes, place, stopped)
    if stopped.is_set():
        return
    processes.start()
    holder = {"process": os.getpid(), "since": psutil.Process().create_time(), "group": processes.group, "url": url}
    os.pwrite(lock, json.dumps(holder).encode(), 0)
    processes.wait_healthy(url, _READY_LIMIT_S, stopped.is_set)


def _import_pools(processes: AirflowProcesses, place: Place, stopped: Event) -> None:
    """Once, and again when the file changed: slots that somebody set by hand stay as they are."""
    known = place.airflow_home / "pools.json"
    wanted = place.pools.read_bytes() if place.pools.is_file() else None
    if wanted is None or stopped.is_set() or (known.is_file() and known.read_bytes() == wanted):
        return
    processes.run("pools", "pools", "import", str(place.pools), stopping=stopped.is_set)
    if not stopped.is_set():
        known.write_bytes(wanted)


@contextmanager
def _sole_owner(path: Path) -> Iterator[int]:
    """The open lock. Airflow's processes inherit it, so it is held until the last of them has ended."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(_who_runs(path.read_text("utf-8"), path.parent)) from None
        os.truncate(lock, 0)
        yield lock
    finally:
        os.close(lock)


def _who_runs(text: str, home: Path) -> str:
    if not text:
        return f"another start of the Airflow in {home} is under way: wait for it, or stop it"
    holder = json.loads(text)
    if _lives(holder["process"], holder["since"]):
        return (
            f"the Airflow in {home} runs already, at {holder['url']}: stop it with Ctrl-C where it was started, "
            f"or with 'kill {holder['process']}'; another one needs a --folder of its own"
        )
    return (
        f"the Airflow in {home} still runs although what had started it was killed: "
        f"end it with 'kill -KILL -- -{holder['group']}' and start again; nothing is lost"
    )


def _lives(pid: int, since: float) -> bool:
    """`since` tells it from a later process of the same number."""
    try:
        process = psutil.Process(pid)
        return bool(process.create_time() == since and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@contextmanager
def _stop_signals() -> Iterator[Event]:
    """Ctrl-C, SIGTERM and a closed terminal ask to stop; the wait that is under way sees it."""
    stopped = Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell_ready(place: Place, settings: Settings, url: str) -> None:
    options = settings.airflow
    command = shutil.which("docstrata") or sys.argv[0]
    lines = [("Airflow", url)]
    if options.inbox:
        lines.append(("inbox", f"{_short(Path(options.inbox))}: drop a file there, it is taken in within seconds"))
    lines += [
        ("source", f"{_short(Path(source.path))}: {options.schedule}, or trigger ingest_scheduled")
        for source in options.sources
    ]
    at = f"--home {_short(place.docstrata_home)} --config {_short(place.config)}"
    lines.append(("search", f'{_short(Path(command))} search "a question" {at}'))
    lines.append(("settings", f"{_short(place.config)}: folders of your own, schedules"))
    lines.append(("logs", _short(place.logs)))
    for name, text in lines:
        out.print(f"  [bold]{name:<9}[/]", end="", highlight=False)
        out.print(text, markup=False, highlight=False, soft_wrap=True)
    out.print("Ctrl-C stops it.")


def _short(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
