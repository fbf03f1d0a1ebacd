"""What the strategies have in common that cut a text without looking at its structure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from chunkers.base import TokenCounter
from chunkers.context import ContextLines
from chunkers.drafts import Draft, Measure
from chunkers.options import ChunkOptions, Limits
from chunkers.sealing import Numbering, Sealed, Sealer
from chunkers.table_parts import TableParts
from chunkers.units import Units
from chunkers.windows import Split, windows
from schemas.chunk import Chunk
from schemas.document import Document

BLANK_LINES = r"\n[^\S\n]*\n\s*"
"""One or more, as a pattern; a line of full-width spaces is blank too."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """What a splitter is told of sizes: `largest` tokens a piece may have, special ones left out."""

    counter: TokenCounter
    specials: int
    largest: int

    def tokens(self, text: str) -> int:
        """At least 1: langchain repeats a piece of no length at the beginning of the next chunk. It asks
        for the size of what it joins pieces with, too, which is nothing."""
        return max(1, self.counter.count([text])[0] - self.specials) if text else 0


@dataclass(frozen=True, slots=True)
class Splitting:
    """A way of splitting, by name. `version` counts up when it would cut elsewhere."""

    name: str
    version: str
    make: Callable[[Sizes], Split]


class SplitChunker:
    """Blind to structure: tables may be cut and headings crossed. Furniture is left out, nothing
    else is lost, every chunk is an exact slice, and the limit holds."""

    def __init__(self, splitting: Splitting, options: ChunkOptions, counter: TokenCounter, rule: str) -> None:
        self.name = splitting.name
        self.version = splitting.version
        self._make = splitting.make
        self._counter = counter
        self._rule = rule
        self._limits = Limits.of(options, counter)

    def chunk(self, document: Document) -> Iterator[Chunk]:
        limits = self._limits
        units = Units(document)
        measure = Measure(document.text, self._counter, limits)
        contexts = ContextLines.of(document, self._counter, limits)
        tables = TableParts(document, units, measure, limits.content)
        sealer = Sealer(self._counter, limits, contexts, units, tables)
        return Numbering(document, tables, self.name, self._rule).chunks(self._sealed(document, units, sealer))

    def _sealed(self, document: Document, units: Units, sealer: Sealer) -> Iterator[Sealed]:
        limits = self._limits
        largest = max(1, min(limits.target - limits.specials, limits.content - limits.context))
        split = self._make(Sizes(self._counter, limits.specials, largest))
        for window in windows(document, units):
            yield from sealer.seal([Draft(piece, window.place) for piece in window.pieces(document.text, split)])


def remembered(tokens: Callable[[str], int]) -> Callable[[str], int]:
    """langchain asks for the same piece again when it joins pieces."""
    return lru_cache(maxsize=4096)(tokens)
