"""What every vector index keeps, whichever engine is under it."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from qdrant_stub import QdrantStub, serving

from ingest.sinks.base import VectorIndex
from ingest.sinks.edge import EdgeIndex
from ingest.sinks.qdrant import IN_MEMORY, QdrantIndex
from ingest.vectors import (
    CollectionSpec,
    Condition,
    IndexPoint,
    PayloadFilter,
    Quantization,
    SparseWeights,
    VectorTuning,
)
from schemas.errors import ConfigError, InvariantError, VectorSizeMismatch
from schemas.point import OPEN, PointPayload

DIMENSION = 8
EVERYTHING = PayloadFilter({}, history=True, all_tenants=True)
CURRENT = PayloadFilter({"tenant": "t"})

Make = Callable[[], VectorIndex]
MakeTuned = Callable[[VectorTuning], VectorIndex]


SPEC = CollectionSpec(name="docstrata-contract", dimension=DIMENSION, fingerprint="model-a")


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


def identifier(number: int) -> str:
    return str(UUID(int=(number * 2654435761 % 2**32) << 96 | number))


def payload(number: int, **changes: object) -> dict[str, object]:
    record = PointPayload(
        tenant="t",
        source="s",
        path=f"文档/{number}.md",
        strategy="rules",
        doc_id=f"doc-{number // 4}",
        chunk_id=f"chunk-{number}",
        text=f"第{number}段 “text” \u0000 🧪 \U00020000",
        kind="text",
        heading_path=("Guide", f"Part {number % 3}"),
        section=f"section-{number % 3}",
        position=number,
        pages=(number, number + 1),
        token_count=7,
        media_type="text/markdown",
        metadata={"author": "Zoë", "year": 2024, "draft": False},
        facets=("author=Zoë", f"parity={number % 2}", "draft=false"),
        current=True,
        from_seq=1,
    )
    return {**record.model_dump(mode="json"), **changes}


def sparse(weights: dict[int, float]) -> SparseWeights:
    items = sorted(weights.items())
    return SparseWeights(
        np.array([term for term, _ in items], dtype=np.uint32), np.array([w for _, w in items], dtype=np.float32)
    )


def unit(*values: float) -> np.ndarray:
    vector = np.zeros(DIMENSION, dtype=np.float32)
    vector[: len(values)] = values
    return vector / np.linalg.norm(vector)


def point(number: int, **changes: object) -> IndexPoint:
    return IndexPoint(
        id=identifier(number),
        payload=payload(number, **changes),
        dense=unit(1.0, number + 1.0),
        sparse=sparse({1: 1.0, 10 + number: 0.5}),
    )


def duplicate(number: int, **changes: object) -> IndexPoint:
    return IndexPoint(id=identifier(number), payload=payload(number, survivor="chunk-0", **changes))


def ids_of(index: VectorIndex, where: PayloadFilter) -> set[str]:
    found = {row.id for row in index.scroll(where)}
    assert index.count(where) == len(found)
    return found


def test_a_collection_may_be_ensured_twice_and_keeps_its_points(index: VectorIndex) -> None:
    index.upsert([point(1)])
    index.ensure(SPEC)
    assert index.count(EVERYTHING) == 1


def test_what_was_stored_is_there_for_the_next_one(
    index: VectorIndex, make: Make, request: pytest.FixtureRequest
) -> None:
    if request.node.callspec.params["make_tuned"] == "memory":
        pytest.skip("nothing outlives an index in memory")
    index.upsert([point(1)])
    index.close()
    second = make()
    second.ensure(SPEC)
    assert second.count(EVERYTHING) == 1


@pytest.mark.parametrize(
    "other", [replace(SPEC, fingerprint="model-b"), replace(SPEC, dimension=DIMENSION + 1)], ids=["model", "size"]
)
def test_a_collection_of_another_embedding_is_refused(index: VectorIndex, other: CollectionSpec) -> None:
    with pytest.raises(ConfigError, match="another embedding"):
        index.ensure(other)


@pytest.mark.parametrize(("version", "what_to_do"), [(0, "update docstrata"), (2, "docstrata reindex")])
def test_a_collection_of_another_schema_is_refused(index: VectorIndex, version: int, what_to_do: str) -> None:
    with pytest.raises(ConfigError, match=what_to_do):
        index.ensure(replace(SPEC, payload_version=version))


OTHER = CollectionSpec(name="docstrata-contract-2", dimension=5, fingerprint="model-b")


@pytest.fixture
def beside(make: Make, index: VectorIndex, request: pytest.FixtureRequest) -> Iterator[VectorIndex]:
    """A second collection, open beside the first."""
    if request.node.callspec.params["make_tuned"] == "memory":
        pytest.skip("every index in memory is a world of its own")
    second = make()
    second.ensure(OTHER)
    yield second
    second.close()
    index.drop_collection(OTHER.name)
    assert OTHER.name not in index.collections()


def test_two_collections_may_be_open_at_once(index: VectorIndex, beside: VectorIndex) -> None:
    assert {SPEC.name, OTHER.name} <= {*index.collections()}
    with index.session(), beside.session():
        index.upsert([point(1), point(2)])
        beside.insert([replace(point(1), dense=np.eye(5, dtype=np.float32)[0])])
        assert index.count(EVERYTHING) == 2
    assert ids_of(beside, EVERYTHING) == {identifier(1)}


def test_only_a_collection_that_is_not_in_use_here_is_dropped(index: VectorIndex, beside: VectorIndex) -> None:
    beside.insert([replace(point(1), dense=None)])
    with pytest.raises(InvariantError):
        beside.drop_collection(OTHER.name)
    beside.close()
    index.drop_collection(OTHER.name)
    assert OTHER.name not in index.collections()
    index.drop_collection(OTHER.name)


def test_an_alias_may_be_pointed_anywhere_and_again(index: VectorIndex, beside: VectorIndex) -> None:
    for name in (SPEC.name, OTHER.name, OTHER.name, SPEC.name):
        index.point_alias("docstrata-contract-alias", name)
    assert {*index.collections()} >= {SPEC.name, OTHER.name}


def test_another_tuning_is_taken_over_and_finds_the_same(
    index: VectorIndex, make_tuned: MakeTuned, request: pytest.FixtureRequest
) -> None:
    if request.node.callspec.params["make_tuned"] == "memory":
        pytest.skip("nothing outlives an index in memory, which knows no tuning")
    index.upsert([point(number) for number in range(40)])
    before = [hit.id for hit in index.search_dense(unit(1, 3), CURRENT, 5)]
    index.close()
    small = VectorTuning(hnsw_m=8, hnsw_ef=64, quantization=Quantization.INT8, on_disk=True)
    for tuning in (small, VectorTuning()):
        tuned = make_tuned(tuning)
        tuned.ensure(SPEC)
        assert [hit.id for hit in tuned.search_dense(unit(1, 3), CURRENT, 5)] == before
        assert [hit.id for hit in tuned.search_dense(unit(1, 3), CURRENT, 5, exact=True)] == before
        tuned.close()


def test_use_before_ensure_is_a_defect(make: Make) -> None:
    with pytest.raises(InvariantError, match="ensure"):
        make().count(EVERYTHING)


def test_a_vector_of_another_size_is_refused_before_anything_is_written(index: VectorIndex) -> None:
    odd = IndexPoint(id=identifier(9), payload=payload(9), dense=np.ones(3, dtype=np.float32))
    with pytest.raises(VectorSizeMismatch):
        index.upsert([point(1), odd])
    assert index.count(EVERYTHING) == 0


def test_upserting_a_row_twice_leaves_one(index: VectorIndex) -> None:
    index.upsert([point(1), point(2)])
    index.upsert([point(1), point(2)])
    assert index.count(EVERYTHING) == 2
    assert [hit.id for hit in index.search_dense(unit(1, 2), CURRENT, 10)] == [identifier(1), identifier(2)]


def test_an_upsert_replaces_payload_and_vectors(index: VectorIndex) -> None:
    index.upsert([point(1)])
    index.upsert([duplicate(1)])
    assert index.search_dense(unit(1, 2), CURRENT, 10) == []
    assert index.retrieve([identifier(1)])[identifier(1)].payload["survivor"] == "chunk-0"


def test_payloads_come_back_as_they_were_written(index: VectorIndex) -> None:
    index.upsert([point(1, to_seq=OPEN, current=False)])
    found = index.retrieve([identifier(1)])[identifier(1)]
    assert found.payload == payload(1, to_seq=OPEN, current=False)
    assert found.payload["to_seq"] == 2**53
    assert found.payload["current"] is False
    assert PointPayload.model_validate(found.payload) == PointPayload.model_validate(payload(1, current=False))


def test_set_payload_changes_the_named_fields_of_the_named_rows_alone(index: VectorIndex) -> None:
    index.upsert([point(1, current=False), point(2, current=False)])
    index.set_payload([identifier(1), identifier(99)], {"current": True, "to_seq": 7})
    found = index.retrieve([identifier(1), identifier(2), identifier(99)])
    assert found[identifier(1)].payload == payload(1, current=True, to_seq=7)
    assert found[identifier(2)].payload == payload(2, current=False)
    assert identifier(99) not in found
    assert [hit.id for hit in index.search_dense(unit(1, 2), CURRENT, 10)] == [identifier(1)]


def test_an_insert_leaves_rows_that_exist_as_they_are(index: VectorIndex) -> None:
    index.insert([point(1)])
    index.insert([duplicate(1, current=False, to_seq=4), point(2, current=False)])
    rows = {row.id: row for row in index.scroll(EVERYTHING, with_vectors=True)}
    assert rows[identifier(1)].payload == payload(1)
    assert rows[identifier(1)].dense is not None and rows[identifier(1)].sparse is not None
    assert rows[identifier(2)].payload == payload(2, current=False)


def test_only_rows_that_are_not_retired_become_current(index: VectorIndex) -> None:
    index.insert([point(1, current=False), point(2, current=False, to_seq=4), point(3, current=False)])
    index.make_current([identifier(1), identifier(2), identifier(99)])
    assert ids_of(index, CURRENT) == {identifier(1)}
    assert ids_of(index, EVERYTHING) == {identifier(n) for n in (1, 2, 3)}


def test_a_row_is_retired_once(index: VectorIndex) -> None:
    index.insert([point(1), point(2)])
    index.retire([identifier(1)], 4)
    index.retire([identifier(1), identifier(2), identifier(99)], 7)
    found = index.retrieve([identifier(1), identifier(2), identifier(99)])
    assert found.keys() == {identifier(1), identifier(2)}
    assert found[identifier(1)].payload == payload(1, current=False, to_seq=4)
    assert found[identifier(2)].payload == payload(2, current=False, to_seq=7)


def test_only_rows_that_never_were_current_are_withdrawn(index: VectorIndex) -> None:
    index.insert([point(1), point(2, current=False), point(3, current=False, to_seq=4), point(4, current=False)])
    index.withdraw([identifier(n) for n in (1, 2, 3, 99)])
    assert ids_of(index, EVERYTHING) == {identifier(n) for n in (1, 3, 4)}


def test_deleted_rows_are_gone_and_deleting_again_is_no_error(index: VectorIndex) -> None:
    index.upsert([point(1), point(2)])
    index.delete([identifier(1), identifier(99)])
    index.delete([identifier(1)])
    assert ids_of(index, EVERYTHING) == {identifier(2)}
    assert index.retrieve([identifier(1)]) == {}


def test_calls_about_nothing_do_nothing(index: VectorIndex) -> None:
    index.insert([])
    index.make_current([])
    index.retire([], 1)
    index.withdraw([])
    index.upsert([])
    index.set_payload([], {"current": False})
    index.delete([])
    assert index.retrieve([]) == {}
    assert list(index.scroll(EVERYTHING)) == []


def test_an_empty_index_finds_nothing(index: VectorIndex) -> None:
    assert index.search_dense(unit(1), CURRENT, 5) == []
    assert index.search_dense(unit(1), CURRENT, 5, exact=True) == []
    assert index.search_sparse(sparse({1: 1.0}), CURRENT, 5) == []
    assert index.count(CURRENT) == 0


def test_a_query_without_terms_finds_nothing(index: VectorIndex) -> None:
    index.upsert([point(1)])
    assert index.search_sparse(sparse({}), CURRENT, 5) == []


@pytest.mark.parametrize(
    ("equals", "expected"),
    [
        ({"doc_id": "doc-0"}, {0, 1, 2, 3}),
        ({"doc_id": ("doc-0", "doc-1")}, {0, 1, 2, 3, 4, 5}),
        ({"doc_id": ()}, set()),
        ({"heading_path": "Part 1"}, {1, 4}),
        ({"heading_path": ("Part 1", "Part 2")}, {1, 2, 4, 5}),
        ({"pages": 3}, {2, 3}),
        ({"pages": (0, 6)}, {0, 5}),
        ({"path": "文档/4.md"}, {4}),
        ({"doc_id": "doc-0", "section": "section-0"}, {0, 3}),
        ({"tenant": "other"}, set()),
        ({"survivor": "chunk-0"}, set()),
        ({"current": True}, {0, 1, 2, 3, 4, 5}),
        ({"from_seq": 1}, {0, 1, 2, 3, 4, 5}),
        ({"metadata.author": "Zoë"}, {0, 1, 2, 3, 4, 5}),
        ({"metadata.author": ("Ada", "Zoë"), "metadata.parity": 1}, {1, 3, 5}),
        ({"metadata.draft": False, "doc_id": "doc-1"}, {4, 5}),
        ({"metadata.year": 2024}, set()),
    ],
)
def test_filters_select_by_value_by_any_of_values_and_within_lists(
    index: VectorIndex, equals: dict[str, str], expected: set[int]
) -> None:
    index.upsert([point(number) for number in range(6)])
    found = ids_of(index, PayloadFilter({"tenant": "t", **equals}))
    assert found == {identifier(number) for number in expected}


def test_several_conditions_on_one_field_must_all_hold(index: VectorIndex) -> None:
    index.upsert([point(number) for number in range(6)])
    both = (Condition("heading_path", ("Guide",)), Condition("heading_path", ("Part 1", "Part 2")))
    assert ids_of(index, PayloadFilter({"tenant": "t"}, every=both)) == {identifier(n) for n in (1, 2, 4, 5)}
    never = (Condition("heading_path", ("Part 0",)), Condition("heading_path", ("Part 1",)))
    assert ids_of(index, PayloadFilter({"tenant": "t", "heading_path": "Guide"}, every=never)) == set()


def test_the_values_of_a_field_are_counted_in_what_the_filter_selects(index: VectorIndex) -> None:
    index.upsert([point(number) for number in range(6)])
    index.upsert([point(7, heading_path=["Guide", "Old"], to_seq=3, current=False), point(8, tenant="other")])
    assert index.values("heading_path", CURRENT) == {"Guide": 6, "Part 0": 2, "Part 1": 2, "Part 2": 2}
    assert index.values("heading_path", PayloadFilter({"tenant": "t", "path": "文档/4.md"})) == {
        "Guide": 1,
        "Part 1": 1,
    }
    assert index.values("heading_path", PayloadFilter({"tenant": "t"}, as_of=2))["Old"] == 1
    assert index.values("heading_path", PayloadFilter({"tenant": "nobody"})) == {}
    assert index.values("path", CURRENT) == {f"文档/{number}.md": 1 for number in range(6)}


@pytest.mark.parametrize("field", ["text", "pages", "current"])
def test_the_values_of_a_field_that_no_engine_lists_are_a_defect_to_ask_for(index: VectorIndex, field: str) -> None:
    with pytest.raises(InvariantError, match="values of a field"):
        index.values(field, CURRENT)


@pytest.mark.parametrize("equals", [{"text": "x"}, {"author": "Zoë"}, {"pages": True}, {"current": 1}])
def test_a_filter_without_an_index_is_refused(index: VectorIndex, equals: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        index.count(PayloadFilter({"tenant": "t", **equals}))


def test_rows_are_found_by_when_they_were_current(index: VectorIndex) -> None:
    index.upsert(
        [
            point(0, from_seq=1, to_seq=5, current=False),
            point(1, from_seq=5, to_seq=OPEN, current=True),
            point(2, from_seq=9, to_seq=OPEN, current=False),
        ]
    )
    old, new, coming = map(identifier, range(3))
    assert ids_of(index, CURRENT) == {new}
    assert ids_of(index, EVERYTHING) == {old, new, coming}
    assert ids_of(index, PayloadFilter({"tenant": "t"}, as_of=0)) == set()
    assert ids_of(index, PayloadFilter({"tenant": "t"}, as_of=4)) == {old}
    assert ids_of(index, PayloadFilter({"tenant": "t"}, as_of=5)) == {new}
    assert ids_of(index, PayloadFilter({"tenant": "t"}, as_of=OPEN - 1)) == {new, coming}
    assert [hit.id for hit in index.search_dense(unit(1, 1), PayloadFilter({"tenant": "t"}, as_of=4), 5)] == [old]


def test_rows_that_name_a_survivor_can_be_asked_for_alone(index: VectorIndex) -> None:
    index.upsert([IndexPoint(identifier(n), payload(n, current=True)) for n in range(3)])
    index.upsert([IndexPoint(identifier(7), payload(7, current=True, survivor="chunk-1"))])
    named = PayloadFilter({"tenant": "t"}, duplicates=True)
    assert [row.id for row in index.scroll(named)] == [identifier(7)]


def test_named_chunks_are_found_beside_what_the_filter_selects_but_never_across_tenants(index: VectorIndex) -> None:
    rows = [payload(n, current=True, doc_id=f"doc-{n}") for n in range(4)]
    rows.append(payload(4, current=True, doc_id="doc-4", tenant="other"))
    index.upsert([IndexPoint(identifier(n), row) for n, row in enumerate(rows)])
    where = PayloadFilter({"tenant": "t", "doc_id": "doc-0"}, or_chunks=("chunk-2", "chunk-4"))
    assert {row.payload["doc_id"] for row in index.scroll(where)} == {"doc-0", "doc-2"}


@pytest.mark.parametrize(
    "where",
    [
        PayloadFilter({}),
        PayloadFilter({"tenant": ("t", "other")}),
        PayloadFilter({"tenant": ()}),
        PayloadFilter({"doc_id": "doc-0"}, or_chunks=("chunk-1",)),
        PayloadFilter({"tenant": "t"}, all_tenants=True),
    ],
)
def test_a_filter_without_its_one_tenant_is_refused_by_every_read(index: VectorIndex, where: PayloadFilter) -> None:
    index.upsert([point(1)])
    for read in (
        lambda: index.count(where),
        lambda: next(index.scroll(where)),
        lambda: index.values("path", where),
        lambda: index.search_dense(unit(1), where, 3),
        lambda: index.search_sparse(sparse({1: 1.0}), where, 3),
    ):
        with pytest.raises(InvariantError, match="tenant"):
            read()


def test_a_filter_asks_for_history_or_for_a_moment(index: VectorIndex) -> None:
    with pytest.raises(ConfigError):
        index.count(PayloadFilter({"tenant": "t"}, as_of=1, history=True))


def test_dense_ranking_is_that_of_brute_force(index: VectorIndex) -> None:
    rng = np.random.default_rng(7)
    vectors = rng.normal(size=(300, DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index.upsert(
        [
            IndexPoint(identifier(number), payload(number, current=number % 3 != 0), dense=vectors[number])
            for number in range(300)
        ]
    )
    query = vectors[5]
    scores = vectors @ query
    best = [number for number in np.argsort(-scores) if number % 3 != 0][:20]
    for exact in (False, True):
        hits = index.search_dense(query, CURRENT, 20, exact=exact)
        assert [hit.id for hit in hits] == [identifier(int(number)) for number in best]
        assert [hit.score for hit in hits] == pytest.approx([float(scores[number]) for number in best], abs=1e-5)
        assert hits[0].payload == payload(5)


def bm25_ranking(
    documents: dict[str, dict[int, float]], query: dict[int, float], limit: int
) -> list[tuple[str, float]]:
    """Dot product with the query's weights times the IDF over `documents`, best first, ties by id."""
    frequency = Counter(term for weights in documents.values() for term in weights)
    count = len(documents)
    idf = {term: math.log((count - frequency[term] + 0.5) / (frequency[term] + 0.5) + 1) for term in query}
    scores = {
        name: sum(weights[term] * query[term] * idf[term] for term in query.keys() & weights.keys())
        for name, weights in documents.items()
        if query.keys() & weights.keys()
    }
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:limit]


