"""Borders between chunks inside a block of prose, by a rule that knows no sentences: `schemas.fit.BorderCheck`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from schemas.chunk import Chunk
from schemas.document import BlockKind, Document

_PROSE = frozenset({BlockKind.PARAGRAPH, BlockKind.QUOTE, BlockKind.LIST_ITEM})
_CLOSING = frozenset(".!?…:;。！？：；．‥︒؟۔।॥՝։｡")
_BEHIND_CLOSING = "\"'“”‘’«»()[]{}（）「」『』【】〉》〕*_`~ \t\r\n\u3000\u00a0"
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_SHOWN = 40
"""Characters of an example on each side."""
_AROUND = 400
"""Characters on each side within which a sentence would end. Where none does, the text is none of sentences (a key, a
list of letters), and no border in it could lie better."""


@dataclass(frozen=True, slots=True)
class Border:
    broken: bool
    before: str
    behind: str


def borders(document: Document, chunks: Sequence[Chunk]) -> Iterator[Border]:
    for chunk, after in pairwise(chunks):
        if not chunk.blocks or not after.blocks or chunk.blocks[-1] != after.blocks[0]:
            continue
        block = document.blocks[after.blocks[0]]
        end, start = chunk.spans[-1][1], after.spans[0][0]
        around = document.text[max(block.start, end - _AROUND) : min(block.end, start + _AROUND)]
        if block.kind in _PROSE and not _CLOSING.isdisjoint(around):
            before = document.text[max(block.start, end - _SHOWN) : end]
            behind = document.text[start : min(block.end, start + _SHOWN)]
            yield Border(_is_broken(before, behind), before, behind)


def _is_broken(before: str, behind: str) -> bool:
    last, first = before.rstrip(_BEHIND_CLOSING)[-1:], behind.lstrip()[:1]
    if not last or not first or last in _CLOSING:
        return False
    return first.islower() or bool(_HAN.fullmatch(last) and _HAN.fullmatch(first))
