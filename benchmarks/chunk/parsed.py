"""The documents of a corpus: out of a home that `docstrata run` made, or parsed here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from ingest.catalog.rows import DocumentRow
from ingest.config import load_settings
from ingest.context import Context, open_context
from ingest.parsers.base import ParseInput
from ingest.routing import route
from ingest.stages.work import Job, Recipe, make_worker, pool_options
from ingest.workers.pool import WorkerPool
from schemas.chunk import ChunkSet
from schemas.document import Document
from schemas.errors import InputError
from schemas.source import Route

Parsed = tuple[str, Document]
"""The path below the corpus, and what was read there."""


def documents(corpus: Path, home: Path | None, wanted: Callable[[Path], bool]) -> Iterator[Parsed]:
    """Those whose name is `wanted`, by path. Files that cannot be read are left out; images are not."""
    return _stored(home, wanted) if home else _read(corpus, wanted)


def _stored(home: Path, wanted: Callable[[Path], bool]) -> Iterator[Parsed]:
    context = open_context(home, load_settings(environ={}))
    try:
        for row in context.catalog.history.live_documents(context.settings.tenant):
            document = _parse_of(context, row) if wanted(Path(row.path)) else None
            if document is not None:
                yield row.path, document
    finally:
        context.close()


def _parse_of(context: Context, row: DocumentRow) -> Document | None:
    """None where the parse is not kept: what is not there cannot be measured."""
    artifacts = context.catalog.artifacts
    chunks = artifacts.find("chunk", row.chunk_key)
    digest = ChunkSet.model_validate_json(context.store.read(chunks)).document if chunks else ""
    parse = artifacts.of_digest("parse", digest)
    return Document.model_validate_json(context.store.read(parse)) if parse else None


def _read(corpus: Path, wanted: Callable[[Path], bool]) -> Iterator[Parsed]:
    """In workers with the limits of a run, so that a file that hangs costs no more than itself."""
    settings = load_settings(environ={}, overrides={"ocr.engine": "none"})
    files = sorted(path for path in corpus.rglob("*") if path.is_file() and wanted(path))
    jobs = (Job(source) for path in files if (source := _source(path)) is not None)
    with WorkerPool(partial(make_worker, Recipe.of(settings), None), pool_options(settings.parse)) as pool:
        for job, outcome in pool.imap(jobs):
            if job.source is not None and not isinstance(outcome, InputError):
                document = Document.model_validate_json(outcome.document)
                yield str(job.source.path.relative_to(corpus)), document


def _source(path: Path) -> ParseInput | None:
    routed = route(path, path.name)
    if routed.route in {Route.ARCHIVE, Route.IMAGE, Route.UNSUPPORTED}:
        return None
    return ParseInput(path, path.name, routed.media_type, routed.route, path.stat().st_size)
