"""The flow that scheduled runs and the drop folder share."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import TriggerRule, task_group
from airflow.sdk.definitions.xcom_arg import XComArg

from ingest.airflow_tasks.tasks import announce, batches, embed, prepare, publish
from ingest.batches import Lane
from ingest.task_calls.home import options

DEFAULT_ARGS: dict[str, Any] = {
    "owner": "docstrata",
    "retries": 2,
    "retry_delay": timedelta(seconds=20),
    "retry_exponential_backoff": True,
}
"""Retries are for what may pass by itself: a disk, a network, a worker that was killed."""


def ingest(plan: XComArg) -> XComArg:
    """Lanes side by side, batch by batch, then one publishing, which is returned: its outcome."""
    chosen = options()
    published = publish.override(pool=chosen.publish_pool, trigger_rule=TriggerRule.NONE_FAILED)(plan)
    for lane in Lane:
        references = batches.override(task_id=f"{lane}_batches")(plan, lane.value)
        _reading(lane).expand(batch=references) >> published
    announce(published)
    return published


def _reading(lane: Lane) -> Any:  # what Airflow's decorators return has no type of its own
    chosen = options()
    gpu = {"pool": chosen.gpu_pool, "queue": chosen.gpu_queue}

    @task_group(group_id=lane.value)
    def read(batch: str) -> None:
        embed.override(**gpu)(prepare.override(**gpu if lane is Lane.SCAN else {})(batch))

    return read
