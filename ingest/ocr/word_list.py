"""A list of words of the domain that puts near misses right: only words in doubt, and no figures."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from ingest.page_images import TextLine
from schemas.errors import ConfigError

_HAN = "\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"(?:(?![{_HAN}])[^\W\d_])(?:(?![{_HAN}])[^\W_])*(?:['’-](?:(?![{_HAN}])[^\W_])+)*")
"""Letters, then letters and digits: a word that begins with a digit is a figure. Chinese has no words
that could be told by their gaps: its terms are sought in every place."""
_HAN_RUN = re.compile(f"[{_HAN}]+")
_NUMERALS = frozenset("〇零一二三四五六七八九十百千万亿两壹贰叁肆伍陆柒捌玖拾佰仟")
_SHORTEST = 4
"""Letters or characters: of shorter words, too many others are one letter away."""
_LETTERS_A_MISS = 4
"""A word of four letters may miss one, of eight two."""
_MOST_MISSES = 2


@dataclass(frozen=True, slots=True)
class WordList:
    """`words` by their lower case, and Chinese `terms`. `below`: confidence under which the words of a
    line are in doubt."""

    words: Mapping[str, str]
    terms: tuple[str, ...]
    below: float

    def corrected(self, line: TextLine) -> TextLine:
        """A near miss of one term becomes the term; what is near to several, or to none, stays. No
        digit and no numeral is ever changed."""
        if line.confidence >= self.below:
            return line
        text = _WORD.sub(lambda found: self._nearest(found[0]), line.text)
        text = _HAN_RUN.sub(lambda found: self._with_terms(found[0]), text)
        return line if text == line.text else replace(line, text=text)

    def _nearest(self, word: str) -> str:
        low = word.lower()
        if len(word) < _SHORTEST or low in self.words:
            return word
        most = min(len(word) // _LETTERS_A_MISS, _MOST_MISSES)
        found = process.extract(low, self.words.keys(), scorer=Levenshtein.distance, score_cutoff=most, limit=2)
        if not found or (len(found) > 1 and found[0][1] == found[1][1]):
            return word
        term = self.words[found[0][0]]
        return _in_the_case_of(word, term) if _digits(term) == _digits(word) else word

    def _with_terms(self, run: str) -> str:
        """One character of a term may be another."""
        if any(term in run for term in self.terms):
            return run
        near = {
            (at, term)
            for term in self.terms
            for at in range(len(run) - len(term) + 1)
            if _is_one_off(run[at : at + len(term)], term)
        }
        if len(near) != 1:
            return run
        at, term = near.pop()
        return run[:at] + term + run[at + len(term) :]


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
    lines = list(terms)
    words = (word for line in lines for word in _WORD.findall(line))
    chinese = {run for line in lines for run in _HAN_RUN.findall(line) if len(run) >= _SHORTEST}
    return WordList({word.lower(): word for word in words}, tuple(sorted(chinese)), below)


def _digits(word: str) -> str:
    return "".join(character for character in word if character.isdigit())


def _is_one_off(text: str, term: str) -> bool:
    misses = [(one, other) for one, other in zip(text, term, strict=True) if one != other]
    return len(misses) == 1 and not _NUMERALS.intersection(misses[0])


def _in_the_case_of(word: str, term: str) -> str:
    if word.isupper():
        return term.upper()
    return term[:1].upper() + term[1:] if word[:1].isupper() else term
