"""`docstrata report`: how good the chunks are, as a page, as JSON, and in a few lines; and two runs side by side."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
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
from ingest.cli.layout import Column, show_rows
from schemas.errors import ConfigError, DocstrataError

if TYPE_CHECKING:
    from ingest.config import Settings
    from ingest.reports.wording import ToldChange
    from schemas.comparison import Comparison
    from schemas.quality import QualityReport

EXIT_NOT_GOOD = 3
_STYLES = {"good": "green", "look": "yellow", "bad": "red"}
_TONES = {"good": "green", "bad": "red", "": ""}
_MOST_WORSE = 10
"""Documents that are worse than before which the terminal names; the page has more."""


def complete_run(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """The last runs of the home that begin so, with when and how. None where there is no home to ask."""
    from ingest.api import Docstrata

    home = Path(context.params.get("home") or DEFAULT_HOME)
    try:
        settings = settings_of_home(home, context.params.get("config"), context.params.get("overrides"))
        with Docstrata(home, settings) as strata:
            runs = strata.status().runs
    except DocstrataError:
        return []
    return [(run.run_id, run.state) for run in runs if run.run_id.startswith(incomplete)]


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
            help="Where the page is written, and beside it the JSON and a summary in Markdown; otherwise"
            " HOME/reports/report.html.",
            dir_okay=False,
        ),
    ] = None,
    source: Annotated[str | None, typer.Option(help="Of this source only.")] = None,
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--compare",
            metavar="RUN1 RUN2",
            help="Instead: what was live after two runs, side by side.",
            autocompletion=complete_run,
        ),
    ] = None,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the summary, for a chat or a pull request, instead of the lines.")
    ] = False,
    as_json: Json = False,
) -> None:
    """How good the chunks are: a page with a verdict, its reasons, and every number behind it.

    Exit codes: 0 the verdict is good, 3 it is not, 2 usage; of --compare always 0. The limits are in section report of
    the configuration.
    """
    settings = settings_of_home(home, config, overrides)
    work = _Work(home, settings, source, page or home / "reports" / ("comparison.html" if compare else "report.html"))
    if compare is not None and markdown:
        raise ConfigError("--markdown is of a report: leave it out with --compare, which has --json")
    if markdown and as_json:
        raise ConfigError("--markdown and --json both print: choose one, the files of both are written anyway")
    try:
        if compare is not None:
            work.compare(*compare, as_json=as_json)
        else:
            work.report(markdown=markdown, as_json=as_json)
    except KeyboardInterrupt:
        errors.print("interrupted; no report was written", style="yellow")
        raise typer.Exit(EXIT_INTERRUPTED) from None


@dataclass(frozen=True, slots=True)
class _Work:
    home: Path
    settings: Settings
    source: str | None
    page: Path

    def report(self, *, markdown: bool, as_json: bool) -> None:
        from ingest.api import Docstrata
        from ingest.cli.live import LiveProgress
        from ingest.reports.markdown import summary
        from ingest.reports.writing import data_path, write_report
        from schemas.verdict import Verdict

        _require_place(data_path(self.page))
        with LiveProgress(errors) as progress, Docstrata(self.home, self.settings, progress=progress) as strata:
            found = strata.report(self.source)
            attachments = strata.attachments(found)
        write_report(found, self.page, attachments)
        if as_json:
            sys.stdout.write(found.model_dump_json() + "\n")
        elif markdown:
            sys.stdout.write(summary(found, str(self.page)))
        else:
            show_report(found, self.page, out)
        raise typer.Exit(0 if found.verdict is Verdict.GOOD else EXIT_NOT_GOOD)

    def compare(self, before: str, after: str, *, as_json: bool) -> None:
        from ingest.api import Docstrata
        from ingest.cli.live import LiveProgress
        from ingest.reports.writing import data_path, write_comparison

        _require_place(data_path(self.page))
        with LiveProgress(errors) as progress, Docstrata(self.home, self.settings, progress=progress) as strata:
            found = strata.compare(before, after, source=self.source)
        write_comparison(found, self.page)
        if as_json:
            sys.stdout.write(found.model_dump_json() + "\n")
        else:
            show_comparison(found, self.page, out)


def _require_place(file: Path) -> None:
    """Before the work, which may take minutes, and not after it. Raises `ConfigError`."""
    folder = next(folder for folder in file.absolute().parents if folder.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise ConfigError(f"{file} cannot be written: {folder} takes no files; give --out FILE.html elsewhere")


def show_report(found: QualityReport, page: Path, console: Console) -> None:
    from ingest.reports.wording import told_change

    console.print(Text.assemble("verdict    ", (found.verdict.value, f"bold {_STYLES[found.verdict.value]}")))
    for reason in found.reasons:
        line = Text.assemble((f"  {reason.severity.value}", _STYLES[reason.severity.value]), f" {reason.sentence}")
        console.print(line, soft_wrap=True)
    broken = [gate.name for gate in found.gates if not gate.passed]
    told = f", broken: {', '.join(broken)}" if broken else ""
    console.print(f"gates      {len(found.gates) - len(broken)} of {len(found.gates)} passed{told}", highlight=False)
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
    if found.trend:
        told_changes = [told_change(change) for change in found.changes]
        lines = [Text.assemble(f"{each.title} {each.difference}", style=_TONES[each.tone]) for each in told_changes]
        console.print(Text("changed    ") + (Text(", ").join(lines) if lines else Text("nothing")), soft_wrap=True)
    console.print(f"report     {page}", markup=False, highlight=False, soft_wrap=True)


def show_comparison(found: Comparison, page: Path, console: Console) -> None:
    from ingest.reports.wording import told_change

    console.print(f"before  {found.before.run_id}  {found.before.started_at:%Y-%m-%d %H:%M:%S} UTC", highlight=False)
    console.print(f"after   {found.after.run_id}  {found.after.started_at:%Y-%m-%d %H:%M:%S} UTC", highlight=False)
    if found.changes:
        _show_changes([told_change(change) for change in found.changes], console)
    else:
        console.print("Every number of the headline is the same.")
    console.print(
        f"documents  {found.added_total:,} added, {found.removed_total:,} removed,"
        f" {found.changed_total:,} with other chunks",
        highlight=False,
    )
    if found.worse:
        console.print("worse      graver faults than before:", highlight=False)
    for change in found.worse[:_MOST_WORSE]:
        gravity = f"{change.gravity_before:,} → {change.gravity_after:,}"
        console.print(f"  {change.source}/{change.path}  {gravity}", markup=False, highlight=False, soft_wrap=True)
    console.print(f"page       {page}", markup=False, highlight=False, soft_wrap=True)


def _show_changes(changes: list[ToldChange], console: Console) -> None:
    columns = [Column("number"), *(Column(name, number=True) for name in ("before", "after", "change"))]
    rows: list[list[str | Text]] = [
        [each.title, each.before, each.now, Text(each.difference, _TONES[each.tone])] for each in changes
    ]
    show_rows(console, columns, rows)
