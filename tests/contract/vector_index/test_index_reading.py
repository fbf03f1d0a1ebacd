"""Scrolls, sessions, and what is written to the disk."""

from __future__ import annotations

import numpy as np
import pytest
from index_points import CURRENT, DIMENSION, EVERYTHING, identifier, point, sparse, unit

from ingest.sinks.base import VectorIndex
from ingest.vectors import IndexPoint
from schemas.point import OPEN


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
