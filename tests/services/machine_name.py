"""What Airflow calls the machine that a process runs on: in the tests of several machines, whatever `MACHINE` says."""

from __future__ import annotations

import os


def name() -> str:
    return os.environ.get("MACHINE", "control")
