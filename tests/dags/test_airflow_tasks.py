"""The tasks and the trigger by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from airflow.exceptions import AirflowFailException, AirflowSkipException
from light_steps import LightSteps
from patience import PATIENCE_S
from places import clear_memory, memory_place
from strata_fakes import Engine, engine
from structlog.testing import capture_logs

from ingest.airflow_tasks import reindexing, reporting, tasks, trigger
from ingest.airflow_tasks.trigger import DropFolderTrigger
from ingest.config import load_settings
from ingest.task_calls import home, taking_in
from ingest.task_calls import reindexing as reindexing_calls
from schemas.errors import ConfigError, CorruptFile, SinkDown


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    return inbox


def bell(inbox: Path | str, **overrides: object) -> DropFolderTrigger:
    settings = load_settings(
        environ={}, overrides={"airflow.inbox": str(inbox), "watch.settle_s": 0, "watch.poll_s": 0.01, **overrides}
    )
    kind, fields = DropFolderTrigger.of(settings).serialize()
    assert kind == "ingest.airflow_tasks.trigger.DropFolderTrigger"
    return DropFolderTrigger(**fields)


async def rings(events: AsyncIterator[object], within_s: float = PATIENCE_S) -> bool:
    try:
        await asyncio.wait_for(anext(events), within_s)
    except TimeoutError:
        return False
    return True


def test_the_bell_rings_for_a_file_and_again_for_the_next(inbox: Path) -> None:
    async def scene() -> None:
        events = bell(inbox).run()
        (inbox / "a.md").write_text("one")
        assert await rings(events)
        (inbox / "b.md").write_text("two")
        assert await rings(events)

    asyncio.run(scene())


def test_the_bell_rings_for_an_object_at_a_url_and_not_for_what_was_settled() -> None:
    place = memory_place()

    async def scene() -> None:
        place.put("done/a.md", b"one")
        assert not await rings(bell(place.what).run(), within_s=0.3)
        place.put("b.md", b"two")
        assert await rings(bell(place.what).run())

    asyncio.run(scene())
    clear_memory()


def test_the_bell_is_silent_for_an_empty_folder_and_for_names_that_do_not_count(inbox: Path) -> None:
    async def scene() -> None:
        (inbox / "a.md.part").write_text("half")
        (inbox / "b.log").write_text("excluded")
        assert not await rings(bell(inbox, **{"source.exclude": ("*.log",)}).run(), within_s=0.3)

    asyncio.run(scene())


def test_the_bell_rings_again_while_a_file_lies_there(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An event may be lost in a burst."""
    monkeypatch.setattr(trigger, "_RING_AGAIN_S", 0.05)

    async def scene() -> None:
        events = bell(inbox).run()
        (inbox / "a.md").write_text("one")
        assert await rings(events)
        assert await rings(events)

    asyncio.run(scene())


def test_the_bell_rings_for_files_that_a_run_claimed_and_never_settled(inbox: Path) -> None:
    async def scene() -> None:
        work = inbox / ".docstrata" / "work"
        work.mkdir(parents=True)
        (work / "a.md").write_text("claimed")
        assert await rings(bell(inbox).run())

    asyncio.run(scene())


def test_a_folder_that_is_not_there_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        first = asyncio.ensure_future(anext(bell(tmp_path / "inbox").run()))
        async with asyncio.timeout(PATIENCE_S):
            while not caplog.records:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)  # some more looks
        assert not first.done()
        first.cancel()

    asyncio.run(scene())
    (record,) = caplog.records
    assert "cannot be read" in record.getMessage()


def test_the_bell_outlives_a_folder_that_comes_late(tmp_path: Path) -> None:
    async def scene() -> None:
        events = bell(tmp_path / "inbox").run()
        first = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0.1)
        (tmp_path / "inbox").mkdir()
        (tmp_path / "inbox" / "a.md").write_text("one")
        await asyncio.wait_for(first, PATIENCE_S)

    asyncio.run(scene())


def test_what_may_pass_is_retried_and_what_cannot_is_not() -> None:
    def raising(error: Exception) -> None:
        raise error

    with pytest.raises(SinkDown):
        tasks.told(raising)(SinkDown("away"))
    with pytest.raises(AirflowFailException, match="config: set it"):
        tasks.told(raising)(ConfigError("set it"))
    with pytest.raises(AirflowFailException, match="corrupt_file: it is damaged"):
        tasks.told(raising)(CorruptFile("it is damaged"))


def test_a_home_is_never_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOCSTRATA_HOME", raising=False)

    with pytest.raises(ConfigError, match="DOCSTRATA_HOME is not set"):
        home.home()


