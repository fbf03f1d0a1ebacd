"""`docstrata vectors`: out to Parquet, and in from it."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ingest.cli.common import DEFAULT_HOME, Config, Home, Json, Set, errors, out, settings_of, settings_of_home

vectors = typer.Typer(
    help="Vectors as Parquet: for analysis elsewhere, or for a home that shall not embed the same texts again.",
    no_args_is_help=True,
)

_File = Annotated[Path, typer.Argument(help="A Parquet file.", metavar="FILE", dir_okay=False)]


@vectors.command(
    "export",
    epilog="Example: [bold]docstrata vectors export vectors.parquet --home state[/], then in Python"
    " [bold]pandas.read_parquet('vectors.parquet')[/]",
)
def export_command(
    file: _File,
    home: Home = DEFAULT_HOME,
    config: Config = None,
    overrides: Set = None,
    no_text: Annotated[bool, typer.Option("--no-text", help="Leave the texts out.")] = False,
    as_json: Json = False,
) -> None:
    """Write the raw vector of every chunk of every live document, with where it comes from."""
    from ingest.api import Docstrata
    from ingest.cli.live import LiveProgress
    from ingest.cli.show import write_json

    settings = settings_of_home(home, config, overrides)
    with LiveProgress(errors) as progress, Docstrata(home, settings, progress=progress) as strata:
        done = strata.export_vectors(file, text=not no_text)
    if as_json:
        write_json(asdict(done), sys.stdout)
        return
    out.print(f"{done.rows:,} vectors of {done.documents:,} documents written to {file}", highlight=False)
    if done.without:
        out.print(f"{done.without:,} chunks have none: they are duplicates", highlight=False)


@vectors.command("import", epilog="Example: [bold]docstrata vectors import vectors.parquet --home new[/]")
def import_command(
    file: _File,
    home: Home = DEFAULT_HOME,
    config: Config = None,
    overrides: Set = None,
    as_json: Json = False,
) -> None:
    """Take the vectors of an exported file: runs of this home do not make them again."""
    from ingest.api import Docstrata
    from ingest.cli.live import LiveProgress
    from ingest.cli.show import write_json

    settings = settings_of(config, overrides)
    with LiveProgress(errors) as progress, Docstrata(home, settings, progress=progress) as strata:
        done = strata.import_vectors(file)
    if as_json:
        write_json(asdict(done), sys.stdout)
    else:
        out.print(f"{done.added:,} vectors taken in, {done.known:,} of {done.rows:,} were known", highlight=False)
