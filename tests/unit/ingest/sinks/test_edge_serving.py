"""The owner of an embedded collection answers those who only read."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from patience import PATIENCE_S
from sparse_copies import copied

from ingest.sinks.edge import EdgeIndex
from ingest.sinks.edge_collection import lock_folder
from ingest.sinks.edge_serving import SOCKET
from ingest.vectors import CollectionSpec, IndexPoint, PayloadFilter, SparseWeights
from schemas.errors import ConfigError, InvariantError, SinkDown

SPEC = CollectionSpec(name="c", dimension=4, fingerprint="f")
CURRENT = PayloadFilter({"tenant": "t"})
WEIGHTS = SparseWeights(np.array([1, 2], dtype=np.uint32), np.array([1, 0.3], dtype=np.float32))


def rows(count: int, start: int = 0) -> list[IndexPoint]:
    return [
        IndexPoint(
            str(UUID(int=number)),
            {
                "tenant": "t",
                "current": True,
                "text": f"层 {number}",
                "path": f"{number % 3}.md",
                "boxes": [[0.1, number / 3]],
                "from_seq": 1,
            },
            np.array([1, number, 0, 0], dtype=np.float32) / np.hypot(1, number),
            WEIGHTS,
        )
        for number in range(start, start + count)
    ]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Making a collection waits for the disk many times."""
    directory = tmp_path_factory.mktemp("template") / "index"
    index = EdgeIndex(directory)
    index.ensure(SPEC)
    index.upsert(rows(600))
    index.close()
    return directory


@pytest.fixture
def owner(template: Path, tmp_path: Path) -> Iterator[EdgeIndex]:
    """In a directory whose name is longer than a socket's may be."""
    index = EdgeIndex(copied(template, tmp_path / ("long" * 30)))
    index.ensure(SPEC)
    yield index
    index.close()


@pytest.fixture
def reader(owner: EdgeIndex, tmp_path: Path) -> Iterator[EdgeIndex]:
    index = EdgeIndex(tmp_path / ("long" * 30), wait_s=PATIENCE_S)
    index.ensure(SPEC)
    yield index
    index.close()


def read(index: EdgeIndex) -> list[object]:
    vector = np.array([0.6, 0.8, 0, 0], dtype=np.float32)
    return [
        index.search_dense(vector, CURRENT, 5),
        index.search_dense(vector, CURRENT, 5, exact=True),
        index.search_sparse(WEIGHTS, PayloadFilter({"tenant": "t", "from_seq": (1, 2)}), 3),
        index.search_sparse(SparseWeights(WEIGHTS.indices[:0], WEIGHTS.values[:0]), CURRENT, 3),
        index.retrieve([str(UUID(int=3)), str(UUID(int=9999))]),
        index.count(CURRENT),
        index.values("path", CURRENT),
        list(index.scroll(CURRENT)),
    ]


def test_a_reader_is_told_what_the_owner_reads_while_he_is_in_a_session(owner: EdgeIndex, reader: EdgeIndex) -> None:
    with owner.session():
        owner.upsert(rows(1, start=1000))
        answered, own = read(reader), read(owner)
    assert len(own[-1]) == 601  # more than two pages
    assert repr(answered) == repr(own)


def test_a_reader_disturbs_no_owner(owner: EdgeIndex, reader: EdgeIndex, tmp_path: Path) -> None:
    with reader.reading():
        assert reader.count(CURRENT) == 600
    time.sleep(0.3)  # long enough for the owner to have seen that somebody waits
    other = EdgeIndex(tmp_path / ("long" * 30), wait_s=0)
    other.ensure(SPEC)
    with pytest.raises(SinkDown, match="is held by"), other.session():
        pass
    other.close()


def test_when_the_owner_ends_the_reader_goes_on_alone(owner: EdgeIndex, reader: EdgeIndex) -> None:
    assert reader.count(CURRENT) == 600
    owner.close()
    assert reader.count(CURRENT) == 600
    # And now it is the one who is asked.
    assert owner.count(CURRENT) == 600
    reader.close()
    owner.upsert(rows(1, start=1000))
    assert reader.count(CURRENT) == 601


def test_reads_go_through_while_writers_take_turns(owner: EdgeIndex, reader: EdgeIndex, tmp_path: Path) -> None:
    second = EdgeIndex(tmp_path / ("long" * 30), wait_s=PATIENCE_S)
    second.ensure(SPEC)
    stop = threading.Event()

    def write(index: EdgeIndex) -> None:
        while not stop.is_set():
            index.upsert(rows(20))
        index.close()

    writers = [threading.Thread(target=write, args=(index,)) for index in (owner, second)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(3):
            assert reader.count(CURRENT) == 600
    finally:
        stop.set()
        for writer in writers:
            writer.join()


def test_a_socket_that_a_killed_owner_left_behind_misleads_nobody(
    owner: EdgeIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner.close()
    place = lock_folder(tmp_path / ("long" * 30), "c") / SOCKET
    monkeypatch.chdir(place.parent)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(SOCKET)
    index = EdgeIndex(tmp_path / ("long" * 30), wait_s=PATIENCE_S)
    index.ensure(SPEC)
    assert index.count(CURRENT) == 600
    assert owner.count(CURRENT) == 600  # asked
    index.close()
    assert not place.exists()


def test_a_reader_is_refused_what_the_owner_would_be(owner: EdgeIndex, reader: EdgeIndex, tmp_path: Path) -> None:
    with pytest.raises(InvariantError):
        reader.count(PayloadFilter({}))
    with pytest.raises(ConfigError):
        reader.count(PayloadFilter({"tenant": "t", "no such field": 1}))
    other = EdgeIndex(tmp_path / ("long" * 30))
    with pytest.raises(ConfigError):
        other.ensure(CollectionSpec(name="c", dimension=4, fingerprint="another model"))


def test_what_the_engine_refuses_is_told_as_the_index_being_down(owner: EdgeIndex, reader: EdgeIndex) -> None:
    with pytest.raises(SinkDown, match="search_dense"):
        reader.search_dense(np.ones(7, np.float32), CURRENT, 3)
    assert reader.count(CURRENT) == 600
