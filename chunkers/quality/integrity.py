"""Whether what belongs together stayed together: figures, list items, code, captions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from chunkers.quality.texts import clearly_fits
from schemas.chunk import Chunk
from schemas.document import Block, BlockKind, Document

KEPT_WHOLE = (BlockKind.FIGURE, BlockKind.LIST_ITEM, BlockKind.CODE, BlockKind.FORMULA)
"""Kinds besides tables that are one chunk, or in one, where they fit."""
_NOTES = frozenset({BlockKind.CAPTION, BlockKind.FOOTNOTE})


@dataclass(frozen=True, slots=True)
class BlockFate:
    """`needless`: it is in several chunks, and would have fitted into one."""

    kind: BlockKind
    chunks: int
    needless: bool


def block_fates(document: Document, chunks: Sequence[Chunk], budget: int) -> Iterator[BlockFate]:
    """Of every block of `KEPT_WHOLE` that holds more than white space, in order."""
    for block, holders in holders_of(document, chunks, frozenset(KEPT_WHOLE)):
        cut = len(holders) > 1
        yield BlockFate(block.kind, len(holders), cut and clearly_fits((block.start, block.end), holders, budget))


def notes_together(document: Document, chunks: Sequence[Chunk]) -> Iterator[bool]:
    """Of every caption and footnote that belongs to a figure or table with text of its own: whether one chunk has
    some of both."""
    told = {block.ordinal: holders for block, holders in holders_of(document, chunks, frozenset(BlockKind))}
    for block in document.blocks:
        if block.kind in _NOTES and block.parent in told and told.get(block.ordinal):
            wanted = block.parent
            yield any(wanted in chunk.blocks for chunk in told[block.ordinal])


def holders_of(
    document: Document, chunks: Sequence[Chunk], kinds: Collection[BlockKind]
) -> Iterator[tuple[Block, list[Chunk]]]:
    """Blocks of those kinds that hold more than white space, each with the chunks that name it."""
    holders: dict[int, list[Chunk]] = {
        block.ordinal: [] for block in document.blocks if block.kind in kinds and document.text_of(block).strip()
    }
    for chunk in chunks:
        for ordinal in chunk.blocks:
            if ordinal in holders:
                holders[ordinal].append(chunk)
    for ordinal, found in holders.items():
        yield document.blocks[ordinal], found
