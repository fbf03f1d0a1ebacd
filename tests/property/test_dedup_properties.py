from __future__ import annotations

from itertools import combinations, permutations

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ingest.dedup.base import Candidate
from ingest.dedup.facts import facts
from ingest.dedup.finder import Decision, DuplicateFinder
from ingest.dedup.memory_store import MemorySurvivorStore
from ingest.dedup.shingles import jaccard, read, shingles
from ingest.dedup.signatures import Signatures
from ingest.options.dedup import DedupOptions

FINDER = DuplicateFinder(DedupOptions(min_words=4), MemorySurvivorStore())
PASSAGE = (
    "the river cut deep into old layers of sand and clay and what it laid open tells the whole history of this "
    "valley from the first sea that covered it to the forest that grew before people came to live on its banks"
)
BASE = PASSAGE.split()
ZH_BASE = ["河流", "切开", "了", "古老", "的", "砂层", "和", "黏土", "露出", "整个", "山谷", "历史"]
EXTRAS = [
    "deeply",
    "slowly",
    "7",
    "1,000",
    "1.000",
    "not",
    "never",
    "Darwin",
    "kg",
    "March",
    "三",
    "不",
    "上海",
    "!",
    "<",
    "=",
]

words = st.lists(st.sampled_from([*BASE, *ZH_BASE, *EXTRAS]), max_size=30)


@st.composite
def variants(draw: st.DrawFn) -> str:
    """One passage with up to three words put in, taken out, or replaced."""
    made = list(BASE) if draw(st.booleans()) else ZH_BASE * 4
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(made)))
        made[at : at + draw(st.integers(0, 1))] = [draw(st.sampled_from(EXTRAS))]
    return draw(st.sampled_from([" ", "  ", "\n"])).join(made)


def decide(*texts: str) -> list[Decision]:
    return FINDER.decide("t", [Candidate(str(i), str(i), text, "text", None) for i, text in enumerate(texts)])


@given(variants(), variants())
def test_texts_whose_facts_differ_never_stand_for_one_another(one: str, other: str) -> None:
    assume(facts(one) != facts(other))
    assert decide(one, other)[1].duplicate is None


@given(variants(), variants())
@example(f"deeply {PASSAGE}", PASSAGE.replace("the river", "the deeply river"))
def test_what_is_a_duplicate_does_not_depend_on_who_came_first(one: str, other: str) -> None:
    assert (decide(one, other)[1].duplicate is None) == (decide(other, one)[1].duplicate is None)


@given(st.lists(variants(), max_size=5))
def test_survivors_are_never_duplicates_and_come_first(texts: list[str]) -> None:
    made = decide(*texts)
    left_out = {d.chunk_id for d in made if d.duplicate}
    for decision in made:
        if decision.duplicate:
            assert decision.duplicate.survivor not in left_out
            assert int(decision.duplicate.survivor) < int(decision.chunk_id)


@settings(max_examples=25)
@given(st.lists(variants(), min_size=3, max_size=3))
def test_a_text_with_a_twin_is_found_in_any_order(texts: list[str]) -> None:
    """Whoever is left out has a survivor that it would be a duplicate of by itself."""
    pairs = {frozenset((a, b)) for a, b in combinations(range(3), 2) if decide(texts[a], texts[b])[1].duplicate}
    for order in permutations(range(3)):
        made = decide(*(texts[i] for i in order))
        for place, decision in enumerate(made):
            earlier = [order[i] for i in range(place) if made[i].duplicate is None]
            expected = any(frozenset((order[place], other)) in pairs for other in earlier)
            assert (decision.duplicate is not None) == expected


@given(words, words, st.integers(1, 5))
@example(["a"], ["a", "b"], 3)
@example([], [], 2)
def test_the_similarity_is_the_exact_jaccard_of_word_runs(one: list[str], other: list[str], size: int) -> None:
    def runs(text: list[str]) -> set[tuple[str, ...]]:
        short = min(size, len(text))
        return {tuple(text[i : i + short]) for i in range(len(text) - short + 1)} if text else set()

    a, b = runs(one), runs(other)
    expected = len(a & b) / len(a | b) if a | b else 1.0
    assert jaccard(shingles(one, size), shingles(other, size)) == expected


@given(st.text(max_size=60))
def test_any_text_can_be_decided_on_and_is_its_own_twin(text: str) -> None:
    reading = read(text)
    assert read(text.upper()).facts == read(text.upper().lower()).facts or not text.isascii()
    assert decide(text, text)[1].duplicate is not None
    assert Signatures(DedupOptions()).signature(shingles(reading.words, 3)).shape == (128,)


@given(variants(), st.sampled_from([str.upper, str.title]))
def test_case_and_space_alone_make_no_difference(text: str, recase: object) -> None:
    assert callable(recase)
    assert decide(text, "  ".join(recase(text).split()))[1].duplicate is not None
