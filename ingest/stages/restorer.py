"""Publishes documents as they were."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ingest.catalog.plan import PlannedFile, PublishPlan
from ingest.catalog.rows import DocumentRow, FileRow
from ingest.catalog.versions import VersionRow
from ingest.context import Context, require_room
from ingest.embed.base import Embedder
from ingest.sources.folder import ListedFile
from ingest.stages.discover import HELD
from ingest.stages.outcomes import Prepared
from ingest.stages.parts import Parts
from ingest.stages.plan import Arrival, Batch, Planner, embed_texts
from ingest.stages.planner import make_planner
from ingest.stages.publish import Publisher
from ingest.stages.rollback_steps import Step, sources_of
from ingest.stages.tally import Tally
from ingest.stages.vectors import VectorCache
from ingest.stages.versions import read_chunks
from ingest.stored import manifest_of
from ingest.vectors import Vector, Vectors
from schemas.errors import ConfigError
from schemas.source import SourceFile

_EMBED = "give --allow-embed to have the model make them again"


class Restorer:
    def __init__(self, context: Context, parts: Parts, number: int, tally: Tally, *, allow_embed: bool) -> None:
        self._context = context
        self._parts = parts
        self._number = number
        self._tally = tally
        self._allow_embed = allow_embed
        self._publisher = Publisher(context, parts)
        self._vectors = VectorCache(context)
        self._files: dict[str, dict[str, FileRow]] = {}

    def restore(self, steps: Sequence[Step]) -> None:
        """Arrivals in batches as of a run, departures after them, so that nothing is missing in between."""
        self._context.progress.expect("restore", len(steps))
        tenant = self._context.settings.tenant
        self._files = {source: self._context.catalog.files.of_source(tenant, source) for source in sources_of(steps)}
        planner = make_planner(self._context, self._parts)
        departures = tuple(step.document for step in steps if step.to is None)
        departing = frozenset(row.doc_id for row in departures)
        for batch in self._batches(steps, departing):
            self._publish(planner, batch)
        if departures:
            forgotten = tuple(sorted({(row.source, row.listed_as) for row in departures if self._is_held(row)}))
            self._publish(planner, Batch(departures=departures, forgotten=forgotten, departing=departing))
            self._context.progress.advance("restore", len(departures))

    def _batches(self, steps: Sequence[Step], departing: frozenset[str]) -> Iterator[Batch]:
        arrivals: list[Arrival] = []
        held: dict[tuple[str, str], PlannedFile] = {}
        chunks = 0
        for step in steps:
            if step.to is None:
                continue
            arrival = self._arrival(step, step.to)
            arrivals.append(arrival)
            chunks += len(arrival.prepared.chunks.chunks)
            if step.document.listed_as not in self._files[step.document.source]:
                held[step.document.source, step.document.listed_as] = _held(step.document, step.to)
            if chunks >= self._context.settings.run.batch_chunks:
                yield Batch(tuple(arrivals), tuple(held.values()), departing=departing)
                arrivals, held, chunks = [], {}, 0
        if arrivals:
            yield Batch(tuple(arrivals), tuple(held.values()), departing=departing)

    def _arrival(self, step: Step, to: VersionRow) -> Arrival:
        document = step.document
        manifest = manifest_of(self._context, to.doc_id, to.version)
        if manifest is None or manifest.file is None:
            raise ConfigError(
                f"version {to.version} of {document.path} cannot be restored: what is known of it was lost, or never"
                " kept; take the file in again instead"
            )
        chunks = read_chunks(self._context, document.path, to)
        self._tally.chunks += len(chunks.chunks)
        self._context.progress.advance("restore")
        failure = self._context.catalog.files.failure_of(
            self._context.settings.tenant, document.source, document.listed_as
        )
        return Arrival(
            Prepared(_listing(manifest.file, document.top), manifest.file, to.chunk_key, chunks, ()),
            listed_at_ns=0,
            restored=True,
            stale=document.stale or failure is not None,
        )

    def _is_held(self, document: DocumentRow) -> bool:
        row = self._files[document.source].get(document.listed_as)
        return row is not None and row.status == HELD

    def _publish(self, planner: Planner, batch: Batch) -> None:
        require_room(self._context)
        tally = self._tally
        with tally.timed("dedup"):
            plan = planner.plan(batch, self._number)
        if plan.is_empty:
            self._context.catalog.history.settle_files(plan)
            return
        with tally.timed("embed"):
            self._require_vectors(plan)
            embedded = self._publisher.embed(plan)
            tally.embedded += embedded.made
            tally.reused += embedded.reused
        with tally.timed("publish"):
            self._publisher.publish(plan)
        tally.written += len(plan.points)
        tally.retired += len(plan.retire)

    def _require_vectors(self, plan: PublishPlan) -> None:
        """All of them can be read, before anything is promised. Raises `ConfigError` where that is not so."""
        texts = embed_texts(plan)
        if self._allow_embed or not texts:
            return
        missing = self._vectors.missing(list(texts))
        if missing:
            raise ConfigError(f"the vectors of {len(missing)} passages are not in the cache: {_EMBED}")
        self._vectors.get(_NoModel(self._parts.embedder), texts)


class _NoModel:
    """Implements `Embedder` for whoever must not need one."""

    def __init__(self, embedder: Embedder) -> None:
        self.fingerprint = embedder.fingerprint
        self.dimension = embedder.dimension
        self.limit = embedder.limit

    def embed(self, texts: Sequence[str], advance: object = None) -> Vectors:
        raise ConfigError(f"the vectors of {len(texts)} passages were lost from the cache: {_EMBED}")

    def embed_query(self, text: str) -> Vector:
        raise ConfigError(f"the vector of a passage was lost from the cache: {_EMBED}")


def _listing(file: SourceFile, top: str) -> ListedFile:
    """As it was listed when that version was made; it is not there to be read."""
    return ListedFile(file.path, file.path, file.size, file.mtime_ns, file.mtime_ns, 0, top=top, origin=file.uri)


def _held(document: DocumentRow, to: VersionRow) -> PlannedFile:
    """A file of that name is looked at when it comes, whatever it looks like: no file has such a size."""
    return PlannedFile(
        source=document.source,
        path=document.listed_as,
        size=-1,
        mtime_ns=0,
        ctime_ns=0,
        inode=0,
        listed_at_ns=0,
        sha256=to.sha256,
        status=HELD,
    )
