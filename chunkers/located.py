"""Where the statements about a passage come from: its sentences, checked and not believed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from chunkers.base import Proposition
from chunkers.sentences import sentences
from chunkers.span_sets import stripped
from schemas.base import Span
from schemas.chunk import Chunk
from schemas.document import Document

SOURCE_UNKNOWN = "source_unknown"
"""A statement that was tied to no sentence, or to sentences that share no word with it: its spans
are the whole passage's, and the passage is kept beside it."""

_WORD = re.compile(r"[\u3400-\u9fff\u3040-\u30ff\uac00-\ud7a3]|\d+|[^\W\d_]{3,}")
_COMMON_WORDS = "the and for with from that this are was were has have had not but its their which"
_STOP = frozenset(_COMMON_WORDS.split())


@dataclass(frozen=True, slots=True)
class Source:
    """A passage in the document: its headings' spans, and those of its sentences, in order."""

    headings: tuple[Span, ...]
    sentences: tuple[Span, ...]

    @classmethod
    def of(cls, document: Document, chunk: Chunk) -> Self:
        headings: list[Span] = []
        body: list[Span] = []
        for ordinal in chunk.blocks:
            block = document.blocks[ordinal]
            for start, end in chunk.spans:
                within = stripped(document.text, max(start, block.start), min(end, block.end))
                if within is None:
                    continue
                if block.is_heading:
                    headings.append(within)
                else:
                    found = (stripped(document.text, *one) for one in sentences(document.text, *within))
                    body.extend(one for one in found if one is not None)
        return cls(tuple(headings), tuple(body))

    def spans_of(self, places: Iterable[int]) -> tuple[Span, ...]:
        return tuple(self.sentences[at] for at in sorted(set(places)))


@dataclass(frozen=True, slots=True)
class Statement:
    """`sentences` are places in the passage."""

    text: str
    sentences: tuple[int, ...]
    flags: tuple[str, ...] = ()


def traced(propositions: Iterable[Proposition], sentences_of_passage: Sequence[str]) -> list[Statement]:
    """Each statement with the sentences it is from, as far as they bear it out; the same one is told once."""
    count = len(sentences_of_passage)
    made: dict[str, Statement] = {}
    for proposition in propositions:
        text = " ".join(proposition.text.split())
        if not text or text in made:
            continue
        known = tuple(at for at in sorted(set(proposition.sentences)) if 0 <= at < count)
        if known and _share_a_word(text, [sentences_of_passage[at] for at in known]):
            made[text] = Statement(text, known)
        else:
            made[text] = Statement(text, tuple(range(count)), (SOURCE_UNKNOWN,))
    return list(made.values())


def _share_a_word(statement: str, texts: Sequence[str]) -> bool:
    """Whether any word, number or Han character of substance is in both."""
    return bool(_words([statement]) & _words(texts))


def _words(texts: Sequence[str]) -> frozenset[str]:
    return frozenset(word for text in texts for word in _WORD.findall(text.casefold())) - _STOP
