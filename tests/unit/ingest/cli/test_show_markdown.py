from __future__ import annotations

from ingest.cli.show import to_markdown
from schemas.document import Block, BlockKind, Document


def document(*blocks: tuple[BlockKind, int | None, str]) -> Document:
    text, made = "", []
    for ordinal, (kind, level, content) in enumerate(blocks):
        made.append(Block(ordinal=ordinal, kind=kind, start=len(text), end=len(text) + len(content), level=level))
        text += content + "\n"
    return Document(text=text, parser="made", parser_version="1", blocks=tuple(made))


def test_headings_stand_below_the_title() -> None:
    told = document(
        (BlockKind.TITLE, 0, "Pumps"), (BlockKind.HEADING, 1, "Start"), (BlockKind.HEADING, 6, "As deep as it goes")
    )

    assert to_markdown(told) == "# Pumps\n\n## Start\n\n###### As deep as it goes\n"


def test_without_a_title_the_first_level_is_the_first() -> None:
    assert to_markdown(document((BlockKind.HEADING, 1, "Start"))) == "# Start\n"


def test_a_paragraph_that_begins_like_a_heading_is_none() -> None:
    assert to_markdown(document((BlockKind.PARAGRAPH, None, "# a comment"))) == "\\# a comment\n"


def test_an_item_has_one_mark_whatever_the_page_drew() -> None:
    items = document(
        (BlockKind.LIST_ITEM, 0, "• oil"), (BlockKind.LIST_ITEM, 1, "2. water"), (BlockKind.LIST_ITEM, 0, "air")
    )

    assert to_markdown(items) == "- oil\n\n  2. water\n\n- air\n"
