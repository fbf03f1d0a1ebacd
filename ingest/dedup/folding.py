"""Reads a text as atoms, with everything folded away that may differ between two copies of it.

Folded: white space, width and form of characters (NFKC), case, punctuation. Kept: letters, Han
characters, and numbers with all that stands inside them or belongs to them (sign, relation,
currency, percent): `1,000`, `1.000` and `1000` are three numbers, `-5` and `5` are two.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

FOLDING_VERSION = 1
"""Counts up when another text would come out: part of the identity of stored signatures."""

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

# Vowel signs and accents are letters of their words, though Python's \w leaves them out.
_MARKS = "\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0963" \
    "\u0971-\u0df3\u0e31-\u0e4e\u0eb1-\u0ece\u0f71-\u0f84\u102b-\u103e\u1712-\u1734\u17b4-\u17d3\u1ab0-\u1aff" \
    "\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ua980-\ua9c0\uaa29-\uaa36\uabe3-\uabed"  # fmt: skip
_LETTERS = rf"[^\W\d_{HAN}]+"
# C# and C++ are not C.
_LANGUAGE = r"(?<![^\W_])(?:[CFJcfj]#|[Cc]\+\+)(?![\w#+])"
_WORD = rf"{_LANGUAGE}|{_LETTERS}(?:[{_MARKS}]+(?:{_LETTERS})?|'{_LETTERS})*"
_CURRENCY = r"[$€£¥₩₹₽฿¢]"
_NUMBER = (
    # A sign only where no word ends right before it: the hyphen of "GPT-4" is none.
    r"(?=[-+.\d<>≤≥≈~±≠$€£¥₩₹₽฿¢])"
    rf"(?:{_CURRENCY} ?|[<>≤≥≈~±≠]=? ?)*(?:(?<![\w\-)\]])[-+](?:{_CURRENCY} ?)?)?(?:(?<![\w.])\.)?"
    r"\d+"
    # Whatever is glued between two digits, and an operator between two numbers.
    r"(?:[^\w\s]{1,3}\d+|\^\(?-?\d+| [-+*/×÷=<>±≠≤≥:^]{1,2} \d+)*"
    rf"(?: ?(?:%|‰|‱|°)|\+(?!\w)| ?{_CURRENCY}(?! ?\d))?"
)
_ATOM = re.compile(rf"(?P<word>{_WORD})|(?P<han>[{HAN}]+)|(?P<number>{_NUMBER})|(?P<sign>[!<>=+]=|[^\w\s])")
_PIECES = re.compile(rf"({_WORD})|([{HAN}]+)|({_NUMBER})")
_ASCII_PIECES = re.compile(rf"({_LANGUAGE}|[A-Za-z]+(?:'[A-Za-z]+)*)|((?!))|({_NUMBER})")

# Symbols that are marks of Markdown or of typing rather than of meaning.
_MARKUP = frozenset("|`^~¨´")

_DASHES = dict.fromkeys(map(ord, "‐‑‒–−﹣－"), "-")
_APOSTROPHES = dict.fromkeys(map(ord, "’‘ʼ＇´"), "'")
_QUOTES = dict.fromkeys(map(ord, "“”„‟«»〝〞"), '"')
# Also the trade mark sign, which NFKC would make letters of the name before it.
_INVISIBLE = dict.fromkeys(
    [0xAD, 0x2060, 0x2120, 0x2122, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0xFE00, 0xFE10)]
)


def _spread(code: int) -> str | None:
    """NFKC would make `10²` the number 102: what is raised, lowered, a fraction or in a circle
    is set apart first."""
    form = unicodedata.decomposition(chr(code))
    for tag, mark in (("<super>", "^"), ("<sub>", "_"), ("<fraction>", " "), ("<circle>", " ")):
        if form.startswith(tag):
            return mark + unicodedata.normalize("NFKC", chr(code)) + (" " if mark == " " else "")
    return None


_RAISED = {
    code: spread
    for block in ((0xB2, 0xBF), (0x2070, 0x20A0), (0x2150, 0x218A), (0x2460, 0x2500))
    for code in range(*block)
    if (spread := _spread(code)) is not None
}
_FOLDED: dict[str, str] = {
    chr(code): to or "" for code, to in {**_DASHES, **_APOSTROPHES, **_QUOTES, **_INVISIBLE, **_RAISED}.items()
}
_FOLDABLE = re.compile("[" + "".join(map(re.escape, _FOLDED)) + "]")


class AtomKind(StrEnum):
    HAN = "han"
    NUMBER = "number"
    WORD = "word"
    SIGN = "sign"


_KINDS: dict[str | None, AtomKind] = {kind.value: kind for kind in AtomKind}
"""By the name of the group: several times as fast as making the member."""


@dataclass(frozen=True, slots=True)
class Atom:
    """`norm` is what is compared, `raw` the text after `fold`, with its case; `gap` is what stood before it."""

    kind: AtomKind
    norm: str
    raw: str
    start: int
    """Offset in the folded text."""
    gap: str


def fold(text: str) -> str:
    """Width, form, dashes, apostrophes and white space; case and punctuation stay."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _FOLDABLE.sub(lambda found: _FOLDED[found.group()], text))
    return " ".join(text.split())


def atoms(folded: str) -> list[Atom]:
    """Of a text after `fold`. Han runs come character by character; punctuation is in the gaps,
    symbols that carry a meaning are atoms of their own."""
    found: list[Atom] = []
    end = 0
    for match in _ATOM.finditer(folded):
        kind, raw = _KINDS[match.lastgroup], match.group()
        if kind is AtomKind.SIGN and not _means_something(raw):
            continue
        gap = folded[end : match.start()]
        if kind is AtomKind.HAN:
            found.extend(Atom(kind, char, char, match.start() + i, "" if i else gap) for i, char in enumerate(raw))
        else:
            found.append(
                Atom(kind, normal_word(raw) if kind is AtomKind.WORD else normal_number(raw), raw, match.start(), gap)
            )
        end = match.end()
    return found


def pieces(folded: str) -> list[tuple[str, str, str]]:
    """The same reading without detail, for speed: (word, Han run, number), one of them filled."""
    return (_ASCII_PIECES if folded.isascii() else _PIECES).findall(folded)


def normal_word(raw: str) -> str:
    word = raw.casefold()
    return word.replace("'", "") if "'" in word else word


def normal_number(raw: str) -> str:
    return raw.replace(" ", "")


def _means_something(sign: str) -> bool:
    return len(sign) > 1 or (unicodedata.category(sign)[0] == "S" and sign not in _MARKUP)
