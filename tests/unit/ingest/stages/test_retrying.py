"""Files in quarantine that a person wants tried again: which, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from places import clear_memory, memory_place
from strata_fakes import Engine, engine

from ingest.stages.retrying import retry_requests
from ingest.stages.step_plan import make_plan
from ingest.stages.step_prepare import prepare_batch
from ingest.stages.step_publish import outcome_of, publish_plan
from schemas.errors import ConfigError
from schemas.source import SourceKind


@pytest.fixture
def strata(tmp_path: Path) -> Iterator[Engine]:
    """Two sources; of the one, files that failed with two codes."""
    letters, manuals = tmp_path / "letters", tmp_path / "manuals"
    for folder in (letters, manuals):
        folder.mkdir()
    (letters / "a.pdf").write_bytes(b"%PDF-1.7 broken")
    (letters / "b.bin").write_bytes(bytes(range(256)) * 20)
    (letters / "c.md").write_text("# Letter\n\nThe pump is ordered.\n")
    (manuals / "d.pdf").write_bytes(b"%PDF-1.7 broken as well")
    with engine(tmp_path / "home") as opened:
        opened.run(letters, kind=SourceKind.APPEND)
        opened.run(manuals)
        yield opened


def attempts(strata: Engine) -> dict[str, tuple[str, int]]:
    found = strata.context.catalog.files.failures("default")
    return {failure.path: (failure.code, failure.attempts) for failure in found}


@pytest.mark.usefixtures("time_stamps_are_believed")
def test_only_files_with_the_code_are_tried_again_in_steps(strata: Engine, tmp_path: Path) -> None:
    codes = {path: code for path, (code, _) in attempts(strata).items()}
    assert set(codes) == {"a.pdf", "b.bin", "d.pdf"}
    assert codes["a.pdf"] != codes["b.bin"]

    (request,) = retry_requests(strata.context, "letters", [codes["a.pdf"]])
    plan = make_plan(strata.context, [request], 10)
    for batch in plan.names():
        prepare_batch(strata.context, batch)
    publish_plan(strata.context, strata.parts, plan.name)

    assert (request.kind, request.source, request.paths) == (SourceKind.APPEND, "letters", (tmp_path / "letters",))
    assert plan.files == 1
    assert {path: count for path, (_, count) in attempts(strata).items()} == {"a.pdf": 2, "b.bin": 1, "d.pdf": 1}
    assert [run.failed for run in outcome_of(strata.context, plan.name).runs] == [2]


def test_all_sources_with_such_files_or_none(strata: Engine) -> None:
    assert [request.source for request in retry_requests(strata.context, None, [])] == ["letters", "manuals"]
    assert retry_requests(strata.context, None, ["encrypted_file"]) == []
    with pytest.raises(ConfigError, match="there is no source 'other': the sources are letters, manuals"):
        retry_requests(strata.context, "other", [])


def test_a_drop_folder_is_left_to_who_drops(strata: Engine, tmp_path: Path) -> None:
    (tmp_path / "letters" / ".docstrata").mkdir()
    assert [request.source for request in retry_requests(strata.context, None, [])] == ["manuals"]


def test_of_a_source_that_a_glob_took_in_nothing_else_is(tmp_path: Path) -> None:
    folder = tmp_path / "all"
    for name in ("in/a[1].pdf", "in/b.pdf", "out/c.md"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"%PDF-1.7 broken")
    with engine(tmp_path / "home") as strata:
        strata.run(f"{folder}/in/*.pdf")
        (request,) = retry_requests(strata.context, None, [])
        assert make_plan(strata.context, [request], 10).files == 2


def test_a_drop_folder_at_a_url_is_left_to_who_drops_and_a_prefix_is_tried_again(tmp_path: Path) -> None:
    place = memory_place()
    place.put("broken.pdf", b"%PDF-1.7 broken")
    with engine(tmp_path / "home") as strata:
        strata.run(place.what)
        (request,) = retry_requests(strata.context, None, [])
        assert make_plan(strata.context, [request], 10).files == 1
        place.put(".docstrata/probe", b"")
        assert retry_requests(strata.context, None, []) == []
    clear_memory()
