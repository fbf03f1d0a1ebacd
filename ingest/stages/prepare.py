"""Parse and chunk, in worker processes; what was done before is adopted, not done again."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from chunkers.options import ChunkOptions
from chunkers.registry import make_chunker
from ingest.config import ParseOptions
from ingest.context import Context
from ingest.embed.tokens import HuggingFaceTokenCounter
from ingest.embed_options import EmbedOptions
from ingest.parsers.base import ParseInput
from ingest.parsers.registry import make_parser, parser_recipe
from ingest.routing import Routed, route
from ingest.sources.folder import ListedFile
from ingest.stages.discover import Discovery
from ingest.store import DamagedArtifact
from ingest.workers.pool import PoolOptions, WorkerPool
from schemas.artifact import ArtifactRef
from schemas.chunk import ChunkSet
from schemas.document import Document
from schemas.errors import InputError, NoText, SchemaMismatch, TooLarge, Unreadable, UnsupportedFormat
from schemas.ids import digest, fingerprint
from schemas.source import Route, SourceFile

_MIB = 1024 * 1024
_READ = 1024 * 1024

PREPARE_VERSION = 1
"""Counts up when this stage would make something else of the same parser and chunker."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides the outcome, apart from the file."""

    chunk: ChunkOptions
    embed: EmbedOptions

    def chunk_key(self, document_digest: str, counter_fingerprint: str, chunker_version: str) -> str:
        return fingerprint(
            [
                PREPARE_VERSION,
                chunker_version,
                self.chunk.model_dump(mode="json"),
                counter_fingerprint,
                document_digest,
            ]
        )


def check_size(size: int, options: ParseOptions) -> None:
    """Raises `TooLarge`."""
    if size > options.max_file_mb * _MIB:
        raise TooLarge(
            f"it has {size / _MIB:.1f} MiB, the limit is {options.max_file_mb:g}; raise parse.max_file_mb, or split it",
            size=size,
        )


def check_route(routed: Routed) -> None:
    """Raises `UnsupportedFormat`."""
    if routed.route is Route.UNSUPPORTED:
        raise UnsupportedFormat(
            f"{routed.media_type} is not read yet; convert it to PDF, Markdown or text", media_type=routed.media_type
        )


@dataclass(frozen=True, slots=True)
class Job:
    """To parse `source`, or to chunk `document` (JSON) that was parsed before."""

    source: ParseInput | None
    document: bytes | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """JSON of a `Document` and of its `ChunkSet`."""

    document: bytes
    chunks: bytes


