"""Headings of Word and its like that no style names."""

from __future__ import annotations

from ingest.parsers.office.drafts import Draft
from ingest.parsers.office.numbered import with_numbered
from schemas.document import BlockKind

PARAGRAPH, HEADING = BlockKind.PARAGRAPH, BlockKind.HEADING


def told(*texts: str, kind: BlockKind = PARAGRAPH) -> list[tuple[str, int, str]]:
    return [(draft.kind.value, draft.level, draft.text) for draft in with_numbered([Draft(kind, t) for t in texts])]


def test_chinese_numbers_tell_headings_and_their_levels() -> None:
    assert told("第一章 总则", "一、目的", "说明目的。", "二、范围", "全体员工。") == [
        ("heading", 1, "第一章 总则"), ("heading", 2, "一、目的"), ("paragraph", 0, "说明目的。"),
        ("heading", 2, "二、范围"), ("paragraph", 0, "全体员工。"),
    ]  # fmt: skip


def test_an_article_has_its_number_for_a_heading() -> None:
    assert told("第一条 为了安全，制定本办法。", "第二条 本办法适用于全体员工。") == [
        ("heading", 1, "第一条"), ("paragraph", 0, "为了安全，制定本办法。"),
        ("heading", 1, "第二条"), ("paragraph", 0, "本办法适用于全体员工。"),
    ]  # fmt: skip


def test_where_a_style_names_a_heading_numbers_tell_none() -> None:
    drafts = [
        Draft(HEADING, "办法", 1),
        Draft(PARAGRAPH, "一、目的"),
        Draft(PARAGRAPH, "说明目的。"),
        Draft(PARAGRAPH, "二、范围"),
    ]
    assert with_numbered([*drafts, Draft(PARAGRAPH, "全体员工。")])[:4] == drafts


def test_items_that_follow_each_other_stay_a_list() -> None:
    assert {kind for kind, _, _ in told("一、水泵", "二、阀门", "三、轴承", kind=BlockKind.LIST_ITEM)} == {"list_item"}


def test_a_line_that_goes_on_after_a_break_is_no_heading() -> None:
    assert told("一、目的\n说明目的", "二、范围\n全体员工")[0] == ("paragraph", 0, "一、目的\n说明目的")
