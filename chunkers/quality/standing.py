"""Whether a chunk can be read by itself, as far as its first and last words tell.

Few words and precise ones: a chunk that is named here does lean on what is outside of it; of those that are
not, some will as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import pairwise

from chunkers.quality.texts import PROSE
from schemas.chunk import Chunk
from schemas.document import BlockKind, Document


class Leaning(StrEnum):
    """`pronoun`, `conjunction`: what it begins with. `open_end`: it ends with a mark that announces more.
    `hanging_heading`: it ends with a heading, and what that heads is in the next one."""

    PRONOUN = "pronoun"
    CONJUNCTION = "conjunction"
    OPEN_END = "open_end"
    HANGING_HEADING = "hanging_heading"


_VERB = (
    r"(?:is(?!,)|are|was|were|has|have|had|does|do|did|can|could|will|would|may|might|must|means|makes|allows|gives)"
)
_EXPLETIVE = r"(?:is|was|will be|would be|may be|can be|should be|has been) (?:\w+ ){1,3}(?:that|to|for|whether|if)"
PRONOUN = re.compile(
    rf"(?:they|he|she|its|their|his|her|them|(?-i:[Ii]t)(?! {_EXPLETIVE}))\b|(?:this|these|those|that) {_VERB}\b"
    "|它们?|[他她]们?(?![人国乡日山])|该(?!死)|其(?![他它实余次间后一二三])|此(?![外致刻人])|这[是个些种样一类两就也意]|那[是个些种样]",
    re.IGNORECASE,
)
"""IT is no pronoun, and "It is clear that …" names nothing that stands before it; nor do 其他 and 此外."""
CONJUNCTION = re.compile(
    "(?:and|but|or|nor|because|therefore|thus|hence|however|moreover|furthermore|nevertheless|nonetheless|otherwise"
    "|consequently|likewise|accordingly)\\b(?!['’-])"
    "|但(?![凡愿])|而[且是]|因此|所以|然而|并且|不过|于是|否则|从而|另外|此外",
    re.IGNORECASE,
)
_OPEN = frozenset(":：,，、;；（(—")


def leanings(document: Document, chunks: Sequence[Chunk]) -> Iterator[frozenset[Leaning]]:
    """Of each chunk. Only running text begins and ends with words that can tell: one that opens or closes with a
    table, code or a figure is told nothing about at that end."""
    for chunk, after in pairwise([*chunks, None]):
        if chunk is not None:
            found = (_beginning(document, chunk), _end(document, chunk, after))
            yield frozenset(leaning for leaning in found if leaning is not None)


def _beginning(document: Document, chunk: Chunk) -> Leaning | None:
    """A heading above the text tells what a pronoun stands for, so a chunk that opens with one stands."""
    if chunk.overlap or not chunk.blocks or document.blocks[chunk.blocks[0]].kind not in PROSE:
        return None
    start = chunk.spans[0][0]
    text = document.text[start : start + 80].lstrip(" \t\u3000*_>-–•\"'“‘「")
    if CONJUNCTION.match(text):
        return Leaning.CONJUNCTION
    return Leaning.PRONOUN if PRONOUN.match(text) else None


def _end(document: Document, chunk: Chunk, after: Chunk | None) -> Leaning | None:
    if not chunk.blocks:
        return None
    last = document.blocks[chunk.blocks[-1]]
    if last.is_heading:
        follows = after is not None and after.blocks and not document.blocks[after.blocks[0]].is_heading
        return Leaning.HANGING_HEADING if follows else None
    if last.kind not in PROSE and last.kind is not BlockKind.CAPTION:
        return None
    return Leaning.OPEN_END if chunk.text.rstrip(" \t\n*_")[-1:] in _OPEN else None
