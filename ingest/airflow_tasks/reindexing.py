"""The tasks of a new embedding model: look, build, ask a person, switch or not."""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.hitl import HITLBranchOperator
from airflow.sdk import task

from ingest.airflow_tasks.tasks import COLLECTION, told
from ingest.logs import get_logger
from ingest.task_calls.dispatch import call

APPROVE, REJECT = "Approve", "Reject"

_log = get_logger(__name__)


@task
@told
def survey(params: dict[str, Any] | None = None) -> dict[str, Any]:
    """What there is to embed, and how long it will take. Skipped where the model is searched already."""
    found: dict[str, Any] = call("reindex_survey", params=dict(params or {}))
    return found


@task
@told
def build(params: dict[str, Any] | None = None) -> dict[str, Any]:
    """Builds the collection beside the one that is searched, and asks it the canaries. Resumes what was
    interrupted."""
    built: dict[str, Any] = call("reindex_build", params=dict(params or {}))
    return built


class Approval(HITLBranchOperator):
    """Waits for a person, in Airflow's **Required Actions**; with the parameter `approve_automatically` it does
    not."""

    def execute(self, context: Any) -> Any:
        if context["params"].get("approve_automatically"):
            _log.info("approve: not asked for, as the trigger form says")
            return self.do_branch(context=context, branches_to_execute=[self.options_mapping[APPROVE]])
        return super().execute(context)


@task(outlets=[COLLECTION])
@told
def switch(params: dict[str, Any] | None = None, outlet_events: Any = None) -> dict[str, Any]:
    """Copies what came meanwhile, checks, and searches the new collection. The other one is kept."""
    done: dict[str, Any] = call("reindex_switch", params=dict(params or {}))
    outlet_events[COLLECTION].extra = {"model": done["model"], "before": done["before"], "points": done["points"]}
    return done


@task
@told
def rejected(params: dict[str, Any] | None = None) -> str:
    """What was built is removed, or stays for another day, as the parameter `on_reject` says."""
    if (params or {}).get("on_reject") == "drop":
        return f"removed: {call('reindex_give_up')['dropped']}"
    return "kept: trigger reindex with the same parameters to be asked again"
