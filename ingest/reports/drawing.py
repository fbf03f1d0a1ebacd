"""Charts as static SVG: no script, no font, nothing that is fetched.

Colours are CSS variables of the page (`--bar`, `--mark`, `--grid`) and its text colour, so that the
charts follow dark mode and print. Text in them is drawn by this module: numbers, constant words, and
names that the caller has shortened.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ingest.reports.wording import Form, told

if TYPE_CHECKING:
    import altair as alt

_WIDTH = 400
_HEIGHT = 150
_ROW = 22
_LEVEL = 4
"""Characters of a group's name under a column that stand level."""
_FEW = 6
"""Columns that would be too wide if they filled the whole chart."""
_MOST_IN_ONE = 0.8
"""Part of all that one bar may hold before the axis is logarithmic."""
_BAR = "var(--bar)"
_MARK = "var(--mark)"
_GRID = "var(--grid)"
_INK = "currentColor"

_NOT_NEEDED = re.compile(r' (?:xmlns(?::xlink)?|version|class|role|aria-[a-z]+|pointer-events)="[^"]*"')

Value = str | int | float | None
_Rows = list[dict[str, str | int | float]]


@dataclass(frozen=True, slots=True)
class Chart:
    """`title`: what stands above it. `label`: what it shows, in words. `columns` and `rows`: its numbers as a
    table; a column is a title with the kind of its cells (see templates/macros.html.jinja)."""

    svg: str
    title: str
    label: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A value that is drawn as a line across, with its name."""

    at: float
    name: str


def bars(counts: Mapping[str, int], what: str, title: str, marked: frozenset[str] = frozenset()) -> Chart:
    """One row a word, its number at the end of its bar."""
    import altair as alt

    rows: _Rows = [{"name": name, what: number} for name, number in counts.items()]
    most = max(1, *counts.values()) if counts else 1
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y("name:N", sort=list(counts), title=None, axis=alt.Axis(ticks=False, domain=False, labelLimit=220)),
        x=alt.X(f"{what}:Q", title=None, axis=None, scale=alt.Scale(domainMin=0, domainMax=most)),
    )
    colour = alt.condition(alt.FieldOneOfPredicate("name", sorted(marked)), alt.value(_MARK), alt.value(_BAR))
    drawn = base.mark_bar(height=_ROW - 8).encode(color=colour)
    numbers = base.mark_text(align="left", dx=5, color=_INK, fontSize=11).encode(text=alt.Text(f"{what}:Q", format=","))
    return Chart(
        _svg((drawn + numbers).properties(width=_WIDTH - 120, height=alt.Step(_ROW))),
        title,
        f"{title}: " + (", ".join(f"{name} {number}" for name, number in counts.items()) or "none"),
        (("", ""), (what, "n")),
        tuple(counts.items()),
    )


@dataclass(frozen=True, slots=True)
class Bin:
    """What lies from `first` to `last`; `drawn_to` instead of `last` where that would be far too wide."""

    first: float
    last: float
    count: int
    name: str
    drawn_to: float | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """What a histogram shows: `what` is counted over `axis`. `gist`: in words."""

    title: str
    axis: str
    what: str
    gist: str
    bins: Sequence[Bin]
    marks: Sequence[Mark] = ()
    share: bool = False
    """The axis is told in per cent, and needs no title."""


def histogram(spread: Spread, *, small: bool = False) -> Chart:
    """Bars side by side, and marks across them. The counts are on a logarithmic axis where nearly all are in one bin:
    the few others are what one looks for."""
    import altair as alt

    what = spread.what
    rows: _Rows = [
        {"from": b.first, "to": b.last if b.drawn_to is None else b.drawn_to, what: b.count} for b in spread.bins
    ]
    ticks = alt.Axis(values=_ticks(float(rows[0]["from"]), float(rows[-1]["to"]))) if small and rows else alt.Axis()
    axis = alt.Axis(values=ticks.values, format="%") if spread.share else ticks
    chart: alt.Chart | alt.LayerChart = (
        alt.Chart(_data(rows))
        .mark_bar(color=_BAR)
        .encode(
            x=alt.X("from:Q", bin="binned", title=None if spread.share else spread.axis, axis=axis),
            x2="to:Q",
            y=_count_axis(what, [b.count for b in spread.bins]),
        )
    )
    marks = sorted(spread.marks, key=lambda each: each.at)
    middle = (float(rows[0]["from"]) + float(rows[-1]["to"])) / 2 if rows else 0.0
    for number, mark in enumerate(marks):
        # Names stand on the side that has room; of two marks, the first one's to the left.
        before = mark.at > middle if len(marks) == 1 else number == 0
        chart = chart + _line(mark, "right" if before else "left")
    width, height = (300, 100) if small else (_WIDTH, _HEIGHT)
    return Chart(
        _svg(chart.properties(width=width, height=height)),
        spread.title,
        f"{spread.title}: {spread.gist}",
        ((spread.axis, ""), (what, "n")),
        tuple((b.name, b.count) for b in spread.bins),
    )


def _ticks(first: float, last: float) -> list[float]:
    """Five steps, or four where 0 is in the middle."""
    steps = 4 if first < 0 else 5
    return [first + (last - first) * step / steps for step in range(steps + 1)]


def columns(counts: Mapping[str, int], axis: str, what: str, title: str, gist: str = "") -> Chart:
    """One upright bar a group, in their order. `gist` in words; otherwise all the numbers."""
    import altair as alt

    rows: _Rows = [{axis: name, what: number} for name, number in counts.items()]
    angle = -45 if any(len(name) > _LEVEL for name in counts) else 0
    chart = (
        alt.Chart(_data(rows))
        .mark_bar(color=_BAR)
        .encode(
            x=alt.X(f"{axis}:N", title=axis, sort=list(counts), axis=alt.Axis(labelAngle=angle)),
            y=_count_axis(what, list(counts.values())),
        )
        .properties(width=300 if len(counts) > _FEW else alt.Step(44), height=100)
    )
    all_of_them = ", ".join(f"{name}: {number}" for name, number in counts.items()) or "none"
    return Chart(
        _svg(chart), title, f"{title}: {gist or all_of_them}", ((axis, ""), (what, "n")), tuple(counts.items())
    )


def trend(points: Sequence[tuple[str, float | None]], title: str, form: Form) -> Chart:
    """A small line over reports, oldest first; the last value stands at its end. Nothing where a value is None."""
    import altair as alt

    shown = {"n": ",.0f", "share": ".1%", "three": ".3f"}[form]
    rows: _Rows = [{"report": place, "value": value} for place, (_, value) in enumerate(points) if value is not None]
    values = [float(row["value"]) for row in rows]
    least, most = (min(values), max(values)) if values else (0.0, 1.0)
    room = (most - least) * 0.15 or abs(most) * 0.1 or 1.0
    base = alt.Chart(_data(rows)).encode(
        x=alt.X("report:Q", axis=None, scale=alt.Scale(domain=[0, max(1, len(points) - 1)])),
        y=alt.Y("value:Q", axis=None, scale=alt.Scale(domain=[least - room, most + room])),
    )
    line = base.mark_line(color=_BAR, strokeWidth=1.5, point=alt.OverlayMarkDef(color=_BAR, size=14))
    last = alt.Chart(_data(rows[-1:])).encode(x="report:Q", y="value:Q")
    dot = last.mark_point(color=_MARK, size=30, filled=True, opacity=1)
    text = last.mark_text(color=_INK, align="left", dx=7, fontSize=11).encode(text=alt.Text("value:Q", format=shown))
    values_told = ", ".join(told(value, form) for _, value in points)
    return Chart(
        _svg((line + dot + text).properties(width=170, height=48)),
        title,
        f"{title}, oldest first: {values_told}",
        (("report of", ""), ("value", form)),
        tuple(points),
    )


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with where it may lie, of `series` for `name`."""

    name: str
    series: str
    value: float
    low: float | None
    high: float | None


