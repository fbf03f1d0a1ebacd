"""Documents into the index: plan, prepare and embed batch by batch, publish, settle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ingest.logs import get_logger
from ingest.task_calls.channel import Json
from ingest.task_calls.errors import NothingToDo
from ingest.task_calls.home import inbox, opened, options, place
from schemas.errors import ConfigError
from schemas.source import SourceKind

if TYPE_CHECKING:
    from ingest.sources.places import Root
    from ingest.stages.drop import Settled
    from ingest.steps import Plan, RunRequest, Steps

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

_MOST_CODES = 20
"""Of failures that are told: a message stays small."""

_log = get_logger(__name__)


# ---------------------------------------------------------------------------- taking in


def plan(params: Mapping[str, Json]) -> Json:
    """The configured sources, or those of the trigger form: what is to be read, in batches."""
    from ingest.steps import RunRequest

    sources = [(place(source.path, "a path of airflow.sources"), source) for source in options().sources]
    given = [place(path, "a path of the form") for path in params.get("paths") or ()]
    if not (given or sources):
        raise ConfigError("there is no source: set airflow.sources, or fill in paths when you trigger the DAG")

    def request(paths: Sequence[str], kind: SourceKind = SourceKind.MIRROR, name: str | None = None) -> RunRequest:
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
    with opened("plan") as steps:
        return _reference(steps.plan(requests))


def plan_retry(params: Mapping[str, Json]) -> Json:
    """Files in quarantine, of one source or all, by code or all: what is to be read, in batches. Raises
    `NothingToDo` where there are none."""
    with opened("plan") as steps:
        found = steps.plan_retry(params.get("source") or None, tuple(params.get("codes") or ()))
    if found is None:
        raise NothingToDo("no such file is in quarantine")
    return _reference(found)


def claim() -> Json:
    """Takes the files of the drop folder that have come to rest, and plans for all that is claimed and
    not settled. Raises `NothingToDo` where that is nothing."""
    folder = _drop_folder()
    with opened("claim") as steps:
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
    with opened(batch) as steps:
        done = steps.prepare(batch)
    _log.info("%s: parse: %s documents, %s failed", batch, done.prepared, done.failed)
    return {"prepared": done.prepared, "failed": done.failed}


def embed(batch: str) -> Json:
    """Makes the batch's vectors; how many."""
    with opened(batch) as steps:
        embedded = steps.embed(batch)
    _log.info("%s: embed: %s vectors", batch, embedded)
    return embedded


def publish(plan: str) -> Json:
    """The run of the command line, which finds nearly all of its work done. Counts over all sources; `new_failures`:
    files in quarantine that were not there before; `failed`: why a run that went to its end cannot be trusted."""
    from ingest.api import RunFailed

    failed = ""
    with opened(plan) as steps:
        before = _in_quarantine(steps)
        try:
            steps.publish(plan)
        except RunFailed as error:
            failed = f"{error.code}: {error.message}"
        summaries = steps.outcome(plan)
        new = _in_quarantine(steps) - before
    counts = {name: sum(getattr(summary, name) for summary in summaries) for name in COUNTED}
    if counts["failed"]:
        _log.warning(
            "%s: publish: %s files in quarantine, %s of them new: 'docstrata failures' says what to do about each",
            plan, counts["failed"], len(new),
        )  # fmt: skip
    return {
        "counts": counts,
        "runs": [summary.run_id for summary in summaries],
        "new_failures": len(new),
        "failed": failed,
    }


def settle() -> Json:
    """Puts what was claimed into `done/` or `quarantine/`, as the catalog says of each file."""
    with opened("settle") as steps:
        settled = steps.settle(_drop_folder())
    _tell(settled)
    return {"done": len(settled.done), "quarantined": len(settled.quarantined), "left": len(settled.left)}


def failures() -> Json:
    """Files in quarantine, by code with a sentence of one of them, the most frequent first."""
    with opened() as steps:
        found = [failure for failure in steps.failures() if failure.page is None]
    counted = Counter(failure.code for failure in found)
    sentences = {failure.code: failure.message for failure in reversed(found)}
    return [
        {"code": code, "files": count, "sentence": sentences[code]} for code, count in counted.most_common(_MOST_CODES)
    ]


def _in_quarantine(steps: Steps) -> set[tuple[str, str, str]]:
    """Source, path and what was tried."""
    return {(failure.source, failure.path, failure.key) for failure in steps.failures() if failure.page is None}


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
