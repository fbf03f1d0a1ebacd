"""Whatever the Markdown, no character is lost: the blocks hold all but the syntax that is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.parsers.decoding import decode
from ingest.parsers.markdown.front_matter import read_front_matter
from ingest.parsers.markdown.parser import markdown_blocks
from schemas.document import Block, BlockKind, Document

LEFT_OUT = re.compile(r"(?:[\s>#=_*+\-]|\d{1,9}[.)]|\[\^[^\]\s]+\]:|<!--.*?-->)*", re.DOTALL)

PIECES = (
    *("# ", "## ", "###### ", " #", "===", "---", "***", "- ", "* ", "+ ", "1. ", "12) ", "> ", ">> ", "    ", "\t"),
    *("```", "```py", "~~~", "$$", "$x$", "| a | b |", "|---|:-:|", "| --- |", "|", "<!-- c -->", "<!--", "-->"),
    *("<table><tr><td>x</td></tr></table>", "<div>", "</div>", "<table>", "<br>", "[a]: /url", "[^1]: note", "[^1]"),
    *("[ ] ", "[x] ", "**b**", "`c`", "![i](u)", "[l](u)", "\\", "&amp;", "word", "两个词", "。", "\u3000", "\u00a0"),
    *("title: x", "+++", "...", "é", "😀", "a_b", "1", "-", "=", "#", ":", ".", "\u2028", "  "),
)
LINES = st.lists(st.lists(st.sampled_from(PIECES), max_size=5).map("".join), max_size=14).map("\n".join)
CONSTRUCTS = st.sampled_from(
    [
        ("| a | b |", "|---|:-:|", "| 1 | 2 |"),
        ("```py", "x = 1", "", "y", "```"),
        ("$$", "x^2", "$$"),
        ("# Title #",),
        ("Title", "====="),
        ("some words", "and more"),
        ("<table>", "<tr><th>a</th></tr><tr><td>1</td></tr>", "</table>"),
        ("<!-- hidden -->",),
        ("[a]: /url", '"title"'),
        ("[^n]: a note",),
        ("    code",),
        ("---",),
    ]
)
CONTAINERS = st.lists(st.sampled_from([("- ", "  "), ("10. ", "    "), ("> ", "> "), ("> ", ""), ("", "")]), max_size=4)


@st.composite
def nested(draw: st.DrawFn) -> str:
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 5))):
        content = list(draw(CONSTRUCTS))
        for first, rest in draw(CONTAINERS):
            content = [first + content[0], *(rest + line for line in content[1:])]
        lines += [*content, *[""] * draw(st.integers(0, 1))]
    return "\n".join(lines)


CHARACTERS = st.text(st.sampled_from("#>-*+1.) \n\n\tab`~$|:[]^<!=_\\中"), max_size=80)


def check(text: str) -> tuple[Block, ...]:
    blocks = markdown_blocks(text, read_front_matter(text))
    Document(text=text, parser="markdown", parser_version="1", blocks=blocks)
    position = 0
    for block in blocks:
        assert LEFT_OUT.fullmatch(text[position : block.start]), (text[position : block.start], block)
        assert text[block.start : block.end].strip(), block
        position = block.end
        _check_parts(text, block, blocks)
    assert LEFT_OUT.fullmatch(text[position:]), text[position:]
    return blocks


def _check_parts(text: str, block: Block, blocks: tuple[Block, ...]) -> None:
    if block.parent is not None:
        assert blocks[block.parent].kind is BlockKind.LIST_ITEM
        assert block.parent < block.ordinal
    if block.table:
        own, end = text[block.start : block.end], 0
        for number, (start, stop) in enumerate(block.table.rows):
            assert start < stop <= len(own)
            assert re.fullmatch(r"[\s|:>\-]*", own[end:start]), own[end:start]
            assert block.table.header_end <= start or number < block.table.header_rows
            end = stop
        assert re.fullmatch(r"[\s|:>\-]*", own[end:]), own[end:]


@given(LINES)
@settings(max_examples=400, deadline=None)
@example("-\n  a\n- - b\n  # c\n")
@example("> - a\n> - b\n>\n>   c\n\n1. # h\n   x")
@example("- [a]: /u\n- b")
@example("[^1]:\n\n    text\n")
@example("***a***\n- ***\n")
@example("> - | a | b |\n>   |---|---|\n>   | 1 |\n>   | 1 | 2 | 3 |\n")
@example("<table><caption>c</caption><thead><tr><th>a</thead><tr><td rowspan=9>x</table>")
def test_no_line_is_lost(text: str) -> None:
    check(decode(text.encode()).text)


@given(nested())
@settings(max_examples=300, deadline=None)
def test_no_part_of_a_nested_construct_is_lost(text: str) -> None:
    check(text)


@given(CHARACTERS)
@settings(max_examples=300, deadline=None)
def test_no_character_is_lost(text: str) -> None:
    check(text)


@pytest.mark.parametrize("mark", ["> ", "- ", "1. ", "  - "])
def test_nesting_beyond_all_measure_loses_nothing_and_does_not_end_in_a_recursion(mark: str) -> None:
    check(mark * 400 + "deep")
    check("".join("  " * depth + "- item\n" for depth in range(150)))


def test_no_character_of_real_files_is_lost(corpus: Path) -> None:
    files = sorted(corpus.rglob("*.md"))
    assert len(files) > 1000
    for path in files[:: len(files) // 150]:
        check(decode(path.read_bytes()).text)
