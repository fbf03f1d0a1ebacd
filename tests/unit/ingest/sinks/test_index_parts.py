"""The small parts under every index: filters, ties, options, and the choice of an engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from ingest.options.index import IndexEngine, IndexOptions
from ingest.sinks.edge import EdgeIndex
from ingest.sinks.payload_indexes import INDEXED_FIELDS, check_filter
from ingest.sinks.qdrant import QdrantIndex
from ingest.sinks.registry import make_index
from ingest.sinks.ties import best_first
from ingest.vectors import PayloadFilter, ScoredPoint
from schemas.errors import ConfigError
from schemas.point import PointPayload


def test_only_fields_that_a_payload_has_are_indexed() -> None:
    assert INDEXED_FIELDS.keys() <= PointPayload.model_fields.keys()


def test_the_fields_that_can_be_filtered_on_are_named_to_who_asks_for_another() -> None:
    with pytest.raises(ConfigError) as raised:
        check_filter(PayloadFilter({"tenant": "t", "author": "x"}))
    assert all(name in raised.value.message for name in INDEXED_FIELDS)


def ranking(scores: list[float]) -> list[ScoredPoint]:
    return [ScoredPoint(f"{number:03}", score, {}) for number, score in enumerate(scores)]


@pytest.mark.parametrize("limit", [1, 3, 5, 50])
def test_ties_at_the_limit_are_decided_by_id(limit: int) -> None:
    # The engine gives the tied ones backwards.
    points = ranking([9.0] + [5.0] * 30 + [1.0] * 5)
    engine = sorted(points, key=lambda point: (-point.score, -int(point.id)))
    asked: list[int] = []

    def fetch(size: int) -> list[ScoredPoint]:
        asked.append(size)
        return engine[:size]

    assert best_first(fetch, limit) == points[:limit]
    assert len(asked) <= 4


def test_an_engine_without_ties_is_asked_once() -> None:
    points = ranking([float(-number) for number in range(100)])
    asked: list[int] = []

    def fetch(size: int) -> list[ScoredPoint]:
        asked.append(size)
        return points[:size]

    assert best_first(fetch, 10) == points[:10]
    assert len(asked) == 1


def test_the_engine_is_the_one_that_was_chosen(tmp_path: Path) -> None:
    edge = make_index(IndexOptions(), tmp_path)
    assert isinstance(edge, EdgeIndex)
    server = make_index(IndexOptions(engine=IndexEngine.QDRANT, url="http://localhost:1"), tmp_path)
    assert isinstance(server, QdrantIndex)
    server.close()
    assert list(tmp_path.iterdir()) == [], "building an index touches nothing"


@pytest.mark.parametrize("wrong", [{"engine": "qdrant"}, {"url": "http://x"}, {"api_key": "k"}, {"engine": "lance"}])
def test_options_that_contradict_each_other_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        IndexOptions.model_validate(wrong)


def test_the_key_is_never_printed() -> None:
    options = IndexOptions(engine=IndexEngine.QDRANT, url="http://x", api_key=SecretStr("hidden"))
    assert "hidden" not in repr(options) + options.model_dump_json()
