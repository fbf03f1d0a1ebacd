"""What is looked at of one document, read from the store, and its figures. Here or in worker processes."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from chunkers.cohesion import LexicalCohesion
from ingest.catalog.artifacts import Artifacts
from ingest.config import Settings
from ingest.context import Home, open_context
from ingest.reports.document_figures import DocumentFigures, Limits, figures_of
from ingest.store import ArtifactStore
from ingest.stored import record_of
from schemas.artifact import ArtifactRef
from schemas.chunk import ChunkSet
from schemas.document import Document
from schemas.version import VERSION_STAGE, VersionManifest, manifest_key

_ALLOCATED = 200_000
"""Objects, before cycles are looked for."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A version of a document, and the artifact of its chunk set as the catalog told it."""

    doc_id: str
    version: int
    chunks: ArtifactRef


Batch = tuple[Subject, ...]
Examine = Callable[[Batch], list[bytes | None]]
"""The figures of each, as JSON; None where the chunk set is missing or damaged."""


class Reader:
    """Reads subjects and counts. Whatever else is to be known of each document is told here: parse, chunk set and
    manifest (of which the original is known) are at hand at one place, once."""

    def __init__(self, artifacts: Artifacts, store: ArtifactStore, limits: Limits) -> None:
        self._artifacts = artifacts
        self._store = store
        self._limits = limits
        self._cohesion = LexicalCohesion()

    def __call__(self, batch: Batch) -> list[bytes | None]:
        found = [self.figures(subject) for subject in batch]
        return [figures.model_dump_json().encode() if figures is not None else None for figures in found]

    def figures(self, subject: Subject) -> DocumentFigures | None:
        chunk_set = self.chunk_set(subject)
        if chunk_set is None:
            return None
        parsed = self._artifacts.of_digest("parse", chunk_set.document) if chunk_set.document else None
        document = record_of(self._store, parsed, Document)
        return figures_of(chunk_set, document, self._limits, self._cohesion, self._media_type(subject))

    def chunk_set(self, subject: Subject) -> ChunkSet | None:
        found = record_of(self._store, subject.chunks, ChunkSet)
        if found is not None:
            return found
        # Garbage collection may have moved it to another pack meanwhile.
        now = self._artifacts.find(subject.chunks.stage, subject.chunks.key)
        return record_of(self._store, now, ChunkSet) if now != subject.chunks else None

    def _media_type(self, subject: Subject) -> str:
        """As it was told by the file's content; the manifest alone has it. Empty where that is not there."""
        ref = self._artifacts.find(VERSION_STAGE, manifest_key(subject.doc_id, subject.version))
        manifest = record_of(self._store, ref, VersionManifest)
        return manifest.file.media_type if manifest is not None and manifest.file is not None else ""


def make_reader(home: Home, settings: Settings, limits: Limits) -> Examine:
    """For a worker process, which has a catalog and a store of its own."""
    # A document's records are many and have no cycles: looking for some took a tenth of the time.
    gc.freeze()
    gc.set_threshold(_ALLOCATED)
    context = open_context(home.path, settings, catalog_at=home.catalog)
    return Reader(context.catalog.artifacts, context.store, limits)


def reader_maker(home: Home, settings: Settings, limits: Limits) -> Callable[[], Examine]:
    return partial(make_reader, home, settings, limits)


def batches(subjects: Sequence[Subject], bytes_each: int, most: int) -> list[Batch]:
    """In order; each of about so many stored bytes, and of no more than `most` documents."""
    found: list[Batch] = []
    batch: list[Subject] = []
    size = 0
    for subject in subjects:
        batch.append(subject)
        size += subject.chunks.length
        if size >= bytes_each or len(batch) == most:
            found.append(tuple(batch))
            batch, size = [], 0
    return [*found, tuple(batch)] if batch else found
