"""What a report counts, on documents small enough to count by hand."""

from __future__ import annotations

import pytest

from chunkers.quality import Coverage, Joint, TableFate, coverage, joints, table_fates
from schemas.chunk import Chunk, ChunkKind
from schemas.document import Block, BlockKind, Document, Table


def document(*parts: tuple[str, str], rows: tuple[tuple[int, int], ...] = ()) -> Document:
    """Blocks of (kind, text) with a blank line between them; `rows` are of its tables."""
    text, blocks = "", []
    for ordinal, (kind, content) in enumerate(parts):
        grid = Table(n_rows=len(rows), n_cols=1, rows=rows, cells=()) if kind == "table" and rows else None
        blocks.append(
            Block(ordinal=ordinal, kind=BlockKind(kind), start=len(text), end=len(text) + len(content), table=grid)
        )
        text += content + "\n\n"
    return Document(text=text, parser="made", parser_version="1", blocks=tuple(blocks))


def chunks(made: Document, *texts: str, flags: tuple[str, ...] = ()) -> list[Chunk]:
    """One chunk for each text, found behind the one before."""
    found, at = [], 0
    for ordinal, text in enumerate(texts):
        start = made.text.index(text, at)
        at = start + len(text)
        blocks = tuple(block.ordinal for block in made.blocks if block.start < at and start < block.end)
        found.append(
            Chunk(
                ordinal=ordinal, kind=ChunkKind.TEXT, text=text, spans=((start, at),), blocks=blocks, section="s",
                position=ordinal, token_count=1, strategy="made", rule="default", flags=flags,
            )
        )  # fmt: skip
    return found


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
ROWS = ((0, 5), (6, 11), (12, 17))


def fate(made: Document, *texts: str, flags: tuple[str, ...] = ()) -> TableFate:
    (found,) = table_fates(made, chunks(made, *texts, flags=flags))
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
    (one_flagged,) = table_fates(made, [first.model_copy(update={"flags": ("row_cut",)}), second])
    assert one_flagged == TableFate(2, 1, 1)


def test_a_row_in_three_pieces_is_one_row() -> None:
    made = document(("table", "| a | b | c |"), rows=((0, 13),))
    assert fate(made, "| a", "| b", "| c |") == TableFate(3, 1, 1)


def test_a_table_without_a_grid_has_lines_for_rows() -> None:
    made = document(("table", GRID))
    assert fate(made, "| a |", "| b |\n| c |") == TableFate(2, 0, 0)
    assert fate(made, "| a |\n|", "b |\n| c |") == TableFate(2, 1, 1)


def test_text_around_a_table_may_share_its_chunk() -> None:
    made = document(("caption", "Faults"), ("table", GRID), ("table", "  "), rows=ROWS)
    assert fate(made, "Faults\n\n| a |", "| b |\n| c |") == TableFate(2, 0, 0)


# ------------------------------------------------------------------------- joints


def met(made: Document, *texts: str) -> list[Joint]:
    return list(joints(made, chunks(made, *texts)))


def test_one_chunk_meets_no_other() -> None:
    assert met(document(("paragraph", "It runs.")), "It runs.") == []


def test_blocks_that_end_with_their_chunk_are_not_cut() -> None:
    made = document(("heading", "Pump"), ("paragraph", "It runs."))
    assert met(made, "Pump", "It runs.") == [Joint.BETWEEN_BLOCKS]


@pytest.mark.parametrize(
    ("texts", "joint"),
    [
        (("It runs.", "It stops."), Joint.BETWEEN_SENTENCES),
        (("It runs. It", "stops."), Joint.INSIDE_SENTENCE),
        (("It", "runs. It stops."), Joint.INSIDE_SENTENCE),
        (("It runs", "It stops."), Joint.INSIDE_SENTENCE),
    ],
)
def test_a_paragraph_is_cut_between_or_inside_sentences(texts: tuple[str, ...], joint: Joint) -> None:
    assert met(document(("paragraph", "It runs. It stops.")), *texts) == [joint]


def test_chinese_sentences_have_joints_too() -> None:
    made = document(("paragraph", "泵在运行。阀门已关闭。"))
    assert met(made, "泵在运行。", "阀门已关闭。") == [Joint.BETWEEN_SENTENCES]
    assert met(made, "泵在运行。阀门", "已关闭。") == [Joint.INSIDE_SENTENCE]


@pytest.mark.parametrize(
    ("kind", "joint"),
    [
        ("table", Joint.IN_TABLES),
        ("code", Joint.IN_LINES),
        ("formula", Joint.IN_LINES),
        ("metadata", Joint.IN_LINES),
        ("list_item", Joint.INSIDE_SENTENCE),
        ("heading", Joint.INSIDE_SENTENCE),
    ],
)
def test_tables_and_lines_are_told_apart_from_prose(kind: str, joint: Joint) -> None:
    assert met(document((kind, "one two three")), "one", "two three") == [joint]


def test_every_two_neighbours_have_a_joint() -> None:
    made = document(("paragraph", "One. Two three."), ("table", "| a | b |"), ("paragraph", "Four five. Six."))
    assert met(made, "One.", "Two", "three.", "| a |", "b |", "Four five.", "Six.") == [
        Joint.BETWEEN_SENTENCES,
        Joint.INSIDE_SENTENCE,
        Joint.BETWEEN_BLOCKS,
        Joint.IN_TABLES,
        Joint.BETWEEN_BLOCKS,
        Joint.BETWEEN_SENTENCES,
    ]
