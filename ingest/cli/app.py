"""The commands. Each is a thin shell around `ingest.api`.

Exit codes: 0 done, 1 the run failed, 2 usage or configuration, 3 done with files in quarantine.
"""

from __future__ import annotations

import errno
import logging
import sys
from importlib import metadata
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from ingest.cli import (
    backup,
    duplicates,
    evaluation,
    local_airflow,
    locate,
    metrics,
    reindex,
    repair,
    reporting,
    retention,
    search,
    upkeep,
    vectors,
    versions,
    watch,
)
from ingest.cli.arguments import complete_path
from ingest.cli.common import (
    DEFAULT_HOME,
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    EXIT_QUARANTINE,
    EXIT_USAGE,
    Config,
    Home,
    Json,
    OcrDevice,
    Set,
    choose_log,
    end_in_order,
    errors,
    is_home,
    ocr_devices,
    out,
    settings_of,
    settings_of_home,
    tell,
    tell_disk,
)
from ingest.logs import LogFormat
from schemas.errors import ConfigError, DocstrataError, MissingExtra
from schemas.source import SourceKind

app = typer.Typer(
    name="docstrata",
    help="Folders of real documents become clean, hierarchical, de-duplicated, versioned chunks in Qdrant.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with [bold]docstrata run FOLDER[/], then [bold]docstrata search 'a question'[/].",
)


_DISK_TROUBLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
"""What nobody knows before he writes; where it comes to here, it was the output, or a folder for temporary files."""


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(metadata.version("docstrata"))
        raise typer.Exit


