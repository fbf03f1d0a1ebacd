"""What keeps a home tidy between runs: nothing here changes what can be found."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from ingest.context import Context, require_room, run_lock
from ingest.stages.handover import Handover
from ingest.stages.measuring import recount, tell_difference
from ingest.stages.parts import Parts
from ingest.stages.publish import Publisher
from ingest.stages.purge import finish_purges
from ingest.stages.retention import Collected, Collector
from ingest.vectors import PayloadFilter

_KEPT_NS = 7 * 24 * 3600 * 10**9
"""A plan, or what was unpacked, that is older was given up: no run takes that long."""


@dataclass(frozen=True, slots=True)
class Maintenance:
    """`finished`: commits that a crash had left open. `plans`, `scratch`: left over, and removed.
    `optimized`: search graphs were built. `in_catalog`, `in_index`: current points of the tenant.
    `collected`: what retention removed, where `[retention]` says anything."""

    finished: int
    plans: int
    scratch: int
    optimized: bool
    in_catalog: int
    in_index: int
    collected: Collected | None = None

    @property
    def trouble(self) -> str:
        """A sentence, or nothing."""
        if self.in_catalog == self.in_index:
            return ""
        return (
            f"the catalog tells of {self.in_catalog} current points, the index holds {self.in_index}: a search does not"
            " show all, or too much; run 'docstrata reconcile --repair'"
        )


def maintain(context: Context, parts: Parts, *, wait: bool = True) -> Maintenance:
    """Finishes what was interrupted, removes what was left over, and counts. Waits for a run that
    goes on, or raises `StoreDown`."""
    with run_lock(context, wait=wait):
        require_room(context)
        finished = Publisher(context, parts).heal()
        finish_purges(context, parts)
        collected = Collector(context, parts).collect() if context.settings.retention.is_set else None
        before = context.clock() - _KEPT_NS
        plans = Handover(context.catalog.artifacts, context.store).drop_older(before)
        scratch = _clear(context.home.scratch) + _clear(context.home.fetched / "kept") + _clear(context.home.fetched)
        with parts.index.session():
            optimized = parts.index.optimize()
            where = PayloadFilter(equals={"tenant": context.settings.tenant})
            in_index = parts.index.count(where)
        in_catalog = recount(context)
        tell_difference(context, in_catalog, in_index)
    return Maintenance(finished, plans, scratch, optimized, in_catalog, in_index, collected)


def _clear(scratch: Path) -> int:
    """Folders and files that nobody has touched for long. Returns how many."""
    before = time.time_ns() - _KEPT_NS  # the file system's clock
    old = [folder for folder in (scratch.iterdir() if scratch.is_dir() else ()) if _touched_ns(folder) < before]
    for each in old:
        shutil.rmtree(each) if each.is_dir() else each.unlink(missing_ok=True)
    return len(old)


def _touched_ns(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except FileNotFoundError:
        return time.time_ns()  # a step has just removed its own