def make_worker(recipe: Recipe) -> Callable[[Job], Work]:
    """Runs in a worker process; keeps parsers and tokenizer warm."""
    counter = HuggingFaceTokenCounter(recipe.embed)
    chunker = make_chunker(recipe.chunk.strategy, recipe.chunk, counter)
    parsers = {}

    def work(job: Job) -> Work:
        if job.source is not None:
            kind = job.source.route
            if kind not in parsers:
                parsers[kind] = make_parser(kind)
            document = parsers[kind].parse(job.source)
            encoded = document.model_dump_json().encode()
        else:
            encoded = job.document or b""
            document = Document.model_validate_json(encoded)
        chunks = tuple(chunker.chunk(document))
        if not chunks:
            raise NoText("there is no text in it to search for; nothing to do, or scan it again with OCR")
        shares = counter.unknown_shares([chunk.embed_text() for chunk in chunks])
        chunk_set = ChunkSet(chunks=chunks, unknown_shares=tuple(round(share, 4) for share in shares))
        return Work(encoded, chunk_set.model_dump_json().encode())

    return work


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that was read. `frames` are artifacts to store: (stage, key, content)."""

    listed: ListedFile
    file: SourceFile
    chunk_key: str
    chunks: ChunkSet
    frames: tuple[tuple[str, str, bytes], ...]
    from_cache: bool


@dataclass(frozen=True, slots=True)
class Rejected:
    """A file that could not be read, and why. `key` identifies the attempt."""

    listed: ListedFile
    sha256: str
    stage: str
    key: str
    error: InputError


@dataclass(frozen=True, slots=True)
class Same:
    """A file whose time stamp changed and whose bytes did not. `failed`: they failed before."""

    listed: ListedFile
    sha256: str
    failed: bool


@dataclass(frozen=True, slots=True)
class Moving:
    """A file that changed or went away while it was read: the next run takes it."""

    listed: ListedFile


Outcome = Prepared | Rejected | Same | Moving


@dataclass(slots=True)
class _Pending:
    listed: ListedFile
    outcome: Outcome | None = None
    file: SourceFile | None = None
    parse_key: str = ""
    follows: bool = False


class Preparer:
    """Turns changed files into outcomes, in their order, with bounded memory."""

    def __init__(self, context: Context, *, reprocess: bool = False, retry_failed: bool = False) -> None:
        settings = context.settings
        self._context = context
        self._recipe = Recipe(settings.chunk, settings.embed)
        self._reprocess = reprocess
        self._retry_failed = retry_failed
        counter = HuggingFaceTokenCounter(settings.embed)
        self._counter_fingerprint = counter.fingerprint
        self._chunker_version = make_chunker(settings.chunk.strategy, settings.chunk, counter).version
        self._attempt = fingerprint(
            [
                PREPARE_VERSION,
                [parser_recipe(kind) for kind in Route if kind is not Route.UNSUPPORTED],
                settings.parse.model_dump(mode="json"),
            ]
        )
        self._chunk_keys: dict[str, str] = {}
        self._unstored: dict[str, ChunkSet] = {}
        self._failed: dict[str, InputError] = {}
        self._in_flight: set[str] = set()

    def attempt_key(self, sha256: str) -> str:
        """Identity of an attempt to read these bytes: a failure is tried again when it changes."""
        return fingerprint([self._attempt, sha256])

    def stored(self) -> None:
        """All frames that were handed out are in the store now."""
        self._unstored.clear()

    def outcomes(self, discovery: Discovery) -> Iterator[Outcome]:
        """One outcome for every changed file of the discovery, in the order of paths."""
        waiting: deque[_Pending] = deque()

        def jobs() -> Iterator[Job]:
            for listed in discovery.changed:
                pending, job = self._look_at(listed, discovery)
                waiting.append(pending)
                if job is not None:
                    yield job

        options = pool_options(self._context.settings.parse)
        with WorkerPool(partial(make_worker, self._recipe), options) as workers:
            for _, result in workers.imap(jobs()):
                yield from self._settle_cached(waiting)
                yield self._settle(waiting.popleft(), result)
            yield from self._settle_cached(waiting)

    # ------------------------------------------------------------ before parsing

    def _look_at(self, listed: ListedFile, discovery: Discovery) -> tuple[_Pending, Job | None]:
        pending = _Pending(listed)
        sha256 = ""
        try:
            check_size(listed.size, self._context.settings.parse)
            sha256, routed = _read_head_and_digest(listed)
            row = discovery.known.get(listed.path)
            if row is not None and row.sha256 == sha256 and not self._again(row.status):
                pending.outcome = Same(listed, sha256, failed=row.status == "failed")
                return pending, None
            pending.file = _source_file(discovery, listed, sha256, routed)
            check_route(routed)
        except FileNotFoundError:
            pending.outcome = Moving(listed)
            return pending, None
        except OSError as error:
            refusal = Unreadable(f"it cannot be opened: {error.strerror}; check its rights", errno=error.errno)
            pending.outcome = self._rejected(listed, sha256, "discover", refusal)
            return pending, None
        except InputError as error:
            pending.outcome = self._rejected(listed, sha256, "route", error)
            return pending, None
        pending.parse_key = _parse_key(pending.file)
        return pending, self._job(pending, pending.file)

    def _again(self, status: str) -> bool:
        return self._reprocess or (status == "failed" and self._retry_failed)

    def _job(self, pending: _Pending, file: SourceFile) -> Job | None:
        """What a worker has to do for this file; nothing when it was done before or is being done."""
        key = pending.parse_key
        if key in self._in_flight:
            pending.follows = True
            return None
        self._in_flight.add(key)
        artifacts = self._context.catalog.artifacts
        parsed = artifacts.find("parse", key)
        try:
            if parsed is not None:
                chunked = artifacts.find("chunk", self._chunk_key(parsed.digest))
                if chunked is None:
                    return Job(None, self._context.store.read(parsed))
                pending.outcome = self._adopt(pending, chunked)
                return None
        except DamagedArtifact as damaged:
            artifacts.drop(damaged.ref.stage, damaged.ref.key)
            self._context.progress.say(f"{damaged.message}: it is made again")
            if damaged.ref.stage != "parse":
                artifacts.drop("parse", key)
        return Job(ParseInput(pending.listed.location, file.path, file.media_type, file.route, file.size))

    def _adopt(self, pending: _Pending, chunked: ArtifactRef) -> Prepared:
        chunks = ChunkSet.model_validate_json(self._context.store.read(chunked))
        self._chunk_keys[pending.parse_key] = chunked.key
        return self._prepared(pending, chunked.key, chunks, (), from_cache=True)

    def _chunk_key(self, document_digest: str) -> str:
        return self._recipe.chunk_key(document_digest, self._counter_fingerprint, self._chunker_version)

    # ------------------------------------------------------------- after parsing

    def _settle_cached(self, waiting: deque[_Pending]) -> Iterator[Outcome]:
        """Files ahead of the next parsed one that needed no worker."""
        while waiting and (waiting[0].outcome is not None or waiting[0].follows):
            pending = waiting.popleft()
            yield pending.outcome if pending.outcome is not None else self._follow(pending)

    def _follow(self, pending: _Pending) -> Outcome:
        """The same bytes came earlier in this run: what became of them, becomes of these."""
        error = self._failed.get(pending.parse_key)
        if error is not None:
            return self._rejected(pending.listed, _sha(pending), "parse", error)
        chunk_key = self._chunk_keys.get(pending.parse_key)
        if chunk_key is None:  # the file that was read first moved away meanwhile
            return Moving(pending.listed)
        chunks = self._unstored.get(chunk_key)
        if chunks is None:
            chunked = self._context.catalog.artifacts.find("chunk", chunk_key)
            if chunked is None:
                raise SchemaMismatch("an artifact that was stored in this run is not in the catalog", key=chunk_key)
            chunks = ChunkSet.model_validate_json(self._context.store.read(chunked))
        return self._prepared(pending, chunk_key, chunks, (), from_cache=True)

    def _rejected(self, listed: ListedFile, sha256: str, stage: str, error: InputError) -> Rejected:
        return Rejected(listed, sha256, stage, self.attempt_key(sha256), error)

    def _settle(self, pending: _Pending, result: Work | InputError) -> Outcome:
        if _has_moved(pending.listed):
            return Moving(pending.listed)
        key = pending.parse_key
        if isinstance(result, InputError):
            self._failed[key] = result
            return self._rejected(pending.listed, _sha(pending), "parse", result)
        chunk_key = self._chunk_key(digest(result.document))
        chunks = ChunkSet.model_validate_json(result.chunks)
        self._chunk_keys[key] = chunk_key
        self._unstored[chunk_key] = chunks
        frames = (("parse", key, result.document), ("chunk", chunk_key, result.chunks))
        return self._prepared(pending, chunk_key, chunks, frames, from_cache=False)

    def _prepared(
        self,
        pending: _Pending,
        chunk_key: str,
        chunks: ChunkSet,
        frames: tuple[tuple[str, str, bytes], ...],
        *,
        from_cache: bool,
    ) -> Prepared:
        if pending.file is None:
            raise SchemaMismatch("a file was prepared without a route", path=pending.listed.path)
        return Prepared(pending.listed, pending.file, chunk_key, chunks, frames, from_cache)


def _read_head_and_digest(listed: ListedFile) -> tuple[str, Routed]:
    """One pass over the file."""
    hasher = hashlib.sha256()
    with listed.location.open("rb") as file:
        while block := file.read(_READ):
            hasher.update(block)
    return hasher.hexdigest(), route(listed.location, listed.path)


def _source_file(discovery: Discovery, listed: ListedFile, sha256: str, routed: Routed) -> SourceFile:
    return SourceFile(
        tenant=discovery.spec.tenant,
        source=discovery.spec.name,
        path=listed.path,
        uri=listed.location.as_uri(),
        sha256=sha256,
        size=listed.size,
        mtime_ns=listed.mtime_ns,
        media_type=routed.media_type,
        route=routed.route,
    )


def _parse_key(file: SourceFile) -> str:
    return fingerprint([PREPARE_VERSION, file.route, parser_recipe(file.route), file.sha256])


def _sha(pending: _Pending) -> str:
    return pending.file.sha256 if pending.file is not None else ""


def _has_moved(listed: ListedFile) -> bool:
    try:
        stat = listed.location.stat()
    except OSError:
        return True
    return (stat.st_size, stat.st_mtime_ns) != (listed.size, listed.mtime_ns)


def pool_options(options: ParseOptions) -> PoolOptions:
    return PoolOptions(
        workers=_cores() if options.workers is None else options.workers,
        timeout_s=options.timeout_s,
        max_rss_mb=options.max_rss_mb,
        max_tasks=options.recycle_after,
    )


def _cores() -> int:
    return len(os.sched_getaffinity(0))
