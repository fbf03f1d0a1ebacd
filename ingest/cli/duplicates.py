"""`docstrata duplicates`: which passages stand for others, and why."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from ingest.cli.common import DEFAULT_HOME, Config, Home, Json, Set, out, settings_of_home
from ingest.cli.layout import Column, show_rows

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

    with Docstrata(home, settings_of_home(home, config, overrides)) as strata:
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
        rows = [[_where(it.place), _where(it.other), f"{it.similarity:.3f}", it.reason] for it in found.kept_apart]
        _show(console, "kept though similar", _columns("passage", "like", "similarity", "because"), rows)
    if found.documents:
        rows = [
            [row.path, row.other_path, row.kind.value, f"{row.similarity:.3f}", row.reason] for row in found.documents
        ]
        _show(console, "whole documents", _columns("document", "is to", "kind", "similarity", "because"), rows)


def _show_cluster(cluster: Cluster, console: Console) -> None:
    many = f"boilerplate in {cluster.documents:,} documents" if cluster.boilerplate else "a passage"
    rows = []
    for copy in cluster.copies:
        similarity = "" if copy.similarity is None else f"{copy.similarity:.3f}"
        rows.append([_where(copy.place), copy.kind or "", similarity, copy.reason or "not recorded"])
    if cluster.duplicates > len(cluster.copies):
        rows.append([f"and {cluster.duplicates - len(cluster.copies):,} more", "", "", ""])
    title = f"{many}: {_opening(cluster.survivor)}"
    _show(console, title, _columns("duplicate", "kind", "similarity", "because"), rows)
    stands = f"stands in {_where(cluster.survivor)}, for {_others(cluster.duplicates)}"
    console.print(Text(stands, "dim"), soft_wrap=True)


def _show(console: Console, title: str, columns: list[Column], rows: list[list[str]]) -> None:
    console.print()
    console.print(Text(title, "bold"), soft_wrap=True)
    show_rows(console, columns, rows)


def _columns(*names: str) -> list[Column]:
    return [Column(name, number=name == "similarity") for name in names]


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


def _others(count: int) -> str:
    return "one other" if count == 1 else f"{count:,} others"
