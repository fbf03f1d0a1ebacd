"""The doorbell of the drop folder. The task that answers lists and claims by itself.

An event may be lost in a burst, or come again after a restart: so the bell rings anew while files
lie there, and what it says is not relied on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from ingest.config import Settings
from ingest.logs import get_logger
from ingest.sources.drop_folder import DropFolder
from ingest.sources.drop_prefix import DropPrefix
from ingest.sources.folder import FolderRules
from ingest.sources.places import place_of
from schemas.errors import DocstrataError

_RING_AGAIN_S = 20.0
"""Seconds after which files that still lie there are announced once more."""
_UNSETTLED_S = 300.0
"""Seconds after which files that were claimed are announced: the run that claimed them may have failed."""

_log = get_logger(__name__)


class DropFolderTrigger(BaseEventTrigger):
    """Fires when files in `inbox` have come to rest. `settle_s` and `poll_s` as in `[watch]`, the rest
    as in `[source]` and `[metadata]`."""

    def __init__(
        self,
        *,
        inbox: str,
        settle_s: float,
        poll_s: float,
        include: Sequence[str],
        exclude: Sequence[str],
        hidden: bool,
        sidecars: bool,
    ) -> None:
        super().__init__()
        self.inbox = inbox
        self.settle_s = settle_s
        self.poll_s = poll_s
        self.rules = FolderRules(tuple(include), tuple(exclude), hidden, sidecars)

    @classmethod
    def of(cls, settings: Settings) -> DropFolderTrigger:
        return cls(
            inbox=settings.airflow.inbox,
            settle_s=settings.watch.settle_s,
            poll_s=settings.watch.poll_s,
            include=settings.source.include,
            exclude=settings.source.exclude,
            hidden=settings.source.hidden,
            sidecars=settings.metadata.sidecars,
        )

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Airflow keeps this, and makes the trigger of it in another process."""
        kind, rules = type(self), self.rules
        fields = {
            "inbox": self.inbox,
            "settle_s": self.settle_s,
            "poll_s": self.poll_s,
            "include": list(rules.include),
            "exclude": list(rules.exclude),
            "hidden": rules.hidden,
            "sidecars": rules.sidecars,
        }
        return f"{kind.__module__}.{kind.__qualname__}", fields

    async def run(self) -> AsyncIterator[TriggerEvent]:
        rung: frozenset[str] = frozenset()
        rung_at = -_UNSETTLED_S
        trouble = ""
        while True:
            # In a thread: a slow network folder must not hold up the other triggers.
            ready, unsettled, now = await asyncio.to_thread(_look, self.inbox, self.settle_s, self.rules)
            if now not in {"", trouble}:
                _log.warning("%s", now)
            trouble = now
            silent_s = time.monotonic() - rung_at
            if ready - rung or (ready and silent_s >= _RING_AGAIN_S) or (unsettled and silent_s >= _UNSETTLED_S):
                rung, rung_at = ready, time.monotonic()
                yield TriggerEvent({"inbox": self.inbox, "files": len(ready)})
            await asyncio.sleep(self.poll_s)


def _look(inbox: str, settle_s: float, rules: FolderRules) -> tuple[frozenset[str], bool, str]:
    """Files that may be claimed; whether any are claimed that nobody has settled; why it cannot be
    told. A folder that cannot be looked into is looked into again."""
    try:
        root = place_of(inbox).root
        folder = DropPrefix(root, settle_s, rules) if isinstance(root, str) else DropFolder(root, settle_s, rules)
        return frozenset(dropped.lies_at for dropped in folder.look().ready), folder.has_work(), ""
    except (DocstrataError, OSError) as error:
        return frozenset(), False, str(error)
