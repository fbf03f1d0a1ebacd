"""Markdown as what the scores compare: headings with levels, tables as grids, the text without marks.

Every parser's Markdown and every reference goes through here, so no parser gains by how it writes
a table, an emphasis or a heading.
"""

from __future__ import annotations

import html
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml import html as lxml_html
from lxml.html import HtmlElement
from markdown_it import MarkdownIt
from markdown_it.token import Token

TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL | re.IGNORECASE)
BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_DELIMITER = re.compile(r"\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*")
_FENCE = re.compile(r"\s*(```|~~~)")
_TAG = re.compile(r"<!--.*?-->|</?[a-zA-Z][^>]*>", re.DOTALL)
_PIPE = re.compile(r"(?<!\\)\|")
_MOST_COLUMNS = 1_000
"""HTML allows no wider span; a wrong one would fill the memory."""
_COMMON_MARK = MarkdownIt("commonmark").disable("lheading")
"""Headings begin with `#`: parsers write a rule below a text without meaning a heading."""


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Cell:
    """`row` and `col` are of its top left corner."""

    row: int
    col: int
    row_span: int
    col_span: int
    text: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. `slots[row][col]` is the index into `cells` of what covers this place; None where nothing does."""

    cells: tuple[Cell, ...]
    slots: tuple[tuple[int | None, ...], ...]

    @classmethod
    def of_rows(cls, rows: Iterable[Iterable[str]]) -> Grid:
        """Of plain rows without spans."""
        return _grid([Cell(r, c, 1, 1, text) for r, row in enumerate(rows) for c, text in enumerate(row)])


@dataclass(frozen=True, slots=True)
class Reading:
    """`markdown` is as it was, but for its tables, which are HTML. `text` has no tables and no marks."""

    markdown: str
    headings: tuple[Heading, ...]
    tables: tuple[Grid, ...]
    text: str


def read(markdown: str) -> Reading:
    as_html = with_html_tables(markdown)
    tables = tuple(grid_of(element) for element in table_elements(as_html))
    tokens = _COMMON_MARK.parse(without_tables(as_html))
    return Reading(as_html, tuple(_headings(tokens)), tables, "\n".join(filter(None, _texts(tokens))))


def normalised(text: str) -> str:
    """What two readings of one heading or cell have in common: letters, figures and signs, without
    white space, letter case and the shape of quotes and dashes."""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = re.sub("[‘’‚′`´]", "'", re.sub("[“”„″«»]", '"', re.sub("[‐‑‒–—―−]", "-", text)))
    return "".join(character for character in text if not character.isspace() and character not in "\u00ad\u200b")


# ------------------------------------------------------------------------- tables


def with_html_tables(markdown: str) -> str:
    """Pipe tables as HTML, their first row as `th`; all else, code blocks too, is left as it is."""
    lines = markdown.split("\n")
    made: list[str] = []
    fenced = False
    at = 0
    while at < len(lines):
        fenced ^= bool(_FENCE.match(lines[at]))
        if not fenced and _starts_table(lines, at):
            rows = [_pipe_cells(lines[at])]
            at += 2
            while at < len(lines) and lines[at].strip().startswith("|"):
                rows.append(_pipe_cells(lines[at]))
                at += 1
            made.append(_pipe_html(rows))
        else:
            made.append(lines[at])
            at += 1
    return "\n".join(made)


def without_tables(markdown: str) -> str:
    """Of `with_html_tables`."""
    return TABLE.sub("", markdown)


def table_elements(markdown: str) -> list[HtmlElement]:
    """Of `with_html_tables`."""
    return [lxml_html.fromstring(table) for table in TABLE.findall(markdown)]


def cell_text(element: HtmlElement) -> str:
    """A break is a space; pipe tables have it escaped, because no other mark of theirs is HTML."""
    for line_break in element.iter("br"):
        line_break.tail = f" {line_break.tail or ''}"
    return " ".join(BREAK.sub(" ", element.text_content()).split())


def grid_of(table: HtmlElement) -> Grid:
    cells: list[Cell] = []
    taken: set[tuple[int, int]] = set()
    for row, line in enumerate(table.iter("tr")):
        col = 0
        for element in line.iterchildren("td", "th"):
            while (row, col) in taken:
                col += 1
            cell = Cell(row, col, span(element, "rowspan"), span(element, "colspan"), cell_text(element))
            taken.update(_covered(cell))
            cells.append(cell)
            col += cell.col_span
    return _grid(cells)


def span(element: HtmlElement, name: str) -> int:
    text = element.get(name, "1").strip()
    return min(max(int(text), 1), _MOST_COLUMNS) if text.isdecimal() else 1


def _starts_table(lines: list[str], at: int) -> bool:
    return lines[at].strip().startswith("|") and at + 1 < len(lines) and _DELIMITER.fullmatch(lines[at + 1]) is not None


def _pipe_cells(line: str) -> list[str]:
    return [cell.strip() for cell in _PIPE.split(line.strip().removeprefix("|").removesuffix("|"))]


def _pipe_html(rows: list[list[str]]) -> str:
    """Rows have the header's width."""
    width = len(rows[0])
    lines = []
    for number, row in enumerate(rows):
        tag = "td" if number else "th"
        cells = (row + [""] * width)[:width]
        lines.append("".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells))
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


def _covered(cell: Cell) -> Iterator[tuple[int, int]]:
    for row in range(cell.row, cell.row + cell.row_span):
        for col in range(cell.col, cell.col + cell.col_span):
            yield row, col


def _grid(cells: list[Cell]) -> Grid:
    owner: dict[tuple[int, int], int] = {}
    height = max((cell.row for cell in cells), default=-1) + 1  # a span that leaves the table adds no row
    for index, cell in enumerate(cells):
        for place in _covered(cell):
            if place[0] < height:
                owner.setdefault(place, index)
    width = max((col for _, col in owner), default=-1) + 1
    return Grid(tuple(cells), tuple(tuple(owner.get((row, col)) for col in range(width)) for row in range(height)))


# ---------------------------------------------------------------- headings and text


def _headings(tokens: list[Token]) -> Iterator[Heading]:
    for opened, inline in itertools.pairwise(tokens):
        if opened.type == "heading_open":
            text = " ".join(inline_text(inline).split())
            if text:
                yield Heading(int(opened.tag[1:]), text)


def _texts(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "inline":
            yield inline_text(token)
        elif token.type in {"fence", "code_block"}:
            yield token.content
        elif token.type == "html_block":
            yield _without_tags(token.content)


def inline_text(inline: Token) -> str:
    """Without marks of emphasis, code or links; an image and HTML have no text."""
    parts = []
    for token in inline.children or ():
        if token.type in {"text", "code_inline"}:
            parts.append(token.content)
        elif token.type in {"softbreak", "hardbreak"}:
            parts.append("\n")
    return "".join(parts)


def _without_tags(text: str) -> str:
    return html.unescape(_TAG.sub(" ", text)).strip()
