"""Inspect: what becomes of one file, without any store."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from chunkers.registry import needs_writer
from ingest.config import Settings
from ingest.ocr.service import OcrService
from ingest.parsers.base import ParseInput
from ingest.progress import Silent
from ingest.sources.fetching import fetch_one
from ingest.sources.places import is_url, place_of
from ingest.stages.looking import check_route, check_size, kind_of
from ingest.stages.restating import NoAnswers, Restater
from ingest.stages.work import Job, OcrAccess, Recipe, make_worker, pool_options
from ingest.workers.pool import WorkerPool
from schemas.chunk import ChunkSet
from schemas.document import Document
from schemas.errors import ConfigError, InputError, Unreadable, UnsupportedFormat
from schemas.source import Route


@dataclass(frozen=True, slots=True)
class Inspection:
    """One file, parsed and chunked; nothing was stored."""

    document: Document
    chunks: ChunkSet


def inspect_place(path: Path | str, settings: Settings) -> Inspection:
    """Of an object at a URL, too."""
    root = place_of(path).root if is_url(path) else Path(path)
    if isinstance(root, Path):
        return _inspect_file(root, settings)
    with TemporaryDirectory() as scratch:
        return _inspect_file(fetch_one(str(path), Path(scratch)), settings)


def _inspect_file(path: Path, settings: Settings) -> Inspection:
    """Parses and chunks in a worker with the limits of a run. Raises `InputError` as a run would record it."""
    if path.is_dir():
        raise ConfigError(f"{path} is a folder, and one file is shown: name a file in it")
    if not path.is_file():
        raise ConfigError(f"there is no file at {path}; check the path")
    source = _source(path, settings)
    options = pool_options(settings.parse)
    options = replace(options, workers=max(options.workers, 1))
    with ExitStack() as stack:
        ocr: OcrAccess = None
        if settings.ocr.engine != "none":
            ocr = stack.enter_context(OcrService(settings.ocr)).address
        recipe = Recipe.of(settings)
        restater = None
        if needs_writer(settings.chunk):
            restater = stack.enter_context(Restater(recipe, settings.proposition, NoAnswers(), Silent().say))
        pool = stack.enter_context(WorkerPool(partial(make_worker, recipe, ocr), options))
        _, result = next(pool.imap([Job(source)]))
        if restater is not None and not isinstance(result, InputError):
            result = restater.restate(result, {})
    if isinstance(result, InputError):
        raise result
    return Inspection(Document.model_validate_json(result.document), ChunkSet.model_validate_json(result.chunks))


def _source(path: Path, settings: Settings) -> ParseInput:
    size = path.stat().st_size
    check_size(size, settings.parse)
    try:
        routed = kind_of(path, path.name, settings.parse)
    except OSError as error:
        raise Unreadable(f"it cannot be opened: {error.strerror}; check its rights", errno=error.errno) from error
    check_route(routed)
    if routed.route is Route.ARCHIVE:
        raise UnsupportedFormat("an archive has no text of its own: unpack it, or take it in with 'docstrata run'")
    return ParseInput(path.absolute(), path.name, routed.media_type, routed.route, size)
