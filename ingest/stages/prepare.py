"""Parse and chunk, in worker processes; what was done before is adopted, not done again."""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial

from chunkers.registry import needs_writer
from ingest.context import LEAST_ROOM, Context
from ingest.embed.tokens import HuggingFaceTokenCounter
from ingest.logs import Where, where
from ingest.ocr.service import OcrService
from ingest.parsers.registry import parser_recipe
from ingest.sources.fetching import Fetcher, FetchPlaces
from ingest.sources.folder import FolderRules
from ingest.sources.places import Root
from ingest.sources.remote import Remote
from ingest.stages.discover import Discovery
from ingest.stages.file_traces import trace_of
from ingest.stages.looking import Looker, has_moved
from ingest.stages.opening import Opener
from ingest.stages.outcomes import Moving, Opened, Outcome, Prepared, Refused, Rejected
from ingest.stages.pending import Pending, as_input
from ingest.stages.restating import Restater
from ingest.stages.unpacking import unpacker
from ingest.stages.work import (
    PREPARE_VERSION,
    Job,
    OcrAccess,
    Recipe,
    Work,
    images_recipe,
    make_recipe_chunker,
    make_worker,
    pool_options,
)
from ingest.store import DamagedArtifact
from ingest.tracing import now_ns
from ingest.workers.pool import WorkerPool
from schemas.artifact import ArtifactRef
from schemas.chunk import ChunkSet
from schemas.errors import InputError, InvariantError, SchemaMismatch
from schemas.ids import digest, fingerprint

_MOST_IDLE = 64
"""Files in a row that need no worker, before their outcomes are handed out: each holds chunks, or a fetched
file."""


@dataclass(slots=True)
class _Line:
    """Files in their order: those that come, and those that wait for their outcome or their turn."""

    coming: Iterator[Pending]
    waiting: deque[Pending] = field(default_factory=deque)
    more: bool = True


