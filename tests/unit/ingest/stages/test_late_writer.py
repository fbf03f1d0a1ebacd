"""A run that lost its place to another, and wakes up in the middle of a commit, changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from qdrant_stub import serving
from strata_fakes import Engine

from ingest.catalog.plan import PublishPlan
from ingest.sinks.base import VectorIndex
from ingest.sinks.edge import EdgeIndex
from ingest.sinks.qdrant import IN_MEMORY, QdrantIndex
from ingest.stages.publish import Publisher
from ingest.vectors import PayloadFilter
from schemas.errors import InvariantError

STEPS = ("insert", "retrieve", "make_current", "retire", "flush")
"""What a publisher asks of an index, in this order."""


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeIndex]:
    """Shared: making a collection waits for the disk many times, emptying one does not."""
    made = EdgeIndex(tmp_path_factory.mktemp("edge"))
    yield made
    made.close()


@pytest.fixture(params=["edge", "memory", "http"])
def index(request: pytest.FixtureRequest, edge: EdgeIndex) -> Iterator[VectorIndex]:
    if request.param == "edge":
        yield edge
        edge.delete([row.id for row in edge.scroll(PayloadFilter({}, history=True, all_tenants=True))])
        return
    if request.param == "memory":
        made = QdrantIndex(IN_MEMORY)
        yield made
    else:
        with serving() as stub:
            made = QdrantIndex(stub.url)
            yield made
    made.close()


def opened(home: Path, index: object) -> Engine:
    strata = Engine(home)
    strata.parts._index = index
    return strata


def rows(strata: Engine) -> dict[str, object]:
    return {
        row.id: (dict(row.payload), None if row.dense is None else row.dense.tolist())
        for row in strata.rows(history=True)
    }


class Paused:
    """Passes calls on. The writer above it sleeps before the step named, or after it, while
    `meanwhile` happens: once, and not before its commit has begun."""

    def __init__(self, index: VectorIndex, step: str, *, after: bool, meanwhile: Callable[[], None]) -> None:
        self._index = index
        self._step = step
        self._after = after
        self._meanwhile: Callable[[], None] | None = meanwhile
        self.has_begun: Callable[[], object] = lambda: False

    def __getattr__(self, name: str) -> object:
        method = getattr(self._index, name)
        if name != self._step:
            return method

        def paused(*arguments: object, **named: object) -> object:
            sleeping = self._meanwhile if self.has_begun() else None
            if sleeping is not None:
                self._meanwhile = None
                if not self._after:
                    sleeping()
            result = method(*arguments, **named)
            if sleeping is not None and self._after:
                sleeping()
            return result

        return paused


def heal_and_go_on(strata: Engine) -> None:
    """What another machine does: it finishes the commit, retires one of its rows in the next, and
    removes another for good."""
    history = strata.context.catalog.history
    (left_open,) = history.open_intents()
    number = strata.context.catalog.runs.begin("other", 1)
    publisher = Publisher(strata.context, strata.parts)
    assert publisher.heal() == 1
    retired, purged, *_ = sorted(point.point_id for point in left_open.points)
    publisher.publish(
        PublishPlan(
            seq=history.next_seq(),
            run_number=number,
            at_ns=2,
            tenant=strata.settings.tenant,
            points=(),
            retire=(retired,),
            documents=(),
            survivors=(),
            leaving=(),
        )
    )
    strata.parts.index.delete([purged])


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_a_late_writer_changes_nothing(index: VectorIndex, step: str, after: bool, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for number in range(3):
        (inbox / f"{number}.md").write_text(f"# Part {number}\n\nPart number {number} turns left.\n", "utf-8")
    other = opened(tmp_path / "home", index)
    index.ensure(other.parts.collection)
    Engine.run(other, inbox)
    (inbox / "0.md").write_text("# Part 0\n\nIt turns right.\n\n## Care\n\nOil it now and then.\n", "utf-8")
    seen: list[dict[str, object]] = []

    def meanwhile() -> None:
        heal_and_go_on(other)
        seen.append(rows(other))

    paused = Paused(index, step, after=after, meanwhile=meanwhile)
    late = opened(tmp_path / "home", paused)
    paused.has_begun = late.context.catalog.history.open_intents
    with pytest.raises(InvariantError, match="another run has"):
        late.run(inbox)
    assert seen == [rows(other)]
    assert other.context.catalog.history.open_intents() == []
    late.context.close()
    other.context.close()