def intervals(measured: Sequence[Interval], title: str) -> Chart:
    """A dot a value, from 0 to 1, with a line over its interval; a row a name and series."""
    import altair as alt

    rows: _Rows = [
        {
            "row": f"{each.name}, {each.series}",
            "series": each.series,
            "value": each.value,
            "low": each.value if each.low is None else each.low,
            "high": each.value if each.high is None else each.high,
        }
        for each in measured
    ]
    order = [str(row["row"]) for row in rows]
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y("row:N", sort=order, title=None, axis=alt.Axis(ticks=False, domain=False, labelLimit=260))
    )
    unit = alt.Scale(domain=[0, 1])
    span = base.mark_rule(color=_BAR, strokeWidth=2).encode(
        x=alt.X("low:Q", scale=unit, title=None), x2=alt.X2("high:Q")
    )
    dot = base.mark_point(color=_MARK, filled=True, size=45, opacity=1).encode(x=alt.X("value:Q", scale=unit))
    gist = "; ".join(
        f"{each.name}, {each.series}: {each.value:.3f}"
        + (f" from {each.low:.3f} to {each.high:.3f}" if each.low is not None and each.high is not None else "")
        for each in measured
    )
    return Chart(
        _svg((span + dot).properties(width=_WIDTH - 100, height=alt.Step(_ROW - 4))),
        title,
        f"{title}: {gist or 'none'}",
        (("figure", ""), ("of", ""), ("value", "three"), ("from", "three"), ("to", "three")),
        tuple((each.name, each.series, each.value, each.low, each.high) for each in measured),
    )


