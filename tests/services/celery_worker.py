"""A Celery worker of Airflow's as a machine of its own: its folders are nobody else's, and it can be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil


class CeleryWorker:
    """Starts when it is built. One task at a time, from the `queues`."""

    def __init__(self, machine: str, queues: Sequence[str], environ: Mapping[str, str], folder: Path) -> None:
        folder.mkdir(parents=True)
        self.machine = machine
        self.docstrata_home = folder / "docstrata"
        self.log = folder / "worker.log"
        own = {
            "MACHINE": machine,
            "AIRFLOW_HOME": str(folder / "airflow"),
            "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(folder / "logs"),
            "DOCSTRATA_HOME": str(self.docstrata_home),
        }
        command = [
            str(Path(sys.executable).with_name("airflow")), "celery", "worker", "--skip-serve-logs",
            "--queues", ",".join(queues), "--concurrency", "1", "--celery-hostname", f"{machine}@{machine}",
        ]  # fmt: skip
        with self.log.open("wb") as out:
            self._process = subprocess.Popen(
                command,
                env={**environ, **own},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                process_group=0,
            )

    def check(self) -> None:
        code = self._process.poll()
        if code is not None:
            raise AssertionError(f"worker {self.machine} ended with {code}: {self.log.read_text('utf-8')[-3000:]}")

    def kill(self) -> None:
        """As a machine that loses its power: the worker and all that it had started, at once."""
        if self._process.poll() is not None:
            return
        family = [*psutil.Process(self._process.pid).children(recursive=True)]
        os.killpg(self._process.pid, signal.SIGKILL)
        for process in family:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(family, timeout=10)
        self._process.wait(10)
