"""What reports and maintenance do in Airflow, as `[report]` and `[airflow]` say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from airflow.exceptions import AirflowFailException
from airflow.models.dagbag import DagBag
from light_steps import LightSteps
from receivers import Posted, webhook
from strata_fakes import Engine, engine
from structlog.testing import capture_logs

from ingest.airflow_tasks import notify, reporting
from ingest.airflow_tasks import upkeep as tasks
from ingest.task_calls import upkeep

DAGS = Path(__file__).resolve().parents[2] / "dags"


class Pushed:
    """A task instance that only takes what is pushed."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}

    def xcom_push(self, key: str, value: object) -> None:
        self.values[key] = value


@pytest.fixture
def strata(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The home that the tasks open. A gate lets no file fail."""
    monkeypatch.setenv("DOCSTRATA_HOME", str(tmp_path / "home"))
    with engine(tmp_path / "home", report__max_failed_share=0.0, report__max_unread_share=1.0) as opened:
        monkeypatch.setattr(upkeep, "opened", lambda *_: nullcontext(LightSteps(opened)))
        yield opened


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.md").write_text("# Pump\n\nThe pump moves water from the well to the tank.\n", "utf-8")
    return folder


def made_report() -> dict[str, Any]:
    """By the task, whose button then opens the page."""
    instance = Pushed()
    made: dict[str, Any] = reporting.MakeReport(task_id="report").execute({"ti": instance})
    assert instance.values == {"report_link": made["link"]}
    return made


# ------------------------------------------------------------------------- verdicts


def test_a_bad_verdict_fails_its_task_with_what_to_do(strata: Engine) -> None:
    report = made_report()

    assert report["verdict"] == "bad", "there is nothing in this home"
    with pytest.raises(AirflowFailException, match="There are no documents in this home: take a folder in") as failed:
        reporting.verdict.function(report)
    assert report["link"] in str(failed.value)


def test_a_bad_verdict_only_warns_where_on_bad_says_so(
    strata: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DOCSTRATA__REPORT__ON_BAD", "warn")
    report = made_report()

    caplog.clear()
    assert reporting.verdict.function(report) == "bad"
    assert [record.getMessage() for record in caplog.records] == [f"verdict: {why}" for why in report["reasons"]]
    assert {record.levelname for record in caplog.records} == {"WARNING"}
    assert "There are no documents" in caplog.text


def test_a_broken_gate_only_warns(strata: Engine, docs: Path) -> None:
    (docs / "broken.pdf").write_bytes(b"%PDF-1.7 broken")
    strata.run(docs)
    report = made_report()

    assert (report["verdict"], report["gates"]) == ("look", ["max_failed_share"])
    assert reporting.verdict.function(report) == "look"


def test_a_broken_gate_fails_the_task_where_on_gate_says_so(
    strata: Engine, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCSTRATA__REPORT__ON_GATE", "fail")
    (docs / "broken.pdf").write_bytes(b"%PDF-1.7 broken")
    strata.run(docs)

    with pytest.raises(AirflowFailException, match=r"(?s)failed.*See .*\.html"):
        reporting.verdict.function(made_report())


def test_gates_that_are_passed_fail_nothing(strata: Engine, docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCSTRATA__REPORT__ON_GATE", "fail")
    strata.run(docs)
    report = made_report()

    assert (report["gates"], report["fails"]) == ([], False)
    assert reporting.verdict.function(report) == report["verdict"]


# ---------------------------------------------------------------------- maintenance


def test_rows_that_differ_fail_the_task_and_are_named_in_its_log(strata: Engine, docs: Path) -> None:
    strata.run(docs)
    (row,) = strata.rows(history=False)
    strata.parts.index.delete([row.id])

    with capture_logs() as told, pytest.raises(AirflowFailException) as failed:
        tasks.reconcile.function()

    assert str(failed.value) == (
        "unsound: catalog and index do not agree (1 missing from the index): the log names the rows;"
        " 'docstrata reconcile --repair' mends them, and so does airflow.repair = true"
    )
    assert [line["event"] for line in told] == [f"reconcile: missing from the index: docs/a.md {row.id}"]
    assert strata.rows(history=False) == [], "nothing was mended"


def test_rows_that_differ_are_mended_where_repair_says_so(
    strata: Engine, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCSTRATA__AIRFLOW__REPAIR", "true")
    strata.run(docs)
    (row,) = strata.rows(history=False)
    strata.parts.index.delete([row.id])

    assert tasks.reconcile.function() == {"rows": 1, "damage": {"missing from the index": 1}, "mended": 1}
    assert [again.id for again in strata.rows(history=False)] == [row.id]
    assert tasks.reconcile.function() == {"rows": 1, "damage": {}, "mended": 0}


def test_what_cannot_be_mended_fails_the_task_with_what_makes_it_again(
    strata: Engine, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCSTRATA__AIRFLOW__REPAIR", "true")
    strata.run(docs)
    strata.parts.index.delete([row.id for row in strata.rows(history=False)])
    for pack in strata.context.store.packs("chunk"):
        (strata.context.home.artifacts / pack).unlink()

    with pytest.raises(AirflowFailException, match="rows of 1 document could not be made again: run ingest_scheduled"):
        tasks.reconcile.function()

    strata.run(docs)
    assert tasks.reconcile.function()["mended"] == 1
    assert tasks.reconcile.function()["damage"] == {}


# ---------------------------------------------------------------------- time limits


@pytest.fixture
def posted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Posted]:
    monkeypatch.setenv("DOCSTRATA_HOME", str(tmp_path / "home"))
    with webhook() as told:
        monkeypatch.setenv("DOCSTRATA__NOTIFY__WEBHOOK", told.url)
        yield told


def loaded() -> dict[str, Any]:
    """The DAGs, from their files as Airflow reads them."""
    bag = DagBag(str(DAGS), include_examples=False)
    assert bag.import_errors == {}
    return dict(bag.dags)


def test_runs_have_as_much_time_as_they_need_unless_a_limit_is_set(
    posted: Posted, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {dag.dagrun_timeout for dag in loaded().values()} == {None}

    monkeypatch.setenv("DOCSTRATA__AIRFLOW__RUN_TIMEOUT_H", "1.5")
    limits = {name: dag.dagrun_timeout for name, dag in loaded().items()}
    assert limits.pop("reindex") is None, "a person may take days"
    assert len(limits) == 4, "without an inbox there is no drop folder"
    assert set(limits.values()) == {timedelta(hours=1.5)}


def test_a_run_that_took_too_long_is_told_with_the_setting_that_ended_it(
    posted: Posted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCSTRATA__AIRFLOW__RUN_TIMEOUT_H", "1.5")
    dag = loaded()["ingest_scheduled"]
    (callback,) = dag.on_failure_callback if isinstance(dag.on_failure_callback, list) else [dag.on_failure_callback]

    callback({"dag": dag, "run_id": "scheduled__1", "reason": "timed_out"})

    (told,) = posted.bodies
    assert (told["dag"], told["run"], told["state"], told["events"]) == (
        "ingest_scheduled",
        "scheduled__1",
        "failed",
        ["failed"],
    )
    assert told["reasons"] == ["the run took longer than airflow.run_timeout_h allows, and was ended"]


def test_a_run_that_failed_by_itself_is_told_by_its_last_task_alone(posted: Posted) -> None:
    callback = notify.when_it_takes_too_long()
    assert callback is not None

    callback({"dag": loaded()["maintenance"], "run_id": "manual__1", "reason": "task_failure"})

    assert posted.bodies == []


def test_nobody_is_told_where_failures_are_not_to_be_told(posted: Posted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCSTRATA__NOTIFY__ON", '["bad_report"]')
    callback = notify.when_it_takes_too_long()
    assert callback is not None

    callback({"dag": loaded()["maintenance"], "run_id": "manual__1", "reason": "timed_out"})

    assert posted.bodies == []
    monkeypatch.delenv("DOCSTRATA__NOTIFY__WEBHOOK")
    assert notify.when_it_takes_too_long() is None
