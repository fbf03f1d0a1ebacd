"""What every count looks at."""

from __future__ import annotations

from collections.abc import Sequence

from chunkers.span_sets import common, length
from schemas.base import Span
from schemas.chunk import Chunk
from schemas.document import BlockKind

LINED = frozenset({BlockKind.CODE, BlockKind.FORMULA, BlockKind.METADATA})
"""Kinds that have lines and no sentences."""
PROSE = frozenset({BlockKind.PARAGRAPH, BlockKind.QUOTE, BlockKind.LIST_ITEM})
"""Kinds that are read as running text."""

LOOKED_AT = 10_000
"""Characters of a document, from its beginning, that are compared sentence by sentence: a bound for what it costs."""

_CLEARLY = 0.9
"""Of the budget: an estimate that is closer to it does not tell what fits."""


def clearly_fits(place: Span, holders: Sequence[Chunk], budget: int) -> bool:
    """Whether what stands at `place`, and is in `holders` now, would fit into one chunk under the context of the
    first: an estimate from their tokens, since the tokenizer is not at hand. True only where it is well
    below the budget."""
    tokens = sum(_density(chunk) * length(common(chunk.spans, [place])) for chunk in holders)
    return bool(holders) and tokens + _density(holders[0]) * len(holders[0].context) <= _CLEARLY * budget


def _density(chunk: Chunk) -> float:
    """Tokens a character."""
    return chunk.token_count / len(chunk.embed_text())
