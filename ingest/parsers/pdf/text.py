"""Clean characters, and lines joined into running text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

RAISED, LEVEL = "\ufdd0", "\ufdd1"
"""Around raised figures and signs while a document is put together: no text has these characters."""

LATIN_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}

# Some fonts map Chinese characters to the radicals that look like them: a search for the
# character would miss the word. Their compatibility mapping is the character.
_RADICALS = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
# The supplement has no compatibility mappings: those that are characters by themselves, after
# Unicode's EquivalentUnifiedIdeograph.txt.
_RADICALS |= dict(
    zip(
        map(ord, "⺠⺟⺒⺓⺝⺩⺫⺬⺶⻁⻄⻅⻆⻉⻋⻑⻓⻔⻗⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳"),
        "民母巳幺月王目示羊虎西见角贝车長长门雨青韦页风飞食马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟",
        strict=True,
    )
)

_SPACES = dict.fromkeys([0x09, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " ")
_REMOVED: dict[int, str | None] = dict.fromkeys(
    [
        *(code for code in range(0xA0) if unicodedata.category(chr(code)) == "Cc" and chr(code) not in "\t\n"),
        *(ord(RAISED), ord(LEVEL)),
        *(0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    ]
)
_TABLE: dict[int, str | None] = {
    **_REMOVED,
    **_SPACES,
    **_RADICALS,
    **{ord(ligature): letters for ligature, letters in LATIN_LIGATURES.items()},
}

SOFT_HYPHEN = "\u00ad"
# Joiners are spelling in Arabic and Indic scripts, and noise elsewhere.
_JOINERS = re.compile(r"(?<![\u0600-\u08ff\u0900-\u0dff])[\u200c\u200d]|[\u200c\u200d](?![\u0600-\u08ff\u0900-\u0dff])")

_CJK = (
    "\u2e80-\u2fdf\u3001-\u30ff\u3100-\u312f\u31a0-\u31bf\u31f0-\u9fff"
    "\uf900-\ufaff\ufe30-\ufe4f\uff01-\uffef\U00020000-\U0003ffff"
)
_CJK_CHARACTER = re.compile(f"[{_CJK}]")
_CJK_PUNCTUATION = re.compile(r"[\u3001-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65“”‘’—…]")
_HYPHENS = "-\u2010\u2011"
_WORD = re.compile(r"\w+(?:-\w+)*")
_COMPOUND_PART = 4
_BROKEN_URL = re.compile(r"(?:https?://|www\.)\S*[/\-_.=?&%]$")

SENTENCE_END = re.compile(rf"[.!?:;。！？：；…]['\"”’」』)）\]】]*(?:{RAISED}[^{LEVEL}]*{LEVEL})?$")
"""The mark of a note may follow it."""


def clean(text: str) -> str:
    """NFC; Latin ligatures and Chinese radicals written out; soft hyphens but one at the end,
    zero-width and control characters removed; every kind of space is a space."""
    if text.isascii() and text.isprintable():
        return text
    text = unicodedata.normalize("NFC", text.translate(_TABLE))
    if SOFT_HYPHEN in text:
        # At the end of a line it is a hyphenation still to be undone.
        text = text.rstrip()
        text = text[:-1].replace(SOFT_HYPHEN, "") + text[-1:]
    return _JOINERS.sub("", text)


def is_cjk(character: str) -> bool:
    """Written without spaces between words: Han, kana, bopomofo and their punctuation; not Hangul."""
    return bool(_CJK_CHARACTER.match(character))


@dataclass(frozen=True, slots=True)
class Spelling:
    """Words as a document writes them within its lines, in lower case; `compounds` hold a hyphen."""

    words: frozenset[str] = frozenset()
    compounds: frozenset[str] = frozenset()

    @classmethod
    def of(cls, lines: Iterable[str]) -> Self:
        words: set[str] = set()
        compounds: set[str] = set()
        for line in lines:
            # The last word may be a part of one.
            for word in _WORD.findall(line.casefold())[:-1]:
                (compounds if "-" in word else words).add(word)
        return cls(frozenset(words), frozenset(compounds))


PLAIN = Spelling()


def join_lines(lines: Iterable[str], spelling: Spelling = PLAIN) -> str:
    """Lines as running text; what a hyphen at the end of a line is, `spelling` decides."""
    text = ""
    for line in lines:
        text = join_two(text, line.strip(), spelling)
    return text.replace(SOFT_HYPHEN, "")


def join_two(left: str, right: str, spelling: Spelling = PLAIN) -> str:
    """Two parts of one sentence: no space between Chinese characters, a hyphenation undone."""
    if not left or not right:
        return left or right
    if left.endswith(SOFT_HYPHEN):
        return left[:-1] + right
    if _BROKEN_URL.search(left):
        return left + right
    if left[-1] in _HYPHENS and left[-2:-1].isalnum():
        return _join_hyphen(left, right, spelling)
    return left + ("" if _close(left[-1], right[0]) else " ") + right


def _close(left: str, right: str) -> bool:
    """No space belongs here: both are Chinese, or one is Chinese and the other a mark."""
    marks = [bool(_CJK_PUNCTUATION.match(character)) for character in (left, right)]
    if is_cjk(left) and is_cjk(right):
        return True
    return (is_cjk(left) and (marks[0] or marks[1])) or (is_cjk(right) and (marks[0] or marks[1]))


def _join_hyphen(left: str, right: str, spelling: Spelling) -> str:
    first = re.search(r"[\w-]*$", left[:-1])
    second = re.match(r"\w*", right)
    head, tail = (first.group() if first else "").casefold(), second.group() if second else ""
    if not tail:
        return f"{left} {right}"
    kept = f"{left[:-1]}-{right}"
    if not tail[0].islower() or not head[-1:].isalpha() or "-" in head or len(head) == 1:
        return kept
    tail = tail.casefold()
    if f"{head}-{tail}" in spelling.compounds:
        return kept
    if head + tail in spelling.words:
        return left[:-1] + right
    # Two words that the document also uses alone are rather a compound than one word cut in two.
    both = min(len(head), len(tail)) >= _COMPOUND_PART and head in spelling.words and tail in spelling.words
    return kept if both else left[:-1] + right
