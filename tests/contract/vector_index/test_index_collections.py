"""Collections: made, refused, beside one another, and tuned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from index_points import CURRENT, DIMENSION, EVERYTHING, SPEC, Make, MakeTuned, identifier, ids_of, point, unit

from ingest.sinks.base import VectorIndex
from ingest.vectors import CollectionSpec, Quantization, VectorTuning
from schemas.errors import ConfigError, InvariantError


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
