"""`docstrata versions`, `diff` and `rollback`: what became of a document, and how it becomes what it was."""

from __future__ import annotations

import sys
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

Document = Annotated[
    str, typer.Argument(metavar="DOC", help="Its source and path, its path or the end of it, or its doc_id.")
]


def versions(
    document: Document,
    *,
    home: Home = DEFAULT_HOME,
    config: Config = None,
    overrides: Set = None,
    as_json: Json = False,
) -> None:
    """The versions of a document: when each was published, by which run, and why."""
    from ingest.api import Docstrata
    from ingest.cli.show import write_json
    from ingest.cli.show_versions import show_versions, versions_json

    must_exist(home)
    with Docstrata(home, settings_of(config, overrides)) as strata:
        found = strata.versions(document)
    write_json(versions_json(found), sys.stdout) if as_json else show_versions(found, out)


def diff(
    document: Document,
    old: Annotated[int | None, typer.Argument(metavar="V1", help="A version; otherwise the one before V2.")] = None,
    new: Annotated[int | None, typer.Argument(metavar="V2", help="A version; otherwise the last.")] = None,
    *,
    home: Home = DEFAULT_HOME,
    config: Config = None,
    overrides: Set = None,
    as_json: Json = False,
) -> None:
    """What came, went, moved and changed between two versions of a document."""
    from ingest.api import Docstrata
    from ingest.cli.show import write_json
    from ingest.cli.show_versions import diff_json, show_diff

    must_exist(home)
    with Docstrata(home, settings_of(config, overrides)) as strata:
        found = strata.diff(document, old, new)
    write_json(diff_json(found), sys.stdout) if as_json else show_diff(found, out)


def rollback(
    document: Annotated[
        str | None,
        typer.Argument(metavar="[DOC]", help="Its source and path, its path or the end of it, or its doc_id."),
    ] = None,
    *,
    to: Annotated[int | None, typer.Option("--to", metavar="V", help="The version that comes back.")] = None,
    run: Annotated[
        str | None, typer.Option(metavar="RUN", help="Take back all that this run changed: its id, as in status.")
    ] = None,
    home: Home = DEFAULT_HOME,
    config: Config = None,
    overrides: Set = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would come back and go; do nothing.")] = False,
    allow_embed: Annotated[bool, typer.Option("--allow-embed", help="Make vectors again that are lost.")] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Fail when a run holds the home.")] = False,
    as_json: Json = False,
) -> None:
    """Publish old content as a new version: of one document, or of all that a run changed. Nothing is embedded."""
    from ingest.api import Docstrata
    from ingest.cli.live import LiveProgress
    from ingest.cli.show import write_json
    from ingest.cli.show_versions import rollback_json, show_rollback

    must_exist(home)
    settings = settings_of(config, overrides)
    with LiveProgress(errors) as progress, Docstrata(home, settings, progress=progress) as strata:
        try:
            done = strata.rollback(document, to=to, run=run, dry_run=dry_run, allow_embed=allow_embed, wait=not no_wait)
        except KeyboardInterrupt:
            errors.print("interrupted; what was restored is kept, give the same command to go on", style="yellow")
            raise typer.Exit(EXIT_INTERRUPTED) from None
    write_json(rollback_json(done), sys.stdout) if as_json else show_rollback(done, out, dry_run=dry_run)
