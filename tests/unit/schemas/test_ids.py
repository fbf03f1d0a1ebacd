"""Identifiers are in every store: these values may never change."""

from __future__ import annotations

from itertools import combinations
from uuid import UUID

import pytest

from schemas import ids

DOC = ids.doc_id("default", "manuals", "泵/pump.md")


def test_identifiers_are_what_they_were_when_stores_were_filled() -> None:
    assert {
        "doc": DOC,
        "section": ids.section_id(("Pump", "Torques"), 1),
        "chunk": ids.chunk_id(DOC, "Pump\nCheck the oil.", None, 0),
        "point": ids.point_id("c", "p", "v", 7),
        "fingerprint": ids.fingerprint({"b": [1, 2.5, None], "a": "泵"}),
    } == {
        "doc": "236ea1d5-389d-5b97-8614-fb523a6947dc",
        "section": "600b32a2-dd24-5c3f-8ca7-927fc37e48e0",
        "chunk": "63ca565c-d416-502d-bf23-a2f29ae0e897",
        "point": "296c489b-c87e-52b2-a928-dee7ab4f7202",
        "fingerprint": "15e837be8be837d491f744e72cbe5ed530410e4588f9417b1433b36c69a96777",
    }


def test_every_identifier_is_a_uuid_that_qdrant_takes() -> None:
    for made in (DOC, ids.section_id((), 0), ids.chunk_id(DOC, "", None, 0), ids.point_id("c", "p", "", 1)):
        assert str(UUID(made)) == made


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a", "bc", "d"), ("ab", "c", "d")),
        (("t", "s", "a/b"), ("t", "s/a", "b")),
        (("t", "s\x1f1:x", "p"), ("t", "s", "1:x\x1fp")),
    ],
)
def test_parts_never_run_into_each_other(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    assert ids.doc_id(*one) != ids.doc_id(*other)


def test_a_chunk_is_its_document_text_table_and_occurrence() -> None:
    made = [
        ids.chunk_id(DOC, "text", None, 0),
        ids.chunk_id(ids.doc_id("default", "manuals", "copy.md"), "text", None, 0),
        ids.chunk_id(DOC, "text.", None, 0),
        ids.chunk_id(DOC, "text", "<table></table>", 0),
        ids.chunk_id(DOC, "text", None, 1),
    ]

    assert all(a != b for a, b in combinations(made, 2))


def test_a_section_is_its_path_and_which_of_its_namesakes_it_is() -> None:
    assert ids.section_id(("A", "B"), 0) != ids.section_id(("A/B",), 0)
    assert ids.section_id(("A",), 0) != ids.section_id(("A",), 1)


def test_identifiers_of_different_kinds_never_meet() -> None:
    assert ids.doc_id("a", "b", "c") != ids.chunk_id("a", "b", "c", 0) != ids.point_id("a", "b", "c", 0)


def test_a_fingerprint_does_not_know_the_order_of_keys() -> None:
    assert ids.fingerprint({"a": 1, "b": 2}) == ids.fingerprint({"b": 2, "a": 1})
    assert ids.fingerprint([1, 2]) != ids.fingerprint([2, 1])
    assert ids.fingerprint("1") != ids.fingerprint(1)
