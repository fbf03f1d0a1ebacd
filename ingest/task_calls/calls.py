"""The calls. Each is one call of what the command line calls; arguments and results are small JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from ingest.logs import get_logger
from ingest.task_calls.channel import Json
from ingest.task_calls.errors import NothingToDo
from ingest.task_calls.home import absolute, home, inbox, opened, options, settings
from schemas.errors import ConfigError, DocstrataError
from schemas.source import SourceKind

if TYPE_CHECKING:
    from ingest.sources.places import Root
    from ingest.stages.drop import Settled
    from ingest.steps import Plan, RunRequest
    from schemas.report import RunSummary

COUNTED = (
    "seen",
    "parsed",
    "unchanged",
    "duplicates",
    "failed",
    "ignored",
    "removed",
    "embedded",
    "written",
    "retired",
)
"""What is told of a run, of `RunSummary`."""

_log = get_logger(__name__)


# ---------------------------------------------------------------------------- taking in


def plan(params: Mapping[str, Json]) -> Json:
    """The configured sources, or those of the trigger form: what is to be read, in batches."""
    from ingest.steps import RunRequest

    sources = [(absolute(source.path, "a path of airflow.sources"), source) for source in options().sources]
    given = [absolute(path, "a path of the form") for path in params.get("paths") or ()]
    if not (given or sources):
        raise ConfigError("there is no source: set airflow.sources, or fill in paths when you trigger the DAG")

    def request(paths: Sequence[Root], kind: SourceKind = SourceKind.MIRROR, name: str | None = None) -> RunRequest:
        return RunRequest(
            tuple(paths),
            kind=kind,
            source=name,
            reprocess=bool(params.get("reprocess")),
            retry_failed=bool(params.get("retry_failed")),
            verify=bool(params.get("verify")),
            allow_vanish=bool(params.get("allow_vanish")),
        )

    # A folder that is configured stays what it is: nothing of an append source is retired by way of the form.
    requests = [request([path], source.kind, source.name) for path, source in sources if not given or path in given]
    others = [path for path in given if path not in dict(sources)]
    requests += [request(others)] if others else []
    with opened() as steps:
        return _reference(steps.plan(requests))


def claim() -> Json:
    """Takes the files of the drop folder that have come to rest, and plans for all that is claimed and
    not settled. Raises `NothingToDo` where that is nothing."""
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
            raise NothingToDo("nothing lies in the drop folder that has come to rest")
        return _reference(steps.plan_claimed(folder))


def prepare(batch: str) -> Json:
    """Parses and chunks a batch."""
    with opened() as steps:
        done = steps.prepare(batch)
    _log.info("%s: %s documents, %s failed", batch, done.prepared, done.failed)
    return {"prepared": done.prepared, "failed": done.failed}


def embed(batch: str) -> Json:
    """Makes the batch's vectors; how many."""
    with opened() as steps:
        return steps.embed(batch)


def publish(plan: str) -> Json:
    """The run of the command line, which finds nearly all of its work done. Counts over all sources; `failed`: why
    a run that went to its end cannot be trusted."""
    from ingest.api import RunFailed

    with opened() as steps:
        try:
            summaries, failed = steps.publish(plan), ""
        except RunFailed as error:
            summaries, failed = [error.summary], f"{error.code}: {error.message}"
    counts = _counts(summaries)
    if counts["failed"]:
        _log.warning("files in quarantine: %s; 'docstrata failures' says what to do about each", counts["failed"])
    return {"counts": counts, "runs": [summary.run_id for summary in summaries], "failed": failed}


def settle() -> Json:
    """Puts what was claimed into `done/` or `quarantine/`, as the catalog says of each file."""
    with opened() as steps:
        settled = steps.settle(_drop_folder())
    _tell(settled)
    return {"done": len(settled.done), "quarantined": len(settled.quarantined), "left": len(settled.left)}


# -------------------------------------------------------------------------------- upkeep


def report() -> Json:
    """Writes the report under its time, and as the newest one. Where it lies, and the verdict with its reasons."""
    from ingest.reports.shelf import shelve

    with opened() as steps:
        found = steps.report()
    page = shelve(found, home() / "reports", settings().report.keep)
    reasons = [f"{reason.severity}: {reason.sentence}" for reason in found.reasons]
    return {"page": str(page), "verdict": str(found.verdict), "reasons": reasons}


def maintain() -> Json:
    """Finishes what was interrupted, removes what was left over. Raises where catalog and index do not agree."""
    with opened() as steps:
        done = steps.maintain()
    if done.trouble:
        raise DocstrataError(done.trouble)
    return {"finished": done.finished, "plans": done.plans, "scratch": done.scratch, "points": done.in_index}


def check() -> Json:
    """What `docstrata doctor` checks. Raises with what is wrong."""
    from ingest.doctor import examine

    checks = list(examine(home(), settings()))
    broken = [f"{check.name}: {check.detail}" for check in checks if not check.ok]
    if broken:
        raise DocstrataError("; ".join(broken))
    return [check.name for check in checks]


CALLS: Mapping[str, Callable[..., Json]] = {
    call.__name__: call for call in (plan, claim, prepare, embed, publish, settle, report, maintain, check)
}


def _counts(summaries: Sequence[RunSummary]) -> dict[str, int]:
    return {name: sum(getattr(summary, name) for summary in summaries) for name in COUNTED}


def _drop_folder() -> Root:
    folder = inbox()
    if folder is None:
        raise ConfigError("there is no drop folder any more: set airflow.inbox, what was claimed waits in it")
    return folder


def _tell(settled: Settled) -> None:
    for refused in settled.quarantined:
        _log.warning("in quarantine: %s (%s): %s", refused.lies_at, refused.code, refused.message)
    for member in settled.members:
        _log.warning("not taken in: %s, in %s (%s): %s", member.path, member.lies_at, member.code, member.message)


def _reference(plan: Plan) -> dict[str, Json]:
    return {"plan": plan.name, "files": plan.files, "batches": {str(lane): n for lane, n in plan.batches.items()}}
