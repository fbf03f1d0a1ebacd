from __future__ import annotations

import pytest

from ingest.dedup.furniture import difference_of_furniture, furniture_lines
from schemas.document import Block, BlockKind, Document, Page, PageMethod


def document(*blocks: tuple[BlockKind, str]) -> Document:
    text, made = "", []
    for ordinal, (kind, own) in enumerate(blocks):
        made.append(Block(ordinal=ordinal, kind=kind, start=len(text), end=len(text) + len(own)))
        text += own + "\n"
    page = Page(number=1, width=1, height=1, method=PageMethod.DIGITAL)
    return Document(text=text, parser="p", parser_version="1", pages=(page,), blocks=tuple(made))


def lines(*texts: str, kind: BlockKind = BlockKind.HEADER) -> tuple[str, ...]:
    return furniture_lines(document(*((kind, text) for text in texts)))


def test_margins_are_told_once_and_in_order_without_text_and_page_numbers() -> None:
    made = document(
        (BlockKind.HEADER, "Acme  Terms"),
        (BlockKind.PARAGRAPH, "The body."),
        (BlockKind.PAGE_NUMBER, "1"),
        (BlockKind.WATERMARK, "ＤＲＡＦＴ"),
        (BlockKind.HEADER, "Acme Terms"),
        (BlockKind.FOOTER, "12"),
    )
    assert furniture_lines(made) == ("Acme Terms", "DRAFT")


def test_numbers_that_run_with_the_pages_are_no_facts_and_others_are() -> None:
    assert lines("Terms 2021 – page 1 of 2", "Terms 2021 – page 2 of 2") == ("Terms 2021 - page # of #",)
    assert lines("Terms 2021 – page 1 of 1") == ("Terms 2021 - page # of #",)
    assert lines("2021 / 17 / Acme", "2021 / 18 / Acme") == ("2021 / # / Acme",)
    assert lines("合同 第 3 页 共 9 页") == ("合同 第 # 页 共 # 页",)
    assert lines("Version 1.2") == ("Version 1.2",)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Terms for Acme", "Terms for Globex"), ("Terms of trade", "DRAFT Terms of trade"),
        ("Valid 2021", "Valid 2022"),
        ("客户：张伟", "客户：李娜"), ("", "Terms for Acme"),
    ],
)  # fmt: skip
def test_a_fact_in_the_margins_tells_documents_apart_from_either_side(one: str, other: str) -> None:
    assert difference_of_furniture(one, other) is not None
    assert difference_of_furniture(one, other) == difference_of_furniture(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Terms of trade", "TERMS OF TRADE"), ("Terms of trade", "The general Terms of trade"), (None, "A")],
)
def test_what_is_no_fact_or_is_not_known_does_not(one: str | None, other: str) -> None:
    assert difference_of_furniture(one, other) is None
