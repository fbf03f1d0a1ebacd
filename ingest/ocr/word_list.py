"""A list of words of the domain that puts near misses right: only words in doubt, and no figures."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from ingest.page_images import TextLine
from schemas.errors import ConfigError

_WORD = re.compile(r"[^\W\d_][^\W_]*(?:['’-][^\W_]+)*")
"""Letters, then letters and digits: a word that begins with a digit is a figure."""
_SHORTEST = 4
"""Letters: of shorter words, too many others are one letter away."""
_LETTERS_A_MISS = 4
"""A word of four letters may miss one, of eight two."""
_MOST_MISSES = 2


@dataclass(frozen=True, slots=True)
class WordList:
    """`terms` by their lower case. `below`: confidence under which a line's words are in doubt."""

    terms: dict[str, str]
    below: float

    def corrected(self, line: TextLine) -> TextLine:
        if line.confidence >= self.below or not self.terms:
            return line
        text = _WORD.sub(lambda found: self._nearest(found[0]), line.text)
        return line if text == line.text else replace(line, text=text)

    def _nearest(self, word: str) -> str:
        """The one term that is near enough; the word itself where none is, or two are equally near."""
        low = word.lower()
        if len(word) < _SHORTEST or low in self.terms:
            return word
        most = min(len(word) // _LETTERS_A_MISS, _MOST_MISSES)
        found = process.extract(low, self.terms.keys(), scorer=Levenshtein.distance, score_cutoff=most, limit=2)
        if not found or (len(found) > 1 and found[0][1] == found[1][1]):
            return word
        term = self.terms[found[0][0]]
        if _digits(term) != _digits(word):
            return word
        return _in_the_case_of(word, term)


def word_list_digest(path: Path) -> str:
    """Of its content. Raises `ConfigError` for a file that cannot be read."""
    try:
        return hashlib.sha256(path.expanduser().read_bytes()).hexdigest()[:16]
    except OSError as error:
        raise ConfigError(f"ocr.word_list: {path} cannot be read ({error})") from error


def read_word_list(path: Path, below: float) -> WordList:
    """One term a line, UTF-8; empty lines and those that begin with `#` say nothing. A term of several
    words counts word by word. Raises `ConfigError` for a file that cannot be read."""
    try:
        lines = path.expanduser().read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"ocr.word_list: {path} cannot be read as UTF-8 text ({error})") from error
    return word_list((line for line in lines if not line.lstrip().startswith("#")), below)


def word_list(terms: Iterable[str], below: float) -> WordList:
    words = (word for term in terms for word in _WORD.findall(term))
    return WordList({word.lower(): word for word in words}, below)


def _digits(word: str) -> str:
    return "".join(character for character in word if character.isdigit())


def _in_the_case_of(word: str, term: str) -> str:
    if word.isupper():
        return term.upper()
    return term[:1].upper() + term[1:] if word[:1].isupper() else term
