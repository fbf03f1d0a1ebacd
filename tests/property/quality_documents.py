"""Documents and chunks made by hand, small enough to count. Loaded by tests; not collected itself."""

from __future__ import annotations

from schemas.chunk import Chunk, ChunkKind
from schemas.document import Block, BlockKind, Document, Table


def document(*parts: tuple[str, str], rows: tuple[tuple[int, int], ...] = ()) -> Document:
    """Blocks of (kind, text) with a blank line between them; `rows` are of its tables."""
    text, blocks = "", []
    for ordinal, (kind, content) in enumerate(parts):
        grid = Table(n_rows=len(rows), n_cols=1, rows=rows, cells=()) if kind == "table" and rows else None
        blocks.append(
            Block(ordinal=ordinal, kind=BlockKind(kind), start=len(text), end=len(text) + len(content), table=grid)
        )
        text += content + "\n\n"
    return Document(text=text, parser="made", parser_version="1", blocks=tuple(blocks))


def chunks(made: Document, *texts: str, flags: tuple[str, ...] = ()) -> list[Chunk]:
    """One chunk for each text, found behind the one before."""
    found, at = [], 0
    for ordinal, text in enumerate(texts):
        start = made.text.index(text, at)
        at = start + len(text)
        blocks = tuple(block.ordinal for block in made.blocks if block.start < at and start < block.end)
        found.append(
            Chunk(
                ordinal=ordinal, kind=ChunkKind.TEXT, text=text, spans=((start, at),), blocks=blocks, section="s",
                position=ordinal, token_count=len(text), strategy="made", rule="default", flags=flags,
            )
        )  # fmt: skip
    return found
