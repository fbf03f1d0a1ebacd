"""What a report calls its gates, formats and groups, and what it draws of its distributions."""

from __future__ import annotations

import re

from ingest.options.report import ReportOptions
from ingest.reports.charts import charts_of, drift_group
from ingest.reports.drawing import Bin, Spread, histogram
from ingest.reports.format_names import format_name
from ingest.reports.gate_words import place_of, told_gate
from ingest.reports.html import render
from schemas.quality import Gate, QualityReport

GATES = [name for name in ReportOptions.model_fields if name.startswith(("min_", "max_"))]


def test_every_gate_has_words_and_a_place_that_the_page_has(sample: QualityReport) -> None:
    ids = set(re.findall(r' id="([^"]+)"', render(sample)))
    for name in GATES:
        told = told_gate(Gate(name=name, value=0.5, limit=0.25, passed=False))
        assert told.title != name
        assert told.place in ids, name
        assert place_of(name[4:]) == told.place


def test_a_gate_says_in_which_direction_it_is_a_limit_and_in_what_unit() -> None:
    drift = told_gate(Gate(name="max_drift", value=0.2324, limit=0.5, passed=True))
    assert (drift.measured, drift.limit, drift.result) == ("0.232", "at most 0.500", "passed")
    heading = told_gate(Gate(name="min_heading_share", value=0.3, limit=0.5, passed=False))
    assert (heading.measured, heading.limit, heading.result) == ("30.0%", "at least 50.0%", "broken")


def test_a_gate_of_which_nothing_was_measured_leads_nowhere() -> None:
    told = told_gate(Gate(name="max_lone_han_share", value=None, limit=0.6, passed=True))
    assert (told.place, told.result, told.broken) == ("", "not measured", False)


def test_a_media_type_that_nobody_named_stands_as_it_is() -> None:
    assert format_name("application/pdf") == "PDF"
    assert format_name("application/x-new") == "application/x-new"
    assert format_name("") == "not known"


def test_bins_of_a_drift_are_told_in_tokens_and_per_cent(sample: QualityReport) -> None:
    first = sample.chunks.lengths.bins[0]
    assert drift_group("token_lengths", "00", sample) == f"{first.first} to {first.last}"
    assert drift_group("token_lengths", "99", sample) == "above the budget"
    assert drift_group("ocr_confidence", "19", sample) == "95% to 100%"
    assert drift_group("languages", "", sample) == "not known"


def bins(*counts: int) -> list[Bin]:
    return [Bin(number / 10, (number + 1) / 10, count, str(number)) for number, count in enumerate(counts)]


def test_few_values_beside_very_many_are_drawn_on_a_logarithmic_axis_that_says_so() -> None:
    rare = histogram(Spread("Rare", "share", "chunks", "", bins(9_000, 0, 3)), small=True)
    even = histogram(Spread("Even", "share", "chunks", "", bins(900, 800, 700)), small=True)
    assert "chunks, log scale" in rare.svg
    assert "log scale" not in even.svg


def test_values_that_all_lie_together_are_told_and_not_drawn(sample: QualityReport) -> None:
    one = sample.distributions[0]
    alone = one.model_copy(
        update={"bins": (one.bins[0].model_copy(update={"count": one.count}),), "smallest": 0.0, "largest": 0.0}
    )
    report = sample.model_copy(update={"distributions": (alone,)})
    assert f"spread:{one.name}" not in charts_of(report)
    assert "Not drawn, as all values lie together" in render(report)
