from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.checks.paragraphs import ParagraphsFound
from ingest.checks.reading import compared
from ingest.parsers.base import ParseInput
from ingest.parsers.text import TextParser, text_blocks
from schemas.document import Block, Document
from schemas.errors import NoText
from schemas.source import Route


def headings(text: str, *, restructured: bool = False) -> list[tuple[int | None, str]]:
    blocks = text_blocks(text, restructured=restructured)
    return [(block.level, text[block.start : block.end]) for block in blocks if block.is_heading]


def parse(tmp_path: Path, text: str, name: str = "in.txt") -> Document:
    path = tmp_path / "file"
    path.write_text(text, encoding="utf-8")
    return TextParser().parse(ParseInput(path, name, "text/plain", Route.TEXT, path.stat().st_size))


def test_paragraphs_are_parted_by_blank_lines(tmp_path: Path) -> None:
    document = parse(tmp_path, "\n one\nstill one\n \t\ntwo  \n\n\nthree")
    assert [document.text_of(block) for block in document.blocks] == ["one\nstill one", "two", "three"]
    assert document.title is None


def test_an_indent_of_two_ideographic_spaces_opens_a_paragraph() -> None:
    text = "\u3000\u3000第一段。\n继续第一段。\n\u3000\u3000第二段。\n"
    blocks = text_blocks(text, restructured=False)
    assert [text[b.start : b.end] for b in blocks] == ["第一段。\n继续第一段。", "第二段。"]


def test_numbers_tell_the_levels() -> None:
    text = "1 Scope\n\ntext\n\n1.1 Terms\n\ntext\n\n1.1.1 Words\n\ntext\n\n2. Use\n\ntext\n\n2.1 Start\n\ntext"
    assert headings(text) == [(1, "1 Scope"), (2, "1.1 Terms"), (3, "1.1.1 Words"), (1, "2. Use"), (2, "2.1 Start")]


@pytest.mark.parametrize(
    "line",
    [
        "1. Wash the hands",  # a list: there is no 1.1
        "1.5 million people came",
        "3.2 GHz. It is fast.",
        "1.1 Terms of a sentence that ends here.",
        "2024.05.01 " + "A" * 90,
        "Short line",
        "NO",
        "A B 1 2 3 4 5",
        "一、准备工作，然后继续",
        "第一条 为了规范管理，制定本办法。",
        "第三章中我们看到，情况并非如此。",
        "| A |\n-----",
        "Name   Age\n----   ---",
    ],
)
def test_what_may_be_something_else_is_no_heading(line: str) -> None:
    assert headings(f"before\n\n{line}\n\nafter") == []


def test_chinese_units_tell_the_levels_by_which_of_them_there_are() -> None:
    text = "第一章 总则\n本章说明目的。\n第一节 目的\n内容。\n\n一、范围\n\n内容。\n\n第二章 附则\n内容。"
    assert headings(text) == [(1, "第一章 总则"), (2, "第一节 目的"), (3, "一、范围"), (1, "第二章 附则")]
    assert headings("一、背景\n\n内容。\n\n二、目标\n\n内容。") == [(1, "一、背景"), (1, "二、目标")]


def test_chinese_numbers_are_headings_where_they_count_on_over_text() -> None:
    text = (
        "一、总体要求\n公司须按本办法管理设备。\n（一）基本原则\n安全第一。\n（二）工作目标\n全年无事故。\n"
        "1. 短期目标\n三个月内完成检查。\n"
        "2. 长期目标\n三年内更换设备。\n二、保障措施\n各部门须配合。\n"
    )
    assert headings(text) == [
        (1, "一、总体要求"), (2, "（一）基本原则"), (2, "（二）工作目标"), (3, "1. 短期目标"), (3, "2. 长期目标"),
        (1, "二、保障措施"),
    ]  # fmt: skip


def test_decimals_are_headings_of_chinese_text_where_they_count_on_over_text() -> None:
    text = "1 概述\n本手册说明离心泵。\n1.1 用途\n输送清水。\n1.2 型号\n共有三种。\n2 安装\n先检查地基。\n"
    assert headings(text) == [(1, "1 概述"), (2, "1.1 用途"), (2, "1.2 型号"), (1, "2 安装")]


def test_a_number_that_stands_alone_is_a_heading_beside_or_above_others() -> None:
    text = "一、总则\n说明。\n（一）目的\n说明目的。\n（二）范围\n说明范围。\n"
    assert headings(text) == [(1, "一、总则"), (2, "（一）目的"), (2, "（二）范围")]
    text = "第一章 甲\n一、目的\n说明。\n二、范围\n说明。\n第二章 乙\n一、方式\n说明。\n"
    assert headings(text)[-2:] == [(1, "第二章 乙"), (2, "一、方式")]
    assert headings("一、目的\n说明。\n") == []


