"""A report as one HTML page that fetches nothing: made from the record alone.

Of scripts the page runs its own two, which a Content-Security-Policy names by their SHA-256; nothing
that a document says can run.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from ingest.reports.charts import charts_of
from ingest.reports.drawing import Chart
from schemas.quality import QualityReport, Verdict

_TEMPLATE = "report.html.jinja"
_SCRIPTS = ("vendor/tablesort.min.js", "report.js")
_NOTHING = "–"

_MEANING = {
    Verdict.GOOD: "Every promise is kept, and every gate.",
    Verdict.LOOK: "No promise was found broken, but somebody should look at what follows.",
    Verdict.BAD: "Do not rely on this index before what follows is settled.",
}


@dataclass(frozen=True, slots=True)
class Script:
    """`source` as it stands between the tags, `digest` as the policy names it."""

    source: Markup
    digest: str


def render(report: QualityReport) -> str:
    return _template().render(
        report=report, meaning=_MEANING[report.verdict], charts=charts_of(report), scripts=_scripts()
    )


@cache
def _scripts() -> tuple[Script, ...]:
    folder = files("ingest.reports") / "templates"
    return tuple(_script((folder / name).read_text("utf-8")) for name in _SCRIPTS)


def _script(text: str) -> Script:
    digest = b64encode(sha256(text.encode()).digest()).decode()
    return Script(Markup(text), f"'sha256-{digest}'")  # noqa: S704 - files of this package


def _drawn(chart: Chart) -> Markup:
    """An image to whoever does not see it, and what it shows in words."""
    drawing = Markup(chart.svg.removeprefix("<svg "))  # noqa: S704 - drawn by vl-convert, which escapes what it writes
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
    environment.filters.update(
        n=_number,
        share=_share,
        ratio=_ratio,
        percent=_percent,
        three=_three,
        time=_time,
        by_count=_by_count,
        drawn=_drawn,
    )
    return environment.get_template(_TEMPLATE)


def _number(value: int | None) -> str:
    return _NOTHING if value is None else f"{value:,}"


def _percent(value: float | None) -> str:
    return _NOTHING if value is None else f"{value:.1%}"


def _three(value: float | None) -> str:
    return _NOTHING if value is None else f"{value:.3f}"


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _share(part: int, whole: int) -> str:
    return _percent(_ratio(part, whole))


def _time(value: datetime | None) -> str:
    return _NOTHING if value is None else f"{value:%Y-%m-%d %H:%M:%S} UTC"


def _by_count(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """The most frequent first."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
