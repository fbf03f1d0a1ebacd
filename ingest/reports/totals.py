"""Sums over documents, one at a time: what is kept of each is a few numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from chunkers.quality.coverage import coverage
from chunkers.quality.joints import Place, joints
from chunkers.quality.tables import table_fates
from ingest.catalog.rows import DocumentRow
from ingest.reports.keeping import Keeping
from ingest.reports.lengths import Budget, token_lengths
from schemas.chunk import Chunk, ChunkSet
from schemas.document import Document, PageMethod
from schemas.quality import (
    ChunkCounts,
    Completeness,
    Finding,
    JointCounts,
    PageCounts,
    TableCounts,
)

STALE = "stale"
UNREAD = "chunks_missing"
WITHOUT_PARSE = "parse_missing"
TEXT_LOST = "text_lost"
OVER_BUDGET = "over_budget"
HALF_ROW = "half_row"
HEADLESS = "headless"
PAGE_FAILED = "page_failed"
GRAVEST_FIRST = (TEXT_LOST, OVER_BUDGET, HALF_ROW, HEADLESS, UNREAD, PAGE_FAILED, STALE, WITHOUT_PARSE)


@dataclass(slots=True)
class Totals:
    """`unknown_warning`: the share of unknown tokens above which a chunk cannot be read."""

    budget: Budget
    unknown_warning: float
    unread: int = 0
    without_parse: int = 0
    without_headings: int = 0
    parsers: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    keeping: Keeping = field(default_factory=Keeping)
    _methods: Counter[PageMethod] = field(default_factory=Counter)
    _without_pages: int = 0
    _kinds: Counter[str] = field(default_factory=Counter)
    _rules: Counter[str] = field(default_factory=Counter)
    _flags: Counter[str] = field(default_factory=Counter)
    _lengths: Counter[int] = field(default_factory=Counter)
    _unknown: int = 0
    _tables: Counter[str] = field(default_factory=Counter)
    _half_rows: int = 0
    _headless: int = 0
    _needless_tables: int = 0
    _parts: Counter[int] = field(default_factory=Counter)
    _joints: Counter[Place] = field(default_factory=Counter)
    _needless_joints: int = 0
    _characters: int = 0
    _lost: int = 0
    _with_loss: int = 0

    def add(self, row: DocumentRow, chunk_set: ChunkSet | None, document: Document | None) -> None:
        """A live document; what of it is not in the store is None."""
        if row.stale:
            self._find(row, STALE, 1)
        if chunk_set is None:
            self.unread += 1
            self._find(row, UNREAD, 1)
            return
        self._add_chunks(row, chunk_set)
        if document is None:
            self.without_parse += 1
            self._find(row, WITHOUT_PARSE, 1)
            return
        self.parsers[document.parser] += 1
        self._add_pages(row, document)
        self._add_tables(row, document, chunk_set)
        self._add_coverage(row, document, chunk_set)
        self._add_joints(document, chunk_set)
        self.keeping.add(document, chunk_set.chunks, self.budget.tokens)

    def _find(self, row: DocumentRow, code: str, count: int) -> None:
        if count:
            self.findings.append(Finding(source=row.source, path=row.path, code=code, count=count))

    def _add_chunks(self, row: DocumentRow, chunk_set: ChunkSet) -> None:
        for chunk in chunk_set.chunks:
            self._add_chunk(chunk)
        self.without_headings += not any(chunk.heading_path for chunk in chunk_set.chunks)
        self._unknown += sum(share > self.unknown_warning for share in chunk_set.unknown_shares)
        self._find(row, OVER_BUDGET, sum(chunk.token_count > self.budget.tokens for chunk in chunk_set.chunks))

    def _add_chunk(self, chunk: Chunk) -> None:
        self._kinds[chunk.kind.value] += 1
        self._rules[f"{chunk.strategy}/{chunk.rule}"] += 1
        self._flags.update(set(chunk.flags))
        self._lengths[chunk.token_count] += 1
        self.keeping.depths[len(chunk.heading_path)] += 1

    def _add_pages(self, row: DocumentRow, document: Document) -> None:
        methods = Counter(page.method for page in document.pages)
        self._methods += methods
        self._without_pages += not document.pages
        self._find(row, PAGE_FAILED, methods[PageMethod.FAILED])

    def _add_tables(self, row: DocumentRow, document: Document, chunk_set: ChunkSet) -> None:
        half_rows = headless = 0
        for fate in table_fates(document, chunk_set.chunks, self.budget.tokens):
            half_rows += fate.half_rows
            headless += fate.headless
            self._needless_tables += fate.needless
            if fate.chunks > 1:
                self._tables["row_cut" if fate.cut_rows else "between_rows"] += 1
                self._parts[fate.chunks] += 1
            else:
                self._tables["whole" if fate.chunks else "lost"] += 1
        self._half_rows += half_rows
        self._headless += headless
        self._find(row, HALF_ROW, half_rows)
        self._find(row, HEADLESS, headless)

    def _add_joints(self, document: Document, chunk_set: ChunkSet) -> None:
        for joint in joints(document, chunk_set.chunks, self.budget.tokens):
            self._joints[joint.place] += 1
            self._needless_joints += joint.needless

    def _add_coverage(self, row: DocumentRow, document: Document, chunk_set: ChunkSet) -> None:
        found = coverage(document, chunk_set.chunks)
        self._characters += found.characters
        self._lost += found.lost
        self._with_loss += found.lost > 0
        self._find(row, TEXT_LOST, found.lost)

    # ------------------------------------------------------------ as records

    def pages(self) -> PageCounts:
        return PageCounts(
            total=self._methods.total(),
            by_method={method: self._methods[method] for method in PageMethod},
            documents_without=self._without_pages,
        )

    def chunks(self) -> ChunkCounts:
        return ChunkCounts(
            total=self._kinds.total(),
            by_kind=by_name(self._kinds),
            by_rule=by_name(self._rules),
            by_flag=by_name(self._flags),
            unread=self._unknown,
            unknown_warning=self.unknown_warning,
            lengths=token_lengths(self._lengths, self.budget),
        )

    def tables(self) -> TableCounts:
        found = self._tables
        return TableCounts(
            total=found.total(),
            whole=found["whole"],
            between_rows=found["between_rows"],
            row_cut=found["row_cut"],
            lost=found["lost"],
            parts=dict(sorted(self._parts.items())),
            half_rows=self._half_rows,
            headless=self._headless,
            needless=self._needless_tables,
        )

    def joints(self) -> JointCounts:
        found = self._joints
        return JointCounts(
            total=found.total(),
            between_blocks=found[Place.BETWEEN_BLOCKS],
            between_sentences=found[Place.BETWEEN_SENTENCES],
            inside_sentence=found[Place.INSIDE_SENTENCE],
            in_tables=found[Place.IN_TABLES],
            in_lines=found[Place.IN_LINES],
            needless=self._needless_joints,
        )

    def completeness(self) -> Completeness:
        return Completeness(characters=self._characters, lost=self._lost, documents_with_loss=self._with_loss)

    def gravest(self) -> list[Finding]:
        return sorted(self.findings, key=lambda each: (GRAVEST_FIRST.index(each.code), each.source, each.path))


def by_name(counts: Counter[str]) -> dict[str, int]:
    """Equal homes give equal reports."""
    return dict(sorted(counts.items()))
