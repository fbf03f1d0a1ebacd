"""The tasks of maintenance."""

from __future__ import annotations

from typing import Any

from airflow.sdk import task

from ingest.airflow_tasks.tasks import told
from ingest.task_calls.dispatch import call


@task
@told
def maintain() -> dict[str, Any]:
    """Finishes what was interrupted, removes what was left over, and counts."""
    done: dict[str, Any] = call("maintain")
    return done


@task
@told
def reconcile() -> dict[str, Any]:
    """Compares catalog and index row by row. What differs is mended with `airflow.repair`, or fails the task."""
    found: dict[str, Any] = call("reconcile")
    return found


@task
@told
def collect() -> dict[str, Any]:
    """Removes what is older than `[retention]` says, and cached artifacts and vectors that nothing refers to."""
    done: dict[str, Any] = call("collect")
    return done


@task
@told
def check() -> list[str]:
    """What `docstrata doctor` checks. Fails with what is wrong."""
    checked: list[str] = call("check")
    return checked
