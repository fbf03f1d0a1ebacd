"""What a report counts, on documents small enough to count by hand."""

from __future__ import annotations

import pytest
from quality_documents import chunks, document

from chunkers.quality.coverage import Coverage, coverage
from chunkers.quality.joints import Joint, Place, joints
from chunkers.quality.tables import TableFate, table_fates
from schemas.document import Block, BlockKind, Document

# ------------------------------------------------------------------- completeness


def test_nothing_is_lost_where_every_visible_character_is_in_a_chunk() -> None:
    made = document(("heading", "Pump"), ("paragraph", "It moves  water.\nMuch of it."))
    assert coverage(made, chunks(made, "Pump", "It moves", "water.", "Much of it.")) == Coverage(26, 0)


@pytest.mark.parametrize(
    ("kept", "lost"),
    [
        (("Pump", "It moves"), 6),
        (("Pump", "water."), 7),
        (("Pump", "It", "water."), 5),
        (("It moves water.",), 4),
        (("ump", "It moves wate"), 3),
        ((), 17),
    ],
)
def test_characters_of_blocks_that_no_chunk_covers_are_lost(kept: tuple[str, ...], lost: int) -> None:
    made = document(("heading", "Pump"), ("paragraph", "It moves water."))
    assert coverage(made, chunks(made, *kept)) == Coverage(17, lost)


def test_furniture_and_the_syntax_between_blocks_are_not_text() -> None:
    made = Document(
        text="# Pump\n\npage 1",
        parser="made",
        parser_version="1",
        blocks=(
            Block(ordinal=0, kind=BlockKind.HEADING, start=2, end=6),
            Block(ordinal=1, kind=BlockKind.FOOTER, start=8, end=14),
        ),
    )
    assert coverage(made, chunks(made, "Pump")) == Coverage(4, 0)


def test_spans_that_overlap_cover_a_character_once() -> None:
    made = document(("paragraph", "one two three"))
    both = [*chunks(made, "one two"), *chunks(made, "two three")]
    assert coverage(made, both) == Coverage(11, 0)


# ------------------------------------------------------------------------- tables

GRID = "| a |\n| b |\n| c |"
NOTHING_FITS = 0
ROWS = ((0, 5), (6, 11), (12, 17))


def fate(made: Document, *texts: str, flags: tuple[str, ...] = ()) -> TableFate:
    (found,) = table_fates(made, chunks(made, *texts, flags=flags), NOTHING_FITS)
    return found


def test_a_table_in_one_chunk_is_whole() -> None:
    assert fate(document(("table", GRID), rows=ROWS), GRID) == TableFate(1, 0, 0)


def test_a_table_in_no_chunk_is_told() -> None:
    assert fate(document(("table", GRID), rows=ROWS)) == TableFate(0, 0, 0)


def test_a_cut_between_rows_cuts_no_row() -> None:
    assert fate(document(("table", GRID), rows=ROWS), "| a |\n| b |", "| c |") == TableFate(2, 0, 0)


def test_half_a_row_counts_unless_every_chunk_of_it_is_flagged() -> None:
    made = document(("table", GRID), rows=ROWS)
    cut = ("| a |\n| b", "|\n| c |")
    assert fate(made, *cut) == TableFate(2, 1, 1)
    assert fate(made, *cut, flags=("row_cut",)) == TableFate(2, 1, 0)
    first, second = chunks(made, *cut)
    (one_flagged,) = table_fates(made, [first.model_copy(update={"flags": ("row_cut",)}), second], NOTHING_FITS)
    assert one_flagged == TableFate(2, 1, 1)


def test_a_row_in_three_pieces_is_one_row() -> None:
    made = document(("table", "| a | b | c |"), rows=((0, 13),))
    assert fate(made, "| a", "| b", "| c |") == TableFate(3, 1, 1)


def test_a_table_without_a_grid_has_lines_for_rows() -> None:
    made = document(("table", GRID))
    assert fate(made, "| a |", "| b |\n| c |") == TableFate(2, 0, 0)
    assert fate(made, "| a |\n|", "b |\n| c |") == TableFate(2, 1, 1)


def test_a_part_tells_the_header_rows_or_says_that_it_cannot() -> None:
    made = headed()
    first, second = chunks(made, "| a |\n| b |", "| c |")
    told = second.model_copy(update={"added_prefix": "| a |\n", "text": "| a |\n| c |"})
    flagged = second.model_copy(update={"flags": ("header_omitted",)})
    found = [next(table_fates(made, [first, part], NOTHING_FITS)).headless for part in (second, told, flagged)]
    assert found == [1, 0, 0]


def test_header_rows_alone_need_no_header() -> None:
    made = headed()
    told = chunks(made, "| a |", "| b |\n| c |")
    told[1] = told[1].model_copy(update={"added_prefix": "| a |\n", "text": "| a |\n| b |\n| c |"})
    assert next(table_fates(made, told, NOTHING_FITS)).headless == 0


