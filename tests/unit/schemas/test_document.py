from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from schemas.document import FURNITURE, HEADINGS, Block, BlockKind, Document, Page, PageMethod, Region, Table, TableCell

TEXT = "# Title\n\nFirst.\n\nSecond.\n"


def block(ordinal: int, start: int, end: int, kind: BlockKind = BlockKind.PARAGRAPH, **more: Any) -> Block:
    return Block(ordinal=ordinal, kind=kind, start=start, end=end, **more)


def document(*blocks: Block, text: str = TEXT) -> Document:
    return Document(text=text, parser="markdown", parser_version="1", blocks=blocks)


def test_a_block_is_a_slice_of_the_documents_text() -> None:
    made = document(block(0, 2, 7, BlockKind.TITLE, level=0), block(1, 9, 15), block(2, 17, 24))

    assert [made.text_of(one) for one in made.blocks] == ["Title", "First.", "Second."]


def test_blocks_may_touch_and_the_last_may_end_with_the_text() -> None:
    assert len(document(block(0, 0, 9), block(1, 9, len(TEXT))).blocks) == 2


@pytest.mark.parametrize(
    "blocks",
    [
        pytest.param((block(0, 0, 9), block(1, 8, 12)), id="overlapping"),
        pytest.param((block(0, 9, 15), block(1, 0, 7)), id="out of order"),
        pytest.param((block(0, 5, 3),), id="backwards"),
        pytest.param((block(0, 0, len(TEXT) + 1),), id="beyond the text"),
        pytest.param((block(1, 0, 7),), id="ordinals from one"),
        pytest.param((block(0, 0, 7), block(0, 9, 15)), id="an ordinal twice"),
    ],
)
def test_blocks_that_do_not_tell_the_reading_order_are_refused(blocks: tuple[Block, ...]) -> None:
    with pytest.raises(ValidationError):
        document(*blocks)


def test_a_document_is_frozen_and_knows_no_other_fields() -> None:
    made = document()

    with pytest.raises(ValidationError):
        made.title = "other"  # that it is refused is the point
    with pytest.raises(ValidationError):
        Document.model_validate({**made.model_dump(), "doc_id": "a parser must not know it"})


def test_furniture_is_no_heading_and_a_title_is_one() -> None:
    assert FURNITURE.isdisjoint(HEADINGS)
    assert block(0, 0, 1, BlockKind.TITLE).is_heading
    assert block(0, 0, 1, BlockKind.PAGE_NUMBER).is_furniture
    assert not block(0, 0, 1, BlockKind.TABLE).is_furniture


def test_a_table_has_a_span_for_every_row() -> None:
    cell = TableCell(row=0, col=0, text="a")

    assert Table(n_rows=1, n_cols=1, rows=((0, 3),), cells=(cell,)).header_rows == 0
    with pytest.raises(ValidationError, match="1 row spans for 2 rows"):
        Table(n_rows=2, n_cols=1, rows=((0, 3),), cells=(cell,))


def test_a_table_has_no_more_header_rows_than_rows() -> None:
    with pytest.raises(ValidationError, match="2 of them header"):
        Table(n_rows=1, n_cols=1, header_rows=2, rows=((0, 3),), cells=())


@pytest.mark.parametrize("number", [0, -1])
def test_pages_count_from_one(number: int) -> None:
    with pytest.raises(ValidationError):
        Page(number=number, width=595, height=842, method=PageMethod.DIGITAL)
    with pytest.raises(ValidationError):
        Region(page=number)


def test_a_cell_covers_itself_at_least() -> None:
    with pytest.raises(ValidationError):
        TableCell(row=0, col=0, row_span=0, text="a")
