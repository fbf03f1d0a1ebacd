"""`docstrata backup` and `docstrata restore`: a home as one file, and back."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ingest.cli.common import DEFAULT_HOME, Config, Home, Json, Set, errors, must_exist, out, settings_of

_MIB = 2**20


def backup(
    file: Annotated[Path, typer.Argument(help="The backup, best named *.tar.zst; replaced when it is there.")],
    home: Home = DEFAULT_HOME,
    config: Config = None,
    overrides: Set = None,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Fail when a run holds the home.")] = False,
    as_json: Json = False,
) -> None:
    """Save the home in one file: catalog, artifacts and index as they are between two runs.

    Searches go on meanwhile, runs wait. What lies elsewhere (Qdrant's server, a store.url) is named, not saved.
    """
    from ingest.api import Docstrata
    from ingest.cli.live import LiveProgress
    from ingest.cli.show import write_json

    settings = settings_of(config, overrides)
    if settings.catalog.url is None:
        must_exist(home)
    with LiveProgress(errors) as progress, Docstrata(home, settings, progress=progress) as strata:
        done = strata.backup(file, wait=not no_wait)
    if as_json:
        write_json(asdict(done), sys.stdout)
        return
    out.print(f"{done.members:,} files saved in {file}, {done.written / _MIB:,.1f} MiB", highlight=False, markup=False)
    _tell_apart(done.apart)


def restore(
    file: Annotated[Path, typer.Argument(help="A backup.", dir_okay=False)],
    home: Home = DEFAULT_HOME,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Compare every checksum; write nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Make a home of a backup. The home must not be there yet, or be empty.

    Every checksum is compared. A file that is damaged, cut short or of a newer release leaves nothing behind.
    """
    from ingest.api import restore as restore_home
    from ingest.cli.live import LiveProgress
    from ingest.cli.show import write_json

    with LiveProgress(errors) as progress:
        done = restore_home(file, home, dry_run=dry_run, progress=progress)
    if as_json:
        write_json({**asdict(done), "dry_run": dry_run}, sys.stdout)
        return
    made = datetime.fromtimestamp(done.made_at_ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M UTC")
    what = f"{done.members:,} files of {made}"
    said = f"{what} are whole and could be restored to {home}" if dry_run else f"{what} restored to {home}"
    out.print(said, highlight=False, markup=False)
    _tell_apart(done.apart)


def _tell_apart(sentences: Sequence[str]) -> None:
    for sentence in sentences:
        errors.print(sentence, style="yellow", highlight=False, markup=False)
