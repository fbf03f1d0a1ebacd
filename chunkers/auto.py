"""`auto`: every document is cut as suits its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chunkers.base import Chunker
from chunkers.kinds import DocumentKind, kind_of
from chunkers.options import AUTO, ChunkOptions
from chunkers.routing import Way, ways
from schemas.chunk import Chunk
from schemas.document import Document
from schemas.ids import fingerprint

_DETECTOR = "1"
"""Counts up when a document would be of another kind."""


class AutoChunker:
    """The chunkers of all kinds, made at once, so that what one of them lacks is told before the
    first document. Chunks bear the strategy that cut them and the rule that chose it."""

    name = AUTO

    def __init__(self, options: ChunkOptions, make: Callable[[Way], Chunker]) -> None:
        self._chunkers: dict[DocumentKind, Chunker] = {kind: make(way) for kind, way in ways(options)}
        made = {kind.value: [chunker.name, chunker.version] for kind, chunker in self._chunkers.items()}
        self.version = fingerprint([_DETECTOR, made])[:16]

    def chunk(self, document: Document) -> Iterator[Chunk]:
        return self._chunkers[kind_of(document).kind].chunk(document)
