"""Headings of Chinese documents that only their numbers mark: 第一章, 第一节, 第一条, 一、, （一）, 1., 1.1, （1）.

The same numbers count the items of lists. What tells a heading is that it is a short line without clauses, that
its number counts on, and that something stands beneath it: the items of a list follow each other at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

_LONGEST = 30
_NUMERALS = "一二三四五六七八九十百千零〇两\\d"
_UNIT = re.compile(
    rf"第\s*(?P<number>[{_NUMERALS}]{{1,6}})\s*"
    r"(?P<unit>部分|部(?![分门队件])|节(?!课)|回(?!合)|条(?![件款])|[编篇卷章])(?P<rest>.*)\Z",
    re.DOTALL,
)
_COUNTED = re.compile(r"(?P<number>[一二三四五六七八九十]{1,3})\s*[、．.]\s*(?=\S)")
_BRACKETED = re.compile(r"[（(](?P<number>[一二三四五六七八九十]{1,3})[）)]\s*(?=\S)")
_DECIMAL = re.compile(r"(?P<number>\d{1,2}(?:\.\d{1,2}){0,4})(?:[.．、]\s*|[ \t\u3000]+)(?=[^\d\s])")
_DECIMAL_BRACKETED = re.compile(r"[（(](?P<number>\d{1,2})[）)]\s*(?=\S)")
_CLAUSE = re.compile(r"[。，；！？、,;:：…|\t\n]|\s{3,}|\.{3,}")
"""What no heading has behind its number: clauses, lead-ins, cells of a table, the dots of a table of contents."""
_HAN = re.compile(r"[\u3400-\u9fff]")
_PAGE = re.compile(r"\s\d+\Z")
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}


class Rank(IntEnum):
    """From the outermost to the innermost, as rules for official documents and laws have them. A decimal of n numbers
    is n - 1 below `DECIMAL`."""

    PART = 0
    CHAPTER = 1
    SECTION = 2
    ARTICLE = 3
    COUNTED = 4
    BRACKETED = 5
    DECIMAL = 6
    DECIMAL_BRACKETED = 12


_UNITS = {"章": Rank.CHAPTER, "回": Rank.CHAPTER, "节": Rank.SECTION, "条": Rank.ARTICLE}
_PATTERNS = (
    (Rank.COUNTED, _COUNTED),
    (Rank.BRACKETED, _BRACKETED),
    (Rank.DECIMAL, _DECIMAL),
    (Rank.DECIMAL_BRACKETED, _DECIMAL_BRACKETED),
)
_SURE = frozenset({Rank.PART, Rank.CHAPTER, Rank.SECTION})


@dataclass(frozen=True, slots=True)
class Line:
    """`text` without white space around. `opens`: a paragraph may begin here; what continues one is no heading."""

    text: str
    opens: bool = True


@dataclass(frozen=True, slots=True)
class Numbered:
    """A heading: the line that it is, or begins, and its rank. `width`: characters of the line's text that are the
    heading; an article's own text follows its number in the same line."""

    line: int
    rank: int
    width: int


@dataclass(frozen=True, slots=True)
class _Candidate:
    heading: Numbered
    scheme: Rank
    number: int
    above: str
    """The numbers before the last one, of a decimal."""
    alone: bool
    """Nothing but the heading is in the line."""


def numbered_headings(lines: Sequence[Line]) -> list[Numbered]:
    """In order. A line that is no text of its own, such as a table, is told as one that can be no heading."""
    found = [candidate for at, line in enumerate(lines) if line.opens and (candidate := _candidate(at, line.text))]
    taken: frozenset[int] = frozenset()
    for scheme in reversed(Rank):  # the innermost first: what stands beneath a heading tells of it
        own = [at for at, candidate in enumerate(found) if candidate.scheme is scheme]
        taken |= set(own) if scheme in _SURE else _trusted(own, found, len(lines), taken)
    return [candidate.heading for at, candidate in enumerate(found) if at in taken]


