"""Every call by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ingest.task_calls import reindexing, taking_in, upkeep
from ingest.task_calls.channel import Json

CALLS: Mapping[str, Callable[..., Json]] = {
    "plan": taking_in.plan,
    "plan_retry": taking_in.plan_retry,
    "claim": taking_in.claim,
    "prepare": taking_in.prepare,
    "embed": taking_in.embed,
    "publish": taking_in.publish,
    "settle": taking_in.settle,
    "failures": taking_in.failures,
    "report": upkeep.report,
    "maintain": upkeep.maintain,
    "reconcile": upkeep.reconcile,
    "collect": upkeep.collect,
    "check": upkeep.check,
    "reindex_survey": reindexing.survey,
    "reindex_build": reindexing.build,
    "reindex_switch": reindexing.switch,
    "reindex_give_up": reindexing.give_up,
}
"""Arguments are named."""
