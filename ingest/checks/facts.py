"""What the checks keep of one document: a pure function of its chunk set and its parse, in whole numbers.

So it can be kept under their digests, and a report is a sum. What is counted is defined in `schemas.parsing`,
`schemas.fit` and `schemas.drift`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Field

from ingest.checks.borders import borders
from schemas.base import Record
from schemas.chunk import ChunkSet
from schemas.document import Document, PageMethod

FACTS_VERSION = 2
"""Counts up when the same document would give other numbers."""
PARTS = 20
"""Bins of a confidence from 0 to 1."""
LENGTHS = 16
"""Bins of a token count up to the budget, and one more."""
_THOUSAND = 1000


class LanguageCounts(Record):
    chunks: int = 0
    characters: int = 0
    tokens: int = 0
    unknown: int = 0


class PageConfidence(Record):
    """In thousandths; `bins`: pages by twentieths."""

    pages: int = 0
    thousandths: int = 0
    bins: dict[int, int] = Field(default_factory=dict)
    characters: int = 0
    character_thousandths: int = 0
    doubtful_lines: int = 0
    doubtful_pages: int = 0


class BorderText(Record):
    before: str
    behind: str


class DocumentFacts(Record):
    """`parsed`: the parse was there; without it, only what the chunk set tells is counted. `lengths`: chunks by
    sixteenths of the budget, 16 for what is above. `borders`, `broken_borders`: see `BorderCheck`."""

    parsed: bool
    chunks: int
    languages: dict[str, LanguageCounts]
    lengths: dict[int, int]
    margin_lines: tuple[str, ...] = ()
    failed_pages: int = 0
    confidence: PageConfidence = PageConfidence()
    headings: dict[int, int] = Field(default_factory=dict)
    tables: int = 0
    tables_over_pages: int = 0
    tables_with_header: int = 0
    table_rows: int = 0
    table_cells: int = 0
    borders: int = 0
    broken_borders: int = 0
    border_examples: tuple[BorderText, ...] = ()


EXAMPLES = 3


def document_facts(chunk_set: ChunkSet, document: Document | None, budget: int) -> DocumentFacts:
    """`document`: the parse, where it is there. `budget`: tokens that a chunk may have."""
    facts = DocumentFacts(
        parsed=document is not None,
        chunks=len(chunk_set.chunks),
        languages=_languages(chunk_set),
        lengths=dict(sorted(Counter(_sixteenth(chunk.token_count, budget) for chunk in chunk_set.chunks).items())),
        margin_lines=chunk_set.furniture or (),
    )
    if document is None:
        return facts
    found = list(borders(document, chunk_set.chunks))
    broken = [BorderText(before=one.before, behind=one.behind) for one in found if one.broken]
    grids = _grids(document)
    return facts.model_copy(
        update={
            "failed_pages": sum(page.method is PageMethod.FAILED for page in document.pages),
            "confidence": _confidence(document),
            "headings": _headings(document),
            "tables": len(grids),
            "tables_over_pages": sum(grid.pages > 1 for grid in grids),
            "tables_with_header": sum(grid.has_header for grid in grids),
            "table_rows": sum(grid.rows for grid in grids),
            "table_cells": sum(grid.cells for grid in grids),
            "borders": len(found),
            "broken_borders": len(broken),
            "border_examples": tuple(broken[:EXAMPLES]),
        }
    )


def _languages(chunk_set: ChunkSet) -> dict[str, LanguageCounts]:
    sums: dict[str, list[int]] = {}
    for chunk, share in zip(chunk_set.chunks, chunk_set.unknown_shares, strict=True):
        own = sums.setdefault(chunk.language or "", [0, 0, 0, 0])
        own[0] += 1
        own[1] += len(chunk.embed_text())
        own[2] += chunk.token_count
        own[3] += round(share * chunk.token_count)
    return {
        language: LanguageCounts(chunks=own[0], characters=own[1], tokens=own[2], unknown=own[3])
        for language, own in sorted(sums.items())
    }


def _headings(document: Document) -> dict[int, int]:
    return dict(sorted(Counter(block.level or 0 for block in document.blocks if block.is_heading).items()))


def _sixteenth(tokens: int, budget: int) -> int:
    return min(LENGTHS * tokens // (budget + 1), LENGTHS)


def _confidence(document: Document) -> PageConfidence:
    pages = [round(_THOUSAND * page.confidence) for page in document.pages if page.confidence is not None]
    blocks = [
        (sum(not character.isspace() for character in document.text_of(block)), round(_THOUSAND * block.confidence))
        for block in document.blocks
        if block.confidence is not None
    ]
    return PageConfidence(
        pages=len(pages),
        thousandths=sum(pages),
        bins=dict(sorted(Counter(min(PARTS * own // _THOUSAND, PARTS - 1) for own in pages).items())),
        characters=sum(count for count, _ in blocks),
        character_thousandths=sum(count * own for count, own in blocks),
        doubtful_lines=sum(page.doubtful for page in document.pages),
        doubtful_pages=sum(page.doubtful > 0 for page in document.pages),
    )


@dataclass(frozen=True, slots=True)
class _Grid:
    pages: int
    has_header: bool
    rows: int
    cells: int


def _grids(document: Document) -> Sequence[_Grid]:
    return [
        _Grid(
            pages=len({region.page for region in block.regions}),
            has_header=block.table.header_rows > 0,
            rows=block.table.n_rows,
            cells=len(block.table.cells),
        )
        for block in document.blocks
        if block.table is not None
    ]
