"""A report as one HTML page that fetches nothing: made from the record alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from ingest.reports.charts import Chart, charts_of
from schemas.quality import QualityReport, Verdict

_TEMPLATE = "report.html.jinja"
_NOTHING = "–"

_MEANING = {
    Verdict.GOOD: "Every promise is kept, and every gate.",
    Verdict.LOOK: "No promise was found broken, but somebody should look at what follows.",
    Verdict.BAD: "Do not rely on this index before what follows is settled.",
}


def render(report: QualityReport) -> str:
    charts = {name: _labelled(chart) for name, chart in charts_of(report).items()}
    return _template().render(report=report, meaning=_MEANING[report.verdict], charts=charts)


def _labelled(chart: Chart) -> Markup:
    """An image to whoever does not see it, and what it shows in words."""
    drawing = Markup(chart.svg.removeprefix("<svg "))  # noqa: S704 - numbers and our own words, nothing of a document
    return Markup('<svg role="img" aria-label="{}" ').format(chart.label) + drawing


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("ingest.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(n=_number, share=_share, percent=_percent, three=_three, time=_time, by_count=_by_count)
    return environment.get_template(_TEMPLATE)


def _number(value: int | None) -> str:
    return _NOTHING if value is None else f"{value:,}"


def _percent(value: float | None) -> str:
    return _NOTHING if value is None else f"{value:.1%}"


def _three(value: float | None) -> str:
    return _NOTHING if value is None else f"{value:.3f}"


def _share(part: int, whole: int) -> str:
    return _percent(part / whole if whole else None)


def _time(value: datetime | None) -> str:
    return _NOTHING if value is None else f"{value:%Y-%m-%d %H:%M:%S} UTC"


def _by_count(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """The most frequent first."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
