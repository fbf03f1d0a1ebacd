"""The verdict, rule by rule: what makes a good report one to look at, or a bad one."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.options.report import ReportOptions
from ingest.reports.gates import gates_of
from ingest.reports.verdict import judged
from schemas.base import Record
from schemas.quality import QualityReport
from schemas.verdict import Verdict


@pytest.fixture
def good(sample: QualityReport) -> QualityReport:
    """The sample, with nothing to complain of."""
    made = changed(sample, "documents", stale=0)
    made = changed(made, "files", stale=0, quarantined=0)
    return gated(made)


def changed(report: QualityReport, section: str, **fields: Any) -> QualityReport:
    part: Record = getattr(report, section)
    return report.model_copy(update={section: part.model_copy(update=fields)})


def gated(report: QualityReport, options: ReportOptions | None = None) -> QualityReport:
    gates = gates_of(options or ReportOptions(), report.files, report.joints, report.chunks, report.headings)
    return report.model_copy(update={"gates": gates})


def with_last_run(report: QualityReport, state: str) -> QualityReport:
    first, *others = report.runs
    return report.model_copy(update={"runs": (first.model_copy(update={"state": state}), *others)})


def told(report: QualityReport) -> tuple[Verdict, list[str]]:
    found = judged(gated(report))
    return found.verdict, [reason.code for reason in found.reasons]


def test_a_home_without_fault_is_good(good: QualityReport) -> None:
    assert told(good) == (Verdict.GOOD, [])


@pytest.mark.parametrize(
    ("section", "fields", "code"),
    [
        ("completeness", {"lost": 1, "documents_with_loss": 1}, "text_lost"),
        ("tables", {"half_rows": 1}, "half_row"),
        ("points", {"current": 99}, "points_differ"),
        ("documents", {"total": 0}, "no_documents"),
    ],
)
def test_a_broken_promise_is_bad(good: QualityReport, section: str, fields: dict[str, int], code: str) -> None:
    assert told(changed(good, section, **fields)) == (Verdict.BAD, [code])


def test_a_home_where_everything_failed_says_where_to_look(good: QualityReport) -> None:
    reason = judged(changed(good, "documents", total=0).model_copy(update={"failures_total": 3})).reasons[0]
    assert reason.sentence.endswith("'manuals': 3 files failed, and 'docstrata failures' says why.")


def test_a_chunk_above_the_budget_is_bad(good: QualityReport) -> None:
    lengths = good.chunks.lengths.model_copy(update={"over_budget": 1, "largest": 300})
    assert told(changed(good, "chunks", lengths=lengths)) == (Verdict.BAD, ["over_budget"])


@pytest.mark.parametrize(
    ("section", "fields", "code"),
    [
        ("documents", {"stale": 1}, "stale"),
        ("documents", {"unread": 1}, "chunks_missing"),
        ("documents", {"without_parse": 1}, "parse_missing"),
        ("files", {"quarantined": 3}, "failed_share"),
        ("files", {"stale": 3}, "failed_share"),
        ("joints", {"inside_sentence": 4}, "cut_share"),
        ("chunks", {"unread": 21}, "unread_share"),
        ("headings", {"chunks_with": 49}, "heading_share"),
    ],
)
def test_a_gate_that_is_passed_is_to_be_looked_at(
    good: QualityReport, section: str, fields: dict[str, int], code: str
) -> None:
    assert told(changed(good, section, **fields)) == (Verdict.LOOK, [code])


def test_a_failed_page_is_to_be_looked_at(good: QualityReport) -> None:
    methods = {method: number + (method == "failed") for method, number in good.pages.by_method.items()}
    assert told(changed(good, "pages", by_method=methods)) == (Verdict.LOOK, ["page_failed"])


@pytest.mark.parametrize(
    ("section", "fields"),
    [
        ("files", {"quarantined": 2}),
        ("joints", {"inside_sentence": 3}),
        ("chunks", {"unread": 20}),
        ("headings", {"chunks_with": 50}),
    ],
)
def test_a_share_at_its_limit_is_good(good: QualityReport, section: str, fields: dict[str, int]) -> None:
    assert told(changed(good, section, **fields)) == (Verdict.GOOD, [])


@pytest.mark.parametrize(
    ("state", "verdict", "codes"),
    [
        ("done", Verdict.GOOD, []),
        ("failed", Verdict.BAD, ["run_failed"]),
        ("interrupted", Verdict.LOOK, ["run_interrupted"]),
        ("running", Verdict.LOOK, ["run_going_on"]),
    ],
)
def test_the_state_of_the_last_run_counts(good: QualityReport, state: str, verdict: Verdict, codes: list[str]) -> None:
    assert told(with_last_run(good, state)) == (verdict, codes)


def test_rows_that_a_run_is_just_writing_are_no_defect(good: QualityReport) -> None:
    assert told(with_last_run(changed(good, "points", current=50), "running"))[1] == ["run_going_on"]


def test_rows_of_chunks_that_cannot_be_read_are_no_defect(good: QualityReport) -> None:
    damaged = changed(changed(good, "points", current=150), "documents", unread=1)
    assert told(damaged) == (Verdict.LOOK, ["chunks_missing"])


def test_the_gravest_reason_comes_first_and_decides(good: QualityReport) -> None:
    made = changed(changed(good, "documents", stale=1), "completeness", lost=7, documents_with_loss=2)
    assert told(made) == (Verdict.BAD, ["text_lost", "stale"])


def test_the_limits_are_those_of_the_configuration(good: QualityReport) -> None:
    strict = ReportOptions(max_failed_share=0, max_cut_share=0, max_unread_share=0, min_heading_share=1)
    found = judged(gated(good, strict))
    assert [reason.code for reason in found.reasons] == ["cut_share", "unread_share", "heading_share"]
    assert [gate.passed for gate in found.gates] == [True, False, False, False]


def test_nothing_to_measure_passes_every_gate(good: QualityReport) -> None:
    empty = changed(changed(good, "files", listed=0), "chunks", total=0)
    empty = changed(empty, "joints", between_blocks=0, between_sentences=0, inside_sentence=0)
    assert {(gate.value, gate.passed) for gate in gated(empty).gates} == {(None, True)}


def test_reasons_are_sentences_with_their_numbers(good: QualityReport) -> None:
    lost = changed(good, "completeness", lost=1234, documents_with_loss=1)
    (reason,) = judged(lost).reasons
    assert reason.sentence.startswith("1,234 characters of 1 document are in no chunk")
    (reason,) = judged(gated(changed(good, "joints", inside_sentence=25))).reasons
    assert reason.sentence.startswith("25 of 100 joints between chunks (25.0%; max_cut_share is 5.0%) lie inside")
