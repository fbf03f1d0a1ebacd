"""What a parser makes of one file. It knows no document id and no version."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from schemas.base import BBox, Record, Span
from schemas.source import MetadataValue


class BlockKind(StrEnum):
    TITLE = "title"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE = "table"
    CODE = "code"
    FORMULA = "formula"
    FIGURE = "figure"
    CAPTION = "caption"
    FOOTNOTE = "footnote"
    QUOTE = "quote"
    METADATA = "metadata"
    HEADER = "header"
    FOOTER = "footer"
    PAGE_NUMBER = "page_number"
    WATERMARK = "watermark"


FURNITURE = frozenset({BlockKind.HEADER, BlockKind.FOOTER, BlockKind.PAGE_NUMBER, BlockKind.WATERMARK})
"""Kinds that repeat on pages and are kept out of chunks."""

HEADINGS = frozenset({BlockKind.TITLE, BlockKind.HEADING})


class PageMethod(StrEnum):
    DIGITAL = "digital"
    OCR = "ocr"
    MIXED = "mixed"
    EMPTY = "empty"
    FAILED = "failed"


class Page(Record):
    """One page; sizes in PDF points as shown, `rotation` in degrees clockwise.

    `reason` says why it was read this way ("text layer", "image only", the error of a failed page).
    `confidence` is OCR's, the mean over the page's characters; `doubtful` counts its lines in doubt.
    """

    number: int = Field(ge=1)
    width: float
    height: float
    rotation: int = 0
    method: PageMethod
    reason: str = ""
    confidence: float | None = Field(default=None, ge=0, le=1)
    doubtful: int = Field(default=0, ge=0)


class Region(Record):
    """Where something stands: a page (from 1) and, where known, its box."""

    page: int = Field(ge=1)
    bbox: BBox | None = None


class TableCell(Record):
    row: int = Field(ge=0)
    col: int = Field(ge=0)
    row_span: int = Field(default=1, ge=1)
    col_span: int = Field(default=1, ge=1)
    text: str
    header: bool = False


class Table(Record):
    """The grid of a table block.

    `rows[i]` is row i's span relative to the block's start; the rows are in order and cover every
    character of the block but white space and the delimiter line of Markdown. `header_end` is
    the end of the header lines, delimiter included; 0 when there are none.
    """

    n_rows: int = Field(ge=0)
    n_cols: int = Field(ge=0)
    header_rows: int = Field(default=0, ge=0)
    header_end: int = Field(default=0, ge=0)
    rows: tuple[Span, ...]
    cells: tuple[TableCell, ...]

    @model_validator(mode="after")
    def _rows_match(self) -> Self:
        if len(self.rows) != self.n_rows or self.header_rows > self.n_rows:
            raise ValueError(f"{len(self.rows)} row spans for {self.n_rows} rows, {self.header_rows} of them header")
        return self


PrintedPiece = tuple[int, int, float, float, float, float]
"""`(start, page, x0, y0, x1, y1)`: from character `start` of its block on, the block's text stands in this box of that
page. A piece is a printed line, a sentence's part of one, or a row of a table."""


class Block(Record):
    """A piece of the document in reading order: `Document.text[start:end]`.

    `level`: 1 to 6 for headings (a title is 0), depth from 0 for list items.
    `pieces`: where the parts of its text stand, in order, so that a part of it has boxes of its own;
    each reaches to the next larger `start`, and several of one `start` stand beside each other (a row,
    then cells of it that reach into other rows). Empty where they are not known, or are one.
    `parent`: the ordinal of the list item above, or of the figure or table that a caption or
    footnote belongs to. The heading above is the outline's to find.
    """

    ordinal: int = Field(ge=0)
    kind: BlockKind
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    level: int | None = None
    regions: tuple[Region, ...] = ()
    pieces: tuple[PrintedPiece, ...] = ()
    table: Table | None = None
    code_language: str | None = None
    confidence: float | None = None
    parent: int | None = None

    @property
    def is_furniture(self) -> bool:
        return self.kind in FURNITURE

    @property
    def is_heading(self) -> bool:
        return self.kind in HEADINGS


class ParseQuality(Record):
    """`replacement_share`: of characters that could not be decoded. `warnings`: sentences."""

    replacement_share: float = 0.0
    warnings: tuple[str, ...] = ()


class Document(Record):
    """The parse of one file.

    For text and Markdown `text` is the file's text after newline and Unicode normalisation; for
    the rest it is built by the parser, blocks in reading order. Blocks are ordered, do not
    overlap, and hold every character of `text` but white space and the syntax that a parser's
    documentation names (heading marks, thematic breaks).
    """

    text: str
    title: str | None = None
    language: str | None = None
    parser: str
    parser_version: str
    pages: tuple[Page, ...] = ()
    blocks: tuple[Block, ...] = ()
    metadata: dict[str, MetadataValue] = Field(default_factory=dict)
    quality: ParseQuality = Field(default_factory=ParseQuality)

    def text_of(self, block: Block) -> str:
        return self.text[block.start : block.end]

    @model_validator(mode="after")
    def _blocks_are_in_order(self) -> Self:
        end = 0
        for ordinal, block in enumerate(self.blocks):
            if block.ordinal != ordinal:
                raise ValueError(f"block {ordinal} calls itself {block.ordinal}")
            if not end <= block.start <= block.end <= len(self.text):
                raise ValueError(f"block {ordinal} [{block.start}, {block.end}) overlaps or leaves the text")
            end = block.end
        return self
