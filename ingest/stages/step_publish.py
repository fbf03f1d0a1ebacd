"""The last of the steps of a run: the very run of the command line, which finds most of its work done."""

from __future__ import annotations

from ingest.context import Context
from ingest.stages.handover import ANYTHING, Handover, outcome_key
from ingest.stages.looking import Looker
from ingest.stages.notes import DoneNote, OutcomeNote, PlanNote
from ingest.stages.outcomes import Refused
from ingest.stages.parts import Parts
from ingest.stages.runner import RunFailed, run
from ingest.stages.step_plan import Plan
from ingest.stages.work import images_recipe
from schemas.report import RunSummary


def publish_plan(context: Context, parts: Parts, name: str) -> list[RunSummary]:
    """Runs the requests of a plan, one after the other, and removes the plan but for what became of
    it: whoever was killed before he could tell calls again. Raises `RunFailed` at the end when one of
    them failed."""
    handover = Handover(context.catalog.artifacts, context.store)
    key = outcome_key(name)
    if handover.find(key, OutcomeNote) is None:
        handover.put(key, _carry_out(context, parts, handover, name))
    outcome = handover.get(key, OutcomeNote)
    handover.drop(name, keep=key)
    if outcome.failed is not None:
        raise RunFailed(*outcome.failed)
    return list(outcome.summaries)


def outcome_of(context: Context, name: str) -> OutcomeNote:
    """What became of a plan that was carried out. Raises `ConfigError` when it was not."""
    return Handover(context.catalog.artifacts, context.store).get(outcome_key(name), OutcomeNote)


def _carry_out(context: Context, parts: Parts, handover: Handover, name: str) -> OutcomeNote:
    plan = handover.get(name, PlanNote)
    refused = _refused(context, handover, name, plan)
    summaries: list[RunSummary] = []
    failed: tuple[str, RunSummary] | None = None
    for planned in plan.requests:
        try:
            summaries.append(run(context, parts, planned.request(), refused))
        except RunFailed as error:
            failed = failed or (error.message, error.summary)
    return OutcomeNote(summaries=tuple(summaries), failed=failed)


def _refused(context: Context, handover: Handover, name: str, plan: PlanNote) -> dict[str, Refused]:
    """What would be refused again: limits and passwords may have changed since."""
    attempt = Looker(context, images_recipe(context.settings)).attempt_key(ANYTHING)
    found = (handover.find(f"{batch}/done", DoneNote) for batch in Plan(name, plan.batches, 0).names())
    return {
        group: refusal.refused()
        for done in found
        if done is not None and done.attempt == attempt
        for group, refusal in done.refused.items()
    }
