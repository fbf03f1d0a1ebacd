"""What a rollback has to do: which documents become which of their versions, and what a person has to know of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.catalog.rows import DocumentRow, FileRow
from ingest.catalog.versions import VersionRow
from ingest.context import Context
from ingest.stages.discover import HELD
from ingest.stages.versions import find_version
from ingest.stored import manifest_of
from schemas.errors import ConfigError, InvariantError


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
class Step:
    document: DocumentRow
    to: VersionRow | None
    undone: tuple[str, ...] = ()

    @property
    def told(self) -> Restoring:
        row = self.document
        to = self.to.version if self.to is not None else None
        return Restoring(row.doc_id, row.source, row.path, row.version, to, self.undone)


def steps_of(context: Context, request: RollbackRequest) -> list[Step]:
    """Those that change anything, in the order of sources and paths."""
    if (request.run is None) == (request.document is None) or (request.to is None) != (request.document is None):
        raise ConfigError("roll back a document to a version, or a run: DOC --to V, or --run RUN")
    found = _of_run(context, request.run) if request.run is not None else [_of_document(context, request)]
    changing = [step for step in found if not _is_there(context, step)]
    return sorted(changing, key=lambda step: (step.document.source, step.document.path))


def _of_document(context: Context, request: RollbackRequest) -> Step:
    catalog = context.catalog
    known = catalog.versions.find_document(context.settings.tenant, request.document or "")
    wanted = find_version(known, catalog.versions.of_document(known.doc_id), request.to or 0)
    return Step(_document(context, known.doc_id), None if wanted.gone else wanted)


def _of_run(context: Context, run_id: str) -> list[Step]:
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
        steps.append(Step(document, None if before is None or before.gone else before, undone))
    return steps


def _document(context: Context, doc_id: str) -> DocumentRow:
    row = context.catalog.history.document(doc_id)
    if row is None:
        raise InvariantError("a version belongs to no document", doc_id=doc_id)
    return row


def _is_there(context: Context, step: Step) -> bool:
    row, to = step.document, step.to
    if to is None or not row.live:
        return to is None and not row.live
    if (row.sha256, row.chunk_key) != (to.sha256, to.chunk_key):
        return False
    manifest = manifest_of(context, to.doc_id, to.version)
    return manifest is not None and manifest.metadata_digest == row.metadata_digest


def notes_of(context: Context, steps: Sequence[Step]) -> tuple[str, ...]:
    """What a person has to know of the files as they are now."""
    notes = []
    later = sum(bool(step.undone) for step in steps)
    if later:
        notes.append(f"{_count(later, 'document was', 'documents were')} changed again since: that is undone too")
    files = {source: context.catalog.files.of_source(context.settings.tenant, source) for source in sources_of(steps)}
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


def sources_of(steps: Sequence[Step]) -> list[str]:
    return sorted({step.document.source for step in steps})


def _is_known(document: DocumentRow, files: Mapping[str, Mapping[str, FileRow]]) -> bool:
    row = files[document.source].get(document.listed_as)
    return row is not None and row.status != HELD
