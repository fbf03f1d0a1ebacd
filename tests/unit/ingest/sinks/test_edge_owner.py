"""Keeping a shard open, and giving it up."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from patience import PATIENCE_S, wait_until

from ingest.sinks import edge_lock
from ingest.sinks.edge_lock import EdgeLock
from ingest.sinks.edge_owner import EdgeOwner
from schemas.errors import InvariantError, SinkDown


class Shard:
    """Knows how often one was opened and closed in its place."""

    def __init__(self, events: list[str]) -> None:
        self._events = events
        events.append("open")

    def close(self) -> None:
        self._events.append("close")


def owner(directory: Path, events: list[str], *, wait_s: float | None = PATIENCE_S) -> EdgeOwner[Shard]:
    return EdgeOwner(EdgeLock(directory, wait_s=wait_s), lambda: Shard(events), wait_s=wait_s)


def use(one: EdgeOwner[Shard]) -> None:
    with one.session():
        one.shard()


def test_the_shard_stays_open_between_sessions_while_nobody_waits(tmp_path: Path) -> None:
    events: list[str] = []
    one = owner(tmp_path, events)
    for _ in range(3):
        use(one)
    assert events == ["open"]
    one.close()
    assert events == ["open", "close"]


def test_a_session_that_needs_no_shard_opens_none(tmp_path: Path) -> None:
    events: list[str] = []
    one = owner(tmp_path, events)
    with one.session():
        pass
    one.close()
    assert events == []


def test_an_idle_owner_gives_up_to_one_who_waits_and_gets_it_back(tmp_path: Path) -> None:
    events: list[str] = []
    one, other = owner(tmp_path, events), owner(tmp_path, events)
    for _ in range(3):
        use(one)
        use(other)
    assert events == ["open", "close"] * 5 + ["open"]
    one.close()
    other.close()


def test_the_end_of_a_session_gives_up_to_one_who_waits(tmp_path: Path) -> None:
    events: list[str] = []
    one, other = owner(tmp_path, events), owner(tmp_path, events)
    entered = threading.Event()

    def wait_for_it() -> None:
        with other.session():
            entered.set()

    with one.session():
        one.shard()
        waiter = threading.Thread(target=wait_for_it)
        waiter.start()
        assert not entered.wait(0.3), "two owners at once"
        assert events == ["open"]
    assert entered.wait(PATIENCE_S)
    assert events == ["open", "close"]
    waiter.join()
    other.close()


def test_nested_sessions_end_with_the_outermost(tmp_path: Path) -> None:
    events: list[str] = []
    one = owner(tmp_path, events)
    with one.session():
        with one.session():
            one.shard()
        with pytest.raises(SinkDown):
            EdgeLock(tmp_path, wait_s=0.2).acquire()
    other = EdgeLock(tmp_path, wait_s=PATIENCE_S)
    other.acquire()
    other.release()
    one.close()


def test_an_error_within_a_session_ends_it(tmp_path: Path) -> None:
    one = owner(tmp_path, [])
    with pytest.raises(ZeroDivisionError), one.session():
        raise ZeroDivisionError
    other = EdgeLock(tmp_path, wait_s=PATIENCE_S)
    other.acquire()
    other.release()
    one.close()


def test_an_owner_who_failed_to_open_lets_others_in(tmp_path: Path) -> None:
    def fail() -> Shard:
        raise SinkDown("broken")

    one = EdgeOwner(EdgeLock(tmp_path), fail)
    with pytest.raises(SinkDown, match="broken"):
        use(one)
    other = EdgeLock(tmp_path, wait_s=PATIENCE_S)
    other.acquire()
    other.release()
    one.close()


def test_a_thread_waits_for_another_thread_of_its_process_no_longer_than_told(tmp_path: Path) -> None:
    one = owner(tmp_path, [], wait_s=0.2)
    outcome: list[str] = []

    def try_it() -> None:
        try:
            with one.session():
                outcome.append("in")
        except SinkDown as error:
            outcome.append(str(error.facts["holder"]))

    with one.session():
        thread = threading.Thread(target=try_it)
        thread.start()
        thread.join()
    assert outcome == ["this process"]
    one.close()


def test_an_owner_is_not_disturbed_by_whoever_only_tries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when it looks at the turnstile in that very moment."""
    one, other = EdgeLock(tmp_path), EdgeLock(tmp_path)
    one.acquire()
    try_lock = edge_lock._try_lock
    seen: list[bool] = []

    def and_the_owner_looks(descriptor: int) -> bool:
        got = try_lock(descriptor)
        with monkeypatch.context() as undisturbed:
            undisturbed.setattr(edge_lock, "_try_lock", try_lock)
            seen.append(one.is_wanted())
        return got

    monkeypatch.setattr(edge_lock, "_try_lock", and_the_owner_looks)
    assert not other.try_acquire()
    assert seen and not any(seen)
    one.release()
    assert other.try_acquire()
    other.release()


def test_many_threads_and_owners_never_overlap_and_all_finish(tmp_path: Path) -> None:
    events: list[str] = []
    owners = [owner(tmp_path, events) for _ in range(3)]
    inside = 0
    most = 0
    turns = [0] * 6

    def work(number: int) -> None:
        nonlocal inside, most
        for _ in range(5):
            with owners[number % 3].session():
                inside += 1
                most = max(most, inside)
                time.sleep(0.002)
                inside -= 1
                turns[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert turns == [5] * 6
    for one in owners:
        one.close()


def test_closing_twice_is_no_error_and_within_a_session_it_is(tmp_path: Path) -> None:
    one = owner(tmp_path, [])
    with one.session(), pytest.raises(InvariantError):
        one.close()
    one.close()
    one.close()


def test_a_shard_outside_a_session_is_a_defect(tmp_path: Path) -> None:
    with pytest.raises(InvariantError):
        owner(tmp_path, []).shard()


def test_no_watching_thread_outlives_the_ownership(tmp_path: Path) -> None:
    before = set(threading.enumerate())

    def watching() -> bool:
        return bool(set(threading.enumerate()) - before)

    one, other = owner(tmp_path, []), EdgeLock(tmp_path, wait_s=PATIENCE_S)
    use(one)
    assert watching()
    other.acquire()
    wait_until(lambda: not watching())
    other.release()
    use(one)
    one.close()
    assert not watching()
