from __future__ import annotations

import pytest

from ingest.dedup.base import Candidate
from ingest.dedup.finder import Decision, DuplicateFinder
from ingest.dedup.memory_store import MemorySurvivorStore
from ingest.options.dedup import DedupOptions
from schemas.chunk import DuplicateKind

LONG = (
    "The river cut through the layers of sand and clay over a very long time, and what it laid open tells the "
    "whole history of the valley from the first sea that covered it to the forest that grew there before people came. "
    "Those who read such layers begin at the bottom, because the oldest lie there unless the ground was folded."
)


def chunk(name: str, text: str, kind: str = "text", table_html: str | None = None) -> Candidate:
    return Candidate(chunk_id=name, doc_id=f"doc-{name}", text=text, kind=kind, language=None, table_html=table_html)


def decide(*chunks: Candidate, options: DedupOptions | None = None) -> list[Decision]:
    return DuplicateFinder(options or DedupOptions(), MemorySurvivorStore()).decide("t", chunks)


def survivors(decisions: list[Decision]) -> list[str | None]:
    return [d.duplicate.survivor if d.duplicate else None for d in decisions]


def test_the_first_of_the_same_texts_stays() -> None:
    made = decide(chunk("a", LONG), chunk("b", LONG.upper()), chunk("c", LONG.replace(", ", " ")))
    assert survivors(made) == [None, "a", "a"]
    duplicate = made[1].duplicate
    assert duplicate is not None
    assert (duplicate.kind, duplicate.similarity, duplicate.reason) == (DuplicateKind.EXACT, 1.0, "the same text")


def test_a_near_duplicate_tells_its_true_similarity() -> None:
    one, more = decide(chunk("a", LONG), chunk("b", LONG.replace("the forest", "the great forest")))
    assert one.duplicate is None
    assert more.duplicate is not None
    assert more.duplicate.kind is DuplicateKind.NEAR
    assert 0.9 <= more.duplicate.similarity < 1
    assert more.duplicate.reason.startswith(f"{int(more.duplicate.similarity * 100) / 100:.2f} of the shingles")
    assert more.bands == ()
    assert len(one.digest) == 16
    assert len(one.bands) == len(set(one.bands)) > 1


def test_a_changed_fact_keeps_both() -> None:
    for changed in (LONG.replace("forest", "Forest of Dean"), LONG.replace("from the", "not from the"), LONG + " 7"):
        assert survivors(decide(chunk("a", LONG), chunk("b", changed))) == [None, None]


def test_a_short_text_is_only_a_duplicate_of_the_same() -> None:
    made = decide(
        chunk("a", "See the annex below."), chunk("b", "See the long annex below."), chunk("c", "see the annex, below")
    )
    assert survivors(made) == [None, None, "a"]


@pytest.mark.parametrize("kind", ["table", "code"])
def test_tables_and_code_count_to_the_letter(kind: str) -> None:
    texts = [LONG, LONG.replace(" the ", "\n the "), LONG.replace(",", ";"), LONG.upper()]
    made = decide(*(chunk(str(i), text, kind) for i, text in enumerate(texts)), chunk("e", LONG, "text"))
    assert survivors(made) == [None, "0", None, None, None]
    assert made[0].bands == ()


def test_tables_with_other_html_are_other_tables() -> None:
    one, same, other = (
        chunk(n, LONG, "table", html) for n, html in (("a", "<td>1 2"), ("b", "<td>1\n2"), ("c", "<td>3"))
    )
    assert survivors(decide(one, same, other)) == [None, "a", None]


def test_lists_are_never_near_duplicates() -> None:
    longer = LONG.replace("the forest", "the great forest")
    assert survivors(decide(chunk("a", LONG, "list"), chunk("b", longer, "list"), chunk("c", LONG, "list"))) == [
        None,
        None,
        "a",
    ]


def test_the_most_similar_survivor_wins_and_of_equals_the_oldest() -> None:
    far = LONG.replace("the forest", "the great green forest")
    near = LONG.replace("very long", "long")
    store = MemorySurvivorStore()
    finder = DuplicateFinder(DedupOptions(), store)
    for name, text in (("far", far), ("near", near)):
        made = finder.decide("t", [chunk(name, text)])[0]
        store.add("t", chunk(name, text), made.digest, made.bands)
    assert survivors(finder.decide("t", [chunk("x", LONG)])) == ["near"]
    assert survivors(finder.decide("other tenant", [chunk("x", LONG)])) == [None]
    store.remove("t", "near")
    assert survivors(finder.decide("t", [chunk("x", LONG)])) == ["far"]


def test_survivors_of_the_store_stand_before_those_of_the_call() -> None:
    store = MemorySurvivorStore()
    finder = DuplicateFinder(DedupOptions(), store)
    made = finder.decide("t", [chunk("old", LONG)])[0]
    store.add("t", chunk("old", LONG), made.digest, made.bands)
    assert survivors(finder.decide("t", [chunk("new", LONG), chunk("newer", LONG)])) == ["old", "old"]


def test_a_chunk_that_the_store_knows_is_no_duplicate_of_itself() -> None:
    store = MemorySurvivorStore()
    finder = DuplicateFinder(DedupOptions(), store)
    made = finder.decide("t", [chunk("a", LONG)])[0]
    store.add("t", chunk("a", LONG), made.digest, made.bands)
    assert finder.decide("t", [chunk("a", LONG)]) == [made]


def test_texts_of_punctuation_alone_are_told_apart() -> None:
    assert survivors(decide(chunk("a", "***"), chunk("b", "----"), chunk("c", "***"))) == [None, None, "a"]


def test_it_can_be_turned_off() -> None:
    longer = LONG.replace("the forest", "the great forest")
    chunks = [chunk("a", LONG), chunk("b", LONG), chunk("c", longer)]
    assert survivors(decide(*chunks, options=DedupOptions(enabled=False))) == [None, None, None]
    assert survivors(decide(*chunks, options=DedupOptions(near=False))) == [None, "a", None]