def test_sparse_ranking_is_bm25_over_what_the_filter_selects(index: VectorIndex) -> None:
    rng = np.random.default_rng(11)
    selected: dict[str, dict[int, float]] = {}
    points = []
    for number in range(400):
        terms = rng.choice(60, size=12, replace=False)
        weights = {int(term): float(np.float32(rng.uniform(0.2, 2))) for term in terms}
        # Rows that are not current hold term 3 much more often: their statistics must not count.
        current = number % 4 == 0
        if not current:
            weights[3] = 1.0
        if current:
            selected[identifier(number)] = weights
        points.append(IndexPoint(identifier(number), payload(number, current=current), sparse=sparse(weights)))
    index.upsert(points)
    index.upsert([duplicate(number) for number in range(400, 420)])
    query = {3: 1.0, 17: 1.0, 59: 2.0, 2**32 - 1: 1.0}
    hits = index.search_sparse(sparse(query), CURRENT, 25)
    expected = bm25_ranking(selected, query, 25)
    assert [hit.score for hit in hits] == pytest.approx([score for _, score in expected], rel=1e-4)
    assert [hit.id for hit in hits] == [name for name, _ in expected]


def test_a_row_without_vectors_is_scrolled_and_never_found(index: VectorIndex) -> None:
    index.upsert([point(0), duplicate(1)])
    assert ids_of(index, CURRENT) == {identifier(0), identifier(1)}
    assert ids_of(index, PayloadFilter({"tenant": "t", "survivor": "chunk-0"})) == {identifier(1)}
    assert [hit.id for hit in index.search_dense(unit(1), CURRENT, 10)] == [identifier(0)]
    assert [hit.id for hit in index.search_dense(unit(1), CURRENT, 10, exact=True)] == [identifier(0)]
    assert [hit.id for hit in index.search_sparse(sparse({1: 1.0}), CURRENT, 10)] == [identifier(0)]


