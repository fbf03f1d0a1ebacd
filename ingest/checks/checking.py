"""All checks of one report: what is added up over documents, what is sampled, what the catalog tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class _Document:
    row: DocumentRow
    parse: str
    facts: DocumentFacts

    @property
    def outcome(self) -> ParseOutcome:
        if self.row.stale:
            return ParseOutcome.STALE
        return ParseOutcome.PARTLY if self.facts.failed_pages else ParseOutcome.WHOLE


@dataclass(slots=True)
class Checks:
    """Add every live document of the report, in any order, then ask for what was found."""

    context: Context
    instruments: Instruments
    source: str | None = None
    _sums: Sums = field(default_factory=Sums)
    _documents: list[_Document] = field(default_factory=list)
    _stored: Stored = field(init=False)

    def __post_init__(self) -> None:
        self._stored = Stored(self.context)

    def add(self, row: DocumentRow, parse: str, facts: DocumentFacts) -> None:
        """`parse`: the digest that the chunk set names."""
        self._sums.add(row.source, row.path, facts)
        # Texts are added up already: of a hundred thousand documents they would not fit into memory.
        slim = facts.model_copy(update={"margin_lines": (), "border_examples": ()})
        self._documents.append(_Document(row, parse, slim))

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
        media_types = self._stored.media_types([each.row for each in self._documents])
        return Checked(
            parsing=self._parsing(failures, media_types),
            duplication=duplication_figures(self.context, self._stored, self.source, self._sums.margin_lines),
            fit=self._fit(chunks),
            segmentation=SegmentationCheck(borders=self._sums.borders(), han=han_terms(chunks, self.instruments.terms)),
            drift=self._drift(media_types),
        )

    def _parsing(self, failures: Sequence[Failure], media_types: Mapping[str, str]) -> ParsingCounts:
        living = {(each.row.source, each.row.listed_as) for each in self._documents}
        formats: Counter[tuple[str, Route, ParseOutcome]] = Counter()
        for each in self._documents:
            media_type = media_types[each.row.doc_id]
            formats[media_type, route_of(media_type), each.outcome] += 1
        for failure in failures:
            if (failure.source, failure.path) not in living:
                formats["", route_by_name(failure.path), ParseOutcome.QUARANTINED] += 1
        return ParsingCounts(
            formats=format_lines(formats),
            ocr=self._sums.ocr(),
            headings=dict(sorted(self._sums.headings.items())),
            tables=self._sums.tables(),
            failures=failure_kinds(failures),
            paragraphs=self._completeness(media_types),
        )

    def _completeness(self, media_types: Mapping[str, str]) -> ParagraphCompleteness:
        originals = [
            Original(each.row.source, each.row.path, each.row.sha256, media_types[each.row.doc_id], each.parse)
            for each in self._documents
            if each.facts.parsed
        ]
        sums = Completeness(documents=len({original.sha256 for original in originals}))
        for original in sampled(originals):
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

    def _drift(self, media_types: Mapping[str, str]) -> Drift | None:
        tenant, catalog = self.context.settings.tenant, self.context.catalog
        numbers = catalog.checking.run_numbers(tenant)
        published = {numbers.get(each.row.doc_id) for each in self._documents}
        last = next((run for run in catalog.runs.intake(tenant, _RUNS) if run.number in published), None)
        if last is None:
            return None
        duplicates: Mapping[str, int] = catalog.checking.duplicates_by_document(tenant)
        arrived: list[Arrived] = []
        for each in self._documents:
            doc_id = each.row.doc_id
            is_new = numbers.get(doc_id) == last.number
            # A damaged home may have more rows than chunks.
            left_out = min(duplicates.get(doc_id, 0), each.facts.chunks)
            arrived.append(Arrived(doc_id, is_new, media_types[doc_id], left_out, each.facts))
        return drift(last.run_id, arrived)
