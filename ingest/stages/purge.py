"""Purge: a document leaves everything at once, and no byte of its text stays behind.

Its duplicates elsewhere are promoted first, as when any document goes. Then index, catalog and store forget it,
and the files that held it are written anew. The promise stands in the catalog until all of it is done: killed
anywhere, it is finished by the next purge, or by `maintain`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingest.catalog.kept import Kind
from ingest.catalog.rows import DocumentRow
from ingest.catalog.versions import KnownDocument
from ingest.context import Context, require_room, run_lock
from ingest.sources.places import is_url
from ingest.stages.measuring import recount
from ingest.stages.parts import Parts
from ingest.stages.plan import Batch
from ingest.stages.planner import make_planner
from ingest.stages.publish import Publisher
from ingest.stages.reindex import erase_beside
from ingest.stages.sweep import Garbage, Sweeper
from ingest.stages.tally import Tally
from ingest.stages.versions import read_chunks
from schemas.artifact import ArtifactRef
from schemas.chunk import ChunkKind
from schemas.errors import ConfigError, DocstrataError
from schemas.ids import fingerprint
from schemas.report import RunSummary

PURGE = "purge-"
"""Begins the id of a run that was a purge."""


@dataclass(frozen=True, slots=True)
class Purged:
    """What was removed, or would be. `documents`: sources and paths, with what came out of the document.
    `rows`: of the index. `promoted`: duplicates elsewhere that have a vector of their own now. `notes`: sentences."""

    documents: tuple[str, ...]
    versions: int
    rows: int
    artifacts: int
    vectors: int
    originals: int
    promoted: int = 0
    run_id: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Counts:
    rows: int = 0
    versions: int = 0
    promoted: int = 0
    run_id: str | None = None
    garbage: list[Garbage] = field(default_factory=list)

    def told(self, documents: Iterable[KnownDocument], notes: Sequence[str]) -> Purged:
        return Purged(
            documents=tuple(document.name for document in documents),
            versions=self.versions,
            rows=self.rows,
            artifacts=sum(len(one.artifacts) for one in self.garbage),
            vectors=sum(len(one.vectors) for one in self.garbage),
            originals=sum(len(one.originals) for one in self.garbage),
            promoted=self.promoted,
            run_id=self.run_id,
            notes=tuple(notes),
        )


def purge(context: Context, parts: Parts, name: str, *, dry_run: bool = False, wait: bool = True) -> Purged:
    """Raises `ConfigError` for a document that is not there. Waits for a run that goes on, or raises `StoreDown`."""
    _ = parts.collection  # refuses another model's home before any work is done
    if dry_run:
        return _look(context, parts, name)
    with run_lock(context, wait=wait):
        require_room(context)
        Publisher(context, parts).heal()
        finish_purges(context, parts)
        documents = _documents(context, name)
        notes = _notes(context, documents)
        context.catalog.retention.begin_purge(document.doc_id for document in documents)
        return _Purger(context, parts).purge([document.doc_id for document in documents]).told(documents, notes)


def finish_purges(context: Context, parts: Parts) -> int:
    """What was promised and broken off. For whoever holds the lock of runs. Returns how many documents."""
    promised = context.catalog.retention.purging()
    if promised:
        context.progress.say("finishing a purge, which was interrupted")
        _Purger(context, parts).purge(promised)
    return len(promised)


def _documents(context: Context, name: str) -> list[KnownDocument]:
    """With what came out of it."""
    tenant = context.settings.tenant
    known = context.catalog.versions.find_document(tenant, name)
    return [known, *context.catalog.versions.inside(tenant, known)]


def _look(context: Context, parts: Parts, name: str) -> Purged:
    documents = _documents(context, name)
    counts = _Counts()
    gone: set[str] = set()
    for document in documents:
        versions = context.catalog.versions.of_document(document.doc_id)
        gone.update(f"{document.doc_id}/{row.version}" for row in versions)
        counts.versions += len(versions)
        counts.rows += len(context.catalog.retention.points_of(document.doc_id))
    needed = context.catalog.retention.needed(frozenset(gone))
    counts.garbage.append(Sweeper(context, parts, thorough=True).find(needed))
    return counts.told(documents, _notes(context, documents))


def _notes(context: Context, documents: Sequence[KnownDocument]) -> list[str]:
    notes = []
    roots = context.catalog.files.roots(context.settings.tenant)
    lying = [roots[document.source] for document in documents if _may_lie_there(roots.get(document.source), document)]
    if lying:
        where = f"at {lying[0]}" if is_url(lying[0]) else "in its folder"
        perhaps = "may still be" if is_url(lying[0]) else "is still"
        notes.append(f"the file {perhaps} {where}: delete it or exclude it there, or the next run takes it in again")
    reports = context.home.path / "reports"
    if reports.is_dir() and any(reports.iterdir()):
        notes.append(f"reports that were made before may quote it: look at {reports}")
    return notes


def _may_lie_there(root: str | None, document: KnownDocument) -> bool:
    """Of a URL nothing is asked: it may be away."""
    return root is not None and (is_url(root) or (Path(root) / document.path).exists())


class _Purger:
    def __init__(self, context: Context, parts: Parts) -> None:
        self._context = context
        self._parts = parts
        self._counts = _Counts()
        self._originals: set[str] = set()

    def purge(self, doc_ids: Sequence[str]) -> _Counts:
        context = self._context
        self._retire(doc_ids)
        answers = [ref for doc_id in doc_ids for ref in self._answers(doc_id)]
        context.progress.expect("remove", len(doc_ids))
        for doc_id in doc_ids:
            self._forget(doc_id)
            context.progress.advance("remove")
        context.catalog.survivors.sweep()
        self._sweep(answers)
        if not self._parts.index.rewrite():
            context.progress.say("the Qdrant server drops the deleted rows from its files when it optimizes next")
        recount(context)
        context.catalog.kept.forget(Kind.EVALUATION, context.settings.tenant)  # it quotes what was found
        context.catalog.database.compact()
        context.catalog.retention.end_purge(doc_ids)
        return self._counts

    def _retire(self, doc_ids: Sequence[str]) -> None:
        """As a run does with files that vanished: duplicates in other documents are promoted before it."""
        rows = [self._context.catalog.history.document(doc_id) for doc_id in doc_ids]
        living = tuple(row for row in rows if row is not None and row.live)
        if not living:
            return
        started = self._context.clock()
        run_id = PURGE + fingerprint([started, [row.doc_id for row in living]])[:12]
        number = self._context.catalog.runs.begin(run_id, started, self._context.settings.tenant)
        summary: RunSummary | None = None
        state = "interrupted"
        try:
            summary = self._publish(living, number, run_id)
            state = "done"
        except DocstrataError:
            state = "failed"
            raise
        finally:
            self._context.catalog.runs.finish(number, state, self._context.clock(), summary)

    def _publish(self, living: tuple[DocumentRow, ...], number: int, run_id: str) -> RunSummary:
        tally, publisher = Tally(), Publisher(self._context, self._parts)
        departing = frozenset(row.doc_id for row in living)
        plan = make_planner(self._context, self._parts).plan(Batch(departures=living, departing=departing), number)
        tally.embedded += publisher.embed(plan).made
        publisher.publish(plan)
        tally.written += len(plan.points)
        tally.retired += len(plan.retire)
        self._counts.promoted = len(plan.points)
        self._counts.run_id = run_id
        return tally.summary(run_id, recount(self._context))

    def _answers(self, doc_id: str) -> Iterator[ArtifactRef]:
        """What a language model wrote about the document, where it is kept."""
        written: set[str] = set()
        for row in self._context.catalog.versions.of_document(doc_id):
            if not row.gone:
                with suppress(ConfigError):  # its chunks are damaged: nobody can tell what they were
                    chunks = read_chunks(self._context, doc_id, row).chunks
                    written.update(chunk.text for chunk in chunks if chunk.kind is ChunkKind.PROPOSITION)
        for ref in self._context.catalog.artifacts.below("proposition", "") if written else ():
            answer = json.loads(self._context.store.read(ref))
            if any(one["text"] in written for one in answer["propositions"]):
                yield ref

    def _forget(self, doc_id: str) -> None:
        """The index first: the catalog knows what is still to do."""
        retention = self._context.catalog.retention
        points = retention.points_of(doc_id)
        with self._parts.index.session():
            self._parts.index.delete(points)
            self._parts.index.flush()
        erase_beside(self._context, self._parts, points)
        self._counts.rows += len(points)
        versions = self._context.catalog.versions.of_document(doc_id)
        self._counts.versions += len(versions)
        self._originals |= {row.sha256 for row in versions if not row.gone}
        retention.forget_document(doc_id)

    def _sweep(self, answers: Sequence[ArtifactRef]) -> None:
        sweeper = Sweeper(self._context, self._parts, thorough=True)
        sweeper.finish()
        needed = self._context.catalog.retention.needed()
        garbage = sweeper.find(needed, beside=answers)
        if self._context.settings.shares_store:
            garbage = replace(garbage, originals=tuple(sorted(self._originals - needed.originals)))
        sweeper.remove(garbage)
        self._counts.garbage.append(garbage)