def test_letters_in_a_chinese_line_do_not_make_it_a_heading_in_capitals() -> None:
    assert headings("在 GPU 上训练\n\n内容。") == []
    assert headings("第一章 CPUPS 示例\n\n内容。\n\n第一节 数据\n\n内容。")[0] == (1, "第一章 CPUPS 示例")


def test_the_number_of_an_article_is_a_heading_and_its_text_is_text() -> None:
    text = (
        "第一章 总则\n第一条　为了规范管理，制定本办法。\n第二条　本办法适用于全体员工。\n包括临时员工。\n"
        "第二章 附则\n第三条 定义\n略。\n"
    )
    assert headings(text) == [(1, "第一章 总则"), (2, "第一条"), (2, "第二条"), (1, "第二章 附则"), (2, "第三条 定义")]
    bodies = [text[b.start : b.end] for b in text_blocks(text, restructured=False) if not b.is_heading]
    assert bodies == ["为了规范管理，制定本办法。", "本办法适用于全体员工。\n包括临时员工。", "略。"]


@pytest.mark.parametrize(
    "text",
    [
        "所需材料：\n一、水泵\n二、阀门\n三、轴承\n以上各一件。",
        "（一）姓名\n（二）性别\n（三）住址\n",
        "一、本公司负责供货，\n乙方付款。\n二、乙方负责安装，\n甲方验收。",
        "1. 水泵\n2. 阀门\n3. 轴承\n",
        "目录\n一、概述……1\n内容\n二、安装……5\n内容",
        "第一条 为了规范管理，制定本办法。",
        "三、接上文\n内容。\n五、另一处\n内容。",
        "一、名称\t数量\n水泵\t3\n二、名称\t数量\n阀门\t4\n",
        "2024 年全年\n产量上升。\n2025 年上半年\n产量下降。",
        "这一行文字很长而且没有结束因为它在这里被折成两行所以下一行只是继续写着\n一、这里不是标题\n内容。\n二、也没有\n",
    ],
)  # fmt: skip
def test_chinese_numbers_of_lists_tables_and_sentences_are_no_headings(text: str) -> None:
    assert headings(text) == []


def test_underlined_titles_are_headings_and_their_underline_is_left_out() -> None:
    text = "Manual\n======\nIntro.\n\nSetup\n-----\n\nSteps."
    blocks = text_blocks(text, restructured=False)
    assert [(b.level, text[b.start : b.end]) for b in blocks] == [
        (1, "Manual"),
        (None, "Intro."),
        (2, "Setup"),
        (None, "Steps."),
    ]


def test_capitals_alone_on_a_short_line_are_a_heading() -> None:
    assert headings("PREFACE\n\ntext\n\nCHAPTER ONE\n\ntext") == [(1, "PREFACE"), (1, "CHAPTER ONE")]
    assert headings("text\n\nTHE END OF IT") == []


def test_a_heading_that_opens_the_file_is_its_title(tmp_path: Path) -> None:
    assert parse(tmp_path, "PREFACE\n\ntext").title == "PREFACE"
    assert parse(tmp_path, "text\n\nPREFACE\n\ntext").title is None


def test_restructured_text_has_levels_by_first_appearance_of_the_marks(tmp_path: Path) -> None:
    text = ".. _label:\n\n=====\nTitle\n=====\n\nA\n~~~\n\n一、背景\n--------\n\ntext\n\nB\n~~~\ntext\n\nCAPITALS\n\nx"
    assert headings(text, restructured=True) == [(1, "Title"), (2, "A"), (3, "一、背景"), (2, "B")]
    assert parse(tmp_path, text, "guide.rst").title == "Title"


def test_a_very_long_line_is_one_paragraph() -> None:
    text = "word " * 200_000
    [block] = text_blocks(text, restructured=False)
    assert block.end == len(text) - 1


@pytest.mark.parametrize("text", ["", "\n \t\n"])
def test_a_file_without_text_is_no_text(tmp_path: Path, text: str) -> None:
    with pytest.raises(NoText, match=r"in\.txt"):
        parse(tmp_path, text)


PIECES = [
    "word",
    "1.1 Title",
    "第一章 总则",
    "===",
    "-----",
    "CAPITALS",
    "\u3000\u3000段",
    " ",
    "",
    "* * *",
    "1. item",
    "~~",
]


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("\n".join), st.booleans())
def test_no_character_is_lost_but_lines_of_marks(text: str, restructured: bool) -> None:
    blocks = text_blocks(text, restructured=restructured)
    Document(text=text, parser="text", parser_version="1", blocks=blocks)
    _check_gaps(text, blocks)


