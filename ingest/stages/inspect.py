"""Inspect: what becomes of one file, without any store."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from ingest.config import Settings
from ingest.parsers.base import ParseInput
from ingest.routing import route
from ingest.stages.prepare import Job, Recipe, check_route, check_size, make_worker, pool_options
from ingest.workers.pool import WorkerPool
from schemas.chunk import ChunkSet
from schemas.document import Document
from schemas.errors import ConfigError, InputError, Unreadable


def inspect_file(path: Path, settings: Settings) -> tuple[Document, ChunkSet]:
    """Parses and chunks in a worker with the limits of a run. Raises `InputError` as a run would record it."""
    if not path.is_file():
        raise ConfigError(f"there is no file at {path}; check the path")
    source = _source(path, settings)
    recipe = Recipe(settings.chunk, settings.embed)
    with WorkerPool(partial(make_worker, recipe), pool_options(settings.parse)) as pool:
        _, result = next(pool.imap([Job(source)]))
    if isinstance(result, InputError):
        raise result
    return Document.model_validate_json(result.document), ChunkSet.model_validate_json(result.chunks)


def _source(path: Path, settings: Settings) -> ParseInput:
    size = path.stat().st_size
    check_size(size, settings.parse)
    try:
        routed = route(path, path.name)
    except OSError as error:
        raise Unreadable(f"it cannot be opened: {error.strerror}; check its rights", errno=error.errno) from error
    check_route(routed)
    return ParseInput(path.absolute(), path.name, routed.media_type, routed.route, size)
