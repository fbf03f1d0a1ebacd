"""The tasks and the trigger by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from airflow.exceptions import AirflowFailException

from ingest.airflow_tasks import flow, home, tasks, trigger
from ingest.airflow_tasks.trigger import DropFolderTrigger
from ingest.config import load_settings
from ingest.stages.lanes import Lane
from schemas.errors import ConfigError, CorruptFile, SinkDown


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    return inbox


def bell(inbox: Path, **overrides: object) -> DropFolderTrigger:
    settings = load_settings(
        environ={}, overrides={"airflow.inbox": str(inbox), "watch.settle_s": 0, "watch.poll_s": 0.01, **overrides}
    )
    kind, fields = DropFolderTrigger.of(settings).serialize()
    assert kind == "ingest.airflow_tasks.trigger.DropFolderTrigger"
    return DropFolderTrigger(**fields)


async def rings(events: AsyncIterator[object], within_s: float = 2.0) -> bool:
    try:
        await asyncio.wait_for(anext(events), within_s)
    except TimeoutError:
        return False
    return True


def test_the_lanes_of_the_dags_are_those_of_the_plan() -> None:
    assert list(flow.LANES) == [str(lane) for lane in Lane]


def test_the_bell_rings_for_a_file_and_again_for_the_next(inbox: Path) -> None:
    async def scene() -> None:
        events = bell(inbox).run()
        (inbox / "a.md").write_text("one")
        assert await rings(events)
        (inbox / "b.md").write_text("two")
        assert await rings(events)

    asyncio.run(scene())


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


def test_the_bell_outlives_a_folder_that_comes_late(tmp_path: Path) -> None:
    async def scene() -> None:
        events = bell(tmp_path / "inbox").run()
        first = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0.1)
        (tmp_path / "inbox").mkdir()
        (tmp_path / "inbox" / "a.md").write_text("one")
        await asyncio.wait_for(first, 2)

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


def test_a_bad_verdict_fails_with_its_reasons_and_a_look_does_not() -> None:
    told = {"page": "/reports/1.html", "verdict": "bad", "reasons": ["bad: text was lost."]}

    with pytest.raises(AirflowFailException, match=r"text was lost\. See /reports/1\.html"):
        tasks.verdict.function(told)
    assert tasks.verdict.function({**told, "verdict": "look"}) == "look"
