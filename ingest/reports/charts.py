"""Which charts a report has. What stands in them are numbers and constant words, never names of files."""

from __future__ import annotations

from ingest.reports.drawing import Bin, Chart, Mark, bars, columns, histogram
from schemas.quality import FileOutcomes, HeadingCounts, PageCounts, QualityReport, TokenLengths


def charts_of(report: QualityReport) -> dict[str, Chart]:
    """By the place where each stands."""
    return {
        "files": file_chart(report.files),
        "pages": page_chart(report.pages),
        "lengths": length_chart(report.chunks.lengths),
        "headings": depth_chart(report.headings),
    }


def file_chart(files: FileOutcomes) -> Chart:
    counts = {
        "indexed": files.indexed,
        "copies": files.copies,
        "opened": files.opened,
        "stale": files.stale,
        "quarantined": files.quarantined,
    }
    return bars(counts, "files", "Files by outcome", frozenset({"stale", "quarantined"}))


def page_chart(pages: PageCounts) -> Chart:
    counts = {method.value: number for method, number in pages.by_method.items()}
    return bars(counts, "pages", "Pages by how they were read", frozenset({"failed"}))


def length_chart(lengths: TokenLengths) -> Chart:
    # Drawn from the end of the bin before, so that the budget stands at the end of the last one within it.
    # What is above it is one bar as wide as the others: some chunk may have a thousand times as many.
    widest = lengths.budget * 17 // 16
    bins = [
        Bin(max(0, b.first - 1), b.last, b.chunks, f"{b.first:,} to {b.last:,}", min(b.last, widest))
        for b in lengths.bins
    ]
    spread = (
        f"half of the chunks have at most {lengths.median} tokens, 95% at most {lengths.p95}"
        if lengths.median is not None
        else "there are none"
    )
    told = f"{spread}; target {lengths.target}, budget {lengths.budget}, {lengths.over_budget} above it"
    marks = (
        Mark(lengths.target, f"target {lengths.target}"),
        Mark(lengths.budget, f"budget {lengths.budget}"),
    )
    return histogram(bins, "tokens of the text to embed", "chunks", "Chunks by their number of tokens", told, marks)


def depth_chart(headings: HeadingCounts) -> Chart:
    return columns(headings.depths, "headings above a chunk", "chunks", "Chunks by the number of headings above them")