def test_equal_scores_are_ordered_by_id_even_at_the_limit(index: VectorIndex) -> None:
    same = [
        IndexPoint(identifier(number), payload(number), dense=unit(1, 1), sparse=sparse({1: 1.0}))
        for number in range(60)
    ]
    index.upsert(same)
    first = sorted(row.id for row in same)[:7]
    assert [hit.id for hit in index.search_dense(unit(1, 1), CURRENT, 7)] == first
    assert [hit.id for hit in index.search_sparse(sparse({1: 1.0}), CURRENT, 7)] == first


def test_a_limit_of_zero_finds_nothing(index: VectorIndex) -> None:
    index.upsert([point(1)])
    assert index.search_dense(unit(1), CURRENT, 0) == []


def test_many_pages_of_rows_come_back_once_each_in_the_order_of_ids(
    index: VectorIndex, request: pytest.FixtureRequest
) -> None:
    # The imitation needs a millisecond a row.
    count = 900 if request.node.callspec.params["make_tuned"] in {"memory", "http"} else 5000
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(count, DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    small = {"tenant": "t", "current": True, "from_seq": 1, "to_seq": OPEN}
    index.upsert(
        [
            IndexPoint(
                identifier(n), {**small, "path": str(n)}, dense=vectors[n], sparse=sparse({n: 1.5, 2**32 - 1: 0.5})
            )
            for n in range(count)
        ]
    )
    assert index.count(CURRENT) == count
    rows = list(index.scroll(CURRENT, with_vectors=True))
    assert [row.id for row in rows] == sorted(identifier(n) for n in range(count))
    by_path = {str(row.payload["path"]): row for row in rows}
    for n in (0, 1, count - 1):
        row = by_path[str(n)]
        assert row.dense is not None and row.sparse is not None
        np.testing.assert_allclose(row.dense, vectors[n], atol=1e-6)
        assert row.sparse.indices.tolist() == [n, 2**32 - 1]
        assert row.sparse.values.tolist() == [1.5, 0.5]


def test_sessions_may_be_nested(index: VectorIndex) -> None:
    with index.session(), index.session():
        index.upsert([point(1)])
    assert index.count(EVERYTHING) == 1


def test_a_scroll_may_be_left_and_written_under(index: VectorIndex) -> None:
    index.upsert([point(number) for number in range(600)])
    rows = index.scroll(EVERYTHING)
    seen = [next(rows).id]
    index.set_payload([identifier(number) for number in range(600)], {"current": False})
    seen += [row.id for row in rows]
    assert len(seen) == len(set(seen)) == 600


def test_flushing_and_optimizing_change_no_result(index: VectorIndex) -> None:
    index.upsert([point(number) for number in range(50)])
    before = index.search_dense(unit(1, 3), CURRENT, 5)
    index.flush()
    index.optimize()
    assert index.search_dense(unit(1, 3), CURRENT, 5) == before


def test_an_index_that_is_written_anew_holds_the_same(index: VectorIndex) -> None:
    index.upsert([point(number) for number in range(6)])
    index.delete([identifier(2)])
    before = [(row.id, row.payload) for row in index.scroll(EVERYTHING, with_vectors=True)]
    index.rewrite()
    assert [(row.id, row.payload) for row in index.scroll(EVERYTHING, with_vectors=True)] == before
    index.upsert([point(2)])
    assert index.count(EVERYTHING) == 6