@app.callback()
def _root(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log events to standard error.")] = False,
    log_format: Annotated[
        LogFormat | None,
        typer.Option("--log-format", help="How: text for people, json for machines; as log.format.", show_choices=True),
    ] = None,
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    choose_log(verbose=verbose, form=log_format)
    logging.captureWarnings(capture=True)


@app.command(
    epilog="Examples: [bold]docstrata run ./contracts ./manuals --home state[/],"
    " [bold]docstrata run '/data/*/contracts/**/*.pdf'[/], [bold]docstrata run s3://bucket/contracts --dry-run[/]"
)
def run(
    what: Annotated[
        list[str],
        typer.Argument(
            help="Folders, files, globs in quotes, or URLs such as s3://bucket/prefix.",
            metavar="WHAT…",
            autocompletion=complete_path,
        ),
    ],
    home: Home = DEFAULT_HOME,
    config: Config = None,
    overrides: Set = None,
    source: Annotated[str | None, typer.Option(help="The source's name; otherwise the folder's.")] = None,
    append: Annotated[
        bool, typer.Option("--append", help="A drop folder: nothing is retired because a file left.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be read and retired; do nothing.")] = False,
    retry_failed: Annotated[bool, typer.Option(help="Try files in quarantine again.")] = False,
    reprocess: Annotated[bool, typer.Option(help="Make documents again that another recipe made.")] = False,
    verify: Annotated[bool, typer.Option(help="Hash every file; distrust time stamps.")] = False,
    allow_vanish: Annotated[bool, typer.Option(help="Retire vanished files, however many.")] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Fail when another run holds the home.")] = False,
    ocr_device: OcrDevice = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Parser processes; otherwise one a core.")] = None,
    as_json: Json = False,
) -> None:
    """Take folders in: parse, chunk, de-duplicate, embed and publish what changed."""
    from ingest.api import Docstrata, RunFailed
    from ingest.cli.live import LiveProgress
    from ingest.cli.show import dry_run_json, show_dry_run, show_summary, write_json

    extra = ocr_devices(ocr_device) | ({"parse.workers": workers} if workers else {})
    settings = settings_of(config, overrides, extra)
    kind = SourceKind.APPEND if append else SourceKind.MIRROR
    if dry_run:
        end_in_order(home)
        # A home that is not there yet is not made for the sake of a look.
        with TemporaryDirectory() as scratch, Docstrata(home if is_home(home) else scratch, settings) as strata:
            found = strata.dry_run(what, source=source, kind=kind, verify=verify, allow_vanish=allow_vanish)
        write_json(dry_run_json(found), sys.stdout) if as_json else show_dry_run(found, out)
        return
    with LiveProgress(errors) as progress, Docstrata(home, settings, progress=progress) as strata:
        try:
            summary = strata.run(
                what,
                source=source,
                kind=kind,
                reprocess=reprocess,
                retry_failed=retry_failed,
                verify=verify,
                allow_vanish=allow_vanish,
                wait=not no_wait,
            )
        except KeyboardInterrupt:
            # Here and not in main(): typer would end without a word.
            errors.print("interrupted; what was finished is kept, run again to go on", style="yellow")
            raise typer.Exit(EXIT_INTERRUPTED) from None
        except RunFailed as failed:
            tell(failed)
            summary, code = failed.summary, EXIT_FAILED
        else:
            code = EXIT_QUARANTINE if summary.failed or summary.members_failed else 0
    if as_json:
        write_json(summary.model_dump(mode="json", exclude={"schema_version"}), sys.stdout)
    else:
        show_summary(summary, out)
    raise typer.Exit(code)


app.command(
    epilog="Examples: [bold]docstrata search '违约金是多少' --filter path=contract.pdf --under '第三章 › 2.1'[/],"
    " [bold]docstrata search 'how often are bearings oiled?' --expand section --set search.expand_tokens=800[/],"
    " [bold]docstrata search 'notice period' --as-of 2026-08-01[/], [bold]docstrata search ERR_0042 --explain[/],"
    " [bold]docstrata search 'late fees' --rerank --set search.rerank_model=./models/bge-reranker[/]"
)(search.search)


@app.command(epilog="Example: [bold]docstrata inspect report.pdf --markdown > report.md[/]")
def inspect(
    file: Annotated[
        str, typer.Argument(help="A document, or the URL of one.", metavar="FILE", autocompletion=complete_path)
    ],
    config: Config = None,
    overrides: Set = None,
    ocr_device: OcrDevice = None,
    strategy: Annotated[
        str | None, typer.Option(help="How to cut, e.g. hybrid or recursive; by the kind of document if left out.")
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="The document as Markdown, tables as HTML.")] = False,
    as_json: Json = False,
) -> None:
    """Show what becomes of one file. Nothing is stored."""
    from ingest.api import inspect as inspect_one
    from ingest.cli.show import inspection_json, show_inspection, to_markdown, write_json

    extra = ocr_devices(ocr_device) | ({"chunk.strategy": strategy} if strategy else {})
    inspection = inspect_one(file, settings_of(config, overrides, extra))
    if as_json:
        write_json(inspection_json(inspection), sys.stdout)
    elif markdown:
        sys.stdout.write(to_markdown(inspection.document))
    else:
        show_inspection(inspection, out)


@app.command()
def status(home: Home = DEFAULT_HOME, config: Config = None, overrides: Set = None, as_json: Json = False) -> None:
    """What the home holds, and how the last runs went."""
    from ingest.api import Docstrata
    from ingest.cli.show import show_status, status_json, write_json

    with Docstrata(home, settings_of_home(home, config, overrides)) as strata:
        found = strata.status()
    write_json(status_json(found), sys.stdout) if as_json else show_status(found, out)


@app.command()
def failures(
    home: Home = DEFAULT_HOME,
    config: Config = None,
    overrides: Set = None,
    source: Annotated[str | None, typer.Option(help="Of this source only.")] = None,
    tracebacks: Annotated[bool, typer.Option(help="Show where parsers broke.")] = False,
    as_json: Json = False,
) -> None:
    """Files in quarantine, and pages that could not be read, with what to do about each."""
    from ingest.api import Docstrata
    from ingest.cli.show import show_failures, write_json

    with Docstrata(home, settings_of_home(home, config, overrides)) as strata:
        found = strata.failures(source)
    if as_json:
        write_json([failure.model_dump(mode="json") for failure in found], sys.stdout)
    else:
        show_failures(found, out, tracebacks=tracebacks)


