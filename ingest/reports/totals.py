"""Sums over documents: the order in which they are added means nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from chunkers.quality.integrity import KEPT_WHOLE
from chunkers.quality.joints import Place
from chunkers.quality.standing import Leaning
from chunkers.quality.texts import LOOKED_AT
from ingest.catalog.rows import DocumentRow
from ingest.reports.document_figures import FINEST, DocumentFigures
from ingest.reports.groups import Groups
from ingest.reports.lengths import Budget, token_lengths
from ingest.reports.picks import Picks
from ingest.reports.spreads import SPREADS, distribution
from schemas.chunk_counts import (
    ChunkCounts,
    CoherenceCounts,
    Completeness,
    HeadingCounts,
    IntegrityCounts,
    JointCounts,
    KindFate,
    RedundancyCounts,
    StandingCounts,
    TableCounts,
)
from schemas.document import PageMethod
from schemas.figures import Distribution, Fault
from schemas.inventory import Finding, PageCounts

STALE = "stale"
UNREAD = "chunks_missing"
WITHOUT_PARSE = "parse_missing"
TEXT_LOST = "text_lost"
OVER_BUDGET = "over_budget"
HALF_ROW = "half_row"
HEADLESS = "headless"
PAGE_FAILED = "page_failed"
GRAVEST_FIRST = (TEXT_LOST, OVER_BUDGET, HALF_ROW, HEADLESS, UNREAD, PAGE_FAILED, STALE, WITHOUT_PARSE)
_FOUND_BY = {
    TEXT_LOST: "completeness.lost",
    HALF_ROW: "tables.half_rows",
    HEADLESS: "tables.headless",
    PAGE_FAILED: f"pages.by_method.{PageMethod.FAILED.value}",
}


@dataclass(slots=True)
class Totals:
    """`unknown_warning`: the share of unknown tokens above which a chunk cannot be read. `cohesion`: the fingerprint
    of what told how much text holds together."""

    budget: Budget
    unknown_warning: float
    cohesion: str
    picks: Picks
    unread: int = 0
    without_parse: int = 0
    without_headings: int = 0
    parsers: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    groups: Groups = field(default_factory=Groups)
    faults: Counter[Fault] = field(default_factory=Counter)
    _counts: Counter[str] = field(default_factory=Counter)
    _spreads: dict[str, Counter[int]] = field(default_factory=lambda: {each.name: Counter() for each in SPREADS})

    def add(self, row: DocumentRow, figures: DocumentFigures | None) -> None:
        """A live document; `figures`: None where its chunk set is not in the store, or damaged."""
        if row.stale:
            self._find(row, STALE, 1)
        self.groups.add(row.source, figures)
        if figures is None:
            self.unread += 1
            self._find(row, UNREAD, 1)
            return
        self._counts.update(figures.counts)
        for name, counts in figures.spreads.items():
            self._spreads[name].update(counts)
        for fault, places in figures.faults.items():
            self.faults[fault] += len(places)
        self.without_headings += not any(cell.counts.get("with_heading") for cell in figures.cells)
        self._find(row, OVER_BUDGET, len(figures.faults.get(Fault.OVER_BUDGET, ())))
        for code, name in _FOUND_BY.items():
            self._find(row, code, figures.counts.get(name, 0))
        if figures.judged:
            self.parsers[figures.parser] += 1
        else:
            self.without_parse += 1
            self._find(row, WITHOUT_PARSE, 1)
        self.picks.add(row, figures)

    def _find(self, row: DocumentRow, code: str, count: int) -> None:
        if count:
            self.findings.append(Finding(source=row.source, path=row.path, code=code, count=count))

    def _below(self, prefix: str) -> dict[str, int]:
        """What is counted under names that begin so, by the rest of them."""
        found = {name.removeprefix(prefix): n for name, n in self._counts.items() if name.startswith(prefix)}
        return dict(sorted(found.items()))

    def _of(self, group: str, *names: str) -> dict[str, int]:
        return {name: self._counts[f"{group}.{name}"] for name in names}

    # ------------------------------------------------------------ as records

    @property
    def coarse(self) -> int:
        return self._counts["documents.coarse"]

    def pages(self) -> PageCounts:
        by_method = {method: self._counts[f"pages.by_method.{method.value}"] for method in PageMethod}
        return PageCounts(total=sum(by_method.values()), by_method=by_method, **self._of("pages", "documents_without"))

    def chunks(self) -> ChunkCounts:
        lengths = self.groups.lengths()
        return ChunkCounts(
            total=lengths.total(),
            by_kind=self._below("chunks.by_kind."),
            by_rule=self._below("chunks.by_rule."),
            by_flag=self._below("chunks.by_flag."),
            unread=self.faults[Fault.UNREAD],
            unknown_warning=self.unknown_warning,
            lengths=token_lengths(lengths, self.budget),
        )

    def tables(self) -> TableCounts:
        fates = self._of("tables", "whole", "between_rows", "row_cut", "lost")
        return TableCounts(
            total=sum(fates.values()),
            **fates,
            parts=_by_number(self._below("tables.parts.")),
            **self._of("tables", "half_rows", "headless", "needless"),
        )

    def joints(self) -> JointCounts:
        places = self._of("joints", *(place.value for place in Place))
        return JointCounts(total=sum(places.values()), **places, **self._of("joints", "needless"))

    def completeness(self) -> Completeness:
        return Completeness(**self._of("completeness", "characters", "lost", "documents_with_loss"))

    def integrity(self) -> IntegrityCounts:
        return IntegrityCounts(
            by_kind={kind.value: self._kind(kind.value) for kind in KEPT_WHOLE},
            **self._of("integrity", "notes", "notes_together"),
        )

    def _kind(self, kind: str) -> KindFate:
        name = f"integrity.by_kind.{kind}"
        fates = self._of(name, "whole", "cut", "lost")
        return KindFate(total=sum(fates.values()), **fates, **self._of(name, "needless"))

    def headings(self) -> HeadingCounts:
        depths = _by_number(self._below("headings.depths."))
        return HeadingCounts(
            chunks_with=sum(depths.values()) - depths.get(0, 0),
            depths=depths,
            **self._of("headings", "judged", "right"),
        )

    def standing(self) -> StandingCounts:
        return StandingCounts(
            chunks=self._counts["headings.judged"],
            leaning=self._counts["standing.leaning"],
            by_leaning=self._of("standing.by_leaning", *(leaning.value for leaning in Leaning)),
        )

    def coherence(self) -> CoherenceCounts:
        borders = self._counts["coherence.borders"]
        return CoherenceCounts(
            method=self.cohesion,
            looked_at=LOOKED_AT,
            borders=borders,
            between_mean=self._counts["coherence.between"] / FINEST / borders if borders else None,
            inside_mean=self._counts["coherence.inside"] / FINEST / borders if borders else None,
            **self._of("coherence", "clear", "even"),
        )

    def redundancy(self) -> RedundancyCounts:
        names = ("characters", "added", "overlapping", "pairs", "alike", "grams", "repeated")
        return RedundancyCounts(looked_at=LOOKED_AT, **self._of("redundancy", *names))

    @property
    def faulty(self) -> int:
        return self.groups.count("faulty")

    def distributions(self) -> tuple[Distribution, ...]:
        return tuple(distribution(spread, self._spreads[spread.name]) for spread in SPREADS)

    def by_fault(self) -> dict[Fault, int]:
        return {fault: self.faults[fault] for fault in Fault}

    def gravest(self) -> list[Finding]:
        return sorted(self.findings, key=lambda each: (GRAVEST_FIRST.index(each.code), each.source, each.path))


def by_name(counts: Counter[str]) -> dict[str, int]:
    """Equal homes give equal reports."""
    return dict(sorted(counts.items()))


def _by_number(counts: dict[str, int]) -> dict[int, int]:
    return dict(sorted((int(name), count) for name, count in counts.items()))
