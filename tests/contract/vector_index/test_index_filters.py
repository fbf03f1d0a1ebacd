"""What a filter selects, and what it must not."""

from __future__ import annotations

import pytest
from index_points import CURRENT, EVERYTHING, identifier, ids_of, payload, point, sparse, unit

from ingest.sinks.base import VectorIndex
from ingest.vectors import Condition, IndexPoint, PayloadFilter
from schemas.errors import ConfigError, InvariantError
from schemas.point import OPEN


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
