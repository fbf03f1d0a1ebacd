"""What holds for the embedded engine alone: its files, its owner, and the death of processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from patience import PATIENCE_S

from ingest.sinks import edge, edge_lock
from ingest.sinks.edge import EdgeIndex
from ingest.sinks.edge_collection import create_collection
from ingest.vectors import CollectionSpec, PayloadFilter
from schemas.errors import ConfigError, SinkDown

SPEC = CollectionSpec(name="c", dimension=4, fingerprint="f")
EVERYTHING = PayloadFilter({}, history=True, all_tenants=True)

Start = Callable[..., subprocess.Popen[str]]

CHILD = """
import sys, time
from pathlib import Path
from uuid import UUID
import numpy as np
from ingest.sinks.edge import EdgeIndex
from ingest.vectors import CollectionSpec, IndexPoint, PayloadFilter, SparseWeights

def say(word):
    print(word, flush=True)

def rows(start, count):
    weights = SparseWeights(np.array([1, 2], dtype=np.uint32), np.array([1, 1], dtype=np.float32))
    payload = {"tenant": "t", "current": True, "text": "x" * 500}
    return [
        IndexPoint(str(UUID(int=n)), payload, np.array([1, n, 0, 0], dtype=np.float32), weights)
        for n in range(start, start + count)
    ]

