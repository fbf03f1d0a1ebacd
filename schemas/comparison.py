"""What a report says of what was before, and two runs side by side; the definitions are those of `schemas.quality`."""

from __future__ import annotations

from datetime import datetime

from schemas.base import Record


class Headline(Record):
    """The numbers that are told of every report, and compared. Shares are those of the gates where there is one.

    `failed_share`: max_failed_share. `documents`, `chunks`: total. `tokens_median`: as in `TokenLengths`.
    `over_budget`: likewise. `cut_share`: max_cut_share. `heading_share`: min_heading_share. `right_share`:
    `HeadingCounts.right` of `judged`. `leaning_share`: `StandingCounts.leaning` of `chunks`. `unread_share`:
    max_unread_share. `faulty_share`: chunks with a fault, of all. `lost`: `Completeness.lost`.
    `without_parse`, `unread_documents`: of `DocumentCounts`.
    """

    failed_share: float | None
    documents: int
    chunks: int
    tokens_median: int | None
    over_budget: int
    cut_share: float | None
    heading_share: float | None
    right_share: float | None
    leaning_share: float | None
    unread_share: float | None
    faulty_share: float | None
    lost: int
    without_parse: int
    unread_documents: int


class TrendLine(Record):
    """A report that was made before of the same tenant and source. `run_id`: the last run then, None where there
    was none."""

    made_at: datetime
    run_id: str | None
    verdict: str
    headline: Headline


class Change(Record):
    """A number of `Headline` that differs; None where it was, or is, a share of nothing."""

    name: str
    before: float | None
    now: float | None


class RunFigures(Record):
    """The documents as they were live after the last commit of a run. `seq`: that commit; 0 before the first one.
    `headline.failed_share` is None: what failed is known of now alone."""

    run_id: str
    started_at: datetime
    seq: int
    headline: Headline


class DocumentChange(Record):
    """A document that two runs do not have alike. `chunks_before`, `chunks_after`, `faults_before`, `faults_after`
    (chunks with a fault), `gravity_before`, `gravity_after` (the sum of `GRAVITY` over the faults of its chunks), None
    where it was, or is, not there, or where its chunk set is not kept any more."""

    source: str
    path: str
    doc_id: str
    chunks_before: int | None
    chunks_after: int | None
    faults_before: int | None
    faults_after: int | None
    gravity_before: int | None
    gravity_after: int | None


class Comparison(Record):
    """Two runs side by side. `changes`: of the headlines. `added`, `removed`, `changed` (other chunk sets): documents
    by source and path, at most `quality.LISTED` of the total of each. `worse`: those that are in both and whose gravity
    grew, the ones that grew most first, then by source and path, at most `figures.WORST`."""

    tenant: str
    source: str | None = None
    before: RunFigures
    after: RunFigures
    changes: tuple[Change, ...]
    added: tuple[DocumentChange, ...]
    added_total: int
    removed: tuple[DocumentChange, ...]
    removed_total: int
    changed: tuple[DocumentChange, ...]
    changed_total: int
    worse: tuple[DocumentChange, ...]
