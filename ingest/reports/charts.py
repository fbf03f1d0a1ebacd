"""Which charts a report has. What stands in them are numbers and words of ours and of the parsers, never names of
files."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.reports.drawing import (
    Bin,
    Chart,
    Interval,
    Mark,
    Spread,
    bars,
    columns,
    histogram,
    intervals,
    trend,
)
from ingest.reports.headlines import headline
from ingest.reports.wording import DISTRIBUTIONS, DRIFTS, FAULTS, HEADLINES
from schemas.chunk_counts import HeadingCounts, TokenLengths
from schemas.comparison import Headline
from schemas.drift import DriftLine
from schemas.evaluation import Evaluation, Scores
from schemas.figures import Distribution
from schemas.inventory import FileOutcomes, PageCounts
from schemas.parsing import OcrCounts
from schemas.quality import QualityReport

_TRENDS = (
    "documents", "chunks", "failed_share", "faulty_share", "over_budget", "cut_share",
    "heading_share", "right_share", "leaning_share",
)  # fmt: skip
"""Numbers of the headline that have a chart."""


_DRAWN_SHARE = 0.01
"""Of a group that a chart of drift draws; its table has all."""


def charts_of(report: QualityReport) -> dict[str, Chart]:
    """By the place where each stands; where there is nothing to draw there is none."""
    charts = {
        "files": file_chart(report.files),
        "pages": page_chart(report.pages),
        "lengths": length_chart(report.chunks.lengths),
        "headings": depth_chart(report.headings),
    }
    if report.faulty:
        charts["faults"] = bars(
            {FAULTS[fault][0]: number for fault, number in report.faults.items() if number},
            "chunks",
            "Chunks by what is wrong with them",
        )
    parsing = report.parsing
    if parsing is not None and parsing.ocr.pages:
        charts["ocr"] = ocr_chart(parsing.ocr)
    if parsing is not None and parsing.headings:
        charts["levels"] = columns(parsing.headings, "level", "headings", "Headings by their level; 0 is a title")
    charts |= {f"spread:{each.name}": spread_chart(each, report) for each in report.distributions if each.count}
    charts |= {f"trend:{name}": chart for name, chart in trends(report)}
    if report.drift is not None:
        charts |= {f"drift:{line.name}": drift_chart(line) for line in report.drift.lines if line.groups}
    if report.evaluation is not None and report.evaluation.modes:
        charts["retrieval"] = retrieval_chart(report.evaluation)
    return charts


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
    gist = f"{spread}; target {lengths.target}, budget {lengths.budget}, {lengths.over_budget} above it"
    marks = (
        Mark(lengths.target, f"target {lengths.target}"),
        Mark(lengths.budget, f"budget {lengths.budget}"),
    )
    return histogram(
        Spread("Chunks by their number of tokens", "tokens of the text to embed", "chunks", gist, bins, marks)
    )


def depth_chart(headings: HeadingCounts) -> Chart:
    return columns(headings.depths, "headings above a chunk", "chunks", "Chunks by the number of headings above them")


def ocr_chart(ocr: OcrCounts) -> Chart:
    bins = [Bin(b.first, b.last, b.pages, f"{b.first:.2f} to {b.last:.2f}") for b in ocr.bins]
    gist = f"{ocr.pages} pages, mean {ocr.pages_mean:.3f}" if ocr.pages_mean is not None else "none"
    return histogram(Spread("Pages by the confidence of OCR", "confidence", "pages", gist, bins), small=True)


def spread_chart(spread: Distribution, report: QualityReport) -> Chart:
    """With the limit that it is measured against drawn in, where there is one."""
    title = DISTRIBUTIONS.get(spread.name, (spread.name.replace("_", " "), ""))[0]
    share = spread.unit == "share"
    # A last bin without an end is drawn as wide as the one before it.
    width = spread.bins[0].end - spread.bins[0].start if spread.bins and spread.bins[0].end is not None else 1.0
    bins = [
        Bin(
            b.start,
            b.start + width if b.end is None else b.end,
            b.count,
            f"{_short(b.start)} and more" if b.end is None else f"{_short(b.start)} to below {_short(b.end)}",
        )
        for b in spread.bins
    ]
    form = "share" if share else "plain"
    gist = (
        f"half of {spread.count} are at most {_value(spread.median, form)}, the mean is {_value(spread.mean, form)},"
        f" the least {_value(spread.smallest, form)}, the largest {_value(spread.largest, form)}"
    )
    marks, whole = tuple(_limits(spread.name, report)), float(spread.step).is_integer()
    return histogram(Spread(title, spread.unit, "number", gist, bins, marks, whole), small=True)


def _limits(name: str, report: QualityReport) -> Iterator[Mark]:
    if name == "unknown_share":
        yield Mark(report.chunks.unknown_warning, f"limit {report.chunks.unknown_warning:g}")
    elif name in {"confidence", "neighbour_similarity"}:
        yield Mark(0.8, "limit 0.8")
    elif name == "border_difference":
        yield Mark(0, "even")
    elif name == "document_cut_joints":
        yield from (Mark(gate.limit, "gate") for gate in report.gates if gate.name == "max_cut_share")


def _short(value: float) -> str:
    return f"{value:,.4g}" if value < 10_000 else f"{value:,.0f}"


def _value(value: float | None, form: str) -> str:
    if value is None:
        return "not known"
    return f"{value:.1%}" if form == "share" else _short(value)


def trends(report: QualityReport) -> Iterator[tuple[str, Chart]]:
    """Over the earlier reports and this one; none where it is the first."""
    if not report.trend:
        return
    lines = [*((f"{line.made_at:%Y-%m-%d %H:%M}", line.headline) for line in reversed(report.trend))]
    lines.append((f"{report.made_at:%Y-%m-%d %H:%M}", headline(report)))
    for name in _TRENDS:
        words = HEADLINES[name]
        yield name, trend([(at, _number(numbers, name)) for at, numbers in lines], words.title, words.form)


def _number(numbers: Headline, name: str) -> float | None:
    value = numbers.model_dump()[name]
    return None if value is None else float(value)


def drift_chart(line: DriftLine) -> Chart:
    points = [
        Interval(group.name or "not known", series, share, None, None)
        for group in line.groups
        for series, share in (("before", group.before), ("last run", group.new))
        if max(group.before, group.new) >= _DRAWN_SHARE
    ]
    return intervals(points, f"Shares before and in the last run: {DRIFTS.get(line.name, line.name)}")


def retrieval_chart(evaluation: Evaluation) -> Chart:
    points = [
        Interval(name, result.mode.value, mean, low, high)
        for name in ("recall", "hit", "MRR", "nDCG")
        for result in evaluation.modes
        for mean, low, high in [_estimate(result.scores, name, evaluation.k)]
    ]
    return intervals(points, f"How well was found, of {evaluation.questions} questions")


def _estimate(scores: Scores, name: str, k: int) -> tuple[float, float | None, float | None]:
    last = next(at for at in scores.at if at.k == k)
    found = {"recall": last.recall, "hit": last.hit, "MRR": scores.mrr, "nDCG": scores.ndcg}[name]
    return found.mean, found.low, found.high
