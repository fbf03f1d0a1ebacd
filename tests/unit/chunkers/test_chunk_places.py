"""Regions of parts of blocks."""

from __future__ import annotations

from chunkers.places import regions_of
from schemas.document import Block, BlockKind, Document, Page, PageMethod, Region

LINES = ("one two three. Four ", "five six seven eight ", "nine ten. Eleven.")


def paragraph(*, pieces: bool = True) -> Document:
    """Three lines of ten points, a hundred wide; the first has a sentence's end in its middle."""
    text = "".join(LINES)
    found = (
        (0, 1, 0.0, 0.0, 70.0, 10.0),
        (15, 1, 72.0, 0.0, 100.0, 10.0),
        (20, 1, 0.0, 12.0, 100.0, 22.0),
        (41, 1, 0.0, 24.0, 90.0, 34.0),
    )
    block = Block(
        ordinal=0,
        kind=BlockKind.PARAGRAPH,
        start=0,
        end=len(text),
        regions=(Region(page=1, bbox=(0.0, 0.0, 100.0, 34.0)),),
        pieces=found if pieces else (),
    )
    page = Page(number=1, width=100, height=100, method=PageMethod.DIGITAL)
    return Document(text=text, parser="made", parser_version="1", pages=(page,), blocks=(block,))


def boxes(document: Document, *spans: tuple[int, int]) -> list[tuple[float, ...] | None]:
    return [region.bbox for region in regions_of(document, [0], spans)]


def test_a_whole_block_has_its_own_box_whatever_its_pieces_are() -> None:
    document = paragraph()
    assert boxes(document, (0, len(document.text))) == [(0.0, 0.0, 100.0, 34.0)]


def test_a_block_without_pieces_gives_every_part_its_box() -> None:
    assert boxes(paragraph(pieces=False), (0, 10)) == [(0.0, 0.0, 100.0, 34.0)]


def test_a_part_has_the_boxes_of_its_own_lines() -> None:
    assert boxes(paragraph(), (15, 41)) == [(72.0, 0.0, 100.0, 10.0), (0.0, 12.0, 100.0, 22.0)]


def test_whole_lines_below_each_other_are_one_box() -> None:
    document = paragraph()
    assert boxes(document, (20, len(document.text))) == [(0.0, 12.0, 100.0, 34.0)]


def test_a_line_that_is_cut_within_gives_about_the_share_of_its_characters() -> None:
    (box,) = boxes(paragraph(), (20, 28))
    assert box is not None
    assert box[:2] == (0.0, 12.0)
    assert 30.0 < box[2] < 45.0


def test_a_line_that_is_not_level_is_not_cut() -> None:
    document = paragraph()
    block = document.blocks[0]
    upright = ((0, 1, 80.0, 0.0, 90.0, 90.0), (30, 1, 60.0, 0.0, 70.0, 90.0))
    turned = document.model_copy(update={"blocks": (block.model_copy(update={"pieces": upright}),)})
    assert boxes(turned, (0, 10)) == [(80.0, 0.0, 90.0, 90.0)]
