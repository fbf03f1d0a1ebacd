"""What a chunk-quality report says, and how each of its numbers is counted.

Documents are the live ones of the tenant (of one source where the report names one), members of archives and mails
included; their chunks are those of the chunk set that the catalog names. What needs the parse (pages, tables,
integrity, joints, right paths, standing, coherence, redundancy, completeness) is counted over the documents whose
parse is in the store; the others are in `DocumentCounts.without_parse`. White space is what `str.isspace()` says. A
share of nothing is None.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from schemas.base import Record
from schemas.chunk_counts import (
    ChunkCounts,
    CoherenceCounts,
    Completeness,
    HeadingCounts,
    IntegrityCounts,
    JointCounts,
    RedundancyCounts,
    StandingCounts,
    TableCounts,
)
from schemas.comparison import Change, TrendLine
from schemas.drift import Drift
from schemas.duplication import DuplicationFigures
from schemas.evaluation import Evaluation
from schemas.figures import ChunkGroup, ChunkSample, Distribution, Fault, ShownChunk
from schemas.fit import EmbedderFit, SegmentationCheck
from schemas.inventory import (
    DocumentCounts,
    FailureLine,
    FileOutcomes,
    Finding,
    PageCounts,
    PointCounts,
    RunLine,
    SourceLine,
)
from schemas.parsing import ParsingCounts
from schemas.verdict import Gate, Reason, Verdict

LISTED = 200
"""Failures, and findings, that a report lists at most; it tells how many there are."""
TREND = 30
"""Earlier reports that a report tells of."""


class QualityReport(Record):
    """One report. `source`: the only one that it is of; the runs are those of the home all the same.

    `model`: the embedding model that the home was filled with. `reasons`: the gravest first.
    `runs`: the last five, newest first. `failures`: by source and path, at most `LISTED` of
    `failures_total`. `findings`: in the order text_lost, over_budget, half_row,
    headless, chunks_missing, page_failed, stale, parse_missing, at most `LISTED` of `findings_total`.

    `as_of`: the documents, chunks and points are those that were current after that commit, with the parses that are
    still kept; runs, files, failures and what is stale are of now. None: everything is of now.
    `distributions`: each of those that `Distribution` names, in its order. `groups`: by format, source, strategy and
    language, each by name. `faults`: of each fault, the chunks that have it, the gravest first, 0 included;
    `faulty`: chunks with one or more. `worst`: at most `WORST` of them, `DocumentCounts.copies` left out, by the
    largest `GRAVITY` of the faults, then by its sum, the graver first, then by source, path and ordinal; the first
    `WORST_OF_ONE` of each document before all others. `trend`: earlier reports of the same tenant and source, newest
    first, at most `TREND`. `changes`: since the first of `trend`, in the order of `Headline`.
    `parsing`, `duplication`, `fit`, `segmentation`: None in reports of releases that did not look at them. `drift`:
    None too where no run has taken anything in. `evaluation`: the last one of retrieval; None where there was none, and
    in reports of one source or of the past.
    """

    home: str
    tenant: str
    source: str | None = None
    model: str | None
    made_at: datetime
    verdict: Verdict = Verdict.GOOD
    reasons: tuple[Reason, ...] = ()
    gates: tuple[Gate, ...]
    runs: tuple[RunLine, ...]
    sources: tuple[SourceLine, ...]
    files: FileOutcomes
    documents: DocumentCounts
    pages: PageCounts
    chunks: ChunkCounts
    tables: TableCounts
    integrity: IntegrityCounts
    joints: JointCounts
    headings: HeadingCounts
    standing: StandingCounts
    coherence: CoherenceCounts
    redundancy: RedundancyCounts
    completeness: Completeness
    points: PointCounts
    findings: tuple[Finding, ...]
    findings_total: int = Field(ge=0)
    failures: tuple[FailureLine, ...]
    failures_total: int = Field(ge=0)
    as_of: int | None = None
    distributions: tuple[Distribution, ...] = ()
    groups: tuple[ChunkGroup, ...] = ()
    faults: dict[Fault, int] = Field(default_factory=dict)
    faulty: int = 0
    worst: tuple[ShownChunk, ...] = ()
    sample: ChunkSample = ChunkSample(total=0, chunks=())
    trend: tuple[TrendLine, ...] = ()
    changes: tuple[Change, ...] = ()
    parsing: ParsingCounts | None = None
    duplication: DuplicationFigures | None = None
    fit: EmbedderFit | None = None
    segmentation: SegmentationCheck | None = None
    drift: Drift | None = None
    evaluation: Evaluation | None = None
