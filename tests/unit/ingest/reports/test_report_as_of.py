"""Reports of what was, and two runs side by side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from strata_fakes import Engine, engine

from ingest.reports.collect import collect
from ingest.reports.compare import compare_runs
from schemas.comparison import Comparison
from schemas.errors import ConfigError
from schemas.quality import QualityReport

LIMIT = 256
PUMP = "# Pump\n\nThe pump moves 40 litres of water a minute at full speed.\n"
VALVE = "# Valve\n\nThe valve closes when the pressure falls below two bar.\n"
LONG = "# Pump\n\n" + "the pump ran and the valve closed and " * 80 + "the hall was dark.\n"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Engine]:
    with engine(tmp_path / "home") as opened:
        yield opened


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, tuple[str, str, str]]]:
    """The second run changes a document for the worse, adds one and loses one; the third finds nothing to do."""
    folder = tmp_path_factory.mktemp("three-runs")
    inbox = folder / "inbox"
    inbox.mkdir()
    with engine(folder / "home") as opened:
        (inbox / "pump.md").write_text(PUMP, "utf-8")
        (inbox / "valve.md").write_text(VALVE, "utf-8")
        (inbox / "steady.md").write_text("# Steady\n\nIt never changes at all.\n", "utf-8")
        first = opened.run(inbox)
        (inbox / "pump.md").write_text(LONG, "utf-8")
        (inbox / "valve.md").unlink()
        (inbox / "boiler.md").write_text("# Boiler\n\nIt heats the water of the whole house.\n", "utf-8")
        second = opened.run(inbox)
        yield opened, (first.run_id, second.run_id, opened.run(inbox).run_id)


@pytest.fixture
def strata(filled: tuple[Engine, tuple[str, str, str]]) -> Engine:
    """For tests that change nothing."""
    return filled[0]


@pytest.fixture
def runs(filled: tuple[Engine, tuple[str, str, str]]) -> tuple[str, str, str]:
    return filled[1]


def last_seq(strata: Engine) -> int:
    return int(str(strata.context.catalog.database.rows("SELECT max(seq) FROM commits")[0][0]))


def numbers(found: QualityReport) -> QualityReport:
    return found.model_copy(update={"made_at": None, "as_of": None})


def test_as_of_now_is_now(strata: Engine) -> None:
    now = collect(strata.context, token_limit=LIMIT)
    then = collect(strata.context, token_limit=LIMIT, as_of=last_seq(strata))
    assert then.as_of == last_seq(strata)
    assert numbers(then) == numbers(now)


def test_a_report_as_of_a_commit_is_the_report_of_then(empty: Engine, inbox: Path) -> None:
    (inbox / "pump.md").write_text(PUMP, "utf-8")
    empty.run(inbox)
    then, seq = collect(empty.context, token_limit=LIMIT), last_seq(empty)
    (inbox / "pump.md").write_text(LONG, "utf-8")
    (inbox / "valve.md").write_text(VALVE, "utf-8")
    empty.run(inbox)
    again = collect(empty.context, token_limit=LIMIT, as_of=seq)
    of_documents = {"documents", "chunks", "headings", "joints", "points", "distributions", "faults", "worst", "sample"}
    assert again.model_dump(include=of_documents) == then.model_dump(include=of_documents)


def test_chunks_that_are_past_retention_are_told_as_unread(empty: Engine, inbox: Path) -> None:
    (inbox / "pump.md").write_text(PUMP, "utf-8")
    (inbox / "valve.md").write_text(VALVE, "utf-8")
    empty.run(inbox)
    (inbox / "pump.md").write_text(LONG, "utf-8")
    empty.run(inbox)
    catalog = empty.context.catalog
    (row,) = (row for row in catalog.history.live_documents("default", as_of=1) if row.path == "pump.md")
    catalog.artifacts.drop("chunk", row.chunk_key)
    found = collect(empty.context, token_limit=LIMIT, as_of=1)
    assert (found.documents.total, found.documents.unread) == (2, 1)
    catalog.retention.raise_horizon("default", last_seq(empty))
    with pytest.raises(ConfigError, match="before what retention has kept"):
        collect(empty.context, token_limit=LIMIT, as_of=1)


def test_a_commit_that_is_not_there_is_refused(strata: Engine) -> None:
    with pytest.raises(ConfigError, match="there is no commit 99"):
        collect(strata.context, token_limit=LIMIT, as_of=99)


# ------------------------------------------------------------------------- two runs


def compared(strata: Engine, before: str, after: str) -> Comparison:
    return compare_runs(strata.context, before, after, token_limit=LIMIT)


def test_two_runs_are_compared_document_by_document(strata: Engine, runs: tuple[str, str, str]) -> None:
    found = compared(strata, runs[0], runs[1])
    assert [each.path for each in found.added] == ["boiler.md"]
    assert [each.path for each in found.removed] == ["valve.md"]
    assert [each.path for each in found.changed] == ["pump.md"]
    (worse,) = found.worse
    assert (worse.path, worse.chunks_before, worse.faults_before, worse.gravity_before) == ("pump.md", 1, 0, 0)
    assert worse.chunks_after is not None
    assert worse.faults_after == worse.chunks_after > 1, "every piece of the long sentence is cut"
    (removed,) = found.removed
    assert (removed.chunks_before, removed.chunks_after, removed.gravity_after) == (1, None, None)
    changes = {change.name: (change.before, change.now) for change in found.changes}
    assert changes["chunks"] == (3, 2 + worse.chunks_after)
    assert "documents" not in changes
    assert (found.before.run_id, found.after.run_id, found.before.headline.failed_share) == (*runs[:2], None)


def test_the_numbers_of_a_run_are_those_of_the_report_as_of_its_last_commit(
    strata: Engine, runs: tuple[str, str, str]
) -> None:
    found = compared(strata, runs[0], runs[1])
    for side in (found.before, found.after):
        then = collect(strata.context, token_limit=LIMIT, as_of=side.seq)
        assert side.headline.chunks == then.chunks.total
        assert side.headline.lost == then.completeness.lost
        assert side.headline.faulty_share == (then.faulty / then.chunks.total)


def test_a_run_that_changed_nothing_is_like_the_one_before_it(strata: Engine, runs: tuple[str, str, str]) -> None:
    found = compared(strata, runs[1], runs[2])
    assert (found.changes, found.added, found.removed, found.changed, found.worse) == ((), (), (), (), ())


def test_the_other_way_round_what_was_added_is_removed(strata: Engine, runs: tuple[str, str, str]) -> None:
    found = compared(strata, runs[1], runs[0])
    assert ([each.path for each in found.added], found.worse) == (["valve.md"], ())


def test_a_run_that_is_not_there_is_refused(strata: Engine, runs: tuple[str, str, str]) -> None:
    with pytest.raises(ConfigError, match="there is no run 'gone'"):
        compared(strata, "gone", runs[1])


def test_a_run_past_the_horizon_is_refused(empty: Engine, inbox: Path) -> None:
    (inbox / "pump.md").write_text(PUMP, "utf-8")
    first = empty.run(inbox)
    (inbox / "pump.md").write_text(VALVE, "utf-8")
    second = empty.run(inbox)
    empty.context.catalog.retention.raise_horizon("default", last_seq(empty))
    with pytest.raises(ConfigError, match="before what retention has kept"):
        compared(empty, first.run_id, second.run_id)
