"""The loop over a drop folder, with cycles that are made up and a clock that is turned by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from patience import PATIENCE_S

from ingest.sources.drop_folder import DropFolder
from ingest.sources.drop_look import Waiting
from ingest.stages.drop import Settled, TakenIn
from ingest.watching import Watcher
from schemas.errors import ConfigError, SinkDown, TransientError


class Told:
    def __init__(self) -> None:
        self.events: list[str] = []

    def begins(self, files: int) -> None:
        self.events.append(f"begins {files}")

    def ends(self, taken: TakenIn) -> None:
        self.events.append(f"ends {len(taken.claimed)}")

    def waits(self, waiting: Waiting) -> None:
        self.events.append(f"waits {waiting.path}")

    def trouble(self, error: TransientError, rest_s: float) -> None:
        self.events.append(f"trouble {error.code} {rest_s:g}")

    def goes_on(self) -> None:
        self.events.append("goes on")


class Loop:
    """`outcomes` are what the next cycles do; without one, whatever is ready is taken."""

    def __init__(self, inbox: Path, settle_s: float = 0.0) -> None:
        self.inbox = inbox
        self.folder = DropFolder(inbox, settle_s)
        self.told = Told()
        self.now = 100.0
        self.cycles: list[float] = []
        self.pauses: list[float] = []
        self.outcomes: list[Callable[[], TakenIn]] = []
        self.watcher = Watcher(
            self.folder, self._cycle, self.told, poll_s=1.0, pause=self._pause, clock=lambda: self.now
        )

    def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def _cycle(self) -> TakenIn:
        self.cycles.append(self.now)
        return self.outcomes.pop(0)() if self.outcomes else self._take_all()

    def _take_all(self) -> TakenIn:
        claim = self.folder.claim()
        for path in claim.files:
            (self.folder.work / path).unlink()
        return TakenIn(claim.files, claim.waiting, Settled(done=claim.files), 0.0)

    def steps(self, count: int) -> None:
        for _ in range(count):
            self.watcher.step()
            self.now += 1


def fails(error: Exception) -> Callable[[], TakenIn]:
    def fail() -> TakenIn:
        raise error

    return fail


def leaves() -> TakenIn:
    return TakenIn((), (), Settled(left=("a.md",)), 0.0)


@pytest.fixture
def loop(tmp_path: Path) -> Loop:
    (tmp_path / "inbox").mkdir()
    return Loop(tmp_path / "inbox")


def test_nothing_is_done_and_nothing_told_while_nothing_lies_there(loop: Loop) -> None:
    loop.steps(5)
    assert (loop.cycles, loop.told.events) == ([], [])


def test_what_is_dropped_is_taken_by_the_next_look(loop: Loop) -> None:
    loop.steps(1)
    (loop.inbox / "a.md").touch()
    loop.steps(2)
    assert loop.told.events == ["begins 1", "ends 1"]


def test_what_a_person_has_to_mend_is_told_once(loop: Loop) -> None:
    (loop.inbox / "a.md.meta.json").touch()
    loop.steps(3)
    assert (loop.told.events, loop.cycles) == (["waits a.md.meta.json"], [])
    (loop.inbox / "a.md.meta.json").unlink()
    loop.steps(1)
    (loop.inbox / "a.md.meta.json").touch()
    loop.steps(1)
    assert loop.told.events == ["waits a.md.meta.json"] * 2


def test_trouble_that_may_pass_is_told_once_and_tried_less_and_less_often(loop: Loop) -> None:
    (loop.inbox / "a.md").touch()
    loop.outcomes = [fails(SinkDown("down")) for _ in range(8)]
    loop.steps(400)
    waits = [later - sooner for sooner, later in zip(loop.cycles, loop.cycles[1:], strict=False)]
    assert waits == [2, 4, 8, 16, 32, 60, 60, 60]
    assert loop.told.events == ["begins 1", "trouble sink_down 2", "goes on", "ends 1"]


def test_a_folder_that_goes_away_is_waited_for(loop: Loop) -> None:
    loop.inbox.rmdir()
    loop.steps(3)
    loop.inbox.mkdir()
    (loop.inbox / "a.md").touch()
    loop.steps(5)
    assert loop.told.events == ["trouble store_down 2", "goes on", "ends 1"]


def test_trouble_that_does_not_pass_ends_it(loop: Loop) -> None:
    (loop.inbox / "a.md").touch()
    loop.outcomes = [fails(ConfigError("another model"))]
    with pytest.raises(ConfigError):
        loop.watcher.forever()


def test_what_cannot_be_settled_yet_keeps_nobody_busy_and_holds_nobody_up(loop: Loop) -> None:
    (loop.inbox / "a.md").touch()
    loop.folder.claim()
    loop.outcomes = [leaves] * 4
    loop.steps(10)
    assert loop.cycles == [100, 102, 106]
    (loop.inbox / "b.md").touch()
    loop.outcomes = []
    loop.steps(1)
    assert loop.cycles[-1] == 110


def test_a_single_look_waits_for_a_file_that_was_just_written(tmp_path: Path) -> None:
    loop = Loop(tmp_path, settle_s=3600)
    (tmp_path / "a.md").touch()
    loop.watcher.once()
    (pause,) = loop.pauses
    assert 3600 - PATIENCE_S < pause < 3600 + PATIENCE_S  # by the clock of the file system
    assert loop.told.events == ["ends 0", "waits a.md"]  # this clock does not turn that of the file system


def test_a_single_look_at_an_empty_folder_waits_for_nothing(loop: Loop) -> None:
    loop.watcher.once()
    assert (loop.pauses, loop.told.events) == ([], ["ends 0"])
