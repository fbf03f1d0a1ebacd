"""The templates of the pages, the words and filters that they use, and their scripts.

Of scripts a page runs its own two, which a Content-Security-Policy names by their SHA-256; nothing
that a document says can run.
"""

from __future__ import annotations

import json
import shlex
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from ingest.reports.charts import drift_group
from ingest.reports.drawing import Chart
from ingest.reports.format_names import format_name
from ingest.reports.gate_words import place_of, told_gate
from ingest.reports.wording import (
    DRIFTS,
    FAULTS,
    FINDINGS,
    GROUPS,
    NOT_COMPARED,
    NOTHING,
    OUTCOMES,
    distribution_words,
    told,
    told_change,
)
from schemas.duplication import Passage
from schemas.evaluation import ExpectedPlace, ReturnedHit
from schemas.figures import GRAVITY, Distribution, ShownChunk
from schemas.parsing import FormatLine, ParseOutcome

_SCRIPTS = ("vendor/tablesort.min.js", "report.js")
_WORDS = {
    "DRIFTS": DRIFTS,
    "FAULTS": FAULTS,
    "FINDINGS": FINDINGS,
    "GRAVITY": GRAVITY,
    "GROUPS": GROUPS,
    "NOT_COMPARED": NOT_COMPARED,
    "OUTCOMES": OUTCOMES,
}


@dataclass(frozen=True, slots=True)
class Script:
    """`source` as it stands between the tags, `digest` as the policy names it."""

    source: Markup
    digest: str


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
def template(name: str) -> Template:
    environment = Environment(
        loader=PackageLoader("ingest.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(_WORDS, scripts=_scripts())
    environment.filters.update(
        n=_number,
        share=_share,
        ratio=_ratio,
        percent=_percent,
        three=_three,
        plain=_plain,
        time=_time,
        by_count=_by_count,
        drawn=_drawn,
        told_change=told_change,
        on_pages=_on_pages,
        numbered_pages=_numbered_pages,
        places=_places,
        drawn_first=_drawn_first,
        shell=shlex.quote,
        breaking=_breaking,
        distribution=distribution_words,
        drift_group=drift_group,
        drifted=_drifted,
        format_name=format_name,
        ill_first=_ill_first,
        place_of=place_of,
        reach=_reach,
        span=_span,
        told_gate=told_gate,
    )
    return environment.get_template(name)


def _number(value: int | None) -> str:
    return told(value, "n")


def _percent(value: float | None) -> str:
    return told(value, "share")


def _three(value: float | None) -> str:
    return told(value, "three")


def _drifted(value: float | None, measure: str) -> str:
    """In the unit of the measure."""
    if measure in {"unknown_tokens", "duplicates"}:
        return _percent(value)
    return _number(None if value is None else round(value)) if measure == "token_lengths" else _three(value)


def _span(seconds: float) -> str:
    """In the two largest units that it fills."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _reach(spread: Distribution) -> str:
    """From the least value to the largest, once where they are one."""
    told = _percent if spread.unit == "share" else _plain
    ends = dict.fromkeys((told(spread.smallest), told(spread.largest)))
    return " to ".join(ends)


def _breaking(path: str) -> Markup:
    """A path that may be broken behind its slashes."""
    return Markup("/<wbr>").join(path.split("/"))


def _ill_first(formats: Sequence[FormatLine]) -> list[FormatLine]:
    """What is not whole before what is, the most frequent before others."""
    return sorted(formats, key=lambda line: (line.outcome is ParseOutcome.WHOLE, -line.documents))


def _plain(value: float | None) -> str:
    """Three digits, or the whole number where it has more."""
    if value is None:
        return NOTHING
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _share(part: int, whole: int) -> str:
    return _percent(_ratio(part, whole))


def _time(value: datetime | None) -> str:
    return NOTHING if value is None else f"{value:%Y-%m-%d %H:%M:%S} UTC"


def _by_count(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """The most frequent first."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _on_pages(chunk: ShownChunk) -> str:
    return _pages([place.page for place in chunk.pages])


def _numbered_pages(passage: Passage | ExpectedPlace | ReturnedHit) -> str:
    return _pages(passage.pages)


def _pages(numbers: Sequence[int]) -> str:
    if not numbers:
        return ""
    return f", page {numbers[0]}" if len(numbers) == 1 else f", pages {numbers[0]} to {numbers[-1]}"


def _drawn_first(chunks: Sequence[ShownChunk]) -> list[ShownChunk]:
    """Those with boxes before those with pages alone, and these before all others."""
    return sorted(chunks, key=lambda chunk: (not any(place.boxes for place in chunk.pages), not chunk.pages))


def _places(chunk: ShownChunk) -> str:
    """What the script draws: of each page its number, width and height in points, and the boxes."""
    pages = [
        (place.page, place.width, place.height, [[round(side, 1) for side in box] for box in place.boxes])
        for place in chunk.pages
        if place.width is not None and place.height is not None
    ]
    return json.dumps(pages, separators=(",", ":"))
