"""Gates on what a report counts."""

from __future__ import annotations

from ingest.options.report import ReportOptions
from schemas.chunk_counts import ChunkCounts, HeadingCounts, JointCounts
from schemas.inventory import FileOutcomes
from schemas.verdict import Gate

MAX_FAILED = "max_failed_share"
MAX_CUT = "max_cut_share"
MAX_UNREAD = "max_unread_share"
MIN_HEADING = "min_heading_share"


def gates_of(
    options: ReportOptions, files: FileOutcomes, joints: JointCounts, chunks: ChunkCounts, headings: HeadingCounts
) -> tuple[Gate, ...]:
    return (
        at_most(MAX_FAILED, share(files.quarantined + files.stale, files.listed), options.max_failed_share),
        at_most(MAX_CUT, share(joints.inside_sentence, joints.prose), options.max_cut_share),
        at_most(MAX_UNREAD, share(chunks.unread, chunks.total), options.max_unread_share),
        at_least(MIN_HEADING, share(headings.chunks_with, chunks.total), options.min_heading_share),
    )


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def at_most(name: str, value: float | None, limit: float) -> Gate:
    return Gate(name=name, value=value, limit=limit, passed=value is None or value <= limit)


def at_least(name: str, value: float | None, limit: float) -> Gate:
    return Gate(name=name, value=value, limit=limit, passed=value is None or value >= limit)
