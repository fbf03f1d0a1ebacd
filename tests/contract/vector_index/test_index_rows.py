"""Rows: written, made current, retired, withdrawn, deleted."""

from __future__ import annotations

import numpy as np
import pytest
from index_points import CURRENT, EVERYTHING, duplicate, identifier, ids_of, payload, point, unit

from ingest.sinks.base import VectorIndex
from ingest.vectors import IndexPoint
from schemas.errors import VectorSizeMismatch
from schemas.point import OPEN, PointPayload


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
