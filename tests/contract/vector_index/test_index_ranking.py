"""Rankings by meaning and by words."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from index_points import CURRENT, DIMENSION, duplicate, identifier, ids_of, payload, point, sparse, unit

from ingest.sinks.base import VectorIndex
from ingest.vectors import IndexPoint, PayloadFilter


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
