"""`docstrata gc` and `docstrata purge`: what is old leaves by a policy, and one document leaves altogether."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from ingest.cli.common import (
    DEFAULT_HOME,
    EXIT_INTERRUPTED,
    EXIT_USAGE,
    Config,
    Home,
    Json,
    Set,
    errors,
    out,
    settings_of_home,
)

if TYPE_CHECKING:
    from ingest.stages.purge import Purged
    from ingest.stages.retention import Collected

NoWait = Annotated[bool, typer.Option("--no-wait", help="Fail when a run holds the home.")]


def gc(
    *,
    home: Home = DEFAULT_HOME,
    config: Config = None,
    overrides: Set = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be removed; do nothing.")] = False,
    no_wait: NoWait = False,
    as_json: Json = False,
) -> None:
    """Remove versions that section retention does not keep, then whatever nothing refers to any more."""
    from ingest.api import Docstrata
    from ingest.cli.live import LiveProgress
    from ingest.cli.show import write_json

    settings = settings_of_home(home, config, overrides)
    with LiveProgress(errors) as progress, Docstrata(home, settings, progress=progress) as strata:
        try:
            done = strata.gc(dry_run=dry_run, wait=not no_wait)
        except KeyboardInterrupt:
            errors.print("interrupted; the next gc goes on", style="yellow")
            raise typer.Exit(EXIT_INTERRUPTED) from None
    if as_json:
        write_json(asdict(done), sys.stdout)
        return
    if not settings.retention.is_set:
        out.print("every version is kept: set keep_versions or keep_days in [bold]\\[retention][/] to remove old ones")
    show_collected(done, out, dry_run=dry_run)


def show_collected(done: Collected, console: Console, *, dry_run: bool = False) -> None:
    what = "would be removed" if dry_run else "removed"
    console.print(f"{what}: {done.versions:,} versions, {done.rows:,} rows of the index")
    console.print(
        f"{what}, as nothing refers to them: {done.artifacts:,} artifacts, {done.vectors:,} vectors,"
        f" {done.originals:,} originals"
    )
    console.print(f"packs {'to rewrite or remove' if dry_run else 'rewritten or removed'}: {done.packs:,}")
    console.print(f"one can look back to commit {done.horizon:,}")
    for note in done.notes:
        console.print(note, style="yellow", markup=False, highlight=False)


def purge(
    document: Annotated[
        str, typer.Argument(metavar="DOC", help="Its source and path, its path or the end of it, or its doc_id.")
    ],
    *,
    home: Home = DEFAULT_HOME,
    config: Config = None,
    overrides: Set = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be removed; do nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    no_wait: NoWait = False,
    as_json: Json = False,
) -> None:
    """Remove a document everywhere and for good: index, history, catalog, artifacts, vectors, original."""
    from ingest.api import Docstrata
    from ingest.cli.live import LiveProgress
    from ingest.cli.show import write_json

    settings = settings_of_home(home, config, overrides)
    if not (yes or dry_run):
        with Docstrata(home, settings) as strata:
            show_purged(strata.purge(document, dry_run=True), errors, dry_run=True)
        if not sys.stdin.isatty():
            errors.print("a purge cannot be undone: give --yes to go on", style="red")
            raise typer.Exit(EXIT_USAGE)
        typer.confirm("Remove all of it? This cannot be undone.", abort=True, err=True)
    with LiveProgress(errors) as progress, Docstrata(home, settings, progress=progress) as strata:
        try:
            done = strata.purge(document, dry_run=dry_run, wait=not no_wait)
        except KeyboardInterrupt:
            errors.print("interrupted; 'docstrata maintain' finishes it", style="yellow")
            raise typer.Exit(EXIT_INTERRUPTED) from None
    write_json(asdict(done), sys.stdout) if as_json else show_purged(done, out, dry_run=dry_run)


def show_purged(done: Purged, console: Console, *, dry_run: bool = False) -> None:
    for name in done.documents:
        console.print(name, style="bold", markup=False, highlight=False)
    what = "would be removed" if dry_run else "removed"
    console.print(
        f"{what}: {done.versions:,} versions, {done.rows:,} rows of the index, {done.artifacts:,} artifacts,"
        f" {done.vectors:,} vectors, {done.originals:,} originals"
    )
    if done.promoted:
        console.print(f"duplicates in other documents that stand for themselves now: {done.promoted:,}")
    for note in done.notes:
        console.print(note, style="yellow", markup=False, highlight=False)
