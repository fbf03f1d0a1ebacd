from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.checks.paragraphs import paragraphs_found
from schemas.document import Block, BlockKind, Document

ONE = "The pump moves forty litres of water a minute at full speed."
OTHER = "Oil the bearing every three hundred hours, and look whether the seal leaks."
HAN = "离心泵每分钟输送四十升水，每三百小时加油一次。"


def document(*texts: str, title: str | None = None) -> Document:
    text = "\n".join(texts)
    blocks, start = [], 0
    for ordinal, each in enumerate(texts):
        blocks.append(Block(ordinal=ordinal, kind=BlockKind.PARAGRAPH, start=start, end=start + len(each)))
        start += len(each) + 1
    return Document(text=text, title=title, parser="none", parser_version="1", blocks=tuple(blocks))


def test_a_paragraph_is_found_whatever_its_white_space_hyphens_case_and_ligatures() -> None:
    told = [
        "The pump moves forty lit-\nres of water a MINUTE  at full speed.",
        OTHER.replace("the seal", "the \ufb01rst seal"),
    ]
    there = document(ONE, OTHER.replace("the seal", "the first seal"))
    assert paragraphs_found(told, there).found == 2


def test_a_paragraph_that_is_not_there_is_missing_and_shown() -> None:
    found = paragraphs_found([ONE, OTHER, HAN], document(ONE, HAN))
    assert (found.paragraphs, found.found, found.missing) == (3, 2, (OTHER,))


def test_text_that_is_in_no_block_is_missing() -> None:
    whole = document(ONE, OTHER)
    assert paragraphs_found([ONE, OTHER], whole.model_copy(update={"blocks": whole.blocks[:1]})).missing == (OTHER,)


def test_what_is_told_as_the_title_counts_as_there() -> None:
    assert paragraphs_found([ONE], document(OTHER, title=ONE)).found == 1


@pytest.mark.parametrize(
    ("paragraph", "counted"), [("Page 4 of 7", 0), ("每三百小时加油一次。", 0), (HAN, 1), (ONE, 1)]
)
def test_what_is_too_short_to_tell_apart_is_not_counted(paragraph: str, counted: int) -> None:
    assert paragraphs_found([paragraph], document(ONE, HAN)).paragraphs == counted


def test_the_same_paragraph_counts_once() -> None:
    assert paragraphs_found([ONE, ONE.upper()], document(OTHER)).paragraphs == 1


def test_cells_of_a_row_may_stand_in_another_order() -> None:
    row = "Electricity consumption\nNatural gas consumption\nStanding charges"
    there = document("Standing charges | Electricity consumption | Natural gas consumption")
    assert paragraphs_found([row], there).found == 1


@given(st.lists(st.text(min_size=1, max_size=80), min_size=1, max_size=8))
def test_a_document_lacks_nothing_of_its_own_text(texts: list[str]) -> None:
    there = document(*texts)
    found = paragraphs_found(texts, there)
    assert found.found == found.paragraphs


@pytest.mark.parametrize("plain", ["Eto ochen prostoy text so snoskoy", "Eto ochen prostoy1 text so12 snoskoy"])
def test_marks_of_notes_within_a_short_paragraph_do_not_lose_it(plain: str) -> None:
    found = paragraphs_found([plain], document("Eto ochen prostoy[1] text so[12] snoskoy"))
    assert (found.paragraphs, found.found) == (1, 1)
