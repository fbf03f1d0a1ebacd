"""The flow that all runs that take files in share, and what all DAGs have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from airflow.sdk import TriggerRule, task_group
from airflow.sdk.definitions.xcom_arg import XComArg

from ingest.airflow_tasks.lineage import source_assets
from ingest.airflow_tasks.tasks import announce, batches, embed, prepare, publish
from ingest.batches import Lane
from ingest.task_calls.home import options

PLACE = {"type": "string", "pattern": r"^(/|[A-Za-z][A-Za-z0-9+.-]*(::[A-Za-z][A-Za-z0-9+.-]*)*://)[^\s].*$"}
"""A form's field: an absolute path, which may be a glob, or a URL that fsspec knows."""


def default_args() -> dict[str, Any]:
    """Retries are for what may pass by itself: a disk, a network, a worker that was killed."""
    chosen = options()
    return {
        "owner": "docstrata",
        "retries": chosen.retries,
        "retry_delay": timedelta(seconds=20),
        "retry_exponential_backoff": True,
        "execution_timeout": timedelta(hours=chosen.task_timeout_h),
    }


def run_timeout() -> timedelta | None:
    hours = options().run_timeout_h
    return timedelta(hours=hours) if hours else None


@dataclass(frozen=True, slots=True)
class Taken:
    """`published` has the outcome; `announced` is the last task."""

    published: XComArg
    announced: XComArg


def ingest(plan: XComArg, places: Sequence[str]) -> Taken:
    """Lanes side by side, batch by batch, then one publishing. `places`: the folders and URLs that the collection
    is told to have come from."""
    chosen = options()
    published = publish.override(pool=chosen.publish_pool, trigger_rule=TriggerRule.NONE_FAILED)(plan)
    for lane in Lane:
        references = batches.override(task_id=f"{lane}_batches")(plan, lane.value)
        _reading(lane).expand(batch=references) >> published
    return Taken(published, announce.override(inlets=source_assets(places))(published))


def _reading(lane: Lane) -> Any:  # what Airflow's decorators return has no type of its own
    chosen = options()
    gpu = {"pool": chosen.gpu_pool, "queue": chosen.gpu_queue}

    @task_group(group_id=lane.value)
    def read(batch: str) -> None:
        embed.override(**gpu)(prepare.override(**gpu if lane is Lane.SCAN else {})(batch))

    return read
