"""Retention: what is older than the policy leaves index, catalog and store; the current version never does.

The horizon moves first, so nobody looks back to what is about to be incomplete; then rows leave the index, then
the catalog, then whatever nothing refers to any more. Killed anywhere and called again, it comes to the same end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ingest.catalog.retention import Life
from ingest.context import Context, run_lock
from ingest.options.storage import RetentionOptions
from ingest.stages.measuring import recount
from ingest.stages.parts import Parts
from ingest.stages.publish import Publisher
from ingest.stages.sweep import Garbage, Sweeper, plans_open

_NS_PER_DAY = 24 * 3600 * 10**9
_AT_ONCE = 10_000
"""Rows that are deleted in one go."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What was removed, or would be. `rows`: of the index. `artifacts`, `vectors`, `originals`: that nothing
    referred to. `packs` were rewritten or removed. `horizon`: the first commit that can be looked back at."""

    versions: int
    rows: int
    artifacts: int
    vectors: int
    originals: int
    packs: int
    horizon: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Expired:
    versions: tuple[Life, ...]
    points: tuple[str, ...]
    horizon: int


def collect_garbage(context: Context, parts: Parts, *, dry_run: bool = False, wait: bool = True) -> Collected:
    """By `[retention]`. Waits for a run that goes on, or raises `StoreDown`."""
    _ = parts.collection  # refuses another model's home before any work is done
    if dry_run:
        return Collector(context, parts).look()
    with run_lock(context, wait=wait):
        Publisher(context, parts).heal()
        return Collector(context, parts).collect()


class Collector:
    """For whoever holds the lock of runs."""

    def __init__(self, context: Context, parts: Parts) -> None:
        self._context = context
        self._parts = parts
        self._sweeper = Sweeper(context, parts)

    def look(self) -> Collected:
        expired = self._expired()
        shared = self._context.settings.shares_store
        return self._told(expired, Garbage() if shared else self._garbage(expired), ())

    def collect(self) -> Collected:
        catalog, tenant = self._context.catalog, self._context.settings.tenant
        expired = self._expired()
        if expired.horizon > catalog.versions.horizon(tenant):
            catalog.retention.raise_horizon(tenant, expired.horizon)
        self._remove(expired)
        catalog.survivors.sweep()
        self._sweeper.finish()
        notes: tuple[str, ...] = ()
        garbage = Garbage()
        if self._context.settings.shares_store:
            notes = ("the store may be shared with other homes (store.url): nothing is removed from it",)
        elif plans_open(self._context):
            notes = ("a planned run is under way: what nothing refers to stays until it is over",)
        else:
            garbage = self._garbage(_Expired((), (), 0))
            self._sweeper.remove(garbage)
        recount(self._context)
        return self._told(expired, garbage, notes)

    # ------------------------------------------------------------------ history

    def _expired(self) -> _Expired:
        options = self._context.settings.retention
        retention, tenant = self._context.catalog.retention, self._context.settings.tenant
        if not options.is_set:
            return _Expired((), (), 0)
        past = self._past(options)
        versions: list[Life] = []
        points: dict[str, int] = {}
        horizon = 0
        for lives in retention.lives(tenant):
            old = list(_beyond(lives, options, past))
            if old:
                versions += old
                points.update(retention.ended_of(old[-1].doc_no, old[-1].ends))
                horizon = max(horizon, old[-1].ends)
        if options.keep_versions is None:
            # Rows may have ended without a new version: a duplicate that was promoted, for one.
            points.update(retention.ended(tenant, past))
        return _Expired(tuple(versions), tuple(points), max([horizon, *points.values()]))

    def _past(self, options: RetentionOptions) -> int:
        """The last commit that is so old that it need not be looked back at."""
        if options.keep_days is None:
            return 0
        return self._context.catalog.retention.last_seq_before(
            self._context.clock() - round(options.keep_days * _NS_PER_DAY)
        )

    def _remove(self, expired: _Expired) -> None:
        """The index first: the catalog knows what is still to do."""
        self._context.progress.expect("remove", len(expired.points))
        with self._parts.index.session():
            for start in range(0, len(expired.points), _AT_ONCE):
                some = expired.points[start : start + _AT_ONCE]
                self._parts.index.delete(some)
                self._context.progress.advance("remove", len(some))
            if expired.points:
                self._parts.index.flush()
        self._context.catalog.retention.forget(expired.points, expired.versions)

    def _garbage(self, expired: _Expired) -> Garbage:
        gone = frozenset(f"{life.doc_id}/{life.version}" for life in expired.versions)
        return self._sweeper.find(self._context.catalog.retention.needed(gone))

    def _told(self, expired: _Expired, garbage: Garbage, notes: tuple[str, ...]) -> Collected:
        horizon = self._context.catalog.versions.horizon(self._context.settings.tenant)
        return Collected(
            versions=len(expired.versions),
            rows=len(expired.points),
            artifacts=len(garbage.artifacts),
            vectors=len(garbage.vectors),
            originals=len(garbage.originals),
            packs=len(garbage.packs),
            horizon=max(horizon, expired.horizon),
            notes=notes,
        )


def _beyond(lives: tuple[Life, ...], options: RetentionOptions, past: int) -> Iterator[Life]:
    """Versions that neither their number nor their age keeps; a beginning of `lives`, never the last."""
    kept = options.keep_versions if options.keep_versions is not None else 1
    for place, life in enumerate(lives[:-1]):
        newer = len(lives) - 1 - place
        if newer < kept or (options.keep_days is not None and life.ends > past):
            return
        yield life
