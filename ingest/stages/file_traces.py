"""A file on its way through parsing, as a span."""

from __future__ import annotations

from ingest.stages.outcomes import Moving, Opened, Outcome, Prepared, Rejected
from ingest.stages.pending import Pending
from ingest.stages.work import Work
from ingest.tracing import Fact, FileTrace, Step, now_ns
from schemas.errors import InputError


def trace_of(pending: Pending, outcome: Outcome, result: Work | InputError | None) -> FileTrace:
    """Of a file that has its outcome. What a worker did has its times; all else is as long as the file waited."""
    steps = result.steps if isinstance(result, Work) else ()
    return FileTrace(
        whole=_whole(pending, steps),
        steps=steps,
        facts=_facts(pending, outcome, read=isinstance(result, Work)),
        error=outcome.error.code if isinstance(outcome, Rejected) else None,
    )


def _whole(pending: Pending, steps: tuple[Step, ...]) -> Step:
    if steps:
        return Step("file", steps[0].began_ns, steps[-1].ended_ns)
    now = max(now_ns(), pending.began_ns)  # the clock may have been put back
    return Step("file", pending.began_ns or now, now)


def _facts(pending: Pending, outcome: Outcome, *, read: bool) -> dict[str, Fact]:
    facts: dict[str, Fact] = {"file": pending.listed.path, "bytes": pending.listed.size, "outcome": _told(outcome)}
    if pending.file is not None:
        facts["route"] = pending.file.route.value
    if isinstance(outcome, Prepared):
        facts |= {"chunks": len(outcome.chunks.chunks), "adopted": not read}
        if outcome.pages is not None:
            facts["pages"] = sum(outcome.pages.values())
    return facts


def _told(outcome: Outcome) -> str:
    if isinstance(outcome, Prepared):
        return "prepared"
    if isinstance(outcome, Opened):
        return "opened"
    if isinstance(outcome, Rejected):
        return "failed"
    return "moving" if isinstance(outcome, Moving) else "same"
