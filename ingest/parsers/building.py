"""A document built piece by piece, for formats whose text does not stand in the file as it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ingest.parsers.language import detect_language
from ingest.parsers.table_text import table_text
from schemas.document import Block, BlockKind, Document, Page, ParseQuality, Region, Table, TableCell
from schemas.errors import NoText
from schemas.source import MetadataValue

BLOCK_JOIN = "\n\n"

Where = Region | Sequence[Region] | None
"""Where a block stands: every page that it spans, in order."""


class DocumentBuilder:
    """Blocks in reading order. Text is stripped; a piece without text adds nothing.

    >>> builder = DocumentBuilder()
    >>> builder.heading("Terms", 1)
    >>> builder.add(BlockKind.PARAGRAPH, "Either party may end it.")
    >>> builder.finish("contract.docx", "office", "1").text
    'Terms\\n\\nEither party may end it.'
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._blocks: list[Block] = []
        self._length = 0
        self._items: list[Block] = []

    def heading(self, text: str, level: int, region: Where = None) -> None:
        """`level` from 1; what is deeper than 6 is 6."""
        self.add(BlockKind.HEADING, text, region, level=min(max(level, 1), 6))

    def list_item(self, text: str, depth: int, region: Where = None) -> None:
        """`depth` from 0. Its parent is the last item above it that is less deep, in the same list."""
        self._items = [item for item in self._items if (item.level or 0) < depth]
        above = self._items[-1].ordinal if self._items else None
        self._append(BlockKind.LIST_ITEM, text, region, level=depth, parent=above)

    def table(self, cells: Sequence[TableCell], header_rows: int = 0, region: Where = None) -> None:
        """Nothing for cells that are all empty."""
        if any(cell.text.strip() for cell in cells):
            text, table = table_text(cells, header_rows)
            self._append(BlockKind.TABLE, text, region, table=table)

    def code(self, text: str, language: str | None = None, region: Where = None) -> None:
        self._append(BlockKind.CODE, text, region, code_language=language)

    def add(
        self, kind: BlockKind, text: str, region: Where = None, *, level: int | None = None,
        parent: int | None = None, confidence: float | None = None,
    ) -> None:  # fmt: skip
        self._append(kind, text, region, level=level, parent=parent, confidence=confidence)

    def finish(
        self, name: str, parser: str, version: str, *, title: str | None = None, pages: Sequence[Page] = (),
        metadata: Mapping[str, MetadataValue] | None = None, warnings: Sequence[str] = (),
        replacement_share: float = 0.0,
    ) -> Document:  # fmt: skip
        """Raises `NoText` when nothing was added. Without `title` it is the one heading of level 1."""
        if not self._blocks:
            raise NoText(f"{name} holds no text: leave it out, or put the text back.", name=name)
        text = BLOCK_JOIN.join(self._parts)
        return Document(
            text=text,
            title=title or self._own_title(),
            language=detect_language(text),
            parser=parser,
            parser_version=version,
            pages=tuple(pages),
            blocks=tuple(self._blocks),
            metadata=dict(metadata or {}),
            quality=ParseQuality(replacement_share=replacement_share, warnings=tuple(warnings)),
        )

    def _own_title(self) -> str | None:
        top = [block for block in self._blocks if block.kind is BlockKind.HEADING and block.level == 1]
        named = [block for block in self._blocks if block.kind is BlockKind.TITLE] or (top if len(top) == 1 else [])
        return " ".join(self._parts[named[0].ordinal].split()) if named else None

    def _append(
        self, kind: BlockKind, text: str, region: Where, *, level: int | None = None,
        parent: int | None = None, table: Table | None = None, code_language: str | None = None,
        confidence: float | None = None,
    ) -> None:  # fmt: skip
        # What a table's spans or code's indentation count on must not be cut off in front.
        text = text if table else text.strip("\n").rstrip() if kind is BlockKind.CODE else text.strip()
        if not text.strip():
            return
        start = self._length + len(BLOCK_JOIN) if self._parts else 0
        block = Block(
            ordinal=len(self._blocks),
            kind=kind,
            start=start,
            end=start + len(text),
            level=level,
            regions=(region,) if isinstance(region, Region) else tuple(region or ()),
            table=table,
            code_language=code_language,
            confidence=confidence,
            parent=parent,
        )
        self._items = [*self._items, block] if kind is BlockKind.LIST_ITEM else []
        self._parts.append(text)
        self._blocks.append(block)
        self._length = block.end
