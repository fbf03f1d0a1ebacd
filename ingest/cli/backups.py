"""`docstrata backup` and `restore`: a home in one file."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ingest.cli.common import (
    DEFAULT_HOME,
    EXIT_INTERRUPTED,
    Config,
    Home,
    Json,
    Set,
    errors,
    must_exist,
    out,
    settings_of,
)

_MIB = 2**20


def backup(
    target: Annotated[
        Path, typer.Argument(metavar="FILE|FOLDER", help="A new file, or a folder in which a dated one is made.")
    ],
    home: Home = DEFAULT_HOME,
    config: Config = None,
    overrides: Set = None,
    with_store: Annotated[
        bool, typer.Option("--with-store", help="Also the artifacts of a store that lies elsewhere (store.url).")
    ] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Fail when a run holds the home.")] = False,
    as_json: Json = False,
) -> None:
    """Write catalog, artifacts and index of one moment into one file, and read it back. Searches go on."""
    from ingest.api import Docstrata
    from ingest.cli.live import LiveProgress
    from ingest.cli.show import write_json

    must_exist(home)
    settings = settings_of(config, overrides)
    try:
        with LiveProgress(errors) as progress, Docstrata(home, settings, progress=progress) as strata:
            done = strata.backup(target, with_store=with_store, wait=not no_wait)
    except KeyboardInterrupt:
        errors.print("interrupted; no backup was made", style="yellow")
        raise typer.Exit(EXIT_INTERRUPTED) from None
    if as_json:
        write_json({**asdict(done), "path": str(done.path)}, sys.stdout)
        return
    out.print(f"backup     {done.path}", markup=False, highlight=False, soft_wrap=True)
    out.print(
        f"content    {done.files:,} files, {done.content / _MIB:,.1f} MiB; {done.size / _MIB:,.1f} MiB in the backup",
        highlight=False,
    )
    _note(done.notes)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What 'docstrata backup' made.", dir_okay=False)],
    home: Home = DEFAULT_HOME,
    config: Config = None,
    overrides: Set = None,
    as_json: Json = False,
) -> None:
    """Make a home of a backup. The home has to be empty, or not to be there yet; a damaged file leaves nothing."""
    from ingest.api import restore_backup
    from ingest.cli.live import LiveProgress
    from ingest.cli.show import write_json

    try:
        with LiveProgress(errors) as progress:
            done = restore_backup(file, home, settings_of(config, overrides), progress=progress)
    except KeyboardInterrupt:
        errors.print("interrupted; nothing was restored", style="yellow")
        raise typer.Exit(EXIT_INTERRUPTED) from None
    if as_json:
        write_json({**asdict(done), "home": str(done.home)}, sys.stdout)
        return
    out.print(f"restored   {done.home}", markup=False, highlight=False, soft_wrap=True)
    out.print(f"content    {done.files:,} files, {done.content / _MIB:,.1f} MiB", highlight=False)
    if done.model:
        out.print(f"model      {done.model}", markup=False, highlight=False)
    _note(done.notes)


def _note(notes: tuple[str, ...]) -> None:
    for note in notes:
        errors.print(note, style="yellow", markup=False, highlight=False)
