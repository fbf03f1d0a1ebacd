"""An index that refuses, answers too late, or does half of what it was told: the run tries again or
gives up in a sentence, and the next one ends as a run without faults."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fault_proxy import Fault, FaultProxy, before
from light_cli import run
from qdrant_stub import QdrantStub
from small_home import Found, change, check_same, first_files, found_in
from strata_fakes import Engine

SEED = int(os.environ.get("DOCSTRATA_SEED", "20261122"))
SETTINGS = ("run.batch_chunks=6", "index.engine=qdrant", "index.timeout_s=1", "index.batch=8")


def settings(url: str) -> tuple[str, ...]:
    return (*SETTINGS, f"index.url={url}")


def found_of(home: Path, url: str) -> Found:
    """Asked of the server itself, past the proxy."""
    return found_in(home, {"index.engine": "qdrant", "index.url": url})


@dataclass
class Scene:
    """A home before a run, on a server of its own, behind a proxy."""

    inbox: Path
    home: Path
    stub: QdrantStub
    proxy: FaultProxy

    def check(self, expected: Found) -> None:
        check_same(found_of(self.home, self.stub.url), expected)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    stub = QdrantStub()
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    first_files(inbox)
    with before(stub.url) as proxy:
        assert run(inbox, home, settings(proxy.url)).code == 0
        change(inbox)
        yield Scene(inbox, home, stub, proxy)
    stub.close()


@dataclass(frozen=True)
class Unharmed:
    """What a run without faults makes of the same files, and how often it asks the index."""

    found: Found
    asked: int


@pytest.fixture(scope="module")
def unharmed(tmp_path_factory: pytest.TempPathFactory) -> Unharmed:
    place = tmp_path_factory.mktemp("unharmed")
    inbox, home = place / "inbox", place / "home"
    stub = QdrantStub()
    first_files(inbox)
    assert run(inbox, home, settings(stub.url)).code == 0
    change(inbox)
    begun = len(stub.requests)
    assert run(inbox, home, settings(stub.url)).code == 0
    asked = len(stub.requests) - begun
    found = found_of(home, stub.url)
    stub.close()
    return Unharmed(found, asked)


def is_of_points(path: str) -> bool:
    return path.split("?", maxsplit=1)[0].endswith(("/points", "/points/payload"))


@pytest.mark.faults
@pytest.mark.timeout(900)
@pytest.mark.parametrize("fault", Fault)
def test_an_index_that_stays_away_ends_the_run_in_a_sentence(scene: Scene, unharmed: Unharmed, fault: Fault) -> None:
    """From the third request about points on."""
    asked = 0

    def decide(_: int, method: str, path: str) -> Fault | None:
        nonlocal asked
        asked += method in {"PUT", "POST"} and is_of_points(path)
        return fault if asked >= 3 else None

    scene.proxy.decide(decide)
    ended = run(scene.inbox, scene.home, settings(scene.proxy.url))
    ended.check_told_in_one_sentence("Qdrant at", "try again")
    scene.proxy.heal()
    assert run(scene.inbox, scene.home, settings(scene.proxy.url)).code == 0
    scene.check(unharmed.found)


MOMENTS = [(random.Random(SEED + n).random(), list(Fault)[n % len(Fault)]) for n in range(12)]


@pytest.mark.faults
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("moment", "fault"), MOMENTS)
def test_one_fault_at_any_moment_leaves_no_trace_after_one_clean_run(
    scene: Scene, unharmed: Unharmed, moment: float, fault: Fault
) -> None:
    harmed = int(unharmed.asked * moment)
    scene.proxy.decide(lambda asked, *_: fault if asked == harmed else None)
    ended = run(scene.inbox, scene.home, settings(scene.proxy.url))
    assert scene.proxy.harmed == 1
    if ended.code != 0:
        ended.check_told_in_one_sentence("Qdrant at", "try again")
        scene.proxy.heal()
        assert run(scene.inbox, scene.home, settings(scene.proxy.url)).code == 0
    scene.check(unharmed.found)


def test_half_a_batch_is_made_whole_by_the_next_try(tmp_path: Path) -> None:
    first_files(tmp_path / "inbox")
    stub = QdrantStub()
    with before(stub.url) as proxy:
        strata = Engine(tmp_path / "home", {"index.engine": "qdrant", "index.url": proxy.url})
        proxy.decide(lambda _, method, path: Fault.CUT_HALF if is_of_points(path) and proxy.harmed < 2 else None)
        summary = strata.run(tmp_path / "inbox")
        assert proxy.harmed == 2
        assert len(strata.current()) == summary.written == 12
        strata.close()
    stub.close()