index = EdgeIndex(Path(sys.argv[1]))
index.ensure(CollectionSpec(name="c", dimension=4, fingerprint="f"))
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a collection: making one waits for the disk many times."""
    directory = tmp_path_factory.mktemp("edge") / "index"
    index = EdgeIndex(directory)
    index.ensure(SPEC)
    index.close()
    return directory


@pytest.fixture
def directory(template: Path) -> Path:
    index = EdgeIndex(template)
    index.ensure(SPEC)
    index.delete([row.id for row in index.scroll(EVERYTHING)])
    index.close()
    return template


@pytest.fixture
def start(directory: Path) -> Iterator[Start]:
    children: list[subprocess.Popen[str]] = []

    def run(body: str) -> subprocess.Popen[str]:
        code = CHILD + textwrap.dedent(body)
        child = subprocess.Popen(
            [sys.executable, "-c", code, str(directory)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        children.append(child)
        return child

    yield run
    for child in children:
        child.kill()
        child.communicate()


def next_word(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


def opened(directory: Path, **options: object) -> EdgeIndex:
    index = EdgeIndex(directory, **options)
    index.ensure(SPEC)
    return index


def test_every_acknowledged_row_survives_a_kill_in_the_middle_of_writing(directory: Path, start: Start) -> None:
    for attempt, writing_s in enumerate((0.0, 0.05, 0.15)):
        child = start(
            f"""
            done = {attempt * 100_000}
            while True:
                index.upsert(rows(done, 50))
                done += 50
                say(done)
            """
        )
        acknowledged = int(next_word(child))
        time.sleep(writing_s)
        child.send_signal(signal.SIGKILL)
        rest, _ = child.communicate()
        acknowledged = max([acknowledged, *map(int, rest.split())])

        index = opened(directory, wait_s=PATIENCE_S)
        first = attempt * 100_000
        numbers = {int(row.id.replace("-", ""), 16) for row in index.scroll(EVERYTHING)}
        assert set(range(first, acknowledged)) <= numbers
        # Half a batch may be there too, and searches still work.
        assert len(index.search_dense(index_vector(), PayloadFilter({"tenant": "t"}), 5)) == 5
        index.close()


def index_vector() -> np.ndarray:

    return np.array([1, 0, 0, 0], dtype=np.float32)


def test_a_changed_payload_survives_a_kill(directory: Path, start: Start) -> None:
    child = start(
        """
        index.upsert(rows(0, 300))
        index.set_payload([row.id for row in rows(0, 300)], {"current": False, "to_seq": 5})
        say("done")
        time.sleep(60)
        """
    )
    assert next_word(child) == "done"
    child.kill()
    index = opened(directory, wait_s=PATIENCE_S)
    assert index.count(PayloadFilter({"tenant": "t", "current": False, "to_seq": 5}, history=True)) == 300
    index.close()


def test_a_process_that_closes_nothing_ends_well_and_loses_nothing(directory: Path, start: Start) -> None:
    child = start("index.upsert(rows(0, 300))")
    assert child.wait(timeout=PATIENCE_S) == 0
    index = opened(directory, wait_s=PATIENCE_S)
    assert index.count(EVERYTHING) == 300
    index.close()


def test_the_next_one_gets_in_while_the_owner_is_idle(directory: Path, start: Start) -> None:
    child = start(
        """
        index.upsert(rows(0, 10))
        say("idle")
        sys.stdin.readline()
        say(index.count(PayloadFilter({}, history=True, all_tenants=True)))
        """
    )
    assert next_word(child) == "idle"
    index = opened(directory, wait_s=PATIENCE_S)
    index.delete([row.id for row in index.scroll(EVERYTHING)][:4])
    # And back: now this process is the idle owner, and the other sees what was done here.
    answer, _ = child.communicate("\n", timeout=PATIENCE_S)
    assert answer.strip() == "6"
    index.close()


class PassingTime:
    """Passes while somebody sleeps, and only then."""

    def __init__(self) -> None:
        self._now = 0.0

    def monotonic(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += seconds


def test_a_wait_is_told_and_ends_with_the_holder_named(
    directory: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = start(
        """
        with index.session():
            say("busy")
            sys.stdin.readline()
        """
    )
    assert next_word(child) == "busy"
    told: list[tuple[float, str]] = []
    index = EdgeIndex(directory, on_wait=lambda waited, holder: told.append((waited, holder)), wait_s=2.5)
    index.ensure(SPEC)  # reads are answered, so the collection is there already
    monkeypatch.setattr(edge_lock, "time", PassingTime())
    with pytest.raises(SinkDown, match=f"process {child.pid}") as raised:
        index.flush()
    assert raised.value.facts["holder"] == f"process {child.pid}"
    assert [int(waited) for waited, _ in told] == [1, 2]
    assert {holder for _, holder in told} == {f"process {child.pid}"}


def test_a_killed_owner_lets_go(directory: Path, start: Start) -> None:
    child = start(
        """
        with index.session():
            say("busy")
            time.sleep(60)
        """
    )
    assert next_word(child) == "busy"
    os.kill(child.pid, signal.SIGKILL)
    opened(directory, wait_s=PATIENCE_S).close()


def test_busy_publishers_let_a_searcher_in_between_their_batches(directory: Path, start: Start) -> None:
    body = """
        batches = 0
        while True:
            with index.session():
                index.upsert(rows(batches * 10, 10))
                time.sleep(0.02)
            batches += 1
            if batches == 1:
                say("go")
        """
    publishers = [start(body), start(body)]
    assert {next_word(child) for child in publishers} == {"go"}
    begun = time.monotonic()
    index = EdgeIndex(directory, wait_s=PATIENCE_S)
    index.ensure(SPEC)
    for _ in range(3):
        assert index.search_dense(index_vector(), PayloadFilter({"tenant": "t"}), 3)
        time.sleep(0.2)
    index.close()
    # Alone it takes about one second; the publishers go on until they are killed.
    assert time.monotonic() - begun < PATIENCE_S
    assert all(child.poll() is None for child in publishers)


def test_closing_gives_the_index_up_at_once_and_it_may_be_used_again(directory: Path) -> None:
    first = opened(directory)
    first.close()
    second = opened(directory, wait_s=0.01)
    assert second.count(EVERYTHING) == 0
    second.close()
    assert first.count(EVERYTHING) == 0
    first.close()


def test_two_collections_lie_side_by_side(directory: Path) -> None:
    index = opened(directory)
    index.ensure(CollectionSpec(name="d", dimension=5, fingerprint="g"))
    assert index.count(EVERYTHING) == 0
    index.ensure(SPEC)
    index.close()


def test_a_collection_whose_making_was_interrupted_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "create_collection", create_collection)  # and not a copy of another test's
    half = tmp_path / "c.new" / "shard"
    half.mkdir(parents=True)
    (half / "rubbish").write_text("x")
    index = opened(tmp_path)
    assert index.count(EVERYTHING) == 0
    assert not (tmp_path / "c.new").exists()
    index.close()


@pytest.mark.parametrize("name", ["", "a/b", "..", "x.new", "x.gone", "x.lock", "é"])
def test_a_name_that_is_no_file_name_is_refused(tmp_path: Path, name: str) -> None:
    index = EdgeIndex(tmp_path)
    with pytest.raises(ConfigError, match="cannot name"):
        index.ensure(CollectionSpec(name=name, dimension=4, fingerprint="f"))


def test_a_directory_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "mine.txt").write_text("keep")
    index = EdgeIndex(tmp_path)
    with pytest.raises(ConfigError, match="move it away"):
        index.ensure(SPEC)
    assert (tmp_path / "c" / "mine.txt").read_text() == "keep"
    index.close()


def test_a_collection_that_vanished_under_an_open_index_is_told(directory: Path, tmp_path: Path) -> None:
    place = tmp_path / "other"
    index = opened(place)
    index.close()
    (place / "c").rename(place / "moved")
    with pytest.raises(ConfigError, match="gone"):
        index.count(EVERYTHING)


def test_a_damaged_description_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "collection.json").write_text("{")
    index = EdgeIndex(tmp_path)
    with pytest.raises(ConfigError, match="restore it"):
        index.ensure(SPEC)
    index.close()


def test_a_damaged_shard_is_told_as_the_index_being_down(tmp_path: Path) -> None:
    index = opened(tmp_path)
    index.close()
    (tmp_path / "c" / "shard" / "edge_config.json").write_text("{")
    with pytest.raises(SinkDown, match="embedded index failed"):
        index.count(EVERYTHING)
    index.close()