def _candidate(at: int, text: str) -> _Candidate | None:
    unit = _UNIT.match(text)
    if unit:
        return _of_unit(at, text, unit)
    for scheme, pattern in _PATTERNS:
        match = pattern.match(text)
        if match:
            numbers = match["number"].split(".")
            rank = scheme + len(numbers) - 1
            return (
                _Candidate(Numbered(at, rank, len(text)), scheme, value_of(numbers[-1]), ".".join(numbers[:-1]), True)
                if _is_name(text, match.end())
                else None
            )
    return None


def _of_unit(at: int, text: str, unit: re.Match[str]) -> _Candidate | None:
    """A chapter's number may stand alone in its line; an article's stands before its text."""
    rank = _UNITS.get(unit["unit"], Rank.PART)
    named = not unit["rest"].strip() or _is_name(text, unit.start("rest"), han=False)
    parted = bool(re.match(r"[\s：:]", unit["rest"]))
    if rank is Rank.ARTICLE and not named:
        named = parted
        width = unit.start("rest")
    else:
        width = len(text)
    if not named or (rank is Rank.ARTICLE and unit["rest"] and not parted):
        return None
    return _Candidate(Numbered(at, rank, width), rank, value_of(unit["number"]), "", width == len(text))


def _is_name(text: str, start: int, *, han: bool = True) -> bool:
    """Whether what follows the number is a name: short, without clauses or a page number, and with Han where the number
    alone does not tell that this is Chinese."""
    name = text[start:].strip(" \u3000：:")
    if len(text) > _LONGEST or _CLAUSE.search(name) or _PAGE.search(name):
        return False
    return not han or _HAN.search(name) is not None


def _trusted(own: Sequence[int], found: Sequence[_Candidate], end: int, deeper: frozenset[int]) -> set[int]:
    """Places of candidates in runs that count on from one, most of which have something beneath them. One that is
    alone is trusted where the document has such runs, or where a heading that is trusted stands beneath it."""
    runs = [run for run in _runs(own, found) if _holds(run, found, end)]
    trusted = {at for run in runs if len(run) > 1 for at in run}
    for run in runs:
        if len(run) == 1 and (trusted or any(at in deeper for at in _beneath(run[0], found))):
            trusted.update(run)
    return trusted


def _holds(run: Sequence[int], found: Sequence[_Candidate], end: int) -> bool:
    following = [found[at].heading.line for at in run[1:]] + [_end_of(run[-1], found, end)]
    holding = sum(
        not found[at].alone or after > found[at].heading.line + 1 for at, after in zip(run, following, strict=True)
    )
    return 2 * holding > len(run)


def _beneath(at: int, found: Sequence[_Candidate]) -> Iterator[int]:
    for below in range(at + 1, len(found)):
        if found[below].heading.rank <= found[at].heading.rank:
            return
        yield below


def _runs(own: Sequence[int], found: Sequence[_Candidate]) -> Iterator[list[int]]:
    """One, two, three …; of decimals, under the same number. A number that does not count on begins none."""
    open_: dict[str, list[int]] = {}
    for at in own:
        candidate = found[at]
        run = open_.get(candidate.above)
        if run and candidate.number == found[run[-1]].number + 1:
            run.append(at)
        elif candidate.number == 1:
            if run:
                yield run
            open_[candidate.above] = [at]
    yield from open_.values()


def _end_of(last: int, found: Sequence[_Candidate], end: int) -> int:
    """The line where the section of a run's last heading ends: at the next one that is no deeper."""
    rank = found[last].heading.rank
    after = (found[at].heading for at in range(last + 1, len(found)))
    return next((heading.line for heading in after if heading.rank <= rank), end)


def value_of(numerals: str) -> int:
    """Of Chinese numerals below ten thousand, or of digits; 0 for what is none."""
    if numerals.isdecimal():
        return int(numerals)
    total, digit = 0, 0
    for character in numerals:
        unit = {"十": 10, "百": 100, "千": 1000}.get(character)
        if unit is None:
            digit = _DIGITS.get(character, 0)
        else:
            total += (digit or 1) * unit
            digit = 0
    return total + digit
