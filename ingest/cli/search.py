"""`docstrata search`: a question in, passages out, and why these."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ingest.cli.arguments import read_filters, read_question
from ingest.cli.common import DEFAULT_HOME, Config, Home, Json, Set, errors, out, settings_of_home
from ingest.cli.moments import read_moment
from schemas.errors import DocstrataError
from schemas.point import Expand, Fusion, SearchMode

_FILTERS = (
    "source",
    "path",
    "container",
    "kind",
    "language",
    "media_type",
    "pages",
    "section",
    "heading_path",
    "doc_id",
    "chunk_id",
    "metadata.",
)
"""Keys of `--filter` that a person may want; the index knows a few more and refuses others by name."""


def complete_filter(incomplete: str) -> list[str]:
    return [f"{key}=" if not key.endswith(".") else key for key in _FILTERS if key.startswith(incomplete)]


_BETWEEN = " › "
_MOST_COMPLETED = 100


def complete_heading(context: typer.Context, incomplete: str) -> list[str]:
    """Headings of the home that begin so; behind ' › ' those below what stands before it. None where there is no
    home to ask, or it holds too many different ones to be listed."""
    from ingest.api import Docstrata

    home = Path(context.params.get("home") or DEFAULT_HOME)
    above, between, begun = incomplete.rpartition(_BETWEEN)
    try:
        settings = settings_of_home(home, context.params.get("config"), context.params.get("overrides"))
        with Docstrata(home, settings) as strata:
            known = strata.headings(above or None)
    except DocstrataError:
        return []
    fitting = [each for each in known if each.casefold().startswith(begun.casefold())]
    return [above + between + each for each in fitting[:_MOST_COMPLETED]]


def search(
    query: Annotated[str, typer.Argument(help="A question, or words.")],
    home: Home = DEFAULT_HOME,
    config: Config = None,
    overrides: Set = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many passages.")] = 5,
    mode: Annotated[SearchMode, typer.Option(help="Which legs search.")] = SearchMode.HYBRID,
    fusion: Annotated[
        Fusion | None, typer.Option(help="How both become one: by ranks or by scores; as search.fusion.")
    ] = None,
    filters: Annotated[
        list[str] | None,
        typer.Option(
            "--filter",
            metavar="KEY=VALUE",
            help="A payload field, or metadata.NAME; may be repeated, one key twice means either.",
            autocompletion=complete_filter,
        ),
    ] = None,
    under: Annotated[
        str | None,
        typer.Option(
            metavar="HEADING",
            help="Only below this heading, or several with ' › ' between; its number or beginning is enough.",
            autocompletion=complete_heading,
        ),
    ] = None,
    rerank: Annotated[
        bool | None,
        typer.Option(
            "--rerank/--no-rerank",
            help="Let search.rerank_model order the first hits anew; otherwise where one is named.",
        ),
    ] = None,
    expand: Annotated[
        Expand | None, typer.Option(help="Show the section, or the neighbouring passages, around each hit.")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="As it was then: 2026-08-01, 2026-08-01T14:30, '2 days ago'."),
    ] = None,
    as_of_seq: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="As it was after commit N, as 'versions' tells it.")
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Tell why these, in this order, and what took how long.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Find passages."""
    from ingest.api import Docstrata
    from ingest.cli.live import LiveProgress
    from ingest.cli.show import write_json
    from ingest.cli.show_search import search_json, show_hits

    extra: dict[str, object] = {"search.fusion": fusion} if fusion is not None else {}
    settings = settings_of_home(home, config, overrides, extra)
    with LiveProgress(errors) as progress, Docstrata(home, settings, progress=progress) as strata:
        result = strata.search(
            read_question(query),
            limit=limit,
            mode=mode,
            filters=read_filters(filters or []),
            under=under,
            as_of_ns=read_moment(as_of, datetime.now().astimezone()) if as_of is not None else None,
            as_of_seq=as_of_seq,
            expand=expand,
            rerank=rerank,
            explain=explain,
        )
    if as_json:
        write_json(search_json(result), sys.stdout)
        return
    show_hits(result, out)
    for warning in result.warnings:
        errors.print(warning, style="yellow", markup=False, highlight=False)
