"""Whether chunks keep what belongs together, know their place and stand by themselves; each case by hand."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from quality_documents import chunks, document

from chunkers.quality.coherence import Coherence, coherence
from chunkers.quality.headings import paths_right
from chunkers.quality.integrity import BlockFate, block_fates, notes_together
from chunkers.quality.redundancy import redundancy
from chunkers.quality.standing import Leaning, leanings
from chunkers.span_sets import Gaps, common, length, merged
from schemas.document import BlockKind, Document

# ---------------------------------------------------------------------- integrity


def test_a_list_item_is_whole_cut_or_lost() -> None:
    made = document(("list_item", "oil the bearing"), ("list_item", "close it"), ("code", "run()"), ("paragraph", "x"))
    fates = list(block_fates(made, chunks(made, "oil the", "bearing\n\nclose it"), budget=100))
    assert fates == [
        BlockFate(BlockKind.LIST_ITEM, 2, needless=True),
        BlockFate(BlockKind.LIST_ITEM, 1, needless=False),
        BlockFate(BlockKind.CODE, 0, needless=False),
    ]


def test_what_does_not_clearly_fit_is_not_cut_without_need() -> None:
    made = document(("code", "one()\ntwo()"))
    (fate,) = block_fates(made, chunks(made, "one()", "two()"), budget=11)
    assert fate == BlockFate(BlockKind.CODE, 2, needless=False)


def test_a_caption_shares_a_chunk_with_its_figure_or_does_not() -> None:
    made = document(("figure", "a pump"), ("caption", "Figure 1"), ("paragraph", "It runs."), ("caption", "of nothing"))
    blocks = list(made.blocks)
    blocks[1] = blocks[1].model_copy(update={"parent": 0})
    made = made.model_copy(update={"blocks": tuple(blocks)})
    assert list(notes_together(made, chunks(made, "a pump\n\nFigure 1", "It runs."))) == [True]
    assert list(notes_together(made, chunks(made, "a pump", "Figure 1\n\nIt runs."))) == [False]


# ----------------------------------------------------------------------- headings


def levelled(*parts: tuple[str, str, int | None]) -> Document:
    made = document(*((kind, text) for kind, text, _ in parts))
    blocks = [block.model_copy(update={"level": part[2]}) for block, part in zip(made.blocks, parts, strict=True)]
    return made.model_copy(update={"blocks": tuple(blocks)})


def test_a_heading_path_is_right_where_the_outline_says_so() -> None:
    made = levelled(
        ("title", "Pump", None), ("heading", "Care", 1), ("heading", "Oil", 2), ("paragraph", "Daily.", None),
        ("heading", "Parts", 1), ("paragraph", "Many.", None),
    )  # fmt: skip
    cut = chunks(made, "Pump\n\nCare", "Oil\n\nDaily.", "Parts\n\nMany.")
    paths = [("Pump", "Care"), ("Pump", "Care", "Oil"), ("Pump", "Parts")]
    right = [chunk.model_copy(update={"heading_path": path}) for chunk, path in zip(cut, paths, strict=True)]
    assert list(paths_right(made, right)) == [True, True, True]
    assert list(paths_right(made, cut)) == [False, False, False]
    stale = right[2].model_copy(update={"heading_path": ("Pump", "Care", "Parts")})
    assert list(paths_right(made, [*right[:2], stale])) == [True, True, False]


def test_text_before_any_heading_has_no_path() -> None:
    made = levelled(("paragraph", "First.", None), ("heading", "Care", 3), ("paragraph", "Daily.", None))
    first, second = chunks(made, "First.", "Care\n\nDaily.")
    assert list(paths_right(made, [first, second.model_copy(update={"heading_path": ("Care",)})])) == [True, True]


# ----------------------------------------------------------------------- standing


def leaning(*parts: tuple[str, str], texts: tuple[str, ...]) -> list[set[Leaning]]:
    made = document(*parts)
    return [set(found) for found in leanings(made, chunks(made, *texts))]


@pytest.mark.parametrize(
    "text",
    [
        "It moves water.", "They are worn.", "This is why it failed.", "Those have no seal.", "Its bearing is dry.",
        "该泵用于输送清水。", "其流量为每小时四吨。", "此设备须接地。", "它们都已停用。", "他们签署了合同。",
        "这是第一步。", "其中两台备用。",
    ],
)  # fmt: skip
def test_a_pronoun_leans(text: str) -> None:
    assert leaning(("paragraph", text), texts=(text,)) == [{Leaning.PRONOUN}]


@pytest.mark.parametrize(
    "text", ["But it stops.", "Therefore close it.", "但是流量不足。", "因此须停机。", "而且噪声很大。", "此外须接地。"]
)
def test_a_conjunction_leans(text: str) -> None:
    assert leaning(("paragraph", text), texts=(text,)) == [{Leaning.CONJUNCTION}]


@pytest.mark.parametrize(
    "text",
    [
        "It is important to note that pumps wear.", "It was not clear whether it ran.", "This pump moves water.",
        "IT departments buy it.", "That is, it stops.", "Items are listed.", "Butter melts.", "Orders are final.",
        "其他设备须接地。", "其实流量不足。", "此致敬礼。", "他人不得入内。", "但凡停机须记录。", "泵用于输送清水。",
    ],
)  # fmt: skip
def test_words_that_only_look_like_it_do_not_lean(text: str) -> None:
    assert leaning(("paragraph", text), texts=(text,)) == [set()]


def test_a_chunk_that_opens_with_a_heading_or_a_table_does_not_lean() -> None:
    assert leaning(("heading", "Pump"), ("paragraph", "It runs."), texts=("Pump\n\nIt runs.",)) == [set()]
    assert leaning(("table", "It | is"), texts=("It | is",)) == [set()]


@pytest.mark.parametrize("text", ["It is made of:", "用途如下：", "oil, water,", "泵、阀门、"])
def test_a_mark_that_announces_more_is_an_open_end(text: str) -> None:
    assert Leaning.OPEN_END in leaning(("paragraph", text), texts=(text,))[0]


def test_a_heading_hangs_where_its_text_is_in_the_next_chunk() -> None:
    parts = (("paragraph", "One ends."), ("heading", "Two"), ("paragraph", "Two runs."), ("heading", "Three"))
    told = leaning(*parts, texts=("One ends.\n\nTwo", "Two runs.\n\nThree"))
    assert told == [{Leaning.HANGING_HEADING}, set()]


# ---------------------------------------------------------------------- coherence


class ByFirstLetter:
    """Sentences that begin with the same letter are about the same thing."""

    fingerprint = "first letter"

    def joints(self, units: Sequence[str]) -> Sequence[float]:
        return [float(left[0] == right[0]) for left, right in pairwise(units)]


TURNING = ("paragraph", "Pumps run. Pumps stop. Valves close. Valves open.")


def held(*texts: str, parts: tuple[tuple[str, str], ...] = (TURNING,)) -> Coherence:
    made = document(*parts)
    return coherence(made, chunks(made, *texts), ByFirstLetter())


def test_a_border_at_the_turn_is_clear() -> None:
    told = held("Pumps run. Pumps stop.", "Valves close. Valves open.")
    assert told == Coherence(borders=1, between=0.0, inside=1.0, clear=1)


def test_a_border_inside_a_subject_is_not() -> None:
    told = held("Pumps run.", "Pumps stop. Valves close. Valves open.")
    assert told == Coherence(borders=1, between=1.0, inside=0.0)


def test_a_border_is_compared_with_the_nearest_joint_on_either_side() -> None:
    text = "Pumps run. Pumps stop. Pumps wear. Valves close. Oil flows."
    told = held("Pumps run. Pumps stop.", "Pumps wear. Valves close. Oil flows.", parts=(("paragraph", text),))
    assert told == Coherence(borders=1, between=1.0, inside=0.5)


def test_a_border_that_is_as_its_neighbours_is_even() -> None:
    told = held("Pumps run. Pumps stop.", "Pumps wear.", parts=(("paragraph", "Pumps run. Pumps stop. Pumps wear."),))
    assert told == Coherence(borders=1, between=1.0, inside=1.0, even=1)


def test_nothing_is_told_across_a_heading_or_where_no_joint_is_inside() -> None:
    parts = (("paragraph", "Pumps run."), ("heading", "Valves"), ("paragraph", "Valves close. Valves open."))
    assert held("Pumps run.", "Valves\n\nValves close.", "Valves open.", parts=parts) == Coherence()


def test_sums_of_documents_add_up() -> None:
    assert Coherence(1, 0.5, 1.0, 1, 0) + Coherence(2, 0.5, 0.5, 0, 1) == Coherence(3, 1.0, 1.5, 1, 1)


# --------------------------------------------------------------------- redundancy

SAID = "the pump moves forty litres of clean water every minute"


def test_neighbours_that_say_the_same_are_found() -> None:
    made = document(("paragraph", SAID), ("paragraph", SAID), ("paragraph", "a valve closes below two bar of pressure"))
    found = redundancy(made, chunks(made, SAID, SAID, "a valve closes below two bar of pressure"))
    assert (found.pairs, found.alike) == (2, 1)
    assert (found.grams, found.repeated) == (6 + 6 + 4, 6)


def test_han_characters_are_words() -> None:
    made = document(("paragraph", "离心泵用于输送清水"), ("paragraph", "离心泵用于冷却"))
    found = redundancy(made, chunks(made, "离心泵用于输送清水", "离心泵用于冷却"))
    assert (found.grams, found.repeated, found.alike) == (5 + 3, 1, 0)


def test_header_rows_and_overlap_are_told_apart_from_what_is_said_twice() -> None:
    made = document(("paragraph", "one two three four five six"))
    first, second = chunks(made, "one two three", "four five six")
    second = second.model_copy(
        update={"overlap": ((8, 13),), "added_prefix": "a | b\n", "text": "a | b\nthree\nfour five six"}
    )
    found = redundancy(made, [first, second])
    assert (found.characters, found.added, found.overlapping) == (len(first.text) + len(second.text), 6, 5)
    assert (found.grams, found.repeated) == (2, 0)


# ----------------------------------------------------------------------- span sets


def test_spans_are_sets_of_characters() -> None:
    union = merged([(5, 8), (0, 3), (3, 4), (7, 9)])
    assert union == [(0, 4), (5, 9)]
    assert length(union) == 8
    assert common(union, [(2, 6), (8, 20)]) == [(2, 4), (5, 6), (8, 9)]
    assert list(Gaps(union).of(2, 12)) == [(4, 5), (9, 12)]
    assert list(Gaps([]).of(2, 4)) == [(2, 4)]


def test_a_chunk_without_blocks_is_told_nothing_about() -> None:
    made = document(("paragraph", "It runs."))
    loose = chunks(made, "It runs.")[0].model_copy(update={"blocks": ()})
    assert list(leanings(made, [loose])) == [frozenset()]
    assert list(paths_right(made, [loose])) == [True]
