"""`docstrata reconcile`: the index compared with what was published, and mended."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from ingest.cli.common import (
    DEFAULT_HOME,
    EXIT_FAILED,
    Config,
    Home,
    Json,
    Set,
    errors,
    out,
    settings_of,
    settings_of_home,
)
from ingest.stages.findings import NAMED, Damage
from schemas.errors import ConfigError

if TYPE_CHECKING:
    from ingest.stages.findings import Reconciled
    from ingest.stages.store_check import StoreCheck


def reconcile(
    home: Home = DEFAULT_HOME,
    config: Config = None,
    overrides: Set = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend the index; nothing is embedded that is cached.")
    ] = False,
    vectors: Annotated[bool, typer.Option("--vectors", help="Compare the stored vectors too; slower.")] = False,
    artifacts: Annotated[
        bool,
        typer.Option("--artifacts", help="Read all that is stored, too, and compare it with its digests; slower."),
    ] = False,
    limit: Annotated[int, typer.Option(min=0, help="How many rows to name.")] = 20,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Fail when a run holds the home.")] = False,
    as_json: Json = False,
) -> None:
    """Compare catalog and index row by row; with --repair, mend what differs; with --artifacts, read all that is
    stored."""
    from ingest.api import Docstrata
    from ingest.cli.live import LiveProgress
    from ingest.cli.show import write_json

    settings = settings_of_home(home, config, overrides)
    with LiveProgress(errors) as progress, Docstrata(home, settings, progress=progress) as strata:
        found = strata.reconcile(repair=repair, vectors=vectors, wait=not no_wait)
        stored = strata.check_store(repair=repair, wait=not no_wait) if artifacts else None
    if as_json:
        told = {} if stored is None else {"store": {"sound": stored.is_sound, **asdict(stored)}}
        write_json({**_as_json(found, limit), **told}, sys.stdout)
    else:
        _show(found, limit, out)
        if stored is not None:
            show_store(stored, limit, out)
    raise typer.Exit(0 if found.is_sound and (stored is None or stored.is_sound) else EXIT_FAILED)


def show_store(found: StoreCheck, limit: int, console: Console) -> None:
    console.print(f"packs read: {found.packs:,}, originals read: {found.originals_read:,}")
    if found.is_sound:
        console.print("[green]all that is stored is what was written[/]")
        return
    for stage, count in found.artifacts:
        console.print(f"damaged or gone: {count:,} artifacts of the stage {stage}", style="red", highlight=False)
    for pack in found.damaged_packs[:limit]:
        console.print(f"  {pack}", markup=False, highlight=False, soft_wrap=True)
    for source, path in found.originals[:limit]:
        console.print(f"  the original of {source}/{path}", markup=False, highlight=False, soft_wrap=True)
    console.print(
        "'docstrata reconcile --repair --artifacts' forgets what is damaged, and 'docstrata run FOLDER --reprocess'"
        " then makes that of files as they are now again; what only older versions held, manifests (the stage version)"
        " and originals come back from a backup alone",
        soft_wrap=True,
    )


catalog = typer.Typer(no_args_is_help=True, help="The index of what happened.")


@catalog.command(epilog="Example: [bold]docstrata catalog rebuild --home state[/]")
def rebuild(
    home: Home = DEFAULT_HOME,
    config: Config = None,
    overrides: Set = None,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Fail when a run holds the home.")] = False,
    as_json: Json = False,
) -> None:
    """Make a lost or damaged catalog anew from the index and the artifacts; the old one is kept beside it."""
    from ingest.api import rebuild_catalog
    from ingest.cli.live import LiveProgress
    from ingest.cli.show import write_json

    if not home.is_dir():
        raise ConfigError(f"there is no home at {home}: give --home DIR")
    with LiveProgress(errors) as progress:
        done = rebuild_catalog(home, settings_of(config, overrides), progress=progress, wait=not no_wait)
    if as_json:
        write_json(asdict(done), sys.stdout)
        return
    out.print(f"documents: {done.documents:,} in {done.versions:,} versions, {done.rows:,} rows of the index")
    out.print(f"artifacts found: {done.artifacts:,}")
    if done.withdrawn:
        out.print(f"rows of a commit that was never finished, removed: {done.withdrawn:,}")
    if done.unreadable:
        out.print(f"packs and rows that say nothing of themselves, left out: {done.unreadable:,}", style="yellow")
    out.print("the next run looks at every file again and reads none that it knows", style="dim")


def _as_json(found: Reconciled, limit: int) -> dict[str, object]:
    return {
        "rows": found.rows,
        "sound": found.is_sound,
        "tenants": {
            tenant: {"catalog": found.in_catalog[tenant], "index": found.in_index[tenant]}
            for tenant in sorted(found.in_catalog | found.in_index)
        },
        "damage": {damage.name.lower(): found.damage[damage] for damage in Damage},
        "stale_marks": len(found.stale),
        "mended": found.mended,
        "lost": [{"source": source, "path": path} for source, path in sorted(found.lost)],
        "findings": [
            {
                "damage": each.damage.name.lower(),
                "point_id": each.point_id,
                "source": each.source,
                "path": each.path,
                "page": each.page,
            }
            for each in found.findings[:limit]
        ],
    }


def _show(found: Reconciled, limit: int, console: Console) -> None:
    console.print(f"rows compared: {found.rows:,}")
    for tenant in sorted(found.in_catalog | found.in_index):
        counts = f"{found.in_catalog[tenant]:,} in the catalog, {found.in_index[tenant]:,} in the index"
        console.print(f"  tenant {tenant or '(none)'}: {counts}", markup=False)
    for damage in Damage:
        if found.damage[damage]:
            console.print(f"{damage.value}: {found.damage[damage]:,}", style="red")
    if found.stale:
        console.print(f"documents with a wrong mark of being stale: {len(found.stale):,}", style="red")
    for each in found.findings[:limit]:
        place = f"{each.source}/{each.path}" if each.path else "a row of no document"
        place += f", page {each.page}" if each.page is not None else ""
        console.print(f"  {place}  {each.point_id}  {each.damage.value}", markup=False, highlight=False)
    unnamed = found.damage.total() - min(limit, len(found.findings))
    if unnamed:
        console.print(f"  and {unnamed:,} more; --limit names up to {NAMED:,}")
    for source, path in sorted(found.lost):
        console.print(
            f"{source}/{path}: its artifacts are gone; take it in with 'docstrata run', then repair once more",
            style="red", markup=False, highlight=False,
        )  # fmt: skip
    console.print(*_verdict(found))


def _verdict(found: Reconciled) -> tuple[str]:
    if not (found.findings or found.stale):
        return ("[green]catalog and index agree[/]",)
    if not found.repaired:
        return ("[red]catalog and index differ[/]: run 'docstrata reconcile --repair'",)
    if found.lost:
        return (f"[red]mended: {found.mended:,} rows; not all of them[/]",)
    return (f"[green]mended: {found.mended:,} rows[/]",)
