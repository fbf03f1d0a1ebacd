"""Which charts a report has. What stands in them are numbers and words of ours and of the parsers, never names of
files."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.reports.drawing import (
    Bin,
    Chart,
    Interval,
    Mark,
    Pair,
    Spread,
    bars,
    columns,
    histogram,
    intervals,
    pairs,
    trend,
)
from ingest.reports.format_names import format_name
from ingest.reports.headlines import headline
from ingest.reports.wording import DRIFTS, FAULTS, HEADLINES, distribution_words
from schemas.chunk_counts import HeadingCounts, TokenLengths
from schemas.comparison import Headline
from schemas.drift import DriftLine
from schemas.evaluation import Evaluation, Scores
from schemas.figures import Distribution, DistributionBin
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
        charts["levels"] = columns(
            {str(level): number for level, number in parsing.headings.items()},
            "level",
            "headings",
            "Headings by their level; 0 is a title",
        )
    charts |= {f"spread:{each.name}": spread_chart(each, report) for each in report.distributions if is_spread(each)}
    charts |= {f"trend:{name}": chart for name, chart in trends(report)}
    if report.drift is not None:
        charts |= {f"drift:{line.name}": drift_chart(line, report) for line in report.drift.lines if line.groups}
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
    depths = {str(depth): number for depth, number in headings.depths.items()}
    return columns(depths, "headings above a chunk", "chunks", "Chunks by the number of headings above them")


def ocr_chart(ocr: OcrCounts) -> Chart:
    bins = [Bin(b.first, b.last, b.pages, f"{b.first:.2f} to {b.last:.2f}") for b in ocr.bins]
    gist = f"{ocr.pages} pages, mean {ocr.pages_mean:.3f}" if ocr.pages_mean is not None else "none"
    return histogram(Spread("Pages by the confidence of OCR", "confidence", "pages", gist, bins), small=True)


def is_spread(spread: Distribution) -> bool:
    """Whether its values are in more than one bin: of one alone there is nothing to draw."""
    return sum(b.count > 0 for b in spread.bins) > 1


def spread_chart(spread: Distribution, report: QualityReport) -> Chart:
    """With the limit that it is measured against drawn in, where there is one."""
    words = distribution_words(spread.name)
    share = spread.unit == "share"
    form = "share" if share else "plain"
    gist = (
        f"half of {spread.count} are at most {_value(spread.median, form)}, the mean is {_value(spread.mean, form)},"
        f" the least {_value(spread.smallest, form)}, the largest {_value(spread.largest, form)}"
    )
    if float(spread.step).is_integer():
        # Bins of whole numbers get ever wider: each is one column.
        counts = {bin_name(b, "whole"): b.count for b in spread.bins}
        return columns(counts, spread.unit, words.counted, words.title, gist)
    bins = [Bin(b.start, b.start if b.end is None else b.end, b.count, bin_name(b, form)) for b in spread.bins]
    marks = tuple(_limits(spread.name, report))
    return histogram(Spread(words.title, spread.unit, words.counted, gist, bins, marks, share), small=True)


def bin_name(each: DistributionBin, form: str) -> str:
    """What lies in it, in words. The bin that ends at 1 holds that as well, where the values are no whole numbers."""
    if form == "whole":
        first = _short(each.start)
        if each.end is None:
            return f"{first}+"
        return first if each.end - each.start <= 1 else f"{first}\u2013{_short(each.end - 1)}"
    told = (lambda value: f"{value:.0%}") if form == "share" else _short
    last = each.start if each.end is None else each.end
    return f"{told(each.start)} to {'' if last == 1 else 'below '}{told(last)}"


def _limits(name: str, report: QualityReport) -> Iterator[Mark]:
    if name == "unknown_share":
        yield Mark(report.chunks.unknown_warning, f"limit {report.chunks.unknown_warning:.0%}")
    elif name == "confidence":
        yield Mark(0.8, "limit 80%")
    elif name == "neighbour_similarity":
        yield Mark(0.8, "limit 0.8")
    elif name == "border_difference":
        yield Mark(0, "even")
    elif name == "document_cut_joints":
        yield from (
            Mark(gate.limit, f"gate {gate.limit:.0%} of all") for gate in report.gates if gate.name == "max_cut_share"
        )


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


def drift_chart(line: DriftLine, report: QualityReport) -> Chart:
    drawn = [group for group in line.groups if max(group.before, group.new) >= _DRAWN_SHARE]
    measured = [Pair(drift_group(line.name, group.name, report), group.before, group.new) for group in drawn]
    return pairs(measured, f"Shares, {DRIFTS.get(line.name, line.name)}", ("before", "last run"))


def drift_group(measure: str, name: str, report: QualityReport) -> str:
    """A group of a measure in words; what is counted by bins names them by number."""
    if measure == "formats":
        return format_name(name)
    if measure == "token_lengths" and name.isdecimal():
        bins = report.chunks.lengths.bins
        number = int(name)
        return f"{bins[number].first} to {bins[number].last}" if number < len(bins) else "above the budget"
    if measure == "ocr_confidence" and name.isdecimal():
        return f"{int(name) * 5}% to {min(100, int(name) * 5 + 5)}%"
    return name or "not known"


def retrieval_chart(evaluation: Evaluation) -> Chart:
    points = [
        Interval(name if name == "MRR" else f"{name}@{evaluation.k}", result.mode.value, mean, low, high)
        for name in ("recall", "hit", "MRR", "nDCG")
        for result in evaluation.modes
        for mean, low, high in [_estimate(result.scores, name, evaluation.k)]
    ]
    return intervals(points, f"How well was found, of {evaluation.questions} questions")


def _estimate(scores: Scores, name: str, k: int) -> tuple[float, float | None, float | None]:
    last = next(at for at in scores.at if at.k == k)
    found = {"recall": last.recall, "hit": last.hit, "MRR": scores.mrr, "nDCG": scores.ndcg}[name]
    return found.mean, found.low, found.high
