"""`docstrata reindex`: another model, or other embedding settings, without taking the folders in anew."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.cli.common import (
    DEFAULT_HOME,
    EXIT_INTERRUPTED,
    Config,
    Home,
    Json,
    Set,
    errors,
    out,
    settings_of,
    settings_of_home,
)
from ingest.stages.identity import Identity, as_toml, differing, identity_of, read_identity
from schemas.errors import ConfigError

if TYPE_CHECKING:
    from ingest.config import Settings
    from ingest.steps import Reindexed, Survey


def reindex(
    home: Home = DEFAULT_HOME,
    config: Config = None,
    overrides: Set = None,
    model: Annotated[
        str | None, typer.Option("--model", help="The new embed.model; left out: as configured and by --set.")
    ] = None,
    canary: Annotated[
        Path | None,
        typer.Option(
            help='Questions that must find their documents, a line each: {"question": "…", "path": "…"}.',
            dir_okay=False,
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be embedded; do nothing.")] = False,
    back: Annotated[bool, typer.Option("--back", help="Search the collection again that was searched before.")] = False,
    drop_old: Annotated[
        bool, typer.Option("--drop-old", help="Remove the collection that was searched before.")
    ] = False,
    give_up: Annotated[bool, typer.Option("--give-up", help="Remove the collection that is half built.")] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Fail when a run holds the home at the end.")] = False,
    as_json: Json = False,
) -> None:
    """Search with another embedding model: build its collection beside the old one, check it, and switch.

    Runs and searches go on meanwhile. What was interrupted goes on when the command is given again. The old
    collection is kept until --drop-old.
    """
    from ingest.cli.live import LiveProgress
    from ingest.cli.show import write_json
    from ingest.stages.canaries import read_canaries
    from ingest.steps import Steps

    if sum((dry_run, back, drop_old, give_up)) > 1:
        raise ConfigError("give one of --dry-run, --back, --drop-old and --give-up")
    settings = settings_of_home(home, config, overrides, {"embed.model": model} if model else {})
    canaries = read_canaries(canary) if canary is not None else ()
    configured = settings_of(config, None)
    with LiveProgress(errors) as progress, Steps(home, settings, progress=progress) as steps:
        if dry_run:
            answer = _surveyed(steps.survey_reindex())
        elif drop_old or give_up:
            dropped = steps.drop_old() if drop_old else steps.give_up_reindex()
            answer = _Answer({"dropped": dropped.model}, f"the collection of '{dropped.model}' is removed")
        elif back:
            kept = steps.reindex_back(wait=not no_wait)
            said = f"'{kept.model}' is searched again; the other collection is kept until --drop-old"
            answer = _Answer({"model": kept.model}, said, to_configure(configured, read_identity(kept.settings)))
        else:
            try:
                done = steps.reindex(canaries, wait=not no_wait)
            except KeyboardInterrupt:
                errors.print("interrupted; what was built is kept, give the command again to go on", style="yellow")
                raise typer.Exit(EXIT_INTERRUPTED) from None
            answer = _Answer(asdict(done), _said(done), to_configure(configured, identity_of(settings)))
    if as_json:
        write_json({**answer.facts, "configure": answer.configure.splitlines()}, sys.stdout)
    else:
        answer.show()


@dataclass(frozen=True, slots=True)
class _Answer:
    """`configure`: lines that the configuration has to hold from now on, and does not."""

    facts: dict[str, object]
    said: str
    configure: str = ""

    def show(self) -> None:
        out.print(self.said, highlight=False, markup=False)
        if self.configure:
            errors.print("put this into the configuration, or commands are refused:", style="yellow")
            out.print(self.configure, highlight=False, markup=False)


def to_configure(configured: Settings, identity: Identity) -> str:
    """What stands otherwise in the configuration, without what the command line says."""
    return as_toml(identity, differing(identity, identity_of(configured)))


def _surveyed(found: Survey) -> _Answer:
    said = f"to copy for '{found.model}': {found.points:,} points; to embed: {found.texts:,} texts"
    if found.seconds is not None:
        said += f", about {_span(found.seconds)}"
    if found.too_long:
        said += (
            f". It cannot be done: {found.too_long:,} texts are longer than the {found.limit} tokens that it reads"
            f" (the longest has {found.longest})"
        )
    return _Answer(asdict(found), said)


def _said(done: Reindexed) -> str:
    if done.before == done.model and not done.copied:
        return f"'{done.model}' is searched with these settings already: nothing to do"
    return (
        f"'{done.model}' is searched now: {done.points:,} points, {done.copied:,} copied and {done.embedded:,} texts"
        f" embedded in {_span(done.seconds)}; the collection of '{done.before}' is kept until --drop-old, and --back"
        " returns to it"
    )


def _span(seconds: float) -> str:
    """Seconds, then minutes, then hours."""
    if seconds < _A_WHILE:
        return f"{seconds:,.0f} s"
    minutes = seconds / 60
    return f"{minutes:,.0f} min" if minutes < _A_WHILE else f"{minutes / 60:,.1f} h"


_A_WHILE = 120
