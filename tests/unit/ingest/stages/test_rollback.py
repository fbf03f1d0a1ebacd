"""What was published before comes back as it was, and the model is not asked."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from strata_fakes import Engine

from ingest.stages.rollback import Rollback, dry_rollback, rollback
from ingest.stages.rollback_steps import RollbackRequest
from schemas.errors import ConfigError

PUMP = (
    "# Pump\n\nThe pump moves 40 litres of water a minute at full speed.\n\n"
    "## Care\n\nOil it every 300 hours of work.\n"
)
VALVE = "# Valve\n\nThe valve closes when the pressure falls below two bar.\n"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "pump.md").write_text(PUMP, "utf-8")
    (folder / "valve.md").write_text(VALVE, "utf-8")
    return folder


@pytest.fixture
def strata(tmp_path: Path) -> Iterator[Engine]:
    opened = Engine(tmp_path / "home")
    yield opened
    opened.close()


def back(strata: Engine, document: str | None = None, to: int | None = None, **options: object) -> Rollback:
    strata.embedder.texts.clear()
    return rollback(strata.context, strata.parts, RollbackRequest(document, to, **options))


def findable(strata: Engine) -> list[dict[str, object]]:
    """Without what tells when."""
    return [row.model_dump(exclude={"from_seq", "to_seq"}) for row in strata.current()]


def last_run(strata: Engine) -> str:
    return strata.context.catalog.runs.last(1, "default")[0].run_id


def test_an_old_version_comes_back_as_a_new_one_without_the_model(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    first = findable(strata)
    (inbox / "pump.md").write_text(PUMP.replace("40", "45") + "\nNever run it dry.\n", "utf-8")
    strata.run(inbox)

    done = back(strata, "pump.md", 1)

    assert findable(strata) == first
    assert strata.embedder.texts == []
    assert done.summary is not None
    assert done.summary.embedded == 0
    assert [row.version for row in strata.context.catalog.versions.of_document(done.documents[0].doc_id)] == [1, 2, 3]
    run = strata.context.catalog.runs.last(1, "default")[0]
    assert (run.run_id, run.state) == (done.summary.run_id, "done")


def test_what_was_restored_stays_until_the_file_changes(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    first = findable(strata)
    (inbox / "pump.md").write_text(PUMP.replace("40", "45"), "utf-8")
    strata.run(inbox)
    second = findable(strata)
    done = back(strata, "pump.md", 1)
    assert any("until the file changes" in note for note in done.notes)

    for options in ({}, {"verify": True}):
        strata.run(inbox, **options)
        assert findable(strata) == first
    strata.run(inbox, reprocess=True)
    assert findable(strata) == second


def test_a_run_is_taken_back_and_forward_again(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    first = findable(strata)
    (inbox / "pump.md").write_text(PUMP.replace("40", "45"), "utf-8")
    (inbox / "valve.md").rename(inbox / "valves.md")
    (inbox / "oil.md").write_text("# Oil\n\nUse the thin one in winter.\n", "utf-8")
    strata.run(inbox)
    second = findable(strata)

    done = back(strata, run=last_run(strata))

    assert findable(strata) == first
    assert strata.embedder.texts == []
    assert {(one.path, one.to) for one in done.documents} == {
        ("pump.md", 1), ("valve.md", 1), ("valves.md", None), ("oil.md", None),
    }  # fmt: skip
    strata.run(inbox)
    assert findable(strata) == first, "the next run leaves it alone"

    back(strata, run=done.summary.run_id)
    assert findable(strata) == second
    assert strata.embedder.texts == []
    strata.run(inbox)
    assert findable(strata) == second


def test_a_document_without_a_file_stays_until_the_file_is_there_again(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    (inbox / "valve.md").unlink()
    strata.run(inbox)
    back(strata, "valve.md", 1)
    assert strata.run(inbox).removed == 0
    assert strata.texts("valve.md")

    (inbox / "valve.md").write_text(VALVE.replace("two", "three"), "utf-8")
    strata.run(inbox)
    assert "three bar" in strata.texts("valve.md")[0]
    (inbox / "valve.md").unlink()
    assert strata.run(inbox).removed == 1
    assert strata.texts("valve.md") == []


def test_members_of_an_archive_come_back_with_it(strata: Engine, inbox: Path) -> None:
    with zipfile.ZipFile(inbox / "plant.zip", "w") as archive:
        archive.writestr("oil.md", "# Oil\n\nUse the thin one in winter.\n")
        archive.writestr("gas.md", "# Gas\n\nShut the cock before you go home.\n")
    strata.run(inbox)
    first = findable(strata)
    (inbox / "plant.zip").unlink()
    strata.run(inbox)
    back(strata, run=last_run(strata))
    assert findable(strata) == first
    strata.run(inbox)
    assert findable(strata) == first


def test_a_duplicate_is_promoted_when_its_survivor_goes(strata: Engine, inbox: Path) -> None:
    (inbox / "a.md").write_text(PUMP, "utf-8")
    strata.run(inbox)
    (inbox / "a.md").unlink()
    strata.run(inbox)
    before = findable(strata)
    assert all(row["survivor"] is None for row in before)
    back(strata, "a.md", 1)
    assert sum(row["survivor"] is not None for row in findable(strata)) == 2
    back(strata, "a.md", 2)
    assert findable(strata) == before
    assert strata.embedder.texts == []


def test_a_dry_run_tells_the_same_and_does_nothing(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    (inbox / "pump.md").write_text(PUMP.replace("40", "45"), "utf-8")
    strata.run(inbox)
    rows = [(row.id, dict(row.payload)) for row in strata.rows(history=True)]
    request = RollbackRequest("pump.md", 1)
    told = dry_rollback(strata.context, request)
    assert [(row.id, dict(row.payload)) for row in strata.rows(history=True)] == rows
    assert rollback(strata.context, strata.parts, request).documents == told.documents


def test_to_roll_back_twice_is_to_do_it_once(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    (inbox / "pump.md").write_text(PUMP.replace("40", "45"), "utf-8")
    strata.run(inbox)
    back(strata, "pump.md", 1)
    runs = len(strata.context.catalog.runs.last(9, "default"))
    rows = [row.id for row in strata.rows(history=True)]
    again = back(strata, "pump.md", 1)
    assert again.summary is None or again.summary.written == 0
    assert [row.id for row in strata.rows(history=True)] == rows
    assert len(strata.context.catalog.runs.last(9, "default")) == runs


def test_lost_vectors_are_made_again_only_when_that_is_allowed(strata: Engine, inbox: Path, tmp_path: Path) -> None:
    strata.run(inbox)
    first = findable(strata)
    (inbox / "pump.md").write_text("# Pump\n\nIt is broken and was thrown away.\n", "utf-8")
    strata.run(inbox)
    for pack in (tmp_path / "home" / "artifacts" / "vector").rglob("*.pack"):
        pack.unlink()
    with pytest.raises(ConfigError, match="--allow-embed"):
        back(strata, "pump.md", 1)
    assert strata.embedder.texts == []
    assert strata.context.catalog.history.open_intents() == []

    back(strata, "pump.md", 1, allow_embed=True)
    assert findable(strata) == first
    assert strata.embedder.texts


def test_a_file_in_quarantine_leaves_what_was_restored_stale(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    (inbox / "pump.md").write_text(PUMP.replace("40", "45"), "utf-8")
    strata.run(inbox)
    (inbox / "pump.md").write_text("", "utf-8")
    strata.run(inbox)
    back(strata, "pump.md", 1)
    assert strata.context.catalog.history.totals("default").stale == 1


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (RollbackRequest("pump.md", 7), "has no version 7: it has 1;"),
        (RollbackRequest("pmup.md", 1), "did you mean 'pump.md'"),
        (RollbackRequest(run="nobody"), "there is no run 'nobody'"),
        (RollbackRequest("pump.md"), "DOC --to V, or --run RUN"),
        (RollbackRequest("pump.md", 1, run="x"), "DOC --to V, or --run RUN"),
    ],
)
def test_what_cannot_be_rolled_back_is_told(
    strata: Engine, inbox: Path, request_: RollbackRequest, sentence: str
) -> None:
    strata.run(inbox)
    for call in (
        lambda: dry_rollback(strata.context, request_),
        lambda: rollback(strata.context, strata.parts, replace(request_)),
    ):
        with pytest.raises(ConfigError, match=sentence):
            call()
