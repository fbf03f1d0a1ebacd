"""The tasks that take files in. Each is one call of `ingest.task_calls`; references and counts travel between them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from airflow.exceptions import AirflowFailException, AirflowSkipException
from airflow.sdk import Asset, task

from ingest.airflow_tasks.logs import events_in_task_log
from ingest.batches import Lane, batch_names
from ingest.task_calls.dispatch import call
from ingest.task_calls.errors import EngineFailed, NothingToDo
from schemas.errors import DocstrataError, TransientError

COLLECTION = Asset(name="docstrata_collection", uri="docstrata://collection")
"""Updated whenever a run has changed what can be found."""

_CHANGED = ("parsed", "duplicates", "failed", "removed", "written", "retired")
"""Counts that say that something has changed."""

P = ParamSpec("P")
R = TypeVar("R")


def told(function: Callable[P, R]) -> Callable[P, R]:
    """What trying again would not mend fails at once, with its sentence; the rest is retried."""

    @wraps(function)
    def tried(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with events_in_task_log():
                return function(*args, **kwargs)
        except NothingToDo as nothing:
            raise AirflowSkipException(nothing.message) from nothing
        except TransientError:
            raise
        except EngineFailed as error:
            raise AirflowFailException(error.message) from error
        except DocstrataError as error:
            raise AirflowFailException(f"{error.code}: {error.message}") from error

    return tried


@task
@told
def plan(params: dict[str, Any] | None = None) -> dict[str, Any]:
    """The configured sources, or those of the trigger form: what is to be read, in batches."""
    found: dict[str, Any] = call("plan", params=dict(params or {}))
    return found


@task
@told
def plan_retry(params: dict[str, Any] | None = None) -> dict[str, Any]:
    """What is to be read of files in quarantine, in batches. Skipped when there is none."""
    found: dict[str, Any] = call("plan_retry", params=dict(params or {}))
    return found


@task
@told
def claim() -> dict[str, Any]:
    """Takes the files of the drop folder that have come to rest, and plans for all that is claimed and
    not settled. Skipped when there is nothing."""
    found: dict[str, Any] = call("claim")
    return found


@task
def batches(plan: dict[str, Any], lane: str) -> list[str]:
    """The references of a lane's batches."""
    return batch_names(plan["plan"], Lane(lane), int(plan["batches"][lane]))


@task
@told
def prepare(batch: str) -> str:
    """Parses and chunks; hands its batch on."""
    call("prepare", batch=batch)
    return batch


@task
@told
def embed(batch: str) -> int:
    """Makes the batch's vectors; how many."""
    return int(call("embed", batch=batch))


@task
@told
def publish(plan: dict[str, Any] | None, ti: Any = None) -> dict[str, Any]:
    """The run of the command line, which finds nearly all of its work done. Counts over all sources, and the
    runs' ids. Skipped where planning was; fails where too many files did."""
    if plan is None:
        raise AirflowSkipException("there is nothing to publish")
    outcome: dict[str, Any] = call("publish", plan=plan["plan"])
    if outcome["failed"]:
        ti.xcom_push("outcome", outcome)
        raise AirflowFailException(outcome["failed"])
    return outcome


@task(outlets=[COLLECTION])
def announce(outcome: dict[str, Any], outlet_events: Any = None) -> None:
    """Tells whoever waits for the collection, with counts and runs. Skipped when nothing has changed."""
    if not any(outcome["counts"][name] for name in _CHANGED):
        raise AirflowSkipException("nothing has changed")
    outlet_events[COLLECTION].extra = {"counts": outcome["counts"], "runs": outcome["runs"]}


@task
@told
def settle() -> dict[str, int]:
    """Puts what was claimed into `done/` or `quarantine/`, as the catalog says of each file."""
    moved: dict[str, int] = call("settle")
    return moved