@dataclass(frozen=True, slots=True)
class Pair:
    """Two shares of one group."""

    name: str
    before: float
    after: float


def pairs(measured: Sequence[Pair], title: str, names: tuple[str, str]) -> Chart:
    """A row a group: a ring for the one share, a dot for the other, and a line between the two."""
    import altair as alt

    rows: _Rows = [{"row": each.name, "before": each.before, "after": each.after} for each in measured]
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y(
            "row:N",
            sort=[each.name for each in measured],
            title=None,
            axis=alt.Axis(ticks=False, domain=False, labelLimit=260, labelPadding=8),
        )
    )
    axis = alt.Axis(format="%", tickCount=5)
    line = base.mark_rule(color=_BAR, strokeWidth=1.5).encode(
        x=alt.X("before:Q", title=None, axis=axis), x2=alt.X2("after:Q")
    )
    ring = base.mark_point(color=_BAR, size=45, strokeWidth=2, opacity=1, filled=False).encode(
        x=alt.X("before:Q", title=None, axis=axis)
    )
    dot = base.mark_point(color=_MARK, filled=True, size=45, opacity=1).encode(
        x=alt.X("after:Q", title=None, axis=axis)
    )
    gist = "; ".join(f"{each.name}: {told(each.before, 'share')}, {told(each.after, 'share')}" for each in measured)
    return Chart(
        _svg((line + ring + dot).properties(width=_WIDTH - 100, height=alt.Step(_ROW - 2))),
        f"{title}: \u25cb {names[0]}, \u25cf {names[1]}",
        f"{title}, {names[0]} and {names[1]}: {gist or 'none'}",
        (("group", ""), (names[0], "share"), (names[1], "share")),
        tuple((each.name, each.before, each.after) for each in measured),
    )


def _line(mark: Mark, align: Literal["left", "right"]) -> alt.LayerChart:
    """An upright line with its name above it, to the one side or the other: two may be close."""
    import altair as alt

    base = alt.Chart(_data([{"at": mark.at, "name": mark.name}])).encode(x="at:Q")
    rule = base.mark_rule(color=_MARK, strokeDash=[4, 3], strokeWidth=1.5)
    shift = -4 if align == "right" else 4
    text = base.mark_text(color=_MARK, align=align, baseline="bottom", dx=shift, dy=-2, fontSize=11)
    return rule + text.encode(text="name:N", y=alt.value(0))


def _count_axis(field: str, counts: Sequence[int]) -> alt.Y:
    import altair as alt

    most = max(counts, default=0)
    if sum(counts) > most > _MOST_IN_ONE * sum(counts):
        powers = [10**power for power in range(len(str(most)))]
        values = [0, *(powers if len(powers) <= _LEVEL else powers[::2])]
        return alt.Y(
            f"{field}:Q",
            title=f"{field}, log scale",
            scale=alt.Scale(type="symlog"),
            axis=alt.Axis(format=",d", values=values),
        )
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
    # Checking it against the schema takes as long as drawing it, and what it is made of are our own words.
    svg: str = vl_convert.vegalite_to_svg(styled.to_dict(validate=False))
    return _NOT_NEEDED.sub("", svg)
