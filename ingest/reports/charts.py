"""The charts of a report as static SVG: no script, no font, nothing that is fetched.

Colours are CSS variables of the page (`--bar`, `--mark`, `--grid`) and its text colour, so that the
charts follow dark mode and print. What stands in them are numbers and constant words, never names
of files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from schemas.quality import FileOutcomes, HeadingCounts, PageCounts, QualityReport, TokenLengths

if TYPE_CHECKING:
    import altair as alt

_WIDTH = 480
_HEIGHT = 150
_ROW = 22
_BAR = "var(--bar)"
_MARK = "var(--mark)"
_GRID = "var(--grid)"
_INK = "currentColor"

_NOT_NEEDED = re.compile(r' (?:xmlns(?::xlink)?|version|class|role|aria-[a-z]+|pointer-events)="[^"]*"')

_Rows = list[dict[str, str | int]]


@dataclass(frozen=True, slots=True)
class Chart:
    """`label`: what it shows, in words."""

    svg: str
    label: str


def charts_of(report: QualityReport) -> dict[str, Chart]:
    """By the section that each stands in."""
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
    return _bars(counts, "files", "Files by outcome", frozenset({"stale", "quarantined"}))


def page_chart(pages: PageCounts) -> Chart:
    counts = {method.value: number for method, number in pages.by_method.items()}
    return _bars(counts, "pages", "Pages by how they were read", frozenset({"failed"}))


def length_chart(lengths: TokenLengths) -> Chart:
    import altair as alt

    # Drawn from the end of the bin before, so that the budget stands at the end of the last one within it.
    # What is above it is one bar as wide as the others: some chunk may have a thousand times as many.
    widest = lengths.budget * 17 // 16
    rows: _Rows = [{"from": max(0, b.first - 1), "to": min(b.last, widest), "chunks": b.chunks} for b in lengths.bins]
    bars = (
        alt.Chart(_data(rows))
        .mark_bar(color=_BAR)
        .encode(
            x=alt.X("from:Q", bin="binned", title="tokens of the text to embed"),
            x2="to:Q",
            y=_count_axis("chunks"),
        )
    )
    target = _line(lengths.target, f"target {lengths.target}", "right")
    budget = _line(lengths.budget, f"budget {lengths.budget}", "left")
    spread = (
        f"half of the chunks have at most {lengths.median} tokens, 95% at most {lengths.p95}"
        if lengths.median is not None
        else "there are none"
    )
    label = (
        f"Chunks by their number of tokens: {spread}; target {lengths.target}, budget {lengths.budget},"
        f" {lengths.over_budget} above it"
    )
    return Chart(_svg((bars + target + budget).properties(width=_WIDTH, height=_HEIGHT)), label)


def _line(tokens: int, name: str, align: Literal["left", "right"]) -> alt.LayerChart:
    """An upright line with its name above it, to the one side or the other: two may be close."""
    import altair as alt

    base = alt.Chart(_data([{"tokens": tokens, "name": name}])).encode(x="tokens:Q")
    rule = base.mark_rule(color=_MARK, strokeDash=[4, 3], strokeWidth=1.5)
    shift = -4 if align == "right" else 4
    text = base.mark_text(color=_MARK, align=align, baseline="bottom", dx=shift, dy=-2, fontSize=11)
    return rule + text.encode(text="name:N", y=alt.value(0))


def depth_chart(headings: HeadingCounts) -> Chart:
    import altair as alt

    rows: _Rows = [{"depth": depth, "chunks": number} for depth, number in headings.depths.items()]
    chart = (
        alt.Chart(_data(rows))
        .mark_bar(color=_BAR)
        .encode(
            x=alt.X("depth:O", title="headings above a chunk", axis=alt.Axis(labelAngle=0)),
            y=_count_axis("chunks"),
        )
        .properties(width=alt.Step(44), height=_HEIGHT)
    )
    told = ", ".join(f"{depth}: {number}" for depth, number in headings.depths.items()) or "none"
    return Chart(_svg(chart), f"Chunks by the number of headings above them: {told}")


def _bars(counts: Mapping[str, int], what: str, title: str, marked: frozenset[str]) -> Chart:
    """One row a word, its number at the end of its bar."""
    import altair as alt

    rows: _Rows = [{"name": name, what: number} for name, number in counts.items()]
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y("name:N", sort=list(counts), title=None, axis=alt.Axis(ticks=False, domain=False)),
        x=alt.X(f"{what}:Q", title=None, axis=None, scale=alt.Scale(domainMin=0, domainMax=max(1, *counts.values()))),
    )
    colour = alt.condition(alt.FieldOneOfPredicate("name", sorted(marked)), alt.value(_MARK), alt.value(_BAR))
    bars = base.mark_bar(height=_ROW - 8).encode(color=colour)
    numbers = base.mark_text(align="left", dx=5, color=_INK, fontSize=11).encode(text=alt.Text(f"{what}:Q", format=","))
    told = ", ".join(f"{name} {number}" for name, number in counts.items())
    return Chart(_svg((bars + numbers).properties(width=_WIDTH - 100, height=alt.Step(_ROW))), f"{title}: {told}")


def _count_axis(field: str) -> alt.Y:
    import altair as alt

    return alt.Y(f"{field}:Q", title=field, axis=alt.Axis(tickMinStep=1, format=",d", tickCount=4))


def _data(rows: _Rows) -> alt.Data:
    import altair as alt

    return alt.Data(values=rows)


def _svg(chart: alt.Chart | alt.LayerChart) -> str:
    """The markup alone: names for XML and roles of parts are left out, as the page says what it is."""
    import vl_convert

    styled = (
        chart.configure(background="transparent", font="inherit", aria=False)
        .configure_axis(
            labelColor=_INK, titleColor=_INK, gridColor=_GRID, domainColor=_GRID, tickColor=_GRID,
            labelFontSize=11, titleFontSize=11, titleFontWeight="normal",
        )
        .configure_view(stroke=None)
    )  # fmt: skip
    svg: str = vl_convert.vegalite_to_svg(styled.to_dict())
    return _NOT_NEEDED.sub("", svg)
