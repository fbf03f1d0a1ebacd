"""All checks of one report: what is added up over documents, what is sampled, what the catalog tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ingest.catalog.rows import DocumentRow
from ingest.checks.completeness import Completeness, Original, sampled
from ingest.checks.drift import Arrived, drift
from ingest.checks.duplicates import duplication_figures
from ingest.checks.facts import DocumentFacts
from ingest.checks.formats import failure_kinds, format_lines, route_by_name, route_of
from ingest.checks.reading import Compared, NotCompared, compared
from ingest.checks.stored import Stored
from ingest.checks.sums import Sums
from ingest.checks.tokens import Instruments, han_terms, token_recount
from ingest.checks.vectors import vector_sample
from ingest.context import Context
from schemas.chunk import Chunk
from schemas.drift import Drift
from schemas.duplication import DuplicationFigures
from schemas.fit import SAMPLED, EmbedderFit, SegmentationCheck
from schemas.parsing import ParagraphCompleteness, ParseOutcome, ParsingCounts
from schemas.report import Failure
from schemas.source import Route

_RUNS = 50
"""Runs among which the last one that took anything in is looked for."""


@dataclass(frozen=True, slots=True)
class Checked:
    parsing: ParsingCounts
    duplication: DuplicationFigures
    fit: EmbedderFit
    segmentation: SegmentationCheck
    drift: Drift | None


@dataclass(slots=True)
class Checks:
    """Add every live document of the report, in any order, then ask for what was found."""

    context: Context
    instruments: Instruments
    source: str | None = None
    _sums: Sums = field(default_factory=Sums)
    _formats: Counter[tuple[str, Route, ParseOutcome]] = field(default_factory=Counter)
    _documents: list[tuple[DocumentRow, str, DocumentFacts]] = field(default_factory=list)
    _originals: list[Original] = field(default_factory=list)
    _stored: Stored = field(init=False)

    def __post_init__(self) -> None:
        self._stored = Stored(self.context)

    def add(self, row: DocumentRow, parse: str, media_type: str, facts: DocumentFacts) -> None:
        """`parse`: the digest that the chunk set names. `media_type`: of the file; empty where that is not known."""
        self._sums.add(row.source, row.path, facts)
        outcome = ParseOutcome.STALE if row.stale else ParseOutcome.PARTLY if facts.failed_pages else ParseOutcome.WHOLE
        self._formats[media_type, route_of(media_type), outcome] += 1
        # Texts are added up already: of a hundred thousand documents they would not fit into memory.
        self._documents.append((row, media_type, facts.model_copy(update={"margin_lines": (), "border_examples": ()})))
        if facts.parsed:
            self._originals.append(Original(row.source, row.path, row.sha256, media_type, parse))

    def found(self, failures: Sequence[Failure]) -> Checked:
        """`failures`: what is in quarantine."""
        tenant = self.context.settings.tenant
        rows = self.context.catalog.checking.sampled_chunks(tenant, self.source, SAMPLED)
        # By their documents: each chunk set is read once.
        chunks = [
            chunk
            for row in sorted(rows, key=lambda row: (row.doc_id, row.chunk_id))
            if (chunk := self._stored.chunk(row)) is not None
        ]
        return Checked(
            parsing=self._parsing(failures),
            duplication=duplication_figures(self.context, self._stored, self.source, self._sums.margin_lines),
            fit=self._fit(chunks),
            segmentation=SegmentationCheck(borders=self._sums.borders(), han=han_terms(chunks, self.instruments.terms)),
            drift=self._drift(),
        )

    def _parsing(self, failures: Iterable[Failure]) -> ParsingCounts:
        living = {(row.source, row.listed_as) for row, _, _ in self._documents}
        formats = self._formats.copy()
        failed = list(failures)
        for failure in failed:
            if (failure.source, failure.path) not in living:
                formats["", route_by_name(failure.path), ParseOutcome.QUARANTINED] += 1
        return ParsingCounts(
            formats=format_lines(formats),
            ocr=self._sums.ocr(),
            headings=dict(sorted(self._sums.headings.items())),
            tables=self._sums.tables(),
            failures=failure_kinds(failed),
            paragraphs=self._completeness(),
        )

    def _completeness(self) -> ParagraphCompleteness:
        sums = Completeness(documents=len({original.sha256 for original in self._originals}))
        for original in sampled(self._originals):
            sums.add(original, self._compared(original))
        return sums.record()

    def _compared(self, original: Original) -> Compared:
        document = self._stored.document(original.parse)
        if document is None:  # it was there a moment ago
            return Compared(because=NotCompared.UNREADABLE)
        with self.context.store.original(original.sha256) as path:
            return compared(path, original.media_type, document)

    def _fit(self, chunks: Sequence[Chunk]) -> EmbedderFit:
        total = self.context.catalog.history.point_counts(self.context.settings.tenant, self.source)[0]
        count_tokens = self.instruments.count_tokens
        return EmbedderFit(
            languages=self._sums.languages(),
            recount=token_recount(chunks, total, count_tokens) if count_tokens is not None else None,
            vectors=vector_sample(self.context, chunks, self.instruments),
        )

    def _drift(self) -> Drift | None:
        tenant, catalog = self.context.settings.tenant, self.context.catalog
        numbers = catalog.checking.run_numbers(tenant)
        published = {numbers.get(row.doc_id) for row, _, _ in self._documents}
        last = next((run for run in catalog.runs.intake(tenant, _RUNS) if run.number in published), None)
        if last is None:
            return None
        duplicates: Mapping[str, int] = catalog.checking.duplicates_by_document(tenant)
        return drift(
            last.run_id,
            [
                Arrived(
                    row.doc_id, numbers.get(row.doc_id) == last.number, media_type, duplicates.get(row.doc_id, 0), facts
                )
                for row, media_type, facts in self._documents
            ],
        )
