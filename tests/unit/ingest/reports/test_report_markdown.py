"""The summary: short, and whatever a name holds is text in it."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from ingest.reports.headlines import headline
from ingest.reports.markdown import summary
from schemas.comparison import Change, TrendLine
from schemas.quality import QualityReport
from schemas.verdict import Reason, Verdict

WHERE = "state/reports/report.html"


def test_it_says_the_verdict_its_reasons_and_where_the_page_lies(sample: QualityReport) -> None:
    told = summary(sample, WHERE)
    assert told.splitlines()[0].endswith("Chunk quality: look")
    assert "3 of 20 files (15.0%; `max_failed_share` is 10.0%) are in quarantine: `docstrata failures` says" in told
    assert "Gates: 3 of 4 passed; broken: files that failed 15.0% (`max_failed_share` at most 10.0%)." in told
    assert f"Page: `{WHERE}`" in told


def test_changes_stand_beside_the_numbers_and_say_whether_they_are_good(sample: QualityReport) -> None:
    now = headline(sample)
    before = now.model_copy(update={"documents": 18, "cut_share": 0.03, "over_budget": 0})
    changes = (
        Change(name="documents", before=18, now=20),
        Change(name="cut_share", before=0.03, now=0.01),
        Change(name="over_budget", before=0, now=5),
    )
    line = TrendLine(made_at=sample.made_at, run_id=None, verdict="good", headline=before)
    told = summary(sample.model_copy(update={"trend": (line,), "changes": changes}), WHERE)
    assert "| documents | 20 | 18 | +2 |" in told
    assert "-2.0 points better" in told
    assert "+5 **worse**" in told


def test_without_a_change_no_column_repeats_what_was_before(sample: QualityReport) -> None:
    line = TrendLine(made_at=sample.made_at, run_id=None, verdict="good", headline=headline(sample))
    told = summary(sample.model_copy(update={"trend": (line,), "changes": ()}), WHERE)
    assert "Every number is as in the report before, whose verdict was good." in told
    assert "| number | now |\n" in told


def test_it_tells_the_last_run_and_how_well_questions_were_answered(sample: QualityReport) -> None:
    told = summary(sample, WHERE)
    assert f"- Last run: `{sample.runs[0].run_id}`" in told
    assert f"- In quarantine: {sample.failures_total} files and members" in told
    assert sample.evaluation is not None
    assert f"{sample.evaluation.questions} questions; MRR" in told


def test_it_is_short_however_many_reasons_there_are(sample: QualityReport) -> None:
    many = tuple(Reason(severity=Verdict.LOOK, code="stale", sentence=f"Reason {number}.") for number in range(50))
    told = summary(sample.model_copy(update={"reasons": many}), WHERE).splitlines()
    assert len(told) < 40
    assert any("and 42 more" in line for line in told)


@given(name=st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("`\n|"), max_size=40))
def test_a_name_is_one_piece_of_code_whatever_it_holds(sample: QualityReport, name: str) -> None:
    told = summary(sample.model_copy(update={"home": name}), WHERE).splitlines()
    assert len(told) == len(summary(sample, WHERE).splitlines())
    code = re.match(r"Home (`+) ?(.*?) ?(?<!`)\1(?!`)( of |, )", told[-1])
    assert code is not None
    assert " ".join(code[2].split()) == (" ".join(name.split()) or "–")
