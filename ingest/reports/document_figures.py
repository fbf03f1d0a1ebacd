"""The numbers of one document: a pure function of its chunk set, its parse, and what is allowed.

They are whole numbers under constant names, so a report is their sum, in whatever order it is taken. What is counted
is defined in `schemas.chunk_counts` and `schemas.figures`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from chunkers.base import Cohesion
from chunkers.quality.coherence import borders
from chunkers.quality.confidence import DOUBTFUL, confidences
from chunkers.quality.coverage import coverage
from chunkers.quality.fragments import fragments
from chunkers.quality.headings import paths_right
from chunkers.quality.integrity import block_fates, notes_together
from chunkers.quality.joints import Joint, Place, joints
from chunkers.quality.redundancy import ALIKE, redundancy
from chunkers.quality.standing import leanings
from chunkers.quality.tables import TableFate, table_fates
from chunkers.table_parts import ROW_CUT
from ingest.checks.facts import FACTS_VERSION, DocumentFacts, document_facts
from ingest.locating.locate import is_coarse
from ingest.reports.spreads import SCALES
from schemas.base import Record
from schemas.chunk import Chunk, ChunkSet
from schemas.document import Document, Page
from schemas.figures import Fault
from schemas.ids import fingerprint

FIGURES_VERSION = 3
"""Counts up when the same document would give other numbers: those that were kept are of no use then."""

FINEST = 10**12
"""Cohesion is summed in whole parts of this size: such sums do not depend on their order."""

_WORD_CUT = "word_cut"
_PROSE = frozenset({Place.BETWEEN_BLOCKS, Place.BETWEEN_SENTENCES, Place.INSIDE_SENTENCE})


@dataclass(frozen=True, slots=True)
class Limits:
    """`budget`, `minimum`, `target`: tokens of a chunk. `unknown_warning`: the share of unknown tokens above which a
    chunk cannot be read."""

    budget: int
    minimum: int
    target: int
    unknown_warning: float

    def recipe(self, cohesion: Cohesion) -> str:
        """Under which figures are kept beside the digest of what they are of."""
        own = [self.budget, self.minimum, self.target, self.unknown_warning]
        return fingerprint([FIGURES_VERSION, FACTS_VERSION, own, cohesion.fingerprint])


class PageRun(Record):
    """Pages `first` to `last` of one size, in PDF points."""

    first: int
    last: int
    width: float
    height: float


class Cell(Record):
    """The chunks of one strategy and language: numbers as in `ChunkGroup`, and `tokens`: chunks by their length."""

    strategy: str
    language: str
    tokens: dict[int, int]
    counts: dict[str, int]


class DocumentFigures(Record):
    """`parse`: the digest that the chunk set names. `judged`: that parse was there; `parser` made it.
    `counts`: by the dotted names of `QualityReport`, `coherence.between` and `coherence.inside` in `FINEST`.
    `spreads`: by the names of distributions, values by their steps. `faults`: places in the chunk set, from 0.
    `facts`: what the checks add up."""

    parse: str
    judged: bool
    parser: str = ""
    media_type: str = ""
    chunks: int
    counts: dict[str, int]
    spreads: dict[str, dict[int, int]]
    cells: tuple[Cell, ...]
    faults: dict[Fault, tuple[int, ...]]
    page_runs: tuple[PageRun, ...] = ()
    facts: DocumentFacts


def figures_of(
    chunk_set: ChunkSet, document: Document | None, limits: Limits, cohesion: Cohesion, media_type: str = ""
) -> DocumentFigures:
    """`document`: the parse, where it is there."""
    counting = _Counting(chunk_set, limits)
    counting.count_chunks()
    if document is not None:
        counting.judge(document, cohesion)
    return DocumentFigures(
        parse=chunk_set.document,
        judged=document is not None,
        parser=document.parser if document is not None else "",
        media_type=media_type,
        chunks=len(chunk_set.chunks),
        counts={name: count for name, count in sorted(counting.counts.items()) if count},
        spreads={name: dict(sorted(counts.items())) for name, counts in sorted(counting.spreads.items())},
        cells=counting.cells(),
        faults={fault: tuple(sorted(counting.faults[fault])) for fault in Fault if counting.faults[fault]},
        page_runs=tuple(_page_runs(document.pages)) if document is not None else (),
        facts=document_facts(chunk_set, document, limits.budget),
    )


@dataclass(slots=True)
class _Counting:
    chunk_set: ChunkSet
    limits: Limits
    counts: Counter[str] = field(default_factory=Counter)
    spreads: defaultdict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    faults: defaultdict[Fault, set[int]] = field(default_factory=lambda: defaultdict(set))
    joints: Sequence[Joint] = ()
    right: Sequence[bool] = ()
    leaning: Sequence[bool] = ()

    @property
    def chunks(self) -> Sequence[Chunk]:
        return self.chunk_set.chunks

    def _spread(self, name: str, values: Iterable[float]) -> None:
        scale = SCALES[name]
        self.spreads[name].update(round(value * scale) for value in values)

    # ----------------------------------------------------------- the chunk set alone

    def count_chunks(self) -> None:
        chunks, limits = self.chunks, self.limits
        self._count("chunks.by_kind", [chunk.kind.value for chunk in chunks])
        self._count("chunks.by_rule", [f"{chunk.strategy}/{chunk.rule}" for chunk in chunks])
        self._count("headings.depths", [len(chunk.heading_path) for chunk in chunks])
        self._note(Fault.OVER_BUDGET, (chunk.token_count > limits.budget for chunk in chunks))
        self._note(Fault.UNREAD, (unknown > limits.unknown_warning for unknown in self.chunk_set.unknown_shares))
        flagged = [(place, set(chunk.flags)) for place, chunk in enumerate(chunks) if chunk.flags]
        self._count("chunks.by_flag", [flag for _, flags in flagged for flag in flags])
        self.faults[Fault.WORD_CUT].update(place for place, flags in flagged if _WORD_CUT in flags)
        self.faults[Fault.ROW_CUT].update(place for place, flags in flagged if ROW_CUT in flags)
        self._spread("heading_depth", (len(chunk.heading_path) for chunk in self.chunks))
        self._spread("unknown_share", self.chunk_set.unknown_shares)
        repeated = ((len(chunk.added_prefix), chunk.overlap, len(chunk.text)) for chunk in self.chunks)
        self._spread(
            "repeated_by_design",
            ((prefix + sum(end - start for start, end in overlap)) / whole for prefix, overlap, whole in repeated),
        )
        self._spread("document_chunks", [len(self.chunks)])

    def _count(self, group: str, names: Sequence[str | int]) -> None:
        for name, number in Counter(names).items():
            self.counts[f"{group}.{name}"] += number

    def _note(self, fault: Fault, found: Iterable[bool]) -> None:
        """`found`: of each chunk."""
        self.faults[fault].update(place for place, each in enumerate(found) if each)

    # ---------------------------------------------------------------- with the parse

    def judge(self, document: Document, cohesion: Cohesion) -> None:
        self.counts["documents.coarse"] += any(is_coarse(document, chunk) for chunk in self.chunks)
        self._pages(document)
        self._coverage(document)
        self._joints(document)
        self._tables(document)
        self._integrity(document)
        self._paths(document)
        self._standing(document)
        self._coherence(document, cohesion)
        self._redundancy(document)
        sure = list(confidences(document, self.chunks))
        self._spread("confidence", (each for each in sure if each is not None))
        self._note(Fault.LOW_CONFIDENCE, (each is not None and each < DOUBTFUL for each in sure))
        short = fragments(self.chunks, self.limits.minimum, self.limits.target)
        self._note(Fault.FRAGMENT, short)

    def _pages(self, document: Document) -> None:
        self._count("pages.by_method", [page.method.value for page in document.pages])
        self.counts["pages.documents_without"] += not document.pages

    def _coverage(self, document: Document) -> None:
        found = coverage(document, self.chunks)
        self.counts["completeness.characters"] += found.characters
        self.counts["completeness.lost"] += found.lost
        self.counts["completeness.documents_with_loss"] += found.lost > 0
        if found.characters:
            self._spread("document_covered", [1 - found.lost / found.characters])

    def _joints(self, document: Document) -> None:
        self.joints = tuple(joints(document, self.chunks, self.limits.budget))
        prose = inside = 0
        for place, joint in enumerate(self.joints):
            self.counts[f"joints.{joint.place.value}"] += 1
            prose += joint.place in _PROSE
            if joint.place is Place.INSIDE_SENTENCE:
                inside += 1
                self.faults[Fault.NEEDLESS_CUT if joint.needless else Fault.SENTENCE_CUT] |= {place, place + 1}
        self.faults[Fault.SENTENCE_CUT] -= self.faults[Fault.NEEDLESS_CUT]
        self.counts["joints.needless"] += sum(joint.needless for joint in self.joints)
        if prose:
            self._spread("document_cut_joints", [inside / prose])

    def _tables(self, document: Document) -> None:
        places = {chunk.ordinal: place for place, chunk in enumerate(self.chunks)}
        for fate in table_fates(document, self.chunks, self.limits.budget):
            self.counts[f"tables.{_group(fate)}"] += 1
            self.counts["tables.half_rows"] += fate.half_rows
            self.counts["tables.headless"] += fate.headless
            self.counts["tables.needless"] += fate.needless
            if fate.chunks > 1:
                self.counts[f"tables.parts.{fate.chunks}"] += 1
            if fate.chunks:
                self._spread("table_parts", [fate.chunks])
            self.faults[Fault.HALF_ROW].update(places[ordinal] for ordinal in fate.with_half_rows)
            self.faults[Fault.HEADLESS].update(places[ordinal] for ordinal in fate.without_header)
            if fate.needless:
                self.faults[Fault.TABLE_CUT].update(places[ordinal] for ordinal in fate.parts)

    def _integrity(self, document: Document) -> None:
        for fate in block_fates(document, self.chunks, self.limits.budget):
            name = f"integrity.by_kind.{fate.kind.value}"
            self.counts[f"{name}.{'cut' if fate.chunks > 1 else 'whole' if fate.chunks else 'lost'}"] += 1
            self.counts[f"{name}.needless"] += fate.needless
        for together in notes_together(document, self.chunks):
            self.counts["integrity.notes"] += 1
            self.counts["integrity.notes_together"] += together

    def _paths(self, document: Document) -> None:
        self.right = tuple(paths_right(document, self.chunks))
        self.counts["headings.judged"] += len(self.right)
        self.counts["headings.right"] += sum(self.right)
        self._note(Fault.PATH_WRONG, (not right for right in self.right))
        if self.right:
            self._spread("document_right_paths", [sum(self.right) / len(self.right)])

    def _standing(self, document: Document) -> None:
        found = [tuple(each) for each in leanings(document, self.chunks)]
        self.leaning = tuple(map(bool, found))
        self.counts["standing.leaning"] += sum(self.leaning)
        for place, each in enumerate(found):
            for leaning in each:
                self.counts[f"standing.by_leaning.{leaning.value}"] += 1
                self.faults[Fault(leaning.value)].add(place)
        self._spread("leanings", map(len, found))

    def _coherence(self, document: Document, cohesion: Cohesion) -> None:
        pairs = list(borders(document, self.chunks, cohesion))
        self.counts["coherence.borders"] += len(pairs)
        self.counts["coherence.between"] += sum(round(own * FINEST) for own, _ in pairs)
        self.counts["coherence.inside"] += sum(round(inside * FINEST) for _, inside in pairs)
        self.counts["coherence.clear"] += sum(own < inside for own, inside in pairs)
        self.counts["coherence.even"] += sum(own == inside for own, inside in pairs)
        self._spread("border_cohesion", (own for own, _ in pairs))
        self._spread("inside_cohesion", (inside for _, inside in pairs))
        self._spread("border_difference", (inside - own for own, inside in pairs))

    def _redundancy(self, document: Document) -> None:
        found = redundancy(document, self.chunks)
        for name in ("characters", "added", "overlapping", "pairs", "alike", "grams", "repeated"):
            self.counts[f"redundancy.{name}"] += getattr(found, name)
        self._spread("neighbour_similarity", found.similarities)
        self._spread("repeated_grams", (repeated / grams for grams, repeated in found.grams_of if grams))
        self.faults[Fault.REPEATS].update(
            place for place, similarity in enumerate(found.similarities, 1) if similarity >= ALIKE
        )

    # ------------------------------------------------------------------------ parts

    def cells(self) -> tuple[Cell, ...]:
        tokens: defaultdict[tuple[str, str], Counter[int]] = defaultdict(Counter)
        counts: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        faulty = set().union(*self.faults.values())
        unread = self.faults[Fault.UNREAD]
        for place, chunk in enumerate(self.chunks):
            key = (chunk.strategy, chunk.language or "")
            tokens[key][chunk.token_count] += 1
            own = counts[key]
            own["with_heading"] += bool(chunk.heading_path)
            own["unread"] += place in unread
            own["faulty"] += place in faulty
            if self.right:
                own["judged"] += 1
                own["right"] += self.right[place]
                own["leaning"] += self.leaning[place]
            if place < len(self.joints) and self.joints[place].place in _PROSE:
                own["prose_joints"] += 1
                own["inside_sentence"] += self.joints[place].place is Place.INSIDE_SENTENCE
        return tuple(
            Cell(
                strategy=strategy,
                language=language,
                tokens=dict(sorted(tokens[strategy, language].items())),
                counts={name: count for name, count in sorted(counts[strategy, language].items()) if count},
            )
            for strategy, language in sorted(tokens)
        )


def _group(fate: TableFate) -> str:
    if fate.chunks > 1:
        return "row_cut" if fate.cut_rows else "between_rows"
    return "whole" if fate.chunks else "lost"


def _page_runs(pages: Sequence[Page]) -> Iterable[PageRun]:
    """Pages that follow each other are mostly of one size."""
    for _, group in groupby(
        enumerate(pages), key=lambda each: (each[1].number - each[0], each[1].width, each[1].height)
    ):
        run = [page for _, page in group]
        yield PageRun(first=run[0].number, last=run[-1].number, width=run[0].width, height=run[0].height)
