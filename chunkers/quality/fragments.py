"""Chunks that are too short to be of use by themselves, and need not be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemas.chunk import Chunk, ChunkKind

SHORT = 0.5
"""Of the least number of tokens that a chunk should have."""
_RUNNING = frozenset({ChunkKind.TEXT, ChunkKind.LIST})


def fragments(chunks: Sequence[Chunk], minimum: int, target: int) -> Iterator[bool]:
    """Of each chunk: whether it is far shorter than `minimum` tokens though a neighbour of its section has room
    for it. Tables, code and figures stand by themselves however short they are."""
    for at, chunk in enumerate(chunks):
        yield (
            chunk.token_count < SHORT * minimum
            and chunk.kind in _RUNNING
            and any(
                other.kind in _RUNNING
                and other.section == chunk.section
                and other.token_count + chunk.token_count <= target
                for other in (*chunks[max(0, at - 1) : at], *chunks[at + 1 : at + 2])
            )
        )
