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
    whole: bool = False
    """Only whole numbers are on the axis."""


def histogram(spread: Spread, *, small: bool = False) -> Chart:
    """Bars side by side, and marks across them."""
    import altair as alt

    what = spread.what
    axis = alt.Axis(tickMinStep=1) if spread.whole else alt.Axis()
    rows: _Rows = [
        {"from": b.first, "to": b.last if b.drawn_to is None else b.drawn_to, what: b.count} for b in spread.bins
    ]
    chart: alt.Chart | alt.LayerChart = (
        alt.Chart(_data(rows))
        .mark_bar(color=_BAR)
        .encode(x=alt.X("from:Q", bin="binned", title=spread.axis, axis=axis), x2="to:Q", y=_count_axis(what))
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


def columns(counts: Mapping[int, int], axis: str, what: str, title: str) -> Chart:
    """One upright bar a whole number."""
    import altair as alt

    rows: _Rows = [{axis: value, what: number} for value, number in counts.items()]
    chart = (
        alt.Chart(_data(rows))
        .mark_bar(color=_BAR)
        .encode(x=alt.X(f"{axis}:O", title=axis, axis=alt.Axis(labelAngle=0)), y=_count_axis(what))
        .properties(width=alt.Step(44), height=_HEIGHT)
    )
    gist = ", ".join(f"{value}: {number}" for value, number in counts.items()) or "none"
    return Chart(_svg(chart), title, f"{title}: {gist}", ((axis, "n"), (what, "n")), tuple(counts.items()))


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


def _line(mark: Mark, align: Literal["left", "right"]) -> alt.LayerChart:
    """An upright line with its name above it, to the one side or the other: two may be close."""
    import altair as alt

    base = alt.Chart(_data([{"at": mark.at, "name": mark.name}])).encode(x="at:Q")
    rule = base.mark_rule(color=_MARK, strokeDash=[4, 3], strokeWidth=1.5)
    shift = -4 if align == "right" else 4
    text = base.mark_text(color=_MARK, align=align, baseline="bottom", dx=shift, dy=-2, fontSize=11)
    return rule + text.encode(text="name:N", y=alt.value(0))


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
    # Checking it against the schema takes as long as drawing it, and what it is made of are our own words.
    svg: str = vl_convert.vegalite_to_svg(styled.to_dict(validate=False))
    return _NOT_NEEDED.sub("", svg)
