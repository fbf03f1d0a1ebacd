"""`docstrata locate`: where a chunk stands in its document, in words or drawn on its pages."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from ingest.cli.common import DEFAULT_HOME, Config, Home, Json, Set, errors, out, settings_of_home
from ingest.locating.place import Place, PlacePage
from schemas.errors import ConfigError

_MOST_BOXES = 6
"""Of a page that are told; a picture shows all of them."""


def locate(
    chunk: Annotated[
        str,
        typer.Argument(
            metavar="CHUNK",
            help="Its id, the beginning of the id, or its document and its number there, from 0: acme.pdf#12.",
        ),
    ],
    *,
    home: Home = DEFAULT_HOME,
    config: Config = None,
    overrides: Set = None,
    png: Annotated[
        Path | None,
        typer.Option(metavar="FILE", dir_okay=False, help="Draw it on its page; on several: FILE-1.png, FILE-2.png …"),
    ] = None,
    dpi: Annotated[
        int | None, typer.Option(min=20, max=600, help="Of the picture; otherwise 110, and an image's own pixels.")
    ] = None,
    version: Annotated[
        int | None, typer.Option(metavar="V", min=1, help="Of its document; otherwise the newest that has it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Where a chunk stands: its document and version, page and box, headings, lines and text; of old versions too."""
    from ingest.api import Docstrata
    from ingest.cli.show import write_json

    with Docstrata(home, settings_of_home(home, config, overrides)) as strata:
        place = strata.locate(chunk, version=version)
        drawn = write_pictures(strata.pictures(place, dpi=dpi), png) if png is not None else []
    if as_json:
        write_json({**asdict(place), "pictures": list(map(str, drawn))}, sys.stdout)
        return
    show_place(place, out)
    for path in drawn:
        errors.print(f"drawn: {path}", style="green", markup=False, highlight=False)


def write_pictures(pictures: list[bytes], png: Path) -> list[Path]:
    """One as `png`, several numbered before its ending. Raises `ConfigError` where that cannot be written."""
    stem, ending = png.with_suffix(""), png.suffix or ".png"
    numbers = [""] if len(pictures) == 1 else [f"-{number}" for number in range(1, len(pictures) + 1)]
    paths = [stem.with_name(f"{stem.name}{number}{ending}") for number in numbers]
    for path, body in zip(paths, pictures, strict=True):
        try:
            _replace(path, body)
        except OSError as error:
            raise ConfigError(f"{path} cannot be written: {error.strerror}; give --png FILE elsewhere") from error
    return paths


def _replace(path: Path, body: bytes) -> None:
    """Whoever looks sees the picture of before or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(body)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def show_place(place: Place, console: Console) -> None:
    name = Text(f"{place.source}/{place.path}", style="bold")
    console.print(name, Text(f"version {place.version}, {'current' if place.current else 'not current'}", style="dim"))
    for label, value in _facts(place):
        console.print(Text.assemble((f"{label:<11}", "dim"), value), soft_wrap=True)
    if place.survivor is not None:
        console.print(Text.assemble((f"{'answers':<11}", "dim"), (f"through {place.survivor}, a duplicate", "yellow")))
    shown = Text.assemble((place.before, "dim"), (place.text, "bold"), (place.after, "dim"))
    console.print(Padding(shown, (1, 0, 0, 2)))


def _elsewhere(page: PlacePage) -> str:
    return "more of the same table" if page.whole else "somewhere on it"


def _facts(place: Place) -> list[tuple[str, str]]:
    told = [
        ("chunk", f"{place.chunk_id}, number {place.ordinal} of {place.chunks} from 0"),
        ("part", f"{place.part} of {place.parts}" if place.parts > 1 else ""),
        ("headings", " › ".join(place.heading_path)),
        ("kind", place.kind),
    ]
    for page in place.pages:
        turned = f", turned by {page.rotation}°" if page.rotation else ""
        boxes = [f"({x0:.0f}, {y0:.0f})–({x1:.0f}, {y1:.0f})" for x0, y0, x1, y1 in page.boxes]
        more = f" and {len(boxes) - _MOST_BOXES} more" if len(boxes) > _MOST_BOXES else ""
        told.append(
            (
                f"page {page.number}",
                f"{page.width:.0f} × {page.height:.0f} points{turned}, {page.method}: "
                + (", ".join(boxes[:_MOST_BOXES]) + more if boxes else _elsewhere(page)),
            )
        )
    told += [
        (
            "boxes",
            "of whole paragraphs and tables, since an older docstrata read this file: 'docstrata run FOLDER"
            " --reprocess' makes finer ones"
            if place.coarse
            else "",
        ),
        ("lines", "" if place.lines is None else f"{place.lines[0]} to {place.lines[1]}"),
        ("blocks", ", ".join(f"{block.number} ({block.kind})" for block in place.blocks)),
        ("characters", ", ".join(f"{start}–{end}" for start, end in place.spans)),
        ("original", "kept" if place.original_kept else "not kept: it cannot be drawn"),
    ]
    return [(label, value) for label, value in told if value]