@app.command()
def doctor(home: Home = DEFAULT_HOME, config: Config = None, overrides: Set = None, as_json: Json = False) -> None:
    """Check that everything works here: models, workers, index, disk."""
    from ingest.cli.show import write_json
    from ingest.doctor import examine

    end_in_order(home)
    checks = []
    for check in examine(home, settings_of(config, overrides)):
        checks.append(check)
        if not as_json:
            out.print("[green]✓[/]" if check.ok else "[red]✗[/]", f"{check.name:<10}", end="")
            out.print(check.detail, highlight=False, markup=False)
    if as_json:
        write_json([{"name": c.name, "ok": c.ok, "detail": c.detail} for c in checks], sys.stdout)
    raise typer.Exit(0 if all(check.ok for check in checks) else EXIT_FAILED)


app.command()(local_airflow.airflow)
app.command(
    epilog="Examples: [bold]docstrata metrics --home state[/], [bold]docstrata metrics --listen 127.0.0.1:9464[/],"
    " [bold]docstrata metrics --textfile /var/lib/node_exporter/docstrata.prom[/]"
)(metrics.metrics)
app.command(
    epilog="Examples: [bold]docstrata watch ~/inbox --home state[/], [bold]docstrata watch s3://bucket/inbox[/]"
)(watch.watch)
app.command(
    epilog="Examples: [bold]docstrata report --home state --out report.html[/],"
    " [bold]docstrata report --markdown > summary.md[/], [bold]docstrata report --compare RUN1 RUN2[/]"
)(reporting.report)
app.command(
    "eval",
    epilog="Examples: [bold]docstrata eval questions.jsonl --min-recall 0.8 --at 5[/],"
    " [bold]docstrata eval --starter 100 --out questions.jsonl[/]",
)(evaluation.evaluate)
app.command(
    epilog="Examples: [bold]docstrata locate 4f0c2a91 --png place.png[/],"
    " [bold]docstrata locate acme.pdf#12 --version 2[/]"
)(locate.locate)
app.command(epilog="Example: [bold]docstrata versions contracts/acme.pdf --home state[/]")(versions.versions)
app.command(epilog="Examples: [bold]docstrata diff acme.pdf[/], [bold]docstrata diff acme.pdf 2 5 --json[/]")(
    versions.diff
)
app.command(
    epilog="Examples: [bold]docstrata rollback acme.pdf --to 3[/], [bold]docstrata rollback --run 4f0c2a91b7de[/]"
)(versions.rollback)
app.command(epilog="Example: [bold]docstrata gc --dry-run --set retention.keep_days=90[/]")(retention.gc)
app.command(epilog="Example: [bold]docstrata purge contracts/acme.pdf --home state[/]")(retention.purge)
app.add_typer(vectors.vectors, name="vectors")
app.command(epilog="Example: [bold]docstrata maintain --home state[/]")(upkeep.maintain)
app.command(epilog="Example: [bold]docstrata reconcile --repair --home state[/]")(repair.reconcile)
app.add_typer(repair.catalog, name="catalog")
app.command(epilog="Example: [bold]docstrata reindex --model ./models/bge-m3 --home state[/]")(reindex.reindex)
app.command(epilog="Example: [bold]docstrata duplicates --home state --boilerplate[/]")(duplicates.duplicates)

app.command(epilog="Example: [bold]docstrata backup /backups/home.tar.zst --home state[/]")(backup.backup)
app.command(epilog="Example: [bold]docstrata restore /backups/home.tar.zst --home state-2[/]")(backup.restore)


def main() -> None:
    """The entry point: every known error is one sentence and an exit code."""
    try:
        app()
    except (ConfigError, MissingExtra) as error:
        tell(error)
        sys.exit(EXIT_USAGE)
    except DocstrataError as error:
        tell(error)
        sys.exit(EXIT_FAILED)
    except OSError as error:
        if error.errno not in _DISK_TROUBLE:
            raise
        tell_disk(error)
        sys.exit(EXIT_FAILED)


if __name__ == "__main__":
    main()
