"""Where text may be cut: after sentences, after clauses, between words, between characters.

All functions work on `text[start:end]` and give ascending, adjoining spans that cover it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from schemas.base import Span

# Possessive, and never begun inside a run: long rows of dots must not cost quadratic time.
_CLOSERS = r"""(?:["'”’」』）)\]》〉】〗〕}*_]|`(?![A-Za-z0-9_./$-]))*+"""
"""A backtick before a word opens code."""
_LIST_MARK = (
    r"(?:[-*+•·▪◦‣–]\s|\(?\d{1,3}[.)、]\s?|[（(][一二三四五六七八九十\d]{1,3}[)）]|[一二三四五六七八九十]{1,3}、|[①-⑳])"
)

# Begins with one set of characters: the search then skips to them, five times as fast.
_END = re.compile(
    rf"""
    [。！？｡….!?\n]
    (?:
      (?<=[。！？｡])(?P<wide>[。！？!?…]*{_CLOSERS})                        # ends a sentence wherever it stands
      |(?<=…)(?<!……)…*+(?P<paused>[。！？][。！？!?…]*{_CLOSERS})            # as before, behind a pause
      |(?<=…)(?<!……)…*+(?P<trailing>{_CLOSERS})(?=\s|\Z)                   # a pause, unless nothing follows it
      |(?<=[.!?])(?<![.!?][.!?])(?P<narrow>[.!?]*+{_CLOSERS})(?=\s|[\u3400-\u9fff]|\Z)  # before a space or Han
      |(?<=\n)(?P<line>(?=[^\S\n]*\n)|(?=[^\S\n]*{_LIST_MARK}))            # a blank line, or the next item
    )
    """,
    re.VERBOSE,
)
_WORDS = """
    mr mrs ms dr prof sr jr st rev gen col capt lt sgt hon gov sen rep pres mt ft
    fig figs eq eqs sec secs ch chap no nos vol vols pp p art ref refs ed eds al app tab resp
    vs cf ca approx est dept univ assn bros inc ltd co corp e.g i.e a.m p.m u.s u.k viz esp incl
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun
"""
_ALSO_LAST_WORDS = "inc ltd co corp al a.m p.m no p art est sat sun mon wed fri mar app"
_BEFORE_NUMBER_WORDS = "no nos fig figs eq eqs sec secs ch chap vol pp p art ref tab app approx ca"
_ABBREVIATIONS = frozenset(_WORDS.split())
_NEVER_LAST = _ABBREVIATIONS - frozenset(_ALSO_LAST_WORDS.split())
_BEFORE_NUMBER = frozenset(_BEFORE_NUMBER_WORDS.split())
_BEFORE_COUNT = frozenset("：；:;，,")
_LAST_WORD = re.compile(r"([A-Za-z](?:[A-Za-z]*(?:\.[A-Za-z])*)?|\d+)\Z")
_CLAUSE = re.compile(
    rf"[，、；：︰﹐﹑…]++{_CLOSERS}|——|(?<![,;:])[,;:]++{_CLOSERS}(?=\s|[\u3400-\u9fff])|[)\]](?=\s)|\n"
)
_LONGEST_ABBREVIATION = max(map(len, _ABBREVIATIONS))


def sentences(text: str, start: int, end: int) -> Iterator[Span]:
    """Sentences of Chinese, Japanese and English text, lazily; white space goes to the one before."""
    begin = done = start
    for match in _END.finditer(text, start, end):
        if match.start() < done:  # within white space that was passed already
            continue
        if match.lastgroup == "narrow" and not _ends_narrow(text, begin, match.start(), match.end(), end):
            continue
        if match.lastgroup == "trailing" and _goes_on(text, match.end(), end):
            continue
        done = stop = _past_space(text, match.end(), end)
        if text[begin : match.end()].strip():
            yield begin, stop
            begin = stop
    if begin < end:
        yield begin, end


def _ends_narrow(text: str, begin: int, mark: int, after: int, end: int) -> bool:
    """False for a full stop of an abbreviation, an initial or a list number, and before small letters."""
    if text[mark] != "." or text.startswith("..", mark) or _goes_on(text, after, end):
        return not _goes_on(text, after, end)
    surely_a_word = mark - 1 - _LONGEST_ABBREVIATION
    if surely_a_word >= begin and text[surely_a_word:mark].isalpha():
        return True
    tail = text[max(begin, mark - 24) : mark]
    word = None if not tail or tail[-1].isspace() else _LAST_WORD.search(tail.split()[-1])
    if word is None:
        return True
    last = word.group(1)
    if last.isdigit():
        # A number right behind a mark counts what follows: "two ways：1. …；2. …".
        before = text[begin : mark - len(last)]
        return bool(before.strip()) and before[-1] not in _BEFORE_COUNT
    if len(last) == 1:
        # An initial ("J. Smith") or an enumeration; "I" and "a" do end sentences.
        return last in "Ia" or not last.isupper()
    following = text[_past_space(text, after, end) : end][:1]
    return not _is_abbreviation(last.lower(), following)


def _is_abbreviation(word: str, following: str) -> bool:
    """Where a word is an abbreviation and ends sentences too, only a number behind it tells."""
    return word in _NEVER_LAST or (word in _BEFORE_NUMBER and following.isdigit())


def _goes_on(text: str, after: int, end: int) -> bool:
    position = _past_space(text, after, end)
    return position < end and text[position].islower()


def _past_space(text: str, position: int, end: int) -> int:
    while position < end and text[position].isspace():
        position += 1
    return position


def fracture(text: str, start: int, end: int, size: int) -> Iterator[tuple[int, int, str]]:
    """A passage that is too long as it is: clauses, and where a clause has more than `size`
    characters, groups of words, and where a word has, groups of characters. The third item says
    what the piece was cut off at its beginning: "clause", "word" or "char"."""
    begin = start
    for match in _CLAUSE.finditer(text, start, end):
        if match.start() >= begin:
            stop = _past_space(text, match.end(), end)
            yield from _words(text, begin, stop, size)
            begin = stop
    if begin < end:
        yield from _words(text, begin, end, size)


def _words(text: str, start: int, end: int, size: int) -> Iterator[tuple[int, int, str]]:
    mark = "clause"
    while end - start > size:
        stop = _last_space(text, start, start + size)
        following = "word"
        if stop is None:
            stop = safe_cut(text, start, start + size)
            following = "char"
        yield start, stop, mark
        start, mark = stop, following
    if start < end:
        yield start, end, mark


def _last_space(text: str, start: int, end: int) -> int | None:
    for position in range(end, start + 1, -1):
        if text[position - 1].isspace() and text[start:position].strip():
            return position
    return None


def lines(text: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Lines with their line ends, and whether a blank line stands before each."""
    begin, blank = start, False
    while begin < end:
        newline = text.find("\n", begin, end)
        stop = end if newline < 0 else newline + 1
        if text[begin:stop].strip():
            yield begin, stop, blank
            blank = False
        else:
            blank = True
        begin = stop


WIDEST = 160
"""Characters of the longest line that a person or a program wraps text into."""


def is_wrapped(text: str, start: int, end: int) -> bool:
    """False where a line is longer than text is wrapped: there each line is a paragraph."""
    piece = text[start:end]
    return end - start <= WIDEST or "\n" not in piece or max(map(len, piece.split("\n"))) <= WIDEST


def ends_line(text: str, start: int, end: int) -> bool:
    """True when the white space at the end of the passage holds a line break."""
    piece = text[start:end]
    return "\n" in piece[len(piece.rstrip()) :]


def safe_cut(text: str, start: int, position: int) -> int:
    """The last place in `(start, position]` that is not inside a grapheme; `position` if none is."""
    cut = position
    while cut > start + 1 and not _is_boundary(text, cut):
        cut -= 1
    return cut if cut > start and _is_boundary(text, cut) else position


_ZWJ = "\u200d"


def _is_boundary(text: str, position: int) -> bool:
    """A plain-library stand-in for Unicode's grapheme rules: marks, joiners, skin tones, flags, jamo."""
    if position >= len(text):
        return True
    after, before = text[position], text[position - 1]
    if after < "\u0300":
        return True
    if unicodedata.category(after) in {"Mn", "Me", "Mc"} or _ZWJ in {after, before}:
        return False
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\u1160" <= after <= "\u11ff":
        return False
    if _is_flag_letter(after) and _is_flag_letter(before):
        count = 0
        while position - count > 0 and count < 64 and _is_flag_letter(text[position - 1 - count]):
            count += 1
        return count % 2 == 0
    return True


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