def test_a_delimiter_line_below_header_rows_is_no_row_that_needs_them() -> None:
    text = "| a |\n| b |\n| - |\n| c |"
    made = document(("table", text), rows=((0, 5), (6, 11), (18, 23)))
    table = made.blocks[0].table
    assert table is not None
    headed = table.model_copy(update={"header_rows": 2, "header_end": 17})
    made = made.model_copy(update={"blocks": (made.blocks[0].model_copy(update={"table": headed}),)})
    told = chunks(made, "| a |", "| b |\n| - |", "| c |")
    assert next(table_fates(made, told, NOTHING_FITS)).headless == 1
    told[2] = told[2].model_copy(update={"flags": ("header_omitted",)})
    assert next(table_fates(made, told, NOTHING_FITS)).headless == 0


def headed() -> Document:
    """Its table's first row is a header."""
    made = document(("table", GRID), rows=ROWS)
    table = made.blocks[0].table
    assert table is not None
    headed = table.model_copy(update={"header_rows": 1, "header_end": 5})
    return made.model_copy(update={"blocks": (made.blocks[0].model_copy(update={"table": headed}),)})


@pytest.mark.parametrize(("budget", "needless"), [(17, False), (18, True)])
def test_a_table_that_is_well_below_the_budget_is_cut_without_need(budget: int, needless: bool) -> None:
    made = document(("table", GRID), rows=ROWS)  # 16 characters in chunks, one token each
    (found,) = table_fates(made, chunks(made, "| a |\n| b |", "| c |"), budget)
    assert found.needless is needless


def test_text_around_a_table_may_share_its_chunk() -> None:
    made = document(("caption", "Faults"), ("table", GRID), ("table", "  "), rows=ROWS)
    assert fate(made, "Faults\n\n| a |", "| b |\n| c |") == TableFate(2, 0, 0)


# ------------------------------------------------------------------------- joints


def met(made: Document, *texts: str) -> list[Place]:
    return [joint.place for joint in joints(made, chunks(made, *texts), NOTHING_FITS)]


def test_one_chunk_meets_no_other() -> None:
    assert met(document(("paragraph", "It runs.")), "It runs.") == []


def test_blocks_that_end_with_their_chunk_are_not_cut() -> None:
    made = document(("heading", "Pump"), ("paragraph", "It runs."))
    assert met(made, "Pump", "It runs.") == [Place.BETWEEN_BLOCKS]


@pytest.mark.parametrize(
    ("texts", "joint"),
    [
        (("It runs.", "It stops."), Place.BETWEEN_SENTENCES),
        (("It runs. It", "stops."), Place.INSIDE_SENTENCE),
        (("It", "runs. It stops."), Place.INSIDE_SENTENCE),
        (("It runs", "It stops."), Place.INSIDE_SENTENCE),
    ],
)
def test_a_paragraph_is_cut_between_or_inside_sentences(texts: tuple[str, ...], joint: Place) -> None:
    assert met(document(("paragraph", "It runs. It stops.")), *texts) == [joint]


def test_chinese_sentences_have_joints_too() -> None:
    made = document(("paragraph", "泵在运行。阀门已关闭。"))
    assert met(made, "泵在运行。", "阀门已关闭。") == [Place.BETWEEN_SENTENCES]
    assert met(made, "泵在运行。阀门", "已关闭。") == [Place.INSIDE_SENTENCE]


@pytest.mark.parametrize(
    ("kind", "joint"),
    [
        ("table", Place.IN_TABLES),
        ("code", Place.IN_LINES),
        ("formula", Place.IN_LINES),
        ("metadata", Place.IN_LINES),
        ("list_item", Place.INSIDE_SENTENCE),
        ("heading", Place.INSIDE_SENTENCE),
    ],
)
def test_tables_and_lines_are_told_apart_from_prose(kind: str, joint: Place) -> None:
    assert met(document((kind, "one two three")), "one", "two three") == [joint]


def test_every_two_neighbours_have_a_joint() -> None:
    made = document(("paragraph", "One. Two three."), ("table", "| a | b |"), ("paragraph", "Four five. Six."))
    assert met(made, "One.", "Two", "three.", "| a |", "b |", "Four five.", "Six.") == [
        Place.BETWEEN_SENTENCES,
        Place.INSIDE_SENTENCE,
        Place.BETWEEN_BLOCKS,
        Place.IN_TABLES,
        Place.BETWEEN_BLOCKS,
        Place.BETWEEN_SENTENCES,
    ]


def test_a_sentence_that_would_fit_is_cut_without_need() -> None:
    made = document(("paragraph", "It runs. It stops now."))
    cut = chunks(made, "It runs. It", "stops now.")  # 12 characters of the sentence are in chunks, one token each
    assert list(joints(made, cut, 20)) == [Joint(Place.INSIDE_SENTENCE, needless=True)]
    assert list(joints(made, cut, 13)) == [Joint(Place.INSIDE_SENTENCE)]
    assert list(joints(made, chunks(made, "It runs.", "It stops now."), 20)) == [Joint(Place.BETWEEN_SENTENCES)]
