"""Lanes: which tasks of a planned run read which files. A lane that was guessed wrong costs time, never text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from ingest.batches import Lane
from ingest.config import Settings
from ingest.options.parse import ParseOptions
from ingest.parsers.base import ParseInput, ReadOptions
from ingest.routing import route_of_name
from ingest.stages.looking import kind_of
from ingest.stages.seclusion import secluded
from ingest.stages.work import pool_options, read_options
from ingest.workers.pool import WorkerPool
from schemas.source import Route

_FIRST_PAGES = 3
"""Pages of a PDF whose text layers tell whether it is a scan."""


_LANES = {
    Route.OFFICE: Lane.OFFICE,
    Route.HTML: Lane.OFFICE,
    Route.SHEET: Lane.OFFICE,
    Route.PDF: Lane.PDF,
    Route.IMAGE: Lane.SCAN,
}


def lanes_of(files: Sequence[ParseInput], settings: Settings) -> list[Lane]:
    """The lane of each file. PDFs are opened for it, in worker processes; nothing is wrong with a file yet."""
    lanes = [_LANES.get(file.route, Lane.TEXT) for file in files]
    pdfs = [place for place, file in enumerate(files) if file.route is Route.PDF]
    if settings.ocr.engine == "none" or not pdfs:
        return lanes
    with WorkerPool(partial(make_triage, read_options(settings.parse)), pool_options(settings.parse)) as workers:
        triaged = workers.imap(files[place] for place in pdfs)
        for place, (_, scanned) in zip(pdfs, triaged, strict=True):
            if scanned is True:  # an error is not: whoever parses the file will tell it
                lanes[place] = Lane.SCAN
    return lanes


def route_of(path: Path, name: str, options: ParseOptions) -> Route:
    """None of a file that cannot be opened, which whoever reads it will tell."""
    try:
        return kind_of(path, name, options).route
    except OSError:
        return Route.UNSUPPORTED


def lane_of_name(path: str) -> Lane:
    """As far as a name tells: a scan is a PDF."""
    return _LANES.get(route_of_name(path), Lane.TEXT)


def make_triage(options: ReadOptions) -> Callable[[ParseInput], bool]:
    """Runs in a worker process: whether no text layer tells all of any of the first pages."""
    from ingest.parsers.pdf.opening import open_pdf
    from ingest.parsers.pdf.triage import ocr_need

    def is_scan(source: ParseInput) -> bool:
        with secluded(), open_pdf(source, options) as document:
            pages = [document[number] for number in range(min(_FIRST_PAGES, document.page_count))]
            return all(ocr_need(page) is not None for page in pages)

    return is_scan
