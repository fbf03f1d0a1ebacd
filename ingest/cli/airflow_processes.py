"""The four processes of a local Airflow, in one process group: started, watched, ended.

`airflow standalone` is not used: a SIGTERM leaves its children alive, and its log servers listen on all addresses.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import psutil

from schemas.errors import DocstrataError, MissingExtra

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "api-server": ("api-server",),
    # Task logs are read from the disk; the log servers would listen on all addresses.
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
}
_HEARTBEATS = ("scheduler", "triggerer", "dag_processor")
_TAIL_LINES = 20
_POLL_S = 0.2

Stopping = Callable[[], bool]
"""Asked while waiting: True ends the wait."""


class AirflowFailed(DocstrataError):
    """A process of Airflow's ended by itself, or did not get ready. `tail`, a fact: the end of its log."""

    code = "airflow_failed"


class AirflowProcesses:
    """`keep_open`: a descriptor that every process inherits, so that a lock on it lives as long as any of them."""

    def __init__(self, environ: Mapping[str, str], logs: Path, *, keep_open: int | None = None) -> None:
        self._environ = dict(environ)
        self._logs = logs
        self._keep_open = keep_open
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._group = 0
        self._started_at: dict[str, float] = {}

    @property
    def group(self) -> int:
        """The id of the process group; 0 before anything was started."""
        return self._group

    def pid(self, name: str) -> int:
        return self._processes[name].pid

    def log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def run(self, name: str, *arguments: str, stopping: Stopping = lambda: False) -> None:
        """One command to its end, logged as `name`. Raises `AirflowFailed`."""
        process = self._open(name, arguments)
        while process.poll() is None and not stopping():
            time.sleep(_POLL_S)
        if process.returncode:
            raise self._ended(name, process.returncode)

    def start(self, names: Iterable[str] = COMMANDS) -> None:
        for name in names:
            self._open(name, COMMANDS[name])

    def check(self) -> None:
        """Raises `AirflowFailed` when one of those that should run has ended."""
        for name in COMMANDS:
            process = self._processes.get(name)
            if process is not None and (code := process.poll()) is not None:
                raise self._ended(name, code)

    def wait_healthy(self, url: str, limit_s: float, stopping: Stopping = lambda: False) -> None:
        """Until the API answers and the others gave a sign of life since they were started."""
        deadline = time.monotonic() + limit_s
        while (missing := self._not_ready(url)) and not stopping():
            self.check()
            if time.monotonic() > deadline:
                what = ", ".join(missing)
                raise AirflowFailed(
                    f"Airflow was not ready after {limit_s:.0f} s: {what}; its logs are in {self._logs}"
                )
            time.sleep(_POLL_S)

    def stop(self, limit_s: float = 5.0) -> None:
        """Ends all of them, and all that they started. Who does not go within `limit_s` is killed.

        Tasks are killed at once: one that may still speak reports itself as failed, and one that
        vanished is given out again by the next scheduler. docstrata heals what it left unfinished.
        """
        family = self._family()
        _signal(self._tasks(), psutil.Process.kill)
        _signal(family, psutil.Process.terminate)
        _, alive = psutil.wait_procs(family, timeout=limit_s)
        # Those that were born in between too.
        _signal({*alive, *self._family()}, psutil.Process.kill)
        for process in self._processes.values():
            process.wait()
        self._processes.clear()

    def _open(self, name: str, arguments: Iterable[str]) -> subprocess.Popen[bytes]:
        log = self.log(name)
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        with log.open("wb") as out:
            self._started_at[name] = time.time()
            process = subprocess.Popen(
                [str(_executable()), *arguments],
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                # Not the terminal's: a Ctrl-C there is for us, and we end them in order.
                process_group=self._living_group(),
                pass_fds=() if self._keep_open is None else (self._keep_open,),
            )
        self._processes[name] = process
        if not self._living_group():
            self._group = process.pid
        return process

    def _living_group(self) -> int:
        """Ours while anything is in it; else 0, which makes a new one."""
        return self._group if self._group and _members(self._group) else 0

    def _family(self) -> set[psutil.Process]:
        """Who is in the group, and their descendants: some lead a group of their own."""
        found: set[psutil.Process] = set()
        for process in _members(self._group) if self._group else ():
            found.update((process, *_descendants(process.pid)))
        return found

    def _tasks(self) -> list[psutil.Process]:
        scheduler = self._processes.get("scheduler")
        return [] if scheduler is None else _descendants(scheduler.pid)

    def _not_ready(self, url: str) -> list[str]:
        health = _health(url)
        if health is None:
            return ["the API server does not answer"]
        return [
            f"no sign of life from the {name.replace('_', ' ')}"
            for name in _HEARTBEATS
            if not _is_fresh(health, name, self._started_at[name.replace("_", "-")])
        ]

    def _ended(self, name: str, code: int) -> AirflowFailed:
        lines = self.log(name).read_text("utf-8", "replace").splitlines()[-_TAIL_LINES:]
        how = f"with exit code {code}" if code > 0 else f"by signal {-code}" if code else "by itself"
        return AirflowFailed(f"Airflow's {name} ended {how}; its log is {self.log(name)}", tail="\n".join(lines))


def _executable() -> Path:
    """Airflow's command beside this Python."""
    path = Path(sys.executable).with_name("airflow")
    if not path.is_file():
        raise MissingExtra("Airflow is not installed here: pip install 'docstrata[airflow]'")
    return path


def _members(group: int) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return found


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        return list(psutil.Process(pid).children(recursive=True))
    except psutil.NoSuchProcess:
        return []  # it ended by itself


def _signal(processes: Iterable[psutil.Process], act: Callable[[psutil.Process], None]) -> None:
    for process in processes:
        try:
            act(process)
        except psutil.NoSuchProcess:
            continue


def _health(url: str) -> dict[str, dict[str, str | None]] | None:
    try:
        # Without the user's proxies: the address is this machine's loopback.
        with build_opener(ProxyHandler({})).open(f"{url}/api/v2/monitor/health", timeout=5) as answer:
            found = json.loads(answer.read())
    except (URLError, OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _is_fresh(health: Mapping[str, Mapping[str, str | None]], name: str, since: float) -> bool:
    """The sign of life of a run before this one does not count."""
    beat = health.get(name, {}).get(f"latest_{name}_heartbeat")
    return beat is not None and datetime.fromisoformat(beat).timestamp() >= since
