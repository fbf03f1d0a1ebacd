"""What a process that watches a drop folder counts of its own, beside what the catalog says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from threading import Lock

from prometheus_client.core import Metric as Family
from prometheus_client.registry import Collector

from ingest.metrics import names
from ingest.metrics.exposition import families
from ingest.metrics.names import Metric
from ingest.metrics.readings import Reading
from ingest.progress import Progress


class LiveCounters(Collector):
    """Counted in the thread that works, read in the one that answers."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[tuple[Metric, tuple[str, ...]]] = Counter(
            {(names.WATCH_CYCLES, ()): 0, (names.WATCH_TROUBLE, ()): 0}
        )
        for outcome in ("done", "quarantined"):
            self._counts[names.WATCH_FILES, (outcome,)] = 0

    def describe(self) -> list[Family]:
        return []

    def collect(self) -> Iterator[Family]:
        with self._lock:
            counts = dict(self._counts)
        yield from families(Reading(metric, value, labels) for (metric, labels), value in counts.items())

    def cycle(self, done: int, quarantined: int) -> None:
        with self._lock:
            self._counts[names.WATCH_CYCLES, ()] += 1
            self._counts[names.WATCH_FILES, ("done",)] += done
            self._counts[names.WATCH_FILES, ("quarantined",)] += quarantined

    def trouble(self, *, lasts: bool) -> None:
        with self._lock:
            self._counts[names.WATCH_TROUBLE, ()] = int(lasts)

    def add(self, metric: Metric, stage: str, more: int) -> None:
        with self._lock:
            self._counts[metric, (stage,)] += more


class CountedProgress:
    """Implements `Progress`: counts, and tells another."""

    def __init__(self, told: Progress, counters: LiveCounters) -> None:
        self._told = told
        self._counters = counters

    def expect(self, stage: str, more: int) -> None:
        self._counters.add(names.WATCH_FOUND, stage, more)
        self._told.expect(stage, more)

    def advance(self, stage: str, done: int = 1) -> None:
        self._counters.add(names.WATCH_DONE, stage, done)
        self._told.advance(stage, done)

    def say(self, message: str) -> None:
        self._told.say(message)
