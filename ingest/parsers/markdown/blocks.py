"""Markdown tokens to blocks: slices of the source, in its order."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from ingest.parsers.html_tables import read_html_table
from ingest.parsers.markdown.gaps import with_uncovered
from ingest.parsers.markdown.syntax import REFERENCE, plain_text
from ingest.parsers.source_lines import SourceLines
from schemas.base import Span
from schemas.document import Block, BlockKind, Table, TableCell

if TYPE_CHECKING:
    from markdown_it.token import Token

_COMMENTS = re.compile(r"\s*(?:<!--(?:(?!-->).)*-->\s*)+\Z", re.DOTALL)


class _Container(Enum):
    QUOTE = "blockquote"
    ITEM = "list_item"
    FOOTNOTE = "footnote_reference"


@dataclass(slots=True)
class _Frame:
    """An open container. `untouched` until its first child came; `ordinal` of an item's block."""

    container: _Container
    line: int
    marker: str = ""
    depth: int = 0
    untouched: bool = True
    ordinal: int | None = None


class BlockBuilder:
    """One use: `build()` walks the tokens once.

    Offsets are found from the line maps of the tokens. The content of a line is a suffix of it,
    so where it starts is told by its length, whatever markers stand before it.
    """

    def __init__(self, lines: SourceLines, tokens: Sequence[Token]) -> None:
        self._lines = lines
        self._tokens = tokens
        self._frames: list[_Frame] = []
        self._depth = -1
        self._blocks: list[Block] = []
        self._left_out: list[Span] = []
        self._leaves: dict[str, Callable[[Token], None]] = {
            "fence": self._fence,
            "code_block": self._indented_code,
            "html_block": self._html,
            "math_block": self._formula,
            "math_block_label": self._formula,
            REFERENCE: self._reference,
            "hr": self._thematic_break,
        }

    def metadata(self, end: int) -> None:
        """The front matter, which is cut off before Markdown is read."""
        self._add(BlockKind.METADATA, 0, end)

    def build(self) -> tuple[Block, ...]:
        position = 0
        while position < len(self._tokens):
            position = self._take(position)
        return with_uncovered(self._lines.text, self._blocks, self._left_out)

    def _take(self, position: int) -> int:
        """Handles the token there; returns where the next one to handle is."""
        token = self._tokens[position]
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                self._touch()
                self._depth += 1
            case "bullet_list_close" | "ordered_list_close":
                self._depth -= 1
            case "list_item_open":
                marker = token.info + token.markup
                self._frames.append(_Frame(_Container.ITEM, _lines_of(token)[0], marker, self._depth))
            case "blockquote_open":
                self._touch()
                self._frames.append(_Frame(_Container.QUOTE, _lines_of(token)[0]))
            case "footnote_reference_open":
                self._touch()
                self._frames.append(_Frame(_Container.FOOTNOTE, _lines_of(token)[0]))
            case "list_item_close" | "blockquote_close" | "footnote_reference_close":
                self._frames.pop()
            case "paragraph_open":
                self._paragraph(self._tokens[position + 1])
            case "heading_open":
                self._heading(token, self._tokens[position + 1])
            case "table_open":
                return self._table(position)
            case leaf if leaf in self._leaves:
                self._leaves[leaf](token)
        return position + 1

    # --- leaves

    def _paragraph(self, inline: Token) -> None:
        first, end = _lines_of(inline)
        start, stop = self._content_start(first, inline.content), self._lines.end(end - 1)
        frame = self._frames[-1] if self._frames else None
        if frame is None:
            self._add(BlockKind.PARAGRAPH, start, stop)
        elif frame.container is _Container.QUOTE:
            self._add(BlockKind.QUOTE, start, stop)
        elif frame.container is _Container.FOOTNOTE:
            label = self._lines.start(frame.line) + self._lines.line(frame.line).find("[^")
            self._add(BlockKind.FOOTNOTE, label if frame.untouched else start, stop)
        elif frame.untouched:
            parent = self._parent()
            frame.ordinal = self._add(
                BlockKind.LIST_ITEM, self._marker_start(frame, first, start), stop, frame.depth, parent
            )
        else:
            self._add(BlockKind.PARAGRAPH, start, stop)

    def _heading(self, opening: Token, inline: Token) -> None:
        first, end = _lines_of(opening)
        content = inline.content
        if opening.markup.startswith("#"):
            start = self._lines.start(first) + self._lines.line(first).rfind(content)
            stop = start + len(content)
        else:
            start = self._content_start(first, content)
            stop = self._lines.end(first + content.count("\n"))
        self._left_out.append((self._lines.start(first), start))
        self._left_out.append((stop, self._lines.end(end - 1)))
        if any(frame.container is _Container.QUOTE for frame in self._frames):
            # A heading that is quoted opens no section of this document.
            self._add(BlockKind.QUOTE, start, stop)
        else:
            self._add(BlockKind.HEADING, start, stop, int(opening.tag[1:]))

    def _fence(self, token: Token) -> None:
        first, end = _lines_of(token)
        start = self._lines.start(first) + self._lines.line(first).find(token.markup)
        words = token.info.split()
        language = words[0].strip("{}.").lower() if words else ""
        self._add(BlockKind.CODE, start, self._lines.end(end - 1), code_language=language or None)

    def _indented_code(self, token: Token) -> None:
        first, end = _lines_of(token)
        start = self._content_start(first, token.content)
        margin = self._lines.text[self._lines.start(first) : start]
        # The first line keeps its indentation, so that the lines stay aligned.
        self._add(BlockKind.CODE, start if margin.strip() else self._lines.start(first), self._lines.end(end - 1))

    def _html(self, token: Token) -> None:
        first, end = _lines_of(token)
        start, stop = self._lines.trimmed(self._content_start(first, token.content), self._lines.end(end - 1))
        if _COMMENTS.match(token.content):
            self._touch()
            self._left_out.append((start, stop))
            return
        html = self._lines.text[start:stop]
        # Inside a quote the source holds `>` marks that the token's content does not.
        table = read_html_table(html) if html[:6].lower() == "<table" and html == token.content.strip() else None
        self._add(BlockKind.TABLE if table else BlockKind.PARAGRAPH, start, stop, table=table)

    def _formula(self, token: Token) -> None:
        first, end = _lines_of(token)
        start = self._lines.start(first) + self._lines.line(first).find("$$")
        self._add(BlockKind.FORMULA, start, self._lines.end(end - 1))

    def _reference(self, token: Token) -> None:
        first, end = _lines_of(token)
        start = self._lines.start(first) + self._lines.line(first).find("[")
        self._add(BlockKind.METADATA, start, self._lines.end(end - 1))

    def _thematic_break(self, token: Token) -> None:
        self._touch()
        first, end = _lines_of(token)
        self._left_out.append((self._lines.start(first), self._lines.end(end - 1)))

    def _table(self, position: int) -> int:
        """Returns the position past the table."""
        first, end = _lines_of(self._tokens[position])
        start = self._content_start(first, self._table_line(position, first))
        grid, position = _grid(self._tokens, position)
        # The delimiter line, which is no row, is the second one.
        numbers = [first, *range(first + 2, end)]
        ends = [self._lines.trimmed(start, self._lines.end(number))[1] - start for number in numbers]
        starts = [0, *(self._lines.trimmed(self._lines.start(n), self._lines.end(n))[0] - start for n in numbers[1:])]
        table = Table(
            n_rows=len(numbers),
            n_cols=max(cell.col for cell in grid) + 1,
            header_rows=1,
            header_end=self._lines.trimmed(start, self._lines.end(first + 1))[1] - start,
            rows=tuple(zip(starts, ends, strict=True)),
            cells=tuple(grid),
        )
        self._add(BlockKind.TABLE, start, self._lines.end(end - 1), table=table)
        return position

    def _table_line(self, position: int, line: int) -> str:
        """The header line without the markers of containers before it."""
        text = self._lines.line(line).rstrip()
        bar = text.find("|")
        first_cell = next(t.content for t in self._tokens[position:] if t.type == "inline")
        before_bar = text.find(first_cell) if first_cell else bar
        return text[min(bar, before_bar) if before_bar >= 0 else bar :]

    # --- where things stand

    def _content_start(self, line: int, content: str) -> int:
        """Where the first line of `content`, of which white space at the ends is cut, begins."""
        end = self._lines.start(line) + len(self._lines.line(line).rstrip())
        wanted = content.lstrip("\n").split("\n", 1)[0].strip()
        return end - len(wanted) if self._lines.text.startswith(wanted, end - len(wanted)) else self._lines.start(line)

    def _marker_start(self, frame: _Frame, line: int, content: int) -> int:
        """Where the bullet or number of an item stands whose text begins at `content` in `line`."""
        line_start = self._lines.start(frame.line)
        before = self._lines.text[line_start : content if line == frame.line else self._lines.end(frame.line)].rstrip()
        return line_start + len(before) - len(frame.marker) if before.endswith(frame.marker) else content

    def _parent(self) -> int | None:
        items = (f for f in reversed(self._frames) if f.container is _Container.ITEM and f.ordinal is not None)
        return next((frame.ordinal for frame in items), None)

    def _touch(self) -> None:
        for frame in self._frames:
            frame.untouched = False

    def _add(
        self,
        kind: BlockKind,
        start: int,
        stop: int,
        level: int | None = None,
        parent: int | None = None,
        *,
        table: Table | None = None,
        code_language: str | None = None,
    ) -> int | None:
        """The ordinal of the new block; None, and none, when the span is blank."""
        if parent is None and kind is not BlockKind.LIST_ITEM:
            parent = self._parent()
        self._touch()
        stop = start + len(self._lines.text[start:stop].rstrip())
        if not self._lines.text[start:stop].strip():
            return None
        self._blocks.append(
            Block(
                ordinal=len(self._blocks),
                kind=kind,
                start=start,
                end=stop,
                level=level,
                parent=parent,
                table=table,
                code_language=code_language,
            )
        )
        return len(self._blocks) - 1


def _lines_of(token: Token) -> tuple[int, int]:
    if token.map is None:
        raise ValueError(f"a {token.type} token without lines")
    return token.map[0], token.map[1]


def _grid(tokens: Sequence[Token], position: int) -> tuple[list[TableCell], int]:
    """The cells of the table whose opening token stands at `position`, and the position past it."""
    cells: list[TableCell] = []
    row, col = -1, 0
    while tokens[position].type != "table_close":
        token = tokens[position]
        if token.type == "tr_open":
            row, col = row + 1, 0
        elif token.type in {"th_open", "td_open"}:
            text = plain_text(tokens[position + 1].content)
            cells.append(TableCell(row=row, col=col, text=text, header=token.type == "th_open"))
            col += 1
        position += 1
    return cells, position + 1
