"""Sentences of the chunk before, repeated at the beginning of a chunk where the options ask for it."""

from __future__ import annotations

from collections.abc import Sequence

from chunkers.base import TokenCounter
from chunkers.options import Limits
from chunkers.sentences import sentences
from chunkers.units import INSIDE_SENTENCE, PROSE, Unit
from schemas.base import Span
from schemas.chunk import SPAN_JOIN, build_embed_text
from schemas.document import Document

_BEYOND = 64
"""Characters behind a stretch of text that tell whether it ends with a sentence."""


class Overlaps:
    """Whole sentences of prose, as many as `overlap_tokens` and the maximum allow; a chunk is never
    repeated as a whole."""

    def __init__(self, document: Document, counter: TokenCounter, limits: Limits) -> None:
        self._document = document
        self._counter = counter
        self._limits = limits

    def before(self, earlier: Sequence[Unit], units: Sequence[Unit], context: str, text: str) -> tuple[Span, ...]:
        """What of `earlier`, the chunk before in the same section, stands above the `text` of `units`."""
        if not self._is_prose(units[0]) or (units[0].block == earlier[-1].block and units[0].joint in INSIDE_SENTENCE):
            return ()
        found = self._last_sentences(earlier)
        while found:
            spans = _joined(found)
            repeated = self.text(spans)
            alone, whole = self._counter.count([repeated, build_embed_text(context, f"{repeated}{SPAN_JOIN}{text}")])
            if alone - self._limits.specials <= self._limits.overlap and whole <= self._limits.maximum:
                return spans
            found = found[1:]
        return ()

    def text(self, spans: Sequence[Span]) -> str:
        return SPAN_JOIN.join(self._document.text[start:end] for start, end in spans)

    def _last_sentences(self, earlier: Sequence[Unit]) -> list[tuple[int, Span]]:
        """The block and span of each sentence at the end, in order, up to about the tokens asked for."""
        found: list[tuple[int, Span]] = []
        size = 0
        for unit in reversed(earlier):
            if not self._is_prose(unit):
                break
            spans = self._sentences(unit)
            whole = unit.joint not in INSIDE_SENTENCE and unit is not earlier[0]
            for span in reversed(spans if whole else spans[1:]):
                size += self._counter.count([self.text([span])])[0] - self._limits.specials
                if size > self._limits.overlap:
                    return found
                found.insert(0, (unit.block, span))
            if not whole or not spans:
                break
        return found

    def _sentences(self, unit: Unit) -> list[Span]:
        """Nothing where the unit ends inside a sentence, as units of blind splitters may."""
        text = self._document.text
        beyond = min(self._document.blocks[unit.block].end, unit.end + _BEYOND)
        spans: list[Span] = []
        for start, end in sentences(text, unit.start, beyond):
            spans.append((start, start + len(text[start:end].rstrip())))
            if spans[-1][1] >= unit.end:
                break
        return spans if spans and spans[-1][1] == unit.end else []

    def _is_prose(self, unit: Unit) -> bool:
        return self._document.blocks[unit.block].kind in PROSE


def _joined(found: Sequence[tuple[int, Span]]) -> tuple[Span, ...]:
    """One span for the sentences of one block."""
    of_block: dict[int, Span] = {}
    for block, (start, end) in found:
        of_block[block] = (of_block[block][0] if block in of_block else start, end)
    return tuple(of_block.values())
