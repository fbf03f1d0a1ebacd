"""`docstrata maintain`: the home, tidied and compared with its index."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from ingest.cli.common import DEFAULT_HOME, EXIT_FAILED, Config, Home, Json, Set, errors, must_exist, out, settings_of
from ingest.cli.retention import show_collected

if TYPE_CHECKING:
    from ingest.steps import Maintenance


def maintain(
    home: Home = DEFAULT_HOME,
    config: Config = None,
    overrides: Set = None,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Fail when a run holds the home.")] = False,
    as_json: Json = False,
) -> None:
    """Tidy the home: finish what was interrupted, remove what was left over, compare catalog and index."""
    from ingest.cli.live import LiveProgress
    from ingest.cli.show import write_json
    from ingest.steps import Steps

    must_exist(home)
    settings = settings_of(config, overrides)
    with LiveProgress(errors) as progress, Steps(home, settings, progress=progress) as steps:
        done = steps.maintain(wait=not no_wait)
    if as_json:
        write_json({**asdict(done), "trouble": done.trouble}, sys.stdout)
    else:
        show_maintenance(done, out)
    raise typer.Exit(EXIT_FAILED if done.trouble else 0)


def show_maintenance(done: Maintenance, console: Console) -> None:
    console.print(f"interrupted commits finished: {done.finished}")
    console.print(f"left over and removed: {done.plans} plans, {done.scratch} folders")
    console.print("search graphs: " + ("built" if done.optimized else "nothing to do"))
    console.print(f"current points: {done.in_catalog:,} in the catalog, {done.in_index:,} in the index")
    if done.collected is not None:
        show_collected(done.collected, console)
    if done.trouble:
        console.print(done.trouble, style="red", highlight=False)
