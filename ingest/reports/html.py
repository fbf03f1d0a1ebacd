"""A report, and two runs side by side, each as one HTML page that fetches nothing."""

from __future__ import annotations

from ingest.reports.attachments import Attachments
from ingest.reports.charts import charts_of
from ingest.reports.templating import template
from schemas.comparison import Comparison
from schemas.quality import QualityReport
from schemas.verdict import Verdict

MEANING = {
    Verdict.GOOD: "Every promise is kept, and every gate.",
    Verdict.LOOK: "No promise was found broken, but somebody should look at what follows.",
    Verdict.BAD: "Do not rely on this index before what follows is settled.",
}


def render(report: QualityReport, attachments: Attachments | None = None) -> str:
    """`attachments`: what only whoever has the home can give; the page says what is missing."""
    beside = attachments or Attachments()
    charts = charts_of(report)
    return template("report.html.jinja").render(
        report=report,
        meaning=MEANING[report.verdict],
        evaluation=report.evaluation,
        pictures=beside.pictures,
        left_out=beside.left_out,
        charts=charts,
        drawn_spreads=[name.removeprefix("spread:") for name in charts if name.startswith("spread:")],
    )


def render_comparison(comparison: Comparison) -> str:
    return template("comparison.html.jinja").render(comparison=comparison)
