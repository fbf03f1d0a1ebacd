"""The tasks. Each is one call of what the command line calls; only references and counts travel between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from airflow.exceptions import AirflowFailException, AirflowSkipException
from airflow.sdk import Asset, task

from ingest.airflow_tasks.home import absolute, home, inbox, opened, options, settings
from ingest.logs import get_logger
from schemas.errors import ConfigError, DocstrataError, TransientError
from schemas.source import SourceKind

if TYPE_CHECKING:
    from ingest.stages.drop import Settled
    from ingest.steps import Plan, RunRequest

COLLECTION = Asset(name="docstrata_collection", uri="docstrata://collection")
"""Updated whenever a run has changed what can be found."""

_log = get_logger(__name__)
P = ParamSpec("P")
R = TypeVar("R")


def told(function: Callable[P, R]) -> Callable[P, R]:
    """What trying again would not mend fails at once, with its sentence; the rest is retried."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except TransientError:
            raise
        except DocstrataError as error:
            raise AirflowFailException(f"{error.code}: {error.message}") from error

    return call


@task
@told
def plan(params: dict[str, Any] | None = None) -> dict[str, Any]:
    """The configured sources, or the folders of the trigger form: what is to be read, in batches."""
    from ingest.steps import RunRequest

    chosen = params or {}
    sources = [(absolute(source.path, "a path of airflow.sources"), source) for source in options().sources]
    given = [absolute(path, "a path of the form") for path in chosen.get("paths") or ()]
    if not (given or sources):
        raise ConfigError("there is no source: set airflow.sources, or fill in paths when you trigger the DAG")

    def request(paths: Sequence[Path], kind: SourceKind = SourceKind.MIRROR, name: str | None = None) -> RunRequest:
        return RunRequest(
            tuple(paths),
            kind=kind,
            source=name,
            reprocess=bool(chosen.get("reprocess")),
            retry_failed=bool(chosen.get("retry_failed")),
            verify=bool(chosen.get("verify")),
            allow_vanish=bool(chosen.get("allow_vanish")),
        )

    # A folder that is configured stays what it is: nothing of an append source is retired by way of the form.
    requests = [request([path], source.kind, source.name) for path, source in sources if not given or path in given]
    others = [path for path in given if path not in dict(sources)]
    requests += [request(others)] if others else []
    with opened() as steps:
        return _reference(steps.plan(requests))


@task
@told
def claim() -> dict[str, Any]:
    """Takes the files of the drop folder that have come to rest, and plans for all that is claimed and
    not settled. Skipped when there is nothing."""
    folder = _drop_folder()
    with opened() as steps:
        # First: a run that was killed before it settled has left files of which all is known.
        settled = steps.settle(folder)
        claimed = steps.claim(folder)
        _tell(settled)
        for waiting in claimed.waiting:
            if not waiting.why.passes:
                _log.warning("%s is left alone: %s", waiting.path, waiting.why.value)
        if not (settled.left or claimed.files):
            raise AirflowSkipException("nothing lies in the drop folder that has come to rest")
        return _reference(steps.plan_claimed(folder))


@task
def batches(plan: dict[str, Any], lane: str) -> list[str]:
    """The references of a lane's batches."""
    from ingest.stages.lanes import Lane
    from ingest.steps import Plan

    counts = {Lane(name): int(count) for name, count in plan["batches"].items()}
    return Plan(plan["plan"], counts, plan["files"]).names(Lane(lane))


@task
@told
def prepare(batch: str) -> str:
    """Parses and chunks; hands its batch on."""
    with opened() as steps:
        done = steps.prepare(batch)
    _log.info("%s: %s documents, %s failed", batch, done.prepared, done.failed)
    return batch


@task
@told
def embed(batch: str) -> int:
    """Makes the batch's vectors; how many."""
    with opened() as steps:
        return steps.embed(batch)


@task
@told
def publish(plan: dict[str, Any] | None) -> dict[str, int]:
    """The run of the command line, which finds nearly all of its work done. Counts over all sources.
    Skipped where planning was."""
    if plan is None:
        raise AirflowSkipException("there is nothing to publish")
    with opened() as steps:
        summaries = steps.publish(plan["plan"])
    counted = ("seen", "parsed", "unchanged", "duplicates", "failed", "removed", "written", "retired")
    counts = {name: sum(getattr(summary, name) for summary in summaries) for name in counted}
    if counts["failed"]:
        _log.warning("files in quarantine: %s; 'docstrata failures' says what to do about each", counts["failed"])
    return counts


@task(outlets=[COLLECTION])
def announce(counts: dict[str, int]) -> None:
    """Tells whoever waits for the collection. Skipped when nothing has changed."""
    if not any(counts[name] for name in ("parsed", "duplicates", "failed", "removed", "written", "retired")):
        raise AirflowSkipException("nothing has changed")


@task
@told
def settle() -> dict[str, int]:
    """Puts what was claimed into `done/` or `quarantine/`, as the catalog says of each file."""
    with opened() as steps:
        settled = steps.settle(_drop_folder())
    _tell(settled)
    return {"done": len(settled.done), "quarantined": len(settled.quarantined), "left": len(settled.left)}


@task
@told
def report() -> dict[str, Any]:
    """Writes the report under its time, and as the newest one. Where it lies, and the verdict with its reasons."""
    from ingest.reports.shelf import shelve

    with opened() as steps:
        found = steps.report()
    page = shelve(found, home() / "reports", settings().report.keep)
    reasons = [f"{reason.severity}: {reason.sentence}" for reason in found.reasons]
    return {"page": str(page), "verdict": str(found.verdict), "reasons": reasons}


@task
def verdict(report: dict[str, Any]) -> str:
    """Fails when the report's verdict is `bad`, with its reasons."""
    for reason in report["reasons"]:
        _log.warning("%s", reason)
    if report["verdict"] == "bad":
        raise AirflowFailException(f"{' '.join(report['reasons'])} See {report['page']}")
    return str(report["verdict"])


@task
@told
def maintain() -> dict[str, int]:
    """Finishes what was interrupted, removes what was left over. Fails when catalog and index do not agree."""
    with opened() as steps:
        done = steps.maintain()
    if done.trouble:
        raise AirflowFailException(done.trouble)
    return {"finished": done.finished, "plans": done.plans, "scratch": done.scratch, "points": done.in_index}


@task
@told
def check() -> list[str]:
    """What `docstrata doctor` checks. Fails with what is wrong."""
    from ingest.doctor import examine

    checks = list(examine(home(), settings()))
    broken = [f"{check.name}: {check.detail}" for check in checks if not check.ok]
    if broken:
        raise AirflowFailException("; ".join(broken))
    return [check.name for check in checks]


def _drop_folder() -> Path:
    folder = inbox()
    if folder is None:
        raise ConfigError("there is no drop folder any more: set airflow.inbox, what was claimed waits in it")
    return folder


def _tell(settled: Settled) -> None:
    for refused in settled.quarantined:
        _log.warning("in quarantine: %s (%s): %s", refused.lies_at, refused.code, refused.message)
    for member in settled.members:
        _log.warning("not taken in: %s, in %s (%s): %s", member.path, member.lies_at, member.code, member.message)


def _reference(plan: Plan) -> dict[str, Any]:
    return {"plan": plan.name, "files": plan.files, "batches": {str(lane): n for lane, n in plan.batches.items()}}
