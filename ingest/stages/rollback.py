"""Rollback: a document, or all that a run changed, becomes what it was: new versions with the old content.

They are planned, published and de-duplicated as any others are, from chunks and vectors that are kept. What is
known of the files stays as it is: the next run leaves alone what was restored, until a file changes.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingest.context import Context, require_room, run_lock
from ingest.stages.measuring import recount
from ingest.stages.parts import Parts
from ingest.stages.publish import Publisher
from ingest.stages.restorer import Restorer
from ingest.stages.rollback_steps import Restoring, RollbackRequest, notes_of, steps_of
from ingest.stages.tally import Tally
from ingest.stages.versions import ROLLBACK
from schemas.errors import DocstrataError
from schemas.ids import fingerprint
from schemas.report import RunSummary


@dataclass(frozen=True, slots=True)
class Rollback:
    """`documents` in the order of their names; `summary` is None where nothing was done. `notes`: sentences."""

    documents: tuple[Restoring, ...]
    summary: RunSummary | None
    notes: tuple[str, ...]


def dry_rollback(context: Context, request: RollbackRequest) -> Rollback:
    """What would be restored. Raises `ConfigError` for a document, a version or a run that is not there."""
    steps = steps_of(context, request)
    return Rollback(tuple(step.told for step in steps), None, notes_of(context, steps))


def rollback(context: Context, parts: Parts, request: RollbackRequest) -> Rollback:
    """Restores, under the lock of runs. Killed and called again it comes to the same end.

    Raises `ConfigError` as `dry_rollback` does, and where vectors are lost and may not be made again.
    """
    _ = parts.collection  # refuses another model's home before any work is done
    with run_lock(context, wait=request.wait):
        require_room(context)
        Publisher(context, parts).heal()
        steps = steps_of(context, request)
        if not steps:
            return Rollback((), None, ("nothing is to be done: it is as it was already",))
        notes = notes_of(context, steps)
        started = context.clock()
        run_id = ROLLBACK + fingerprint([started, [step.document.doc_id for step in steps]])[:12]
        number = context.catalog.runs.begin(run_id, started, context.settings.tenant)
        summary, state = None, "interrupted"
        try:
            tally = Tally(warnings=list(notes))
            Restorer(context, parts, number, tally, allow_embed=request.allow_embed).restore(steps)
            summary = tally.summary(run_id, recount(context))
            state = "done"
        except DocstrataError:
            state = "failed"
            raise
        finally:
            context.catalog.runs.finish(number, state, context.clock(), summary)
    return Rollback(tuple(step.told for step in steps), summary, notes)