class Preparer:
    """Turns changed files into outcomes, in their order, with bounded memory. What an archive or a
    mail holds comes before it."""

    def __init__(
        self,
        context: Context,
        *,
        reprocess: bool = False,
        retry_failed: bool = False,
        refused: Mapping[str, Refused] | None = None,
        scratch: str = "run",
        keep_fetched: bool = False,
    ) -> None:
        """`refused`: what is known to fail, by chunk group. `scratch` names the folders to unpack and to fetch
        into: others for everyone who works at the same time. `keep_fetched`: for a run that reads it again."""
        settings = context.settings
        self._context = context
        self._recipe = Recipe.of(settings)
        self._images = images_recipe(settings)
        self._looker = Looker(context, self._images, reprocess=reprocess, retry_failed=retry_failed)
        counter = HuggingFaceTokenCounter(settings.embed)
        self._counter_fingerprint = counter.fingerprint
        self._restater = Restater.of(context, self._recipe) if needs_writer(settings.chunk) else None
        self._chunker_version = (self._restater or make_recipe_chunker(self._recipe, counter)).version
        self._chunk_keys: dict[str, str] = {}
        self._unstored: dict[str, ChunkSet] = {}
        self._failed: dict[str, Refused] = dict(refused or {})
        self._in_flight: set[str] = set(self._failed)
        self._scratch = context.home.scratch / scratch
        self._places = FetchPlaces(
            own=context.home.fetched / scratch,
            kept=context.home.fetched / "kept",
            keep_bytes=settings.source.keep_fetched_mb * 2**20 if keep_fetched else 0,
            least_room=LEAST_ROOM,
        )

    def attempt_key(self, sha256: str) -> str:
        """Identity of an attempt to read these bytes: a failure is tried again when it changes."""
        return self._looker.attempt_key(sha256)

    @property
    def refused(self) -> Mapping[str, Refused]:
        """What could not be parsed, by chunk group."""
        return self._failed

    def stored(self) -> None:
        """All frames that were handed out are in the store now."""
        self._unstored.clear()

    def outcomes(self, discovery: Discovery) -> Iterator[Outcome]:
        """One outcome for every changed file of the discovery, in the order of paths, and before it
        those of its members."""
        with ExitStack() as stack:
            fetcher = self._fetcher(stack, discovery.spec.root)
            opener = self._opener(stack)
            if self._restater is not None:
                stack.enter_context(self._restater)
            options = pool_options(self._context.settings.parse)
            make = partial(make_worker, self._recipe, self._ocr(stack, in_workers=options.workers > 0))
            workers = stack.enter_context(WorkerPool(make, options))
            for outcome in self._worked(self._pending(discovery, opener, fetcher), workers):
                yield outcome
                if fetcher is not None and not outcome.listed.top:
                    fetcher.release(outcome.listed)

    def _worked(self, pending: Iterator[Pending], workers: WorkerPool[Job, Work]) -> Iterator[Outcome]:
        line = _Line(pending)
        while line.more:
            for _, result in workers.imap(self._jobs(line)):
                yield from self._settle_cached(line.waiting)
                yield from self._finish(line.waiting.popleft(), result)
            yield from self._settle_cached(line.waiting)

    def _jobs(self, line: _Line) -> Iterator[Job]:
        """Ends early when too many wait behind a worker that have nothing to wait for but their turn."""
        idle = 0
        for pending in line.coming:
            job = self._job(pending)
            line.waiting.append(pending)
            if job is not None:
                yield job
                idle = 0
            else:
                idle += 1
                if idle >= _MOST_IDLE:
                    return
        line.more = False

    def _pending(self, discovery: Discovery, opener: Opener, fetcher: Fetcher | None) -> Iterator[Pending]:
        if fetcher is None:
            for listed in discovery.changed:
                yield from opener.with_members(listed, discovery)
            return
        limit = self._context.settings.parse.max_file_mb * 2**20
        for fetched in fetcher.fetched(discovery.changed, lambda listed: listed.size <= limit):
            yield from opener.with_members(fetched.listed, discovery, fetched.trouble)

    def _fetcher(self, stack: ExitStack, root: Root) -> Fetcher | None:
        """For what does not lie on this machine."""
        if isinstance(root, str):
            return stack.enter_context(Fetcher(Remote(root), self._places))
        return None

    def _opener(self, stack: ExitStack) -> Opener:
        settings = self._context.settings
        source = settings.source
        rules = FolderRules(source.include, source.exclude, source.hidden)
        return Opener(settings.container, rules, self._looker, stack.enter_context(unpacker(settings, self._scratch)))

    def _ocr(self, stack: ExitStack, *, in_workers: bool) -> OcrAccess:
        options = self._context.settings.ocr
        if options.engine == "none":
            return None
        return stack.enter_context(OcrService(options)).address if in_workers else options

    # ------------------------------------------------------------ before parsing

    def _job(self, pending: Pending) -> Job | None:
        """What a worker has to do for this file; nothing when it was done before or is being done."""
        file = pending.file
        if pending.outcome is not None or file is None or pending.is_archive:
            return None
        told = self._recipe.told(pending.told)
        recipe = parser_recipe(file.route, self._images, self._recipe.read)
        pending.parse_key = fingerprint([PREPARE_VERSION, file.route, file.media_type, recipe, file.sha256])
        pending.chunk_group = fingerprint([pending.parse_key, told])
        if pending.chunk_group in self._in_flight:
            pending.follows = True
            return None
        self._in_flight.add(pending.chunk_group)
        artifacts = self._context.catalog.artifacts
        parsed = artifacts.find("parse", pending.parse_key)
        try:
            if parsed is not None:
                chunked = artifacts.find("chunk", self._chunk_key(parsed.digest, pending))
                if chunked is None:
                    pending.began_ns = now_ns()
                    return Job(None, self._context.store.read(parsed), told, _about(pending.listed.path))
                pending.outcome = self._adopt(pending, chunked)
                return None
        except DamagedArtifact as damaged:
            artifacts.drop(damaged.ref.stage, damaged.ref.key)
            self._context.progress.say(f"{damaged.message}: it is made again")
            if damaged.ref.stage != "parse":
                artifacts.drop("parse", pending.parse_key)
        pending.began_ns = now_ns()
        return Job(as_input(pending.listed, file), None, told, _about(pending.listed.path))

    def _adopt(self, pending: Pending, chunked: ArtifactRef) -> Prepared:
        chunks = ChunkSet.model_validate_json(self._context.store.read(chunked))
        self._chunk_keys[pending.chunk_group] = chunked.key
        return _prepared(pending, chunked.key, chunks)

    def _chunk_key(self, document_digest: str, pending: Pending) -> str:
        told = self._recipe.told(pending.told)
        return self._recipe.chunk_key(document_digest, self._counter_fingerprint, self._chunker_version, told)

    # ------------------------------------------------------------- after parsing

    def _settle_cached(self, waiting: deque[Pending]) -> Iterator[Outcome]:
        """Files ahead of the next parsed one that needed no worker."""
        while waiting and not waiting[0].waits_for_worker:
            yield from self._finish(waiting.popleft(), None)

    def _finish(self, pending: Pending, result: Work | InputError | None) -> Iterator[Outcome]:
        """Its outcome, with what it holds; what was unpacked is removed when that was used."""
        if result is not None:
            pending.outcome = self._settle(pending, result)
        elif pending.follows:
            pending.outcome = self._follow(pending)
        elif pending.outcome is None:
            pending.outcome = Opened(pending.listed, pending.sha256, pending.held())
        if isinstance(pending.outcome, Prepared | Rejected):
            pending.outcome = replace(pending.outcome, held=pending.held())
        if self._context.tracing.files:
            self._context.tracing.tell_file(trace_of(pending, pending.outcome, result))
        yield pending.outcome
        if pending.unpacked is not None:
            shutil.rmtree(pending.unpacked)

    def _follow(self, pending: Pending) -> Outcome:
        """The same bytes came earlier in this run: what became of them, becomes of these."""
        refused = self._failed.get(pending.chunk_group)
        if refused is not None:
            return self._looker.rejected(pending.listed, pending.sha256, "parse", refused.of(pending.name))
        chunk_key = self._chunk_keys.get(pending.chunk_group)
        if chunk_key is None:  # the file that was read first moved away meanwhile
            return Moving(pending.listed)
        chunks = self._unstored.get(chunk_key)
        if chunks is None:
            chunked = self._context.catalog.artifacts.find("chunk", chunk_key)
            if chunked is None:
                raise SchemaMismatch("an artifact that was stored in this run is not in the catalog", key=chunk_key)
            chunks = ChunkSet.model_validate_json(self._context.store.read(chunked))
        return _prepared(pending, chunk_key, chunks)

    def _settle(self, pending: Pending, result: Work | InputError) -> Outcome:
        if has_moved(pending.listed):
            return Moving(pending.listed)
        if self._restater is not None and isinstance(result, Work):
            result = self._restater.restate(result, self._recipe.told(pending.told))
        if isinstance(result, InputError):
            self._failed[pending.chunk_group] = Refused(result, pending.name)
            return self._looker.rejected(pending.listed, pending.sha256, "parse", result)
        chunk_key = self._chunk_key(digest(result.document), pending)
        chunks = ChunkSet.model_validate_json(result.chunks)
        self._chunk_keys[pending.chunk_group] = chunk_key
        self._unstored[chunk_key] = chunks
        frames = (("parse", pending.parse_key, result.document), ("chunk", chunk_key, result.chunks))
        return replace(_prepared(pending, chunk_key, chunks), frames=frames, pages=result.pages)


def _about(path: str) -> Where:
    """For the lines of a worker: where the run is, and the file that the job is about."""
    return replace(where(), file=path, stage="parse")


def _prepared(pending: Pending, chunk_key: str, chunks: ChunkSet) -> Prepared:
    """As adopted from the store; what a file says of itself gives way to what is told of it."""
    if pending.file is None:
        raise InvariantError("a file was prepared without a route", path=pending.listed.path)
    file = pending.file.model_copy(update={"metadata": {**chunks.metadata, **pending.told}})
    return Prepared(pending.listed, file, chunk_key, chunks, ())