@pytest.mark.parametrize("name", ["DOCSTRATA_HOME", "DOCSTRATA_CONFIG", "DOCSTRATA__AIRFLOW__INBOX"])
def test_a_place_is_named_in_full(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Each of Airflow's processes has a working folder of its own."""
    monkeypatch.setenv(name, "somewhere/below")

    with pytest.raises(ConfigError, match="'somewhere/below': give an absolute path"):
        (home.home if name == "DOCSTRATA_HOME" else home.inbox)()


# ------------------------------------------------------------------ on a light engine


@pytest.fixture
def strata(tmp_path: Path, inbox: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """What the tasks open."""
    monkeypatch.setenv("DOCSTRATA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DOCSTRATA__AIRFLOW__INBOX", str(inbox))
    with engine(tmp_path / "home", watch__settle_s=0) as opened:
        monkeypatch.setattr(taking_in, "opened", lambda *_: nullcontext(LightSteps(opened)))
        yield opened


def published(reference: dict[str, Any]) -> dict[str, int]:
    counts: dict[str, int] = tasks.publish.function(reference)["counts"]
    return counts


def test_what_a_killed_run_left_unsettled_is_settled_by_the_next(strata: Engine, inbox: Path) -> None:
    (inbox / "a.md").write_text("# Pump\n\nThe pump moves water.\n")
    (inbox / "b.pdf").write_bytes(b"%PDF-1.7 broken")
    published(tasks.claim.function())

    with pytest.raises(AirflowSkipException):
        tasks.claim.function()

    assert (inbox / "done" / "a.md").is_file()
    assert (inbox / "quarantine" / "b.pdf.error.json").is_file()
    plans = {ref.key.partition("/")[0] for ref in strata.context.catalog.artifacts.below("plan", "")}
    assert len(plans) == 1, "none was made for nothing"


def test_what_was_claimed_and_never_taken_in_is_planned_again(strata: Engine, inbox: Path) -> None:
    (inbox / "a.md").write_text("# Pump\n\nThe pump moves water.\n")
    tasks.claim.function()

    assert published(tasks.claim.function())["parsed"] == 1
    assert tasks.settle.function() == {"done": 1, "quarantined": 0, "left": 0}


def test_what_nobody_can_take_is_told(strata: Engine, inbox: Path) -> None:
    (inbox / "link.md").symlink_to("/dev/null")
    with capture_logs() as told, pytest.raises(AirflowSkipException):
        tasks.claim.function()
    assert [line["event"] for line in told] == ["link.md is left alone: it is a link: drop the file itself"]


def test_a_configured_folder_stays_what_it_is_when_the_form_names_it(
    strata: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else an append source would be a mirror once, and what had moved on would be retired."""
    letters, other = tmp_path / "letters", tmp_path / "other"
    for folder in (letters, other):
        folder.mkdir()
        (folder / "a.md").write_text(f"# Of {folder.name}\n\nThe pump moves water.\n")
    monkeypatch.setenv("DOCSTRATA__AIRFLOW__SOURCES", f'[{{ path = "{letters}", name = "post", kind = "append" }}]')
    published(tasks.plan.function())
    (letters / "a.md").unlink()
    (letters / "b.md").write_text("# New\n\nThe valve closes by itself.\n")

    counts = published(tasks.plan.function({"paths": [f"{letters}/", str(other), str(other / "a.md")]}))

    assert (counts["parsed"], counts["removed"]) == (2, 0)
    assert set(strata.context.catalog.files.roots("default")) == {"post", "other"}
    assert len(strata.context.catalog.runs.last(9, "default")) == 3, (
        "one for the folder that is configured, one for the others"
    )


def test_a_relative_path_in_the_form_is_refused(strata: Engine) -> None:
    with pytest.raises(AirflowFailException, match="a path of the form is 'docs': give an absolute path"):
        tasks.plan.function({"paths": ["docs"]})


def test_a_publishing_that_is_tried_again_gives_the_same_counts(strata: Engine, inbox: Path) -> None:
    (inbox / "a.md").write_text("# Pump\n\nThe pump moves water.\n")
    reference = tasks.claim.function()

    assert published(reference) == published(reference)
    assert published(reference)["parsed"] == 1


def test_a_verdict_fails_with_its_reasons_where_it_is_to_fail() -> None:
    told = {"link": "https://reports/1.html", "verdict": "bad", "reasons": ["bad: text was lost."], "fails": True}

    with pytest.raises(AirflowFailException, match=r"text was lost\. See https://reports/1\.html"):
        reporting.verdict.function(told)
    assert reporting.verdict.function({**told, "fails": False}) == "bad"


def test_nothing_in_quarantine_is_a_skip(strata: Engine) -> None:
    with pytest.raises(AirflowSkipException, match="no such file is in quarantine"):
        tasks.plan_retry.function({"codes": ["encrypted_file"]})


def test_a_model_that_is_searched_already_is_a_skip(
    strata: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reindexing_calls, "opened", lambda *_: nullcontext(LightSteps(strata)))
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("# Pump\n\nThe pump moves water.\n")
    strata.run(tmp_path / "docs")

    with pytest.raises(AirflowSkipException, match="is searched with these settings already"):
        reindexing.survey.function({})


def test_a_rejected_collection_stays_unless_it_is_to_be_dropped(
    strata: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reindexing_calls, "opened", lambda *_: nullcontext(LightSteps(strata)))

    assert reindexing.rejected.function({"on_reject": "keep"}).startswith("kept")
    with pytest.raises(AirflowFailException, match="no collection is half built"):
        reindexing.rejected.function({"on_reject": "drop"})
