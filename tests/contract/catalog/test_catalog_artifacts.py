"""Where artifacts and vectors lie."""

from __future__ import annotations

from catalog_plans import ref, vector_keys, vector_pack

from ingest.catalog.catalog import Catalog


def test_the_first_writer_of_an_artifact_wins(catalog: Catalog) -> None:
    catalog.artifacts.adopt([ref("k", "first"), ref("l", "other", offset=7)])
    catalog.artifacts.adopt([ref("k", "late")])

    assert catalog.artifacts.find("parse", "k") == ref("k", "first")
    assert catalog.artifacts.find("parse", "l") == ref("l", "other", offset=7)
    assert catalog.artifacts.find("chunk", "k") is None


def test_a_damaged_artifact_is_forgotten_and_can_be_made_again(catalog: Catalog) -> None:
    catalog.artifacts.adopt([ref("k", "first")])
    catalog.artifacts.drop("parse", "k")
    assert catalog.artifacts.find("parse", "k") is None

    catalog.artifacts.adopt([ref("k", "again")])
    assert catalog.artifacts.find("parse", "k") == ref("k", "again")


def test_a_vector_is_a_row_of_its_pack_and_the_first_writer_wins(catalog: Catalog) -> None:
    keys = vector_keys(*(f"v{number}" for number in range(1203)))
    new, unknown = vector_keys("new", "unknown")
    catalog.artifacts.adopt_vectors(vector_pack("p1"), keys)
    catalog.artifacts.adopt_vectors(vector_pack("p2"), [keys[0], new])

    places = catalog.artifacts.vector_places([*keys, new, unknown])

    assert len(places) == 1204
    assert [(places[key].pack, places[key].place) for key in (keys[0], keys[1202], new)] == [
        ("p1", 0),
        ("p1", 1202),
        ("p2", 1),
    ]
    assert catalog.artifacts.find("vector", "p1") == vector_pack("p1")
    assert catalog.artifacts.vector_places([]) == {}


def test_a_damaged_pack_of_vectors_is_forgotten_with_all_that_were_in_it(catalog: Catalog) -> None:
    a, b, c = vector_keys("a", "b", "c")
    catalog.artifacts.adopt_vectors(vector_pack("p1"), [a, b])
    catalog.artifacts.adopt_vectors(vector_pack("p2"), [c])

    catalog.artifacts.drop_vectors("p1")

    assert set(catalog.artifacts.vector_places([a, b, c])) == {c}
    assert catalog.artifacts.find("vector", "p1") is None


def test_those_below_a_prefix_are_found_by_the_digits_of_their_keys_not_as_a_language_orders_them(
    catalog: Catalog,
) -> None:
    keys = ["ab", "ab/", "ab/1", "ab/Z", "ab/泵", "ab/🙂", "ab1", "abc/1", "AB/1"]
    catalog.artifacts.adopt([ref(key, f"{place}") for place, key in enumerate(keys)])

    assert {found.key for found in catalog.artifacts.below("parse", "ab/")} == {
        "ab/",
        "ab/1",
        "ab/Z",
        "ab/泵",
        "ab/🙂",
    }
    assert {found.key for found in catalog.artifacts.below("parse", "")} == set(keys)
    assert catalog.artifacts.below("chunk", "") == []
