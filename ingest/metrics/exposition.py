"""Prometheus' text: what a scrape is answered with, and what node_exporter reads from a file."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, write_to_textfile
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.core import Metric as Family
from prometheus_client.registry import Collector

from ingest.logs import get_logger
from ingest.metrics import names
from ingest.metrics.names import METRICS, Kind, Metric
from ingest.metrics.readings import Place, Reading, read_home, read_surroundings
from schemas.errors import ConfigError, DocstrataError

_log = get_logger(__name__)
_TEXTFILE = ".prom"


class HomeCollector(Collector):
    """Reads the home anew for every answer. A catalog that cannot be read is `docstrata_up` 0, and `trouble`."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.trouble: DocstrataError | None = None

    def describe(self) -> Iterable[Family]:
        """Nothing: the registry would otherwise read the home to learn the names."""
        return []

    def collect(self) -> Iterator[Family]:
        began = time.perf_counter()
        readings = read_surroundings(self._place)
        try:
            readings += read_home(self._place)
            self.trouble = None
        except DocstrataError as error:
            if self.trouble is None:  # once, not at every scrape
                _log.warning("metrics.catalog_unreadable", extra={"facts": {"code": error.code}})
            self.trouble = error
        readings.append(Reading(names.UP, float(self.trouble is None)))
        readings.append(Reading(names.SCRAPE, time.perf_counter() - began))
        yield from families(readings)


def families(readings: Iterable[Reading]) -> Iterator[Family]:
    """In the order of the list of names."""
    found: dict[Metric, list[Reading]] = {}
    for reading in readings:
        found.setdefault(reading.metric, []).append(reading)
    for metric in METRICS:
        if metric in found:
            kind = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
            family: CounterMetricFamily | GaugeMetricFamily = kind(metric.name, metric.help, labels=metric.labels)
            for reading in found[metric]:
                family.add_metric(reading.labels, reading.value)
            yield family


def registry_of(collector: Collector) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(collector)
    return registry


def write_textfile(registry: CollectorRegistry, path: Path) -> None:
    """Put in place whole: node_exporter never reads half of it. Raises `ConfigError` for a place that cannot be
    written."""
    if path.suffix != _TEXTFILE:
        raise ConfigError(f"{path} has to end in {_TEXTFILE}: node_exporter reads no other file")
    try:
        write_to_textfile(str(path), registry)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}; name a file in a folder that is there"
        ) from error
