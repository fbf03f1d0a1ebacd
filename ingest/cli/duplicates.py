"""`docstrata duplicates`: which passages stand for others, and why."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from ingest.cli.common import DEFAULT_HOME, Config, Home, Json, Set, must_exist, out, settings_of

if TYPE_CHECKING:
    from ingest.stages.duplicate_lists import Cluster, DuplicateList, Place

_OPENING = 70
"""Characters of a passage that tell which one it is."""


def duplicates(
    home: Home = DEFAULT_HOME,
    config: Config = None,
    overrides: Set = None,
    source: Annotated[str | None, typer.Option(help="With a duplicate in this source only.")] = None,
    documents: Annotated[
        bool, typer.Option("--documents", help="Only whole documents: copies, near ones, those told apart.")
    ] = False,
    boilerplate: Annotated[
        bool, typer.Option("--boilerplate", help="Only passages that recur in many documents.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many of each kind.")] = 20,
    as_json: Json = False,
) -> None:
    """List what was left out as a duplicate, what stands for it, and what was kept apart; with the reasons."""
    from ingest.api import Docstrata
    from ingest.cli.show import write_json

    must_exist(home)
    with Docstrata(home, settings_of(config, overrides)) as strata:
        found = strata.duplicates(source=source, documents_only=documents, boilerplate_only=boilerplate, limit=limit)
    write_json(asdict(found), sys.stdout) if as_json else show_duplicates(found, out)


def show_duplicates(found: DuplicateList, console: Console) -> None:
    chunks, whole = found.chunks, found.whole_documents
    console.print(
        f"passages: {chunks.get('exact', 0):,} exact and {chunks.get('near', 0):,} near duplicates,"
        f" {chunks.get('apart', 0):,} kept though similar"
    )
    console.print(
        f"documents: {whole.get('exact', 0):,} exact copies, {whole.get('near', 0):,} near,"
        f" {whole.get('apart', 0):,} pairs told apart"
    )
    for cluster in found.clusters:
        _show_cluster(cluster, console)
    if found.kept_apart:
        table = _table("kept though similar", "passage", "like", "similarity", "because")
        for it in found.kept_apart:
            table.add_row(_where(it.place), _where(it.other), f"{it.similarity:.3f}", it.reason)
        console.print(table)
    if found.documents:
        table = _table("whole documents", "document", "is to", "kind", "similarity", "because")
        for row in found.documents:
            table.add_row(row.path, row.other_path, row.kind.value, f"{row.similarity:.3f}", row.reason)
        console.print(table)


def _show_cluster(cluster: Cluster, console: Console) -> None:
    many = f"boilerplate in {cluster.documents:,} documents" if cluster.boilerplate else "a passage"
    table = _table(f"{many}: {_opening(cluster.survivor)}", "duplicate", "kind", "similarity", "because")
    table.caption = f"stands in {_where(cluster.survivor)}, for {cluster.duplicates:,} others"
    for copy in cluster.copies:
        similarity = "" if copy.similarity is None else f"{copy.similarity:.3f}"
        table.add_row(_where(copy.place), copy.kind or "", similarity, copy.reason or "not recorded")
    if cluster.duplicates > len(cluster.copies):
        table.add_row(f"and {cluster.duplicates - len(cluster.copies):,} more", "", "", "")
    console.print(table)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", caption_justify="left", header_style="")
    for column in columns:
        table.add_column(column, overflow="fold", justify="right" if column == "similarity" else "left")
    return table


def _where(place: Place | None) -> str:
    if place is None:
        return "a passage that has left"
    pages = f", {_pages(place.pages)}" if place.pages else ""
    return f"{place.path}{pages}" + (f" › {' › '.join(place.heading_path)}" if place.heading_path else "")


def _pages(pages: Sequence[int]) -> str:
    return f"p. {pages[0]}" if len(pages) == 1 else f"pp. {pages[0]}-{pages[-1]}"


def _opening(place: Place) -> str:
    line = " ".join(place.text.split())
    return line if len(line) <= _OPENING else line[:_OPENING] + "…"
