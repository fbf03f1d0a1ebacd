"""A collection for other embedding settings, built beside the active one while runs go on.

1. Points that it lacks are copied, batch by batch: payloads come from the active collection, vectors
   are made by the new settings, ids stay. Whatever runs publish meanwhile is lacking, too, and copied
   by the next pass.
2. When little is left, runs have to wait: the rest is copied, what ended or went is taken over, and
   all is counted and searched.
3. One transaction makes it the active one, and the other is kept.

How far it has come is told by the catalog alone (`ingest.catalog.beside`): a crash anywhere is
resumed by doing the same again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ingest.catalog.collections import CollectionRow, CollectionState
from ingest.context import Context, reindex_lock, require_room, run_lock
from ingest.sinks.base import VectorIndex
from ingest.stages.canaries import Canary, miscounted, require_answers
from ingest.stages.identity import read_identity, with_identity
from ingest.stages.parts import Parts, spec_of
from ingest.stages.publish import Publisher
from ingest.stages.reindex_copy import Copy, Survey, take_over
from schemas.errors import ConfigError
from schemas.ids import fingerprint

_REINDEX = "reindex-"
"""Begins the id of a run that was a switch."""


@dataclass(frozen=True, slots=True)
class Reindexed:
    """`model` is searched now, `before` was until now and is kept; the same where nothing was to be
    done. `points` in the collection; `copied` and `embedded` by this call. In `exclusive_seconds` of
    its `seconds` runs had to wait."""

    model: str
    before: str
    points: int
    copied: int
    embedded: int
    seconds: float
    exclusive_seconds: float


@dataclass(frozen=True, slots=True)
class Built:
    """`model` stands ready beside `before`, which is searched; the same where nothing is to be done. `copied` and
    `embedded` by this call."""

    model: str
    before: str
    copied: int
    embedded: int
    seconds: float


def survey(context: Context, parts: Parts) -> Survey:
    """What `reindex` would do. Writes nothing."""
    active, beside = _active(context), _own_beside(context, parts)
    with _opened(parts, active) as source:
        return Copy(context, parts, source).survey(beside.number if beside is not None else 0)


def reindex(
    context: Context,
    parts: Parts,
    *,
    canaries: Sequence[Canary] = (),
    old: Parts | None = None,
    wait: bool = True,
) -> Reindexed:
    """Builds the collection of these settings and makes it the active one. `context` and `parts` are of
    the new settings; `old` are parts of those that the home is searched with, where they cannot be made
    from what the catalog knows. `wait` for a run, at the end; or `StoreDown` is raised.

    Raises `ConfigError` before anything is built when it cannot be, or when a text is longer than
    the new model reads; and when a check failed: then nothing was switched.
    """
    started = time.monotonic()
    with reindex_lock(context):
        active = _active(context)
        copied = embedded = 0
        exclusive = 0.0
        if active.fingerprint != parts.own_collection.fingerprint:
            with _opened(parts, active) as source:
                copy = Copy(context, parts, source)
                with _grown(context, parts, copy, source, canaries) as (built, target):
                    with _fenced(context, wait=wait) as number:
                        fenced = time.monotonic()
                        _finish_commits(context, active, old)
                        copy.rest(built, target)
                        copy.check(built, target)
                        context.catalog.beside.switch(number)
                    exclusive = time.monotonic() - fenced
                    parts.announce(target, built.name)
            copied, embedded = copy.copied, copy.embedded
    points = sum(counts.all for counts in context.catalog.beside.points_of_tenants().values())
    model = parts.own_collection.model
    return Reindexed(model, active.model, points, copied, embedded, time.monotonic() - started, exclusive)


def build(context: Context, parts: Parts, *, canaries: Sequence[Canary] = ()) -> Built:
    """The first part of `reindex`, which goes on from there: the collection is built and asked, and not switched
    to. Raises as `reindex` does."""
    started = time.monotonic()
    with reindex_lock(context):
        active = _active(context)
        copied = embedded = 0
        if active.fingerprint != parts.own_collection.fingerprint:
            with _opened(parts, active) as source:
                copy = Copy(context, parts, source)
                with _grown(context, parts, copy, source, canaries):
                    copied, embedded = copy.copied, copy.embedded
    return Built(parts.own_collection.model, active.model, copied, embedded, time.monotonic() - started)


@contextmanager
def _grown(
    context: Context, parts: Parts, copy: Copy, source: VectorIndex, canaries: Sequence[Canary]
) -> Iterator[tuple[CollectionRow, VectorIndex]]:
    """The collection of these settings beside the active one, `source`: all but little is in it, and it answers."""
    beside = _own_beside(context, parts)
    require_room(context)
    copy.require_short(beside.number if beside is not None else 0)
    if beside is None:
        _require_free(source, parts)
    built = context.catalog.collections.begin(parts.own_collection)
    with _opened(parts, built) as target:
        copy.all_but_little(built, target)
        if canaries:
            require_answers(parts.searcher_of(target), context, canaries)
        yield built, target


def go_back(context: Context, parts: Parts, *, wait: bool = True) -> CollectionRow:
    """The kept collection becomes the active one again. Returns it. Raises `ConfigError` when there is
    none, or when it lacks what was published since."""
    with reindex_lock(context):
        kept = _beside_in(context, CollectionState.KEPT)
        with _fenced(context, wait=wait) as number:
            if context.catalog.history.open_intents():
                raise ConfigError("a commit was interrupted: finish it with 'docstrata maintain' before you go back")
            left = context.catalog.beside.count_left(kept.number)
            if left:
                raise ConfigError(
                    f"{left:,} points came since, which the kept collection of the model '{kept.model}' does not hold:"
                    " 'docstrata reindex' with its settings embeds them and switches",
                    points=left,
                )
            with _opened(parts, kept) as target:
                take_over(context, kept, target)
                wrong = miscounted(target, context.catalog.beside.points_of_tenants())
                if wrong:
                    raise ConfigError(f"{wrong}: nothing was switched; 'docstrata reindex' with its settings mends it")
                context.catalog.beside.switch(number)
                parts.announce(target, kept.name)
    return kept


def drop_beside(context: Context, parts: Parts, state: CollectionState) -> CollectionRow:
    """Removes the collection beside the active one, when it is in that state, and returns what it was.
    Raises `ConfigError` when there is none."""
    with reindex_lock(context):
        dropped = _beside_in(context, state)
        index = parts.make_index()
        try:
            index.drop_collection(dropped.name)
        finally:
            index.close()
        context.catalog.collections.forget(dropped)
    return dropped


def erase_beside(context: Context, parts: Parts, points: Sequence[str]) -> None:
    """Removes points from the collection beside the active one, where there is one: what is purged
    must be gone everywhere."""
    beside = context.catalog.collections.beside()
    if beside is None or not points:
        return
    with _opened(parts, beside) as index, index.session():
        index.delete(points)
        index.flush()
        index.rewrite()
    context.catalog.beside.forget(beside.number, points)


# ------------------------------------------------------------------------------- which collections


def _active(context: Context) -> CollectionRow:
    active = context.catalog.collections.active()
    if active is None:
        raise ConfigError("this home holds nothing yet: begin with 'docstrata run' and the settings that you want")
    if not active.dimension:
        raise ConfigError(
            "this home was filled by an older docstrata: call 'docstrata maintain' with the settings that it was filled"
            " with, then go on"
        )
    return active


def _own_beside(context: Context, parts: Parts) -> CollectionRow | None:
    """The collection of these settings, as far as it was built. Raises `ConfigError` when another
    stands in its place."""
    beside = context.catalog.collections.beside()
    if beside is None or beside.fingerprint == parts.own_collection.fingerprint:
        return beside
    if beside.state is CollectionState.KEPT:
        raise ConfigError(
            f"the collection of the model '{beside.model}' is still kept: remove it with 'docstrata reindex --drop-old'"
            " before you build another"
        )
    raise ConfigError(
        f"a collection of the model '{beside.model}' is half built: go on with its settings, or remove it with"
        " 'docstrata reindex --give-up' before you build another"
    )


def _require_free(index: VectorIndex, parts: Parts) -> None:
    """Raises `ConfigError` where the collection is there already, and no work of this home: what it
    holds would be taken for left-overs."""
    name = parts.own_collection.name
    if name in index.collections():
        raise ConfigError(
            f"there is a collection {name} already that this home did not build: another home may use it; if none does,"
            " remove it by hand, and go on with 'docstrata reindex'",
            name=name,
        )


def _beside_in(context: Context, state: CollectionState) -> CollectionRow:
    beside = context.catalog.collections.beside()
    if beside is None or beside.state is not state:
        raise ConfigError(
            "no collection is kept: there is nothing to go back to or to drop"
            if state is CollectionState.KEPT
            else "no collection is half built: there is nothing to give up"
        )
    return beside


@contextmanager
def _opened(parts: Parts, collection: CollectionRow) -> Iterator[VectorIndex]:
    index = parts.open_collection(spec_of(collection))
    try:
        yield index
    finally:
        index.close()


# --------------------------------------------------------------------------- the moment of switching


@contextmanager
def _fenced(context: Context, *, wait: bool) -> Iterator[int]:
    """No run goes on, here or on another machine. The number of this one, which is a run as well."""
    with run_lock(context, wait=wait):
        started = context.clock()
        number = context.catalog.runs.begin(_REINDEX + fingerprint(started)[:12], started)
        state = "failed"
        try:
            yield number
            state = "done"
        finally:
            context.catalog.runs.finish(number, state, context.clock(), None)


def _finish_commits(context: Context, active: CollectionRow, old: Parts | None) -> None:
    """What a crash left open is finished in the collection that it was planned for."""
    if not context.catalog.history.open_intents():
        return
    before = replace(context, settings=with_identity(context.settings, read_identity(active.settings)))
    parts = old or Parts(before)
    try:
        Publisher(before, parts).heal()
    finally:
        if old is None:
            parts.close()
