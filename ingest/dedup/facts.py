"""Which words of a text carry a fact, so that a text without them is another text.

Numbers, dates, units, negations, names, and words that limit what is said. Where it cannot be
told (a script without capitals, a text without case, a Chinese word that the segmenter does not
know) a word counts as a name: two texts too many are better than a fact too few.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ingest.dedup.folding import HAN, Atom, AtomKind, atoms, fold
from ingest.dedup.shingles import read
from ingest.dedup.vocabulary import (
    DATE_WORDS,
    EMPTY_WORDS,
    HAN_DATES,
    HAN_NEGATIONS,
    HAN_NUMBERS,
    HAN_QUALIFIERS,
    NEGATIONS,
    NUMBER_WORDS,
    QUALIFIERS,
    UNITS,
)

NUMBER, DATE, UNIT, NEGATION, QUALIFIER, NAME = "number", "date", "unit", "negation", "limiting word", "name"
FACTS = (NUMBER, DATE, UNIT, NEGATION, NAME, QUALIFIER)
"""The most telling first."""

_WORD_FACTS = (
    (NEGATION, NEGATIONS), (NUMBER, NUMBER_WORDS), (DATE, DATE_WORDS), (UNIT, UNITS), (QUALIFIER, QUALIFIERS),
)  # fmt: skip
_HAN_FACTS = (
    (NEGATION, HAN_NEGATIONS), (NUMBER, HAN_NUMBERS), (DATE, HAN_DATES), (QUALIFIER, HAN_QUALIFIERS),
)  # fmt: skip

# Tags of Chinese words that are no names: particles and adverbs of any length; verbs, adjectives
# and common nouns only from two characters on, because unknown names fall apart into single ones.
_LIGHT_TAGS = frozenset({"u", "ud", "ug", "uj", "ul", "uv", "uz", "y", "e", "o", "d", "dg", "df", "z", "zg"})
_PLAIN_TAGS = frozenset({"v", "vd", "vg", "vi", "vn", "vq", "a", "ad", "ag", "an", "n", "ng", "c"})

_SENTENCE_START = re.compile(r"(?:^|[.!?:;。！？\n*#>•\"“(])\s*[\"“'(*]*$")
_HAN_RUN = re.compile(f"[{HAN}]+")


def facts(text: str) -> tuple[str, ...]:
    """The numbers, with what stands inside and belongs to them, and a mark for every negation, in order."""
    return read(text).facts


@dataclass(frozen=True)
class FactReader:
    """Says of a text's atoms what fact they carry. `known_lower`: words that occur in lower case
    in either of two texts that are compared, and so are no names where they open a sentence."""

    folded: str
    atoms: Sequence[Atom]
    """All but symbols."""
    signs: Sequence[str]
    known_lower: frozenset[str]

    def fact(self, index: int) -> str | None:
        """What the atom tells, or None for an ordinary word."""
        atom = self.atoms[index]
        if atom.kind is AtomKind.NUMBER:
            return NUMBER
        if index and self._counts(self.atoms[index - 1]):
            return UNIT
        if atom.kind is AtomKind.HAN:
            return self._han_fact(atom)
        for name, words in _WORD_FACTS:
            if atom.norm in words:
                return name
        return NAME if self._may_be_name(atom) else None

    @staticmethod
    def _counts(atom: Atom) -> bool:
        """Figures: what follows one is mostly its unit. After a number in words it is any noun."""
        return atom.kind is AtomKind.NUMBER or atom.norm in HAN_NUMBERS

    def _han_fact(self, atom: Atom) -> str | None:
        for name, chars in _HAN_FACTS:
            if atom.norm in chars:
                return name
        word, tag = self._han_words.get(atom.start, ("", "x"))
        if tag in _LIGHT_TAGS or (tag in _PLAIN_TAGS and len(word) > 1):
            return None
        return NAME

    def _may_be_name(self, atom: Atom) -> bool:
        if atom.norm in EMPTY_WORDS:
            return False
        if not self._tells_case or len(atom.norm) == 1 or atom.raw.lower() == atom.raw.upper():
            return True
        if not atom.raw.islower():
            return not (atom.raw.istitle() and atom.norm in self.known_lower and self._opens_sentence(atom))
        return self._in_identifier(atom)

    def _opens_sentence(self, atom: Atom) -> bool:
        return _SENTENCE_START.search(self.folded[max(0, atom.start - 8) : atom.start]) is not None or atom.start == 0

    def _in_identifier(self, atom: Atom) -> bool:
        """Glued to what code, paths, links and addresses are made with."""
        end = atom.start + len(atom.raw)
        before, after = self.folded[max(0, atom.start - 1) : atom.start], self.folded[end : end + 2]
        return before in set("`_/\\@.:$#=<") or after[:1] in set("`_/\\@(=>") or re.match(r"[.:]\S", after) is not None

    @cached_property
    def _tells_case(self) -> bool:
        return any(char.isupper() for char in self.folded) and any(char.islower() for char in self.folded)

    @cached_property
    def _han_words(self) -> dict[int, tuple[str, str]]:
        """The word and its tag at the offset of each of its characters."""
        import rjieba  # reads its dictionary when it is imported

        found: dict[int, tuple[str, str]] = {}
        for run in _HAN_RUN.finditer(self.folded):
            offset = run.start()
            for word, tag in rjieba.tag(run.group()):
                found.update((offset + i, (word, tag)) for i in range(len(word)))
                offset += len(word)
        return found


def fact_readers(one: str, other: str) -> tuple[FactReader, FactReader]:
    """For two texts that are compared."""
    texts = [fold(one), fold(other)]
    parts = [atoms(text) for text in texts]
    lower = frozenset(atom.norm for part in parts for atom in part if atom.raw.islower())
    first, second = (
        FactReader(
            folded=text,
            atoms=[atom for atom in part if atom.kind is not AtomKind.SIGN],
            signs=[atom.norm for atom in part if atom.kind is AtomKind.SIGN],
            known_lower=lower,
        )
        for text, part in zip(texts, parts, strict=True)
    )
    return first, second
