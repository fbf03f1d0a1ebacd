"""Steps of a scheduled run over objects: listed once, fetched once on a machine, the end that of the plain run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from places import UrlPlace, clear_memory, memory_place
from strata_fakes import Engine, engine

from ingest.batches import Lane
from ingest.sources.remote import Remote
from ingest.stages.drop import drop_folder, drop_request, settle
from ingest.stages.request import RunRequest
from ingest.stages.step_embed import embed_batch
from ingest.stages.step_plan import make_plan
from ingest.stages.step_prepare import prepare_batch
from ingest.stages.step_publish import publish_plan

FILES = {
    "a.md": b"# A\n\nThe valve closes.\n",
    "b/b.csv": b"part,turns\nvalve,3\n",
    "told.md": b"# Told\n\nA sidecar speaks of it.\n",
    "told.md.meta.json": b'{"plant": "north"}',
    "broken.pdf": b"%PDF-1.7 cut",
}


@pytest.fixture
def place() -> Iterator[UrlPlace]:
    made = memory_place()
    for name, content in FILES.items():
        made.put(name, content)
    yield made
    clear_memory()


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    get = Remote.get

    def counted(self: Remote, name: str, to: Path, stopped: Callable[[], bool]) -> None:
        names.append(self.below(name))
        get(self, name, to, stopped)

    monkeypatch.setattr(Remote, "get", counted)
    return names


def prepared(strata: Engine, request: RunRequest) -> str:
    plan = make_plan(strata.context, [request], batch_files=2)
    for batch in plan.names():
        prepare_batch(strata.context, batch)
        embed_batch(strata.context, strata.parts, batch)
    return plan.name


def left(strata: Engine) -> list[Path]:
    return [path for path in strata.context.home.fetched.rglob("*") if path.is_file()]


def test_objects_are_shared_out_by_their_names_and_fetched_once(
    tmp_path: Path, place: UrlPlace, fetched: list[str]
) -> None:
    with engine(tmp_path / "planned") as strata:
        plan = make_plan(strata.context, [RunRequest((place.what,))], batch_files=2)
        assert {lane: n for lane, n in plan.batches.items() if n} == {Lane.TEXT: 1, Lane.OFFICE: 1, Lane.PDF: 1}
        assert fetched == [], "planning lists, and no more"
        name = prepared(strata, RunRequest((place.what,)))
        assert sorted(fetched) == sorted(FILES)
        publish_plan(strata.context, strata.parts, name)
        assert sorted(fetched) == sorted(FILES), "what was prepared was kept for publishing"
        assert left(strata) == []
        planned = strata.current()
    with engine(tmp_path / "plain") as strata:
        strata.run(place.what)
        assert strata.current() == planned


def test_another_machine_fetches_again_and_ends_the_same(tmp_path: Path, place: UrlPlace, fetched: list[str]) -> None:
    with engine(tmp_path / "home", source__keep_fetched_mb=0) as strata:
        name = prepared(strata, RunRequest((place.what,)))
        assert left(strata) == []
        publish_plan(strata.context, strata.parts, name)
        assert sorted(fetched) == sorted([*FILES, *FILES])
        assert {payload.path for payload in strata.current()} == {"a.md", "b/b.csv", "told.md"}


def test_an_object_that_changes_after_planning_is_taken_in_as_it_is(tmp_path: Path, place: UrlPlace) -> None:
    with engine(tmp_path / "home") as strata:
        name = prepared(strata, RunRequest((place.what,)))
        place.put("a.md", b"# A\n\nThe valve stays open.\n")
        place.remove("told.md")
        publish_plan(strata.context, strata.parts, name)
        assert strata.texts("a.md") == ["A\n\nThe valve stays open."]
        assert {payload.path for payload in strata.current()} == {"a.md", "b/b.csv"}


def test_a_drop_folder_at_a_url_is_taken_in_by_steps(tmp_path: Path, place: UrlPlace) -> None:
    with engine(tmp_path / "home", watch__settle_s=0) as strata:
        folder = drop_folder(place.what, strata.settings, strata.context.home.path)
        assert settle(strata.context, folder).left == ()
        assert set(folder.claim().files) == {"a.md", "b/b.csv", "told.md", "broken.pdf"}
        name = prepared(strata, drop_request(folder, None))
        publish_plan(strata.context, strata.parts, name)
        later = drop_folder(place.what, strata.settings, strata.context.home.path)
        settled = settle(strata.context, later)
        assert settled.done == ("done/a.md", "done/b/b.csv", "done/told.md")
        assert [refused.lies_at for refused in settled.quarantined] == ["quarantine/broken.pdf"]
