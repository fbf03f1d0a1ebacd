"""Every test here is run on each engine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from index_points import EVERYTHING, SPEC, Make, MakeTuned
from qdrant_stub import QdrantStub, serving

from ingest.sinks.base import VectorIndex
from ingest.sinks.edge import EdgeIndex
from ingest.sinks.qdrant import IN_MEMORY, QdrantIndex
from ingest.vectors import VectorTuning


@pytest.fixture(scope="module")
def edge_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared: making a collection waits for the disk many times, emptying one does not."""
    return tmp_path_factory.mktemp("edge")


@pytest.fixture(scope="module")
def stub() -> Iterator[QdrantStub]:
    with serving() as served:
        yield served


@pytest.fixture(params=["edge", "memory", "http", pytest.param("server", marks=pytest.mark.services)])
def make_tuned(request: pytest.FixtureRequest, edge_directory: Path, stub: QdrantStub) -> Iterator[MakeTuned]:
    """Makes an index that sees what an earlier one has stored, but in memory.

    `http` is the adapter over HTTP against a stub, which tells what that does not show; `server`
    is a real one.
    """
    made: list[VectorIndex] = []
    url = os.environ.get("QDRANT_URL")
    if request.param == "server" and not url:
        pytest.skip("no Qdrant server: set QDRANT_URL to run the contract on one")

    def build(tuning: VectorTuning) -> VectorIndex:
        if request.param == "edge":
            index: VectorIndex = EdgeIndex(edge_directory, tuning=tuning)
        elif request.param == "memory":
            index = QdrantIndex(IN_MEMORY, tuning=tuning)
        elif request.param == "http":
            index = QdrantIndex(stub.url, tuning=tuning)
        else:
            index = QdrantIndex(str(url), api_key=os.environ.get("QDRANT_API_KEY"), tuning=tuning)
        made.append(index)
        return index

    yield build
    for index in made:
        index.close()


@pytest.fixture
def make(make_tuned: MakeTuned) -> Make:
    return lambda: make_tuned(VectorTuning())


@pytest.fixture
def index(make: Make) -> VectorIndex:
    """Empty, whatever an earlier test has left."""
    made = make()
    made.ensure(SPEC)
    made.delete([row.id for row in made.scroll(EVERYTHING)])
    return made
