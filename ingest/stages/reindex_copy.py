"""Points on their way from the active collection to the one that is built beside it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from ingest.catalog.beside import SourceRow
from ingest.catalog.collections import CollectionRow
from ingest.context import Context, require_room
from ingest.sinks.base import VectorIndex
from ingest.stages.canaries import lost, miscounted
from ingest.stages.parts import Parts
from ingest.stages.reindex_rows import Translated, Translator, Writer
from ingest.vectors import PayloadFilter
from schemas.errors import ConfigError, InvariantError
from schemas.point import OPEN

_BATCH = 1024
"""Points that are read, embedded and written together."""
_LITTLE = 1024
"""So many points may be left to the moment in which runs have to wait."""
_MOST_PASSES = 10
"""Runs that publish faster than this copies have to wait for it in the end."""
EVERY_POINT = PayloadFilter({}, history=True, all_tenants=True)

_SAMPLE = 16
_TIMED = 64
"""Texts that are embedded to tell how long it will take."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What there is to do. `points` to copy; `texts` to embed for them; `seconds` that takes, where
    it was measured. `too_long`: texts of more tokens than `limit`, of which the longest has `longest`."""

    model: str
    points: int
    texts: int
    seconds: float | None
    too_long: int
    longest: int
    limit: int


class Copy:
    """`context` and `parts` are of the new settings, `source` is the active collection. `copied`,
    `embedded`: so far."""

    def __init__(self, context: Context, parts: Parts, source: VectorIndex) -> None:
        self._context = context
        self._parts = parts
        self._source = source
        self._beside = context.catalog.beside
        self._translator = Translator(context, parts)
        self._writer = Writer(context, parts)
        self.copied = self.embedded = 0

    def survey(self, number: int) -> Survey:
        """Of what the collection of that number lacks."""
        limit = self._parts.embedder.limit
        points = too_long = longest = 0
        missing: set[bytes] = set()
        sample: dict[str, str] = {}
        for rows in self._batches(number):
            translated = self._translator.translate(self._source, rows)
            lengths = [point.payload.token_count for point in translated.points]
            points += len(lengths)
            too_long += sum(length > limit for length in lengths)
            longest = max([longest, *lengths])
            new = self._writer.missing(translated)
            missing.update(map(bytes.fromhex, new))
            sample.update((key, new[key]) for key in list(new)[: max(0, _TIMED - len(sample))])
        seconds = self._seconds(list(sample.values()), len(missing)) if not too_long else None
        return Survey(self._parts.own_collection.model, points, len(missing), seconds, too_long, longest, limit)

    def _seconds(self, sample: list[str], texts: int) -> float | None:
        """At the rate of a few; the first one is for loading the model."""
        if len(sample) < 2:
            return None
        self._parts.embedder.embed(sample[:1])
        began = time.monotonic()
        self._parts.embedder.embed(sample[1:])
        return (time.monotonic() - began) / (len(sample) - 1) * texts

    def require_short(self, number: int) -> None:
        """Nothing may be cut off without a word. Raises `ConfigError`."""
        limit, model = self._parts.embedder.limit, self._parts.own_collection.model
        too_long = longest = 0
        self._context.progress.expect("measure", self._beside.count_left(number))
        for rows in self._batches(number):
            lengths = self._translator.lengths(self._source, rows)
            too_long += sum(length > limit for length in lengths)
            longest = max([longest, *lengths])
            self._context.progress.advance("measure", len(rows))
        if too_long:
            raise ConfigError(
                f"{too_long:,} texts are longer than '{model}' reads ({limit} tokens; the longest has {longest}):"
                " chunks would have to be cut anew. Take the folders into another --home with that model, or choose one"
                " that reads more",
                too_long=too_long,
                limit=limit,
            )

    def all_but_little(self, built: CollectionRow, target: VectorIndex) -> None:
        """Passes over what is lacking, while runs go on and add to it."""
        for _ in range(_MOST_PASSES):
            left = self._beside.count_left(built.number)
            self._context.progress.expect("copy", left)
            for rows in self._batches(built.number):
                require_room(self._context)
                self._copy(built, target, self._translator.translate(self._source, rows))
            if self._beside.count_left(built.number) <= _LITTLE:
                return

    def rest(self, built: CollectionRow, target: VectorIndex) -> None:
        """No run goes on. Raises `ConfigError` when the active collection lacks points itself."""
        for rows in self._batches(built.number):
            self._context.progress.expect("copy", len(rows))
            translated = self._translator.translate(self._source, rows)
            if translated.absent:
                raise ConfigError(
                    f"{len(translated.absent)} points that the catalog knows are not in the index: mend it with"
                    " 'docstrata reconcile --repair', then go on with 'docstrata reindex'",
                    points=len(translated.absent),
                )
            self._copy(built, target, translated)
        take_over(self._context, built, target)

    def _copy(self, built: CollectionRow, target: VectorIndex, translated: Translated) -> None:
        self.embedded += self._writer.embed(translated)
        written = self._writer.write(target, translated)
        self._beside.put(built.number, written)
        self.copied += len(written)
        self._context.progress.advance("copy", len(written))

    def check(self, built: CollectionRow, target: VectorIndex) -> None:
        """Raises `InvariantError` when the collection is not what the catalog says, even after it was
        compared point by point."""
        expected = self._beside.points_of_tenants()
        if miscounted(target, expected):
            _compare(self._context, built, target)
            self.rest(built, target)
        wrong = miscounted(target, expected)
        if wrong:
            raise InvariantError(f"{wrong}; nothing was switched")
        sample = self._translator.translate(self._source, self._beside.sample(built.number, _SAMPLE))
        self._writer.embed(sample)  # somebody may have swept vectors that no active point needs
        missed = lost(target, self._writer.index_points(sample))
        if missed:
            raise InvariantError(
                f"{len(missed)} of {len(sample.points)} passages do not find themselves in the new collection; nothing"
                " was switched",
                point=missed[0],
            )

    def _batches(self, number: int) -> Iterator[list[SourceRow]]:
        last: SourceRow | None = None
        while rows := self._beside.left(number, last, _BATCH):
            yield rows
            last = rows[-1]


def take_over(context: Context, built: CollectionRow, target: VectorIndex) -> None:
    """What ended, and what went, since it was copied."""
    beside = context.catalog.beside
    while ended := beside.ended(built.number, _BATCH):
        with target.session():
            for to_seq in sorted({to_seq for _, to_seq in ended}):
                points = [point for point, until in ended if until == to_seq]
                target.set_payload(points, {"current": to_seq == OPEN, "to_seq": to_seq})
            target.flush()
        beside.end(built.number, ended)
    while gone := beside.gone(built.number, _BATCH):
        with target.session():
            target.delete(gone)
            target.flush()
        beside.forget(built.number, gone)


def _compare(context: Context, built: CollectionRow, target: VectorIndex) -> None:
    """Point by point: strangers are removed, and what is missing is forgotten, so that it is written again."""
    beside = context.catalog.beside
    strangers: list[str] = []
    for some in _in_batches(point.id for point in target.scroll(EVERY_POINT)):
        known = beside.known(built.number, some)
        strangers += [point for point in some if point not in known]
    target.delete(strangers)
    last: str | None = None
    while page := beside.page(built.number, last, _BATCH):
        there = target.retrieve(page)
        beside.forget(built.number, [point for point in page if point not in there])
        last = page[-1]


def _in_batches(points: Iterator[str]) -> Iterator[list[str]]:
    while some := list(islice(points, _BATCH)):
        yield some
