"""The figures of many documents: those that were kept, and the others counted anew, by worker processes where they
are many.

Figures are kept as artifacts under the chunk set, the version, and what the counting depends on, so they
are never out of date. What they were counted from may have gone since: a parse that is missing now, or was missing
then, and packs that are not there or too short, are noticed. A pack that was damaged and kept its length is noticed
by whoever reads it next.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from chunkers.cohesion import LexicalCohesion
from ingest.catalog.rows import DocumentRow
from ingest.context import Context
from ingest.reports.document_figures import DocumentFigures, Limits
from ingest.reports.subjects import Batch, Examine, Reader, Subject, batches, reader_maker
from ingest.stored import record_of
from ingest.workers.pool import PoolOptions, WorkerPool
from schemas.artifact import ArtifactRef
from schemas.errors import InputError, StoreDown

FIGURES_STAGE = "figures"
WORTH_A_POOL = 8 * 2**20
"""Stored bytes of chunk sets; reading fewer takes less long than starting processes."""
_BATCH_BYTES = 512 * 1024
_BATCH_DOCUMENTS = 200
_ROWS = 500
_FRAMES = 2_000
"""Of a pack of kept figures."""
_WORKER_MB = 1024
_BATCH_LIMIT_S = 1800.0

Row = DocumentRow
Found = Iterator[tuple[Row, DocumentFigures | None]]


@dataclass(slots=True)
class Gatherer:
    """`keep`: what was counted anew is kept for the next report. `pool_from`: stored bytes that are worth a pool."""

    context: Context
    limits: Limits
    keep: bool = False
    pool_from: int = WORTH_A_POOL
    _fresh: list[tuple[str, bytes]] = field(default_factory=list)
    _refs: list[ArtifactRef] = field(default_factory=list)
    counted: int = 0
    """Documents that were read; the figures of the others were kept."""

    def gather(self, rows: Sequence[DocumentRow]) -> Found:
        """Each with its figures, None where its chunk set is missing or damaged. In no order that means anything."""
        missing: list[tuple[Row, Subject]] = []
        sizes = {stage: self.context.store.pack_sizes(stage) for stage in ("chunk", "parse")}
        for some in _parts(rows):
            chunk_sets = self.context.catalog.artifacts.find_many("chunk", [row.chunk_key for row in some])
            subjects = [
                (row, Subject(row.doc_id, row.version, chunk_sets[row.chunk_key]))
                for row in some
                if row.chunk_key in chunk_sets
            ]
            yield from ((row, None) for row in some if row.chunk_key not in chunk_sets)
            kept = self._kept([subject for _, subject in subjects], sizes)
            for row, subject in subjects:
                if subject in kept:
                    yield row, kept[subject]
                else:
                    missing.append((row, subject))
        found = self._examined([subject for _, subject in missing])
        for (row, _), (_, figures) in zip(missing, found, strict=True):
            yield row, figures
        self._adopt()

    # -------------------------------------------------------------------------- kept

    def _kept(
        self, subjects: Sequence[Subject], sizes: Mapping[str, Mapping[str, int]]
    ) -> dict[Subject, DocumentFigures]:
        """Those of which everything that they were counted from is still there."""
        artifacts = self.context.catalog.artifacts
        recipe = self.limits.recipe(LexicalCohesion())
        keys = {figures_key(each, recipe): each for each in subjects if _lies(each.chunks, sizes["chunk"])}
        refs = artifacts.find_many(FIGURES_STAGE, list(keys))
        read = {keys[key]: record_of(self.context.store, ref, DocumentFigures) for key, ref in refs.items()}
        found = {subject: figures for subject, figures in read.items() if figures is not None}
        parses = artifacts.of_digests("parse", [figures.parse for figures in found.values() if figures.parse])
        there = {digest for digest, ref in parses.items() if _lies(ref, sizes["parse"])}
        return {subject: figures for subject, figures in found.items() if figures.judged == (figures.parse in there)}

    # ------------------------------------------------------------------------- fresh

    def _examined(self, subjects: Sequence[Subject]) -> Iterator[tuple[Subject, DocumentFigures | None]]:
        self.counted = len(subjects)
        recipe = self.limits.recipe(LexicalCohesion())
        here = Reader(self.context.catalog.artifacts, self.context.store, self.limits)
        for batch, outcome in self._outcomes(batches(subjects, _BATCH_BYTES, _BATCH_DOCUMENTS), here):
            for subject, body in zip(batch, outcome, strict=True):
                figures = None
                if body is not None:
                    figures = DocumentFigures.model_validate_json(body)
                    self._keep(figures_key(subject, recipe), body)
                yield subject, figures

    def _outcomes(self, work: Sequence[Batch], here: Examine) -> Iterator[tuple[Batch, list[bytes | None]]]:
        settings = self.context.settings
        workers = _cores() if settings.parse.workers is None else settings.parse.workers
        size = sum(subject.chunks.length for batch in work for subject in batch)
        if workers < 2 or size < self.pool_from or len(work) < 2:
            for batch in work:
                for subject in batch:  # one at a time, so that progress is told as it is made
                    yield (subject,), here((subject,))
            return
        options = PoolOptions(workers=workers, timeout_s=_BATCH_LIMIT_S, max_rss_mb=_WORKER_MB)
        make = reader_maker(self.context.home, settings, self.limits)
        with WorkerPool[Batch, "list[bytes | None]"](make, options) as pool:
            for batch, outcome in pool.imap(work):
                # A process that was ended, by whomever, costs time and no numbers.
                yield batch, here(batch) if isinstance(outcome, InputError) else outcome

    # ----------------------------------------------------------------------- keeping

    def _keep(self, key: str, body: bytes) -> None:
        if self.keep:
            self._fresh.append((key, body))
            if len(self._fresh) >= _FRAMES:
                self._write()

    def _write(self) -> None:
        if self._fresh:
            self._attempt(lambda: self._refs.extend(self.context.store.write_pack(FIGURES_STAGE, self._fresh)))
            self._fresh.clear()

    def _adopt(self) -> None:
        if self.keep:
            self._write()
        if self._refs:
            self._attempt(lambda: self.context.catalog.artifacts.adopt(self._refs))
            self._refs.clear()

    def _attempt(self, write: Callable[[], None]) -> None:
        """A home that cannot be written has a report all the same; the next one counts anew."""
        try:
            write()
        except StoreDown as error:
            self.keep = False
            self._refs.clear()
            self.context.progress.say(f"the figures of this report are not kept for the next one: {error}")


def figures_key(subject: Subject, recipe: str) -> str:
    """Begins with the chunk set and the version that it is of: what is kept goes when one of them does. Two documents
    may have one chunk set, and be of two formats."""
    return f"{subject.chunks.key}/{subject.doc_id}/{subject.version}/{subject.chunks.digest}/{recipe}"


def _lies(ref: ArtifactRef, sizes: Mapping[str, int]) -> bool:
    return sizes.get(ref.pack, 0) >= ref.offset + ref.length


def _parts(rows: Sequence[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while some := list(islice(left, _ROWS)):
        yield some


def _cores() -> int:
    return len(os.sched_getaffinity(0))
