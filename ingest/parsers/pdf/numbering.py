"""How headings are numbered, in Chinese and in Latin script."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from enum import IntEnum

DEEPEST = 6
"""Of the levels of headings."""


class Scheme(IntEnum):
    """Kinds of numbering, from the outermost to the innermost where one document has several."""

    PART = 0
    CHAPTER = 1
    SECTION = 2
    ARTICLE = 3
    ROMAN = 4
    CN_NUMBER = 5
    CN_BRACKET = 6
    LETTER = 7
    DECIMAL_1 = 8
    DECIMAL_2 = 9
    DECIMAL_3 = 10
    DECIMAL_4 = 11
    DECIMAL_5 = 12


_CN = "一二三四五六七八九十百零〇\\d"
_NUMERAL = r"(?:\d+|[ivxlc]+)\b"
_PATTERNS: tuple[tuple[Scheme, str], ...] = (
    (Scheme.PART, rf"^(?:第\s*[{_CN}]+\s*[编篇]|part\s+{_NUMERAL})"),
    (Scheme.CHAPTER, rf"^(?:第\s*[{_CN}]+\s*[章回]|(?:chapter|appendix|annex)\s+(?:{_NUMERAL}|[a-z]\b))"),
    (Scheme.SECTION, rf"^(?:第\s*[{_CN}]+\s*节|section\s+\d+\b)"),
    (Scheme.ARTICLE, rf"^(?:第\s*[{_CN}]+\s*条|article\s+{_NUMERAL})"),
    (Scheme.CN_NUMBER, r"^[一二三四五六七八九十]{1,3}\s*[、.．]"),
    (Scheme.CN_BRACKET, r"^[（(][一二三四五六七八九十]{1,3}[）)]"),
)
_SCHEMES = tuple((scheme, re.compile(pattern, re.IGNORECASE)) for scheme, pattern in _PATTERNS)
_DECIMAL = re.compile(
    r"^(\d{1,3}|[A-Z](?=\.[A-Z0-9]))((?:\.(?:\d{1,3}|[A-Z](?!\w)))*)\.?(?=[\s:：、]|[^\x00-\x7f]|[A-Z])"
)
_ROMAN = re.compile(r"^[IVX]{1,5}\.\s")
_LETTER = re.compile(r"^[A-Z]\.\s")


def scheme_of(text: str) -> Scheme | None:
    for scheme, pattern in _SCHEMES:
        if pattern.match(text):
            return scheme
    if decimal := _DECIMAL.match(text):
        return Scheme(min(Scheme.DECIMAL_1 + decimal.group(2).count("."), Scheme.DECIMAL_5))
    if _ROMAN.match(text):
        return Scheme.ROMAN
    return Scheme.LETTER if _LETTER.match(text) else None


def trusted_schemes(headings: Sequence[str]) -> frozenset[Scheme]:
    """A bare number or letter is a numbering when the next one follows somewhere, or "1.1" stands beside "1"."""
    labels: defaultdict[Scheme, set[int]] = defaultdict(set)
    trusted: set[Scheme] = set()
    for text in headings:
        scheme = scheme_of(text)
        if scheme in (Scheme.DECIMAL_1, Scheme.LETTER):
            number = re.match(r"\d+", text)
            labels[scheme].add(int(number.group()) if number else ord(text[0]))
        elif scheme is not None:
            trusted.add(scheme)
    above = {int(match[1]) for text in headings if (match := re.match(r"(\d{1,3})\.\d", text))}
    trusted.update(scheme for scheme, found in labels.items() if any(n + 1 in found for n in found))
    if labels[Scheme.DECIMAL_1] & above:
        trusted.add(Scheme.DECIMAL_1)
    return frozenset(trusted)


def scheme_ranks(present: set[Scheme]) -> dict[Scheme, int]:
    """Levels from 1 by order. Beside numbered sections, lettered ones are appendices: as high."""
    appendix = Scheme.LETTER in present and Scheme.DECIMAL_1 in present and Scheme.ROMAN not in present
    ordered = sorted(present - {Scheme.LETTER}) if appendix else sorted(present)
    ranks = {scheme: min(rank, DEEPEST) for rank, scheme in enumerate(ordered, start=1)}
    return ranks | {Scheme.LETTER: ranks[Scheme.DECIMAL_1]} if appendix else ranks
