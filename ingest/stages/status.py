"""What a home holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest.catalog.rows import RunRow, Totals
from ingest.context import Context
from ingest.stages.beside_status import BesideStatus, beside_status


@dataclass(frozen=True, slots=True)
class Status:
    """`sources`: name to folder. `runs`: newest first. `model` is searched; `beside`: the collection that is built, or
    kept, beside it."""

    home: Path
    totals: Totals
    sources: Mapping[str, str]
    runs: tuple[RunRow, ...]
    model: str | None
    beside: BesideStatus | None


def status_of(context: Context, runs: int) -> Status:
    """With at most so many runs."""
    catalog, tenant = context.catalog, context.settings.tenant
    collection = catalog.collections.active()
    return Status(
        home=context.home.path,
        totals=catalog.history.totals(tenant),
        sources=catalog.files.roots(tenant),
        runs=tuple(catalog.runs.last(runs, tenant)),
        model=collection.model if collection else None,
        beside=beside_status(context),
    )
