"""Rollback: a document, or all that a run changed, becomes what it was: new versions with the old content.

They are planned, published and de-duplicated as any others are, from chunks and vectors that are kept. What is
known of the files stays as it is: the next run leaves alone what was restored, until a file changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest.catalog.plan import PlannedFile, PublishPlan
from ingest.catalog.rows import DocumentRow, FileRow
from ingest.catalog.versions import VersionRow
from ingest.context import Context, require_room, run_lock
from ingest.embed.base import Embedder
from ingest.sources.folder import ListedFile
from ingest.stages.discover import HELD
from ingest.stages.measuring import recount
from ingest.stages.outcomes import Prepared
from ingest.stages.parts import Parts
from ingest.stages.plan import Arrival, Batch, Planner, embed_texts
from ingest.stages.planner import make_planner
from ingest.stages.publish import Publisher
from ingest.stages.tally import Tally
from ingest.stages.vectors import VectorCache
from ingest.stages.versions import ROLLBACK, find_version, read_chunks, read_manifest
from ingest.vectors import Vector, Vectors
from schemas.errors import ConfigError, DocstrataError, InvariantError
from schemas.ids import fingerprint
from schemas.report import RunSummary
from schemas.source import SourceFile

_EMBED = "give --allow-embed to have the model make them again"


@dataclass(frozen=True, slots=True)
class RollbackRequest:
    """Either `document` (as people name it) and the version `to`, or all documents of a `run`.

    `allow_embed`: the model may be asked for vectors that are lost.
    """

    document: str | None = None
    to: int | None = None
    run: str | None = None
    allow_embed: bool = False
    wait: bool = True


@dataclass(frozen=True, slots=True)
class Restoring:
    """One document. `to` is the version whose content comes back, None where the document goes away.
    `undone`: runs after the one that is rolled back, which changed it too."""

    doc_id: str
    source: str
    path: str
    current: int
    to: int | None
    undone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rollback:
    """`documents` in the order of their names; `summary` is None where nothing was done. `notes`: sentences."""

    documents: tuple[Restoring, ...]
    summary: RunSummary | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Step:
    document: DocumentRow
    to: VersionRow | None
    undone: tuple[str, ...] = ()

    @property
    def told(self) -> Restoring:
        row = self.document
        to = self.to.version if self.to is not None else None
        return Restoring(row.doc_id, row.source, row.path, row.version, to, self.undone)


def dry_rollback(context: Context, request: RollbackRequest) -> Rollback:
    """What would be restored. Raises `ConfigError` for a document, a version or a run that is not there."""
    steps = _steps(context, request)
    return Rollback(tuple(step.told for step in steps), None, _notes(context, steps))


def rollback(context: Context, parts: Parts, request: RollbackRequest) -> Rollback:
    """Restores, under the lock of runs. Killed and called again it comes to the same end.

    Raises `ConfigError` as `dry_rollback` does, and where vectors are lost and may not be made again.
    """
    _ = parts.collection  # refuses another model's home before any work is done
    with run_lock(context, wait=request.wait):
        require_room(context)
        Publisher(context, parts).heal()
        steps = _steps(context, request)
        if not steps:
            return Rollback((), None, ("nothing is to be done: it is as it was already",))
        notes = _notes(context, steps)
        started = context.clock()
        run_id = ROLLBACK + fingerprint([started, [step.document.doc_id for step in steps]])[:12]
        number = context.catalog.runs.begin(run_id, started, context.settings.tenant)
        summary, state = None, "interrupted"
        try:
            tally = Tally(warnings=list(notes))
            _Restorer(context, parts, number, tally, allow_embed=request.allow_embed).restore(steps)
            summary = tally.summary(run_id, recount(context))
            state = "done"
        except DocstrataError:
            state = "failed"
            raise
        finally:
            context.catalog.runs.finish(number, state, context.clock(), summary)
    return Rollback(tuple(step.told for step in steps), summary, notes)


# ----------------------------------------------------------------------- what to do


def _steps(context: Context, request: RollbackRequest) -> list[_Step]:
    """Those that change anything, in the order of sources and paths."""
    if (request.run is None) == (request.document is None) or (request.to is None) != (request.document is None):
        raise ConfigError("roll back a document to a version, or a run: DOC --to V, or --run RUN")
    found = _of_run(context, request.run) if request.run is not None else [_of_document(context, request)]
    changing = [step for step in found if not _is_there(context, step)]
    return sorted(changing, key=lambda step: (step.document.source, step.document.path))


def _of_document(context: Context, request: RollbackRequest) -> _Step:
    catalog = context.catalog
    known = catalog.versions.find_document(context.settings.tenant, request.document or "")
    wanted = find_version(known, catalog.versions.of_document(known.doc_id), request.to or 0)
    return _Step(_document(context, known.doc_id), None if wanted.gone else wanted)


def _of_run(context: Context, run_id: str) -> list[_Step]:
    """Of every document that the run made a version of: what it was before the first of them."""
    catalog = context.catalog
    number = catalog.versions.find_run(context.settings.tenant, run_id)
    first: dict[str, VersionRow] = {}
    for row in catalog.versions.of_run(context.settings.tenant, number):
        first.setdefault(row.doc_id, row)
    if not first:
        raise ConfigError(f"run '{run_id}' changed no document: there is nothing to take back")
    steps = []
    for doc_id, made in first.items():
        document = _document(context, doc_id)
        versions = catalog.versions.of_document(doc_id)
        before = {row.version: row for row in versions}.get(made.version - 1)
        if before is None and made.version > 1:
            raise ConfigError(
                f"what {document.path} was before run '{run_id}' is no longer kept: retention has removed it"
            )
        undone = tuple(dict.fromkeys(row.run_id for row in versions if row.run_number > number))
        steps.append(_Step(document, None if before is None or before.gone else before, undone))
    return steps


def _document(context: Context, doc_id: str) -> DocumentRow:
    row = context.catalog.history.document(doc_id)
    if row is None:
        raise InvariantError("a version belongs to no document", doc_id=doc_id)
    return row


def _is_there(context: Context, step: _Step) -> bool:
    row, to = step.document, step.to
    if to is None or not row.live:
        return to is None and not row.live
    if (row.sha256, row.chunk_key) != (to.sha256, to.chunk_key):
        return False
    manifest = read_manifest(context, to)
    return manifest is not None and manifest.metadata_digest == row.metadata_digest


def _notes(context: Context, steps: Sequence[_Step]) -> tuple[str, ...]:
    """What a person has to know of the files as they are now."""
    notes = []
    later = sum(bool(step.undone) for step in steps)
    if later:
        notes.append(f"{_count(later, 'document was', 'documents were')} changed again since: that is undone too")
    files = {source: context.catalog.files.of_source(context.settings.tenant, source) for source in _sources(steps)}
    back = [step for step in steps if step.to is not None]
    absent = sum(not _is_known(step.document, files) for step in back)
    if len(back) > absent:
        notes.append(
            f"the file on the disk is not what is searched now ({_count(len(back) - absent, 'document', 'documents')})."
            " A run leaves it alone until the file changes; 'run --reprocess' takes it in as it is"
        )
    if absent:
        notes.append(
            f"{_count(absent, 'document comes', 'documents come')} back without a file: kept until the file is there"
            " again, or a rollback or 'purge' takes it away"
        )
    away = sum(_is_known(step.document, files) for step in steps if step.to is None)
    if away:
        notes.append(
            f"{_count(away, 'document goes', 'documents go')} though the file is there: a run takes it in again when"
            " the file changes, or with --reprocess"
        )
    return tuple(notes)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _sources(steps: Sequence[_Step]) -> list[str]:
    return sorted({step.document.source for step in steps})


def _is_known(document: DocumentRow, files: Mapping[str, Mapping[str, FileRow]]) -> bool:
    row = files[document.source].get(document.listed_as)
    return row is not None and row.status != HELD


# --------------------------------------------------------------------------- doing it


class _Restorer:
    def __init__(self, context: Context, parts: Parts, number: int, tally: Tally, *, allow_embed: bool) -> None:
        self._context = context
        self._parts = parts
        self._number = number
        self._tally = tally
        self._allow_embed = allow_embed
        self._publisher = Publisher(context, parts)
        self._vectors = VectorCache(context)
        self._files: dict[str, dict[str, FileRow]] = {}

    def restore(self, steps: Sequence[_Step]) -> None:
        """Arrivals in batches as of a run, departures after them, so that nothing is missing in between."""
        self._context.progress.expect("restore", len(steps))
        tenant = self._context.settings.tenant
        self._files = {source: self._context.catalog.files.of_source(tenant, source) for source in _sources(steps)}
        planner = make_planner(self._context, self._parts)
        departures = tuple(step.document for step in steps if step.to is None)
        departing = frozenset(row.doc_id for row in departures)
        for batch in self._batches(steps, departing):
            self._publish(planner, batch)
        if departures:
            forgotten = tuple(sorted({(row.source, row.listed_as) for row in departures if self._is_held(row)}))
            self._publish(planner, Batch(departures=departures, forgotten=forgotten, departing=departing))
            self._context.progress.advance("restore", len(departures))

    def _batches(self, steps: Sequence[_Step], departing: frozenset[str]) -> Iterator[Batch]:
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

    def _arrival(self, step: _Step, to: VersionRow) -> Arrival:
        document = step.document
        manifest = read_manifest(self._context, to)
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
