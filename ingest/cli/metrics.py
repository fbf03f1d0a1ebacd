"""`docstrata metrics`: what Prometheus asks for, printed, written to a file, or served."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.cli.common import (
    DEFAULT_HOME,
    EXIT_FAILED,
    Config,
    Home,
    Json,
    Set,
    errors,
    settings_of_home,
    tell,
)
from schemas.errors import ConfigError

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from ingest.metrics.exposition import HomeCollector


def metrics(
    home: Home = DEFAULT_HOME,
    config: Config = None,
    overrides: Set = None,
    listen: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Serve /metrics and /healthz there until Ctrl-C, for Prometheus."),
    ] = None,
    textfile: Annotated[
        Path | None,
        typer.Option(metavar="FILE.prom", help="Write them there, for node_exporter's textfile collector."),
    ] = None,
    inbox: Annotated[
        str | None, typer.Option(metavar="DIR|URL", help="The drop folder to look into; otherwise airflow.inbox.")
    ] = None,
    as_json: Json = False,
) -> None:
    """What a monitor asks for: documents, rows, quarantine, runs, the report's verdict, room, the drop folder.

    Printed in Prometheus' text, unless --listen or --textfile is given. Costs the same however much the home holds.
    """
    from ingest.context import Home as HomeFolder
    from ingest.metrics.exposition import HomeCollector, registry_of, write_textfile
    from ingest.metrics.readings import Place, inbox_of

    if (listen is not None) + (textfile is not None) + as_json > 1:
        raise ConfigError("give one of --listen, --textfile and --json, or none")
    settings = settings_of_home(home, config, overrides)
    collector = HomeCollector(Place(HomeFolder(home.absolute()), settings, inbox_of(settings, inbox)))
    registry = registry_of(collector)
    if listen is not None:
        _serve(listen, registry, collector)
        return
    if textfile is not None:
        write_textfile(registry, textfile)
    elif as_json:
        _print_json(registry)
    else:
        _print_text(registry)
    if collector.trouble is not None:  # told after the answer: `docstrata_up` is 0 in it
        tell(collector.trouble)
        raise typer.Exit(EXIT_FAILED)


def _print_text(registry: CollectorRegistry) -> None:
    from prometheus_client import generate_latest

    sys.stdout.write(generate_latest(registry).decode())


def _print_json(registry: CollectorRegistry) -> None:
    from ingest.cli.show import write_json

    samples = [sample for family in registry.collect() for sample in family.samples]
    write_json([{"name": s.name, "labels": dict(s.labels), "value": s.value} for s in samples], sys.stdout)


def _serve(listen: str, registry: CollectorRegistry, collector: HomeCollector) -> None:
    from ingest.metrics.server import read_address, serving

    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    with serving(read_address(listen, "--listen"), registry, collector) as address:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, end)
        said = f"metrics at http://{address}/metrics; Ctrl-C ends it"
        errors.print(said, style="dim", markup=False, highlight=False, soft_wrap=True)
        ended.wait()
    errors.print("stopped", style="dim")