def test_no_character_of_real_files_is_lost(corpus: Path) -> None:
    paths = [*sorted(corpus.rglob("*.rst")), *sorted(corpus.rglob("LICENSE*.txt"))]
    assert len(paths) > 30
    for path in paths:
        text = path.read_text(encoding="utf-8")
        restructured = path.suffix == ".rst"
        _check_gaps(text, text_blocks(text, restructured=restructured), restructured=restructured)


def _check_gaps(text: str, blocks: tuple[Block, ...], *, restructured: bool = False) -> None:
    """`restructured`: comments and targets, with their bodies, are shown to nobody."""
    ends = [0, *(block.end for block in blocks)]
    starts = [*(block.start for block in blocks), len(text)]
    for start, end in zip(ends, starts, strict=True):
        for line in text[start:end].split("\n"):
            if not restructured or not (line[:1].isspace() or line.startswith(("..", "__ "))):
                assert len(set(line.replace(" ", ""))) <= 1, line
                assert not any(c.isalnum() for c in line), line


def told(text: str) -> list[tuple[str, int | None, int | None, str]]:
    blocks = text_blocks(text, restructured=False)
    return [(block.kind.value, block.level, block.parent, text[block.start : block.end]) for block in blocks]


def test_bullets_are_list_items_with_their_depth_and_the_lines_that_go_on() -> None:
    text = "Bring along:\n- boots that\n  keep dry\n  - laces\n\t* spare ones\n- a hat\n\nAfterwards."
    assert told(text) == [
        ("paragraph", None, None, "Bring along:"),
        ("list_item", 0, None, "- boots that\n  keep dry"),
        ("list_item", 1, 1, "- laces"),
        ("list_item", 2, 2, "* spare ones"),
        ("list_item", 0, None, "- a hat"),
        ("paragraph", None, None, "Afterwards."),
    ]


def test_numbers_that_count_on_are_a_list_in_chinese_too() -> None:
    assert [kind for kind, *_ in told("1、切断电源\n2、打开护盖\n（注意高温）\n3、取出滤芯")] == ["list_item"] * 3
    assert [kind for kind, *_ in told("步骤如下：\n（1）启动\n（2）停止")] == ["paragraph", "list_item", "list_item"]


@pytest.mark.parametrize(
    "text",
    [
        "He was born on\n12. May and died on\n30. June of that year.",
        "the sum of a\n- b is small",
        "-5 degrees\n-7 degrees",
        "3.5 litres\n4.5 litres",
        "*very* good",
    ],
)
def test_what_only_looks_like_a_list_is_a_paragraph(text: str) -> None:
    assert [kind for kind, *_ in told(text)] == ["paragraph"]


def test_a_directive_of_restructured_text_is_no_list() -> None:
    text = ".. note::\n   - one\n   - two\n\n* real\n* list"
    assert [block.kind.value for block in text_blocks(text, restructured=True)] == [
        "paragraph",
        "list_item",
        "list_item",
    ]


def test_turns_of_a_conversation_are_paragraphs() -> None:
    text = "Anna: Did it start?\nBen: It did.\nAt once.\nAnna: Good.\nBen: Yes.\n\nAnna: And now?\nBen: It stopped.\n"
    assert [text[b.start : b.end] for b in text_blocks(text, restructured=False)] == [
        "Anna: Did it start?",
        "Ben: It did.\nAt once.",
        "Anna: Good.",
        "Ben: Yes.",
        "Anna: And now?",
        "Ben: It stopped.",
    ]


def test_names_of_fields_are_no_speakers() -> None:
    text = "Name: Pump\nPower: 3 kW\nSpeed: fast\nMaker: us\nYear: 2020\nPrice: high\n"
    assert len(text_blocks(text, restructured=False)) == 1


RST = """.. SPDX-License-Identifier: GPL-2.0
   and more of it

.. _top: https://example.org/
__ https://example.org/2

:mod:`socket` --- Talks_ of ``sockets``
=======================================

.. index:: single: socket

.. toctree::
   :maxdepth: 1

   one
   two

.. note::

   Mind the gap.

.. [1] A note of its own.
.. |logo| image:: logo.png

... and so on.
"""


def test_restructured_text_is_read_without_what_it_does_not_show(tmp_path):
    path = tmp_path / "socket.rst"
    path.write_text(RST)
    document = TextParser().parse(ParseInput(path, path.name, "text/x-rst", Route.TEXT, len(RST)))
    assert document.title == "socket --- Talks of sockets"
    assert [document.text_of(block) for block in document.blocks] == [
        ":mod:`socket` --- Talks_ of ``sockets``",
        ".. note::",
        "Mind the gap.",
        ".. [1] A note of its own.\n.. |logo| image:: logo.png",
        "... and so on.",
    ]
    assert compared(path, "text/x-rst", document).found == ParagraphsFound(2, 2, ())
