"""`docstrata report`: how good the chunks are, as a page, as JSON, and in a few lines."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from ingest.cli.common import (
    DEFAULT_HOME,
    EXIT_INTERRUPTED,
    Config,
    Home,
    Json,
    Set,
    errors,
    out,
    settings_of_home,
)

if TYPE_CHECKING:
    from schemas.quality import QualityReport

EXIT_NOT_GOOD = 3
_STYLES = {"good": "green", "look": "yellow", "bad": "red"}


def report(
    *,
    home: Home = DEFAULT_HOME,
    config: Config = None,
    overrides: Set = None,
    page: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE.html",
            help="Where the page is written, and beside it the JSON; otherwise HOME/reports/report.html.",
            dir_okay=False,
        ),
    ] = None,
    source: Annotated[str | None, typer.Option(help="Of this source only.")] = None,
    as_json: Json = False,
) -> None:
    """How good the chunks are: a page with a verdict, its reasons, and every number behind it.

    Exit codes: 0 the verdict is good, 3 it is not, 2 usage. The limits are in section report of the configuration.
    """
    from ingest.api import Docstrata
    from ingest.cli.live import LiveProgress
    from ingest.reports.writing import data_path, write_report
    from schemas.quality import Verdict

    settings = settings_of_home(home, config, overrides)
    page = page or home / "reports" / "report.html"
    data_path(page)  # refused before the work, not after it
    try:
        with LiveProgress(errors) as progress, Docstrata(home, settings, progress=progress) as it:
            found = it.report(source)
        write_report(found, page)
    except KeyboardInterrupt:
        errors.print("interrupted; no report was written", style="yellow")
        raise typer.Exit(EXIT_INTERRUPTED) from None
    if as_json:
        sys.stdout.write(found.model_dump_json() + "\n")
    else:
        show_report(found, page, out)
    raise typer.Exit(0 if found.verdict is Verdict.GOOD else EXIT_NOT_GOOD)


def show_report(found: QualityReport, page: Path, console: Console) -> None:
    console.print(Text.assemble("verdict    ", (found.verdict.value, f"bold {_STYLES[found.verdict.value]}")))
    for reason in found.reasons:
        line = Text.assemble((f"  {reason.severity.value}", _STYLES[reason.severity.value]), f" {reason.sentence}")
        console.print(line, soft_wrap=True)
    files, documents, chunks = found.files, found.documents, found.chunks
    console.print(f"files      {files.listed:,}, in quarantine {found.failures_total:,}", highlight=False)
    console.print(f"documents  {documents.total:,} with {found.pages.total:,} pages", highlight=False)
    lengths = chunks.lengths
    half = f", half of at most {lengths.median:,} tokens" if lengths.median is not None else ""
    console.print(
        f"chunks     {chunks.total:,}{half}, {lengths.over_budget:,} above the budget of {lengths.budget:,}",
        highlight=False,
    )
    console.print(
        f"text       {found.completeness.lost:,} of {found.completeness.characters:,} characters lost", highlight=False
    )
    console.print(f"report     {page}", markup=False, highlight=False, soft_wrap=True)
