"""Blocks before their places in the text are known."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ingest.parsers.building import DocumentBuilder
from ingest.parsers.office.pictures import Picture
from ingest.parsers.pdf.text import clean
from schemas.document import BlockKind, Region, TableCell

_SPACES = re.compile(r"[ \t]+")
_CODE_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Draft:
    """A block to be. `level`: of a heading from 1, of a list item from 0.

    `source` tells pieces of one paragraph or list item, which become one block, from others.
    `picture` is that of a figure; `confidence` is OCR's, of the text that it read there.
    """

    kind: BlockKind
    text: str = ""
    level: int = 0
    region: Region | None = None
    more_regions: tuple[Region, ...] = ()
    cells: tuple[TableCell, ...] = ()
    header_rows: int = 0
    code_language: str | None = None
    source: object = None
    picture: Picture | None = None
    confidence: float | None = None

    @property
    def where(self) -> tuple[Region, ...]:
        """Every page that it spans."""
        return (self.region, *self.more_regions) if self.region else ()

    @property
    def is_empty(self) -> bool:
        if self.kind is BlockKind.TABLE:
            return not any(cell.text.strip() for cell in self.cells)
        return not self.text.strip()


def tidy(text: str) -> str:
    """Line breaks stay, other runs of white space become one space, lines lose their ends."""
    lines = (_SPACES.sub(" ", clean(line)).strip() for line in text.replace("\v", "\n").replace("\r", "\n").split("\n"))
    return re.sub(r"\n{2,}", "\n", "\n".join(lines)).strip()


def tidy_code(text: str) -> str:
    return unicodedata.normalize("NFC", _CODE_CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def joined(drafts: Iterable[Draft]) -> list[Draft]:
    """Without the empty ones; neighbours of one source are one block, their texts on lines."""
    kept: list[Draft] = []
    for draft in drafts:
        if draft.is_empty:
            continue
        last = kept[-1] if kept else None
        if last and last.source is not None and last.source == draft.source and _mergeable(last, draft):
            kept[-1] = replace(last, text=f"{last.text}\n{draft.text}")
        else:
            kept.append(draft)
    return kept


def _mergeable(first: Draft, second: Draft) -> bool:
    apart = {BlockKind.TABLE, BlockKind.FIGURE}
    return first.kind is second.kind and first.kind not in apart


def build(drafts: Iterable[Draft]) -> DocumentBuilder:
    """The blocks of what is not empty. A caption belongs to the table or figure that it touches."""
    blocks = joined(drafts)
    builder = DocumentBuilder()
    for ordinal, draft in enumerate(blocks):
        match draft.kind:
            case BlockKind.HEADING:
                builder.heading(_one_line(draft.text), draft.level, draft.where)
            case BlockKind.LIST_ITEM:
                builder.list_item(draft.text, draft.level, draft.where)
            case BlockKind.TABLE:
                builder.table(draft.cells, draft.header_rows, draft.where)
            case BlockKind.CODE:
                builder.code(draft.text, draft.code_language, draft.where)
            case BlockKind.CAPTION:
                builder.add(BlockKind.CAPTION, draft.text, draft.where, parent=_captioned(blocks, ordinal))
            case _:
                level = 0 if draft.kind is BlockKind.TITLE else None
                builder.add(draft.kind, draft.text, draft.where, level=level, confidence=draft.confidence)
    return builder


def _captioned(blocks: Sequence[Draft], ordinal: int) -> int | None:
    for near in (ordinal - 1, ordinal + 1):
        if 0 <= near < len(blocks) and blocks[near].kind is BlockKind.FIGURE:
            return near
    for near in (ordinal + 1, ordinal - 1):
        if 0 <= near < len(blocks) and blocks[near].kind is BlockKind.TABLE:
            return near
    return None


def _one_line(text: str) -> str:
    return " ".join(text.split())
