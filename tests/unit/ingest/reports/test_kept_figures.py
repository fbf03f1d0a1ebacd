"""Figures that were kept are those that would be counted, and go when what they are of goes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from strata_fakes import Engine

from ingest.api import Docstrata
from ingest.catalog.kept import Kind
from ingest.context import Context
from ingest.progress import Silent
from ingest.reports.collect import collect
from ingest.reports.document_figures import Limits
from ingest.reports.gathering import FIGURES_STAGE, Gatherer
from ingest.reports.headlines import keep_report
from ingest.stages.purge import purge
from ingest.stages.retention import collect_garbage
from schemas.errors import StoreDown
from schemas.quality import QualityReport

LIMIT = 256
TEXT = "# {0}\n\nThe {0} moves 40 litres of water a minute.\n\n## Care\n\nOil it every 300 hours. It wears out.\n"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    for name in ("pump", "valve", "boiler"):
        (folder / f"{name}.md").write_text(TEXT.format(name), "utf-8")
    return folder


@pytest.fixture
def strata(tmp_path: Path, inbox: Path) -> Iterator[Engine]:
    opened = Engine(tmp_path / "home")
    opened.run(inbox)
    yield opened
    opened.close()


def report(strata: Engine, *, keep: bool = True, limit: int = LIMIT) -> QualityReport:
    return collect(strata.context, token_limit=limit, keep=keep).model_copy(update={"made_at": None})


def kept(strata: Engine) -> set[str]:
    return {ref.key.partition("/")[0] for ref in strata.context.catalog.artifacts.below(FIGURES_STAGE, "")}


def counted(context: Context, limit: int = LIMIT) -> int:
    """How many documents another report reads."""
    gatherer = Gatherer(context, Limits(limit, 24, 128, 0.3))
    assert len(list(gatherer.gather(context.catalog.history.live_documents("default")))) == 3
    return gatherer.counted


def test_a_second_report_reads_no_document_and_says_the_same(strata: Engine) -> None:
    assert counted(strata.context) == 3
    first = report(strata)
    assert len(kept(strata)) == 3
    assert counted(strata.context) == 0
    assert report(strata) == first == report(strata, keep=False)


def test_a_report_that_is_not_to_keep_writes_nothing(strata: Engine) -> None:
    report(strata, keep=False)
    assert kept(strata) == set()


def test_only_what_is_new_is_read(strata: Engine, inbox: Path) -> None:
    report(strata)
    (inbox / "pump.md").write_text(TEXT.format("pump") + "\nNever forget it.\n", "utf-8")
    strata.run(inbox)
    assert counted(strata.context) == 1
    assert report(strata) == report(strata, keep=False)


def test_other_limits_make_other_figures(strata: Engine) -> None:
    report(strata)
    assert counted(strata.context, limit=12) == 3
    assert report(strata, limit=12).faults["over_budget"] > 0
    assert report(strata).faults["over_budget"] == 0


def test_a_parse_that_went_away_since_is_noticed(strata: Engine) -> None:
    report(strata)
    artifacts = strata.context.catalog.artifacts
    for ref in artifacts.below("parse", ""):
        artifacts.drop("parse", ref.key)
    found = report(strata)
    assert found.documents.without_parse == 3
    assert found == report(strata, keep=False)


@pytest.mark.parametrize("damage", [None, b"short"])
def test_packs_that_are_gone_or_cut_short_since_are_noticed(strata: Engine, damage: bytes | None) -> None:
    report(strata)
    for pack in (strata.context.home.artifacts / "chunk").rglob("*.pack"):
        pack.unlink() if damage is None else pack.write_bytes(damage)
    assert report(strata).documents.unread == 3


def test_kept_figures_that_are_damaged_are_counted_anew(strata: Engine) -> None:
    first = report(strata)
    for pack in (strata.context.home.artifacts / FIGURES_STAGE).rglob("*.pack"):
        pack.write_bytes(b"no frame")
    assert report(strata) == first


def test_a_store_that_cannot_be_written_has_a_report_all_the_same(
    strata: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def refuse(*_: object, **__: object) -> None:
        raise StoreDown("the disk is full")

    monkeypatch.setattr(strata.context.store, "write_pack", refuse)
    monkeypatch.setattr(strata.context.progress, "say", said.append, raising=False)
    assert report(strata).documents.total == 3
    assert ["not kept" in message for message in said] == [True]
    assert kept(strata) == set()


def test_a_catalog_that_another_process_writes_has_a_report_all_the_same(strata: Engine) -> None:
    said: list[str] = []

    class Heard(Silent):
        def say(self, message: str) -> None:
            said.append(message)

    home = strata.context.home
    settings = strata.settings.model_copy(
        update={"catalog": strata.settings.catalog.model_copy(update={"wait_s": 0.05})}
    )
    with sqlite3.connect(home.catalog, isolation_level=None) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with Docstrata(home.path, settings, progress=Heard()) as opened:
            assert opened.report().documents.total == 3
        writer.execute("ROLLBACK")
    assert [message.partition(":")[0] for message in said] == [
        "the figures of this report are not kept for the next one",
        "this report is not kept for the next one's trend",
        "monitors are not told of this report",
    ]
    assert kept(strata) == set()


def test_figures_go_with_the_documents_that_they_are_of(strata: Engine) -> None:
    report(strata)
    purge(strata.context, strata.parts, "pump.md")
    live = {row.chunk_key for row in strata.context.catalog.history.live_documents("default")}
    assert kept(strata) == live
    assert len(live) == 2


def test_figures_by_limits_of_before_go_when_the_home_is_tidied(strata: Engine) -> None:
    report(strata)
    collect_garbage(strata.context, strata.parts)
    assert len(kept(strata)) == 3, "one a document is no garbage"
    report(strata, limit=12)
    collect_garbage(strata.context, strata.parts)
    assert kept(strata) == set()
    assert report(strata).documents.total == 3


def test_worker_processes_count_the_same(strata: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.reports.gathering.WORTH_A_POOL", 0)
    monkeypatch.setattr("ingest.reports.gathering._BATCH_BYTES", 1)
    here = report(strata, keep=False)
    parse = strata.context.settings.parse.model_copy(update={"workers": 2})
    settings = strata.context.settings.model_copy(update={"parse": parse})
    object.__setattr__(strata.context, "settings", settings)
    assert report(strata, keep=False) == here


# -------------------------------------------------------------------- what was before


def test_a_report_tells_what_changed_since_the_last_one_of_its_source(strata: Engine, inbox: Path) -> None:
    first = collect(strata.context, token_limit=LIMIT)
    assert (first.trend, first.changes) == ((), ())
    keep_report(strata.context, first)
    keep_report(strata.context, collect(strata.context, token_limit=LIMIT, source="inbox"))
    (inbox / "valve.md").unlink()
    strata.run(inbox)
    second = collect(strata.context, token_limit=LIMIT)
    assert [line.headline.documents for line in second.trend] == [3]
    changed = {change.name: (change.before, change.now) for change in second.changes}
    assert changed["documents"] == (3, 2)
    assert changed["chunks"] == (first.chunks.total, second.chunks.total)
    assert len(collect(strata.context, token_limit=LIMIT, source="inbox").trend) == 1


def test_a_line_of_another_release_ends_the_trend(strata: Engine) -> None:
    found = collect(strata.context, token_limit=LIMIT)
    keep_report(strata.context, found)
    kept_lines = strata.context.catalog.kept
    body = json.loads(kept_lines.last(Kind.REPORT, "default", 1)[0].body) | {"other": 1}
    kept_lines.put(Kind.REPORT, "default", json.dumps(body), 5)
    assert collect(strata.context, token_limit=LIMIT).trend == ()
