"""Which Markdown is read, and how: the tokens of blocks, and the clean text of inline markup."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

REFERENCE = "reference_definition"
"""Type of the token for one link reference definition; markdown-it itself makes none."""

_NESTING = 100
"""Levels of tokens, two a list. markdown-it drops what is nested deeper (by default, than ten
lists); what it drops is found again as uncovered text. More would meet Python's recursion limit."""

_MARKUP = frozenset("\\`*_~[]<>&!$^")


def block_tokens(text: str) -> Sequence[Token]:
    """Block tokens in source order, with the lines that each spans; inline text is not parsed."""
    return _block_parser().parse(text, {})


def plain_text(source: str) -> str:
    """Inline Markdown without its markup: link and image text stays, addresses and HTML tags go."""
    if _MARKUP.isdisjoint(source):
        return " ".join(source.split())
    tokens = _inline_parser().parseInline(source, {})
    return " ".join("".join(_text_of(tokens[0].children or ())).split())


def _text_of(tokens: Sequence[Token]) -> list[str]:
    parts = []
    for token in tokens:
        if token.type in {"text", "code_inline", "math_inline", "math_inline_double"}:
            parts.append(token.content)
        elif token.type in {"softbreak", "hardbreak"} or (token.type == "html_inline" and token.content[:3] == "<br"):
            parts.append(" ")
        elif token.type == "image":
            parts.extend(_text_of(token.children or ()))
    return parts


@cache
def _block_parser() -> MarkdownIt:
    from mdit_py_plugins.footnote import footnote_plugin  # with the parser, when one is needed

    parser = _parser().enable("table").use(footnote_plugin, move_to_end=False)
    parser.core.ruler.enableOnly(["normalize", "block"])
    _keep_reference_definitions(parser)
    return parser


@cache
def _inline_parser() -> MarkdownIt:
    return _parser().enable("strikethrough")


def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # its import costs 0.1 s
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    return MarkdownIt("commonmark", {"maxNesting": _NESTING}).use(
        dollarmath_plugin, allow_space=False, allow_digits=False, allow_blank_lines=False
    )


def _keep_reference_definitions(parser: MarkdownIt) -> None:
    from markdown_it.rules_block import reference

    def kept(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
        matched = reference(state, start_line, end_line, silent)
        if matched and not silent:
            token = state.push(REFERENCE, "", 0)
            token.map = [start_line, state.line]
        return matched

    parser.block.ruler.at("reference", kept)
