"""Headings of plain text: only where a line can be nothing else.

A missed heading costs a little context; a wrong one cuts a section in two and stands above
text it has nothing to do with.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.parsers.chinese_numbering import Line, Rank, numbered_headings

_DECIMAL = re.compile(r"(?P<number>\d{1,3}(?:\.\d{1,3}){0,5})\.?[ \t\u3000]+(?P<title>\S.*)\Z")
_CHINESE_ITEM = re.compile(r"[一二三四五六七八九十]{1,3}、\s*\S")

_UNDERLINE = re.compile(r"(?P<mark>[=\-])(?P=mark){2,}[ \t]*\Z")
_RST_UNDERLINE = re.compile(r"(?P<mark>[!-/:-@\[-`{-~])(?P=mark)+[ \t]*\Z")
RULE = re.compile(r"[ \t]*(?:([=\-_*~#+])[ \t]*(?:\1[ \t]*){2,})\Z")
"""A line that only parts what is above from what is below."""

_SENTENCE_END = frozenset(".,;:!?。，；：！？、…")
_CHINESE_CLAUSE = re.compile(r"[。，；！？,;]")
_PARAGRAPH_END = frozenset("。！？；：…!?;:.”」』）)")
_LONGEST = 80
_LONGEST_CHINESE = 30
_LONGEST_CAPITALS = 60
_DEEPEST = 6
_CAPITALS = "capitals"


@dataclass(frozen=True, slots=True)
class Group:
    """Lines `first` to `last` (included) of a text that no blank line parts."""

    first: int
    last: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """The title is line `line`; `first` to `last` are the lines it takes, underline included. Of an article that begins
    in the line of its number, `width` characters are the title, and the line is text, too."""

    first: int
    last: int
    line: int
    level: int
    width: int | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    heading: Heading
    style: str = ""
    """Underline character, or capitals: levels by order of first appearance."""
    rank: int | None = None
    """Of Chinese units: levels by which of them the text has."""


def find_headings(groups: Sequence[Group], *, restructured: bool) -> list[Heading]:
    """In order. With `restructured`, underlined section titles are the only headings."""
    found: list[_Found] = []
    for position, group in enumerate(groups):
        underlined = _underlined(group, restructured=restructured)
        if underlined:
            found.extend(underlined)
        elif not restructured and len(group.lines) == 1 and position + 1 < len(groups):
            found.extend(_alone(group))
    if not restructured:
        found = _without_plain_numbers(found, {group.first: group.lines[0] for group in groups})
        found = _with_numbered(found, groups)
    return _levelled(found)


def _underlined(group: Group, *, restructured: bool) -> list[_Found]:
    """A title over a line of marks as long as it, perhaps under another such line."""
    pattern = _RST_UNDERLINE if restructured else _UNDERLINE
    lines = group.lines
    over = len(lines) >= 3 and pattern.match(lines[0]) is not None and lines[0].rstrip() == lines[2].rstrip()
    at = 1 if over else 0
    if len(lines) < at + 2:
        return []
    title, under = lines[at].rstrip(), pattern.match(lines[at + 1])
    if under is None or pattern.match(title) or not _fits(title, lines[at + 1].rstrip(), restructured=restructured):
        return []
    heading = Heading(group.first, group.first + at + 1, group.first + at, 1)
    return [_Found(heading, style=under["mark"] + ("over" if over else ""))]


def _fits(title: str, underline: str, *, restructured: bool) -> bool:
    width = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in title.strip())
    if restructured:
        # docutils takes a shorter one with a warning, from four characters on.
        return len(underline) >= min(width, 4) and (title[:1].strip() != "" or len(underline) >= width)
    return len(title) <= _LONGEST and "|" not in title and 0.5 * width <= len(underline) <= 2 * width + 2


def _with_numbered(found: list[_Found], groups: Sequence[Group]) -> list[_Found]:
    """Those that Chinese numbering tells, also where no blank line parts them from their text. Beside 第一章 or 一、 a
    decimal is below them, and not a level by itself."""
    lines = dict(_numberable(groups))
    places = list(lines)
    told = {places[each.line]: each for each in numbered_headings(list(lines.values()))}
    chinese = any(each.rank < Rank.DECIMAL for each in told.values()) or any(item.rank is not None for item in found)
    kept = {item.heading.line: item for item in found}
    if chinese:
        kept = {line: _ranked(item, lines[line]) for line, item in kept.items()}
    for line, each in told.items():
        width = each.width if each.width < len(lines[line].text) else None
        level = 1 if chinese else each.rank - Rank.DECIMAL + 1
        if line not in kept or (chinese and kept[line].style in {"", _CAPITALS}):
            kept[line] = _Found(Heading(line, line, line, level, width), rank=each.rank if chinese else None)
    return [kept[line] for line in sorted(kept)]


def _ranked(item: _Found, line: Line) -> _Found:
    decimal = _DECIMAL.match(line.text)
    if item.style or item.rank is not None or decimal is None:
        return item
    return replace(item, rank=Rank.DECIMAL + decimal["number"].count("."))


def _numberable(groups: Sequence[Group]) -> Iterator[tuple[int, Line]]:
    """All lines with their numbers. A line that is wrapped goes on in the next one, whatever that begins with."""
    for group in groups:
        wrapped = False
        for offset, line in enumerate(group.lines):
            text = line.strip()
            yield group.first + offset, Line(text, not wrapped or line[:1].isspace())
            wrapped = len(text) > _LONGEST_CHINESE and text[-1] not in _PARAGRAPH_END


def _alone(group: Group) -> list[_Found]:
    """A line with blank lines around it."""
    text = group.lines[0].strip()
    if text[-1] in _SENTENCE_END or RULE.match(text):
        return []
    line = group.first
    if _CHINESE_ITEM.match(text) and len(text) <= _LONGEST_CHINESE and not _CHINESE_CLAUSE.search(text):
        return [_Found(Heading(line, line, line, 1), rank=Rank.COUNTED)]
    decimal = _DECIMAL.match(text)
    if decimal and len(text) <= _LONGEST:
        title = decimal["title"]
        depth = decimal["number"].count(".") + 1
        if title[0].isupper() or (title[0].isalpha() and not title[0].islower()):
            return [_Found(Heading(line, line, line, min(depth, _DEEPEST)))]
        return []
    return [_Found(Heading(line, line, line, 1), style=_CAPITALS)] if _is_capitals(text) else []


def _is_capitals(text: str) -> bool:
    letters = [c for c in text if c.isupper()]
    return len(text) <= _LONGEST_CAPITALS and len(letters) >= 4 and 2 * len(letters) > len(text) and text.isupper()


def _without_plain_numbers(found: list[_Found], lines: dict[int, str]) -> list[_Found]:
    """ "1. Title" is a heading only where "1.1 …" is one too: else it may be a list's item."""
    numbers: dict[int, str] = {}
    for item in found:
        match = _DECIMAL.match(lines.get(item.heading.line, "").strip())
        if match and not item.style and item.rank is None:
            numbers[item.heading.line] = match["number"]
    parents = {number.split(".")[0] for number in numbers.values() if "." in number}
    return [
        item
        for item in found
        if (number := numbers.get(item.heading.line)) is None or "." in number or number in parents
    ]


def _levelled(found: list[_Found]) -> list[Heading]:
    styles = list(dict.fromkeys(item.style for item in found if item.style))
    ranks = sorted({item.rank for item in found if item.rank is not None})
    headings = []
    for item in found:
        level = item.heading.level
        if item.style:
            level = min(styles.index(item.style) + 1, _DEEPEST)
        elif item.rank is not None:
            level = min(ranks.index(item.rank) + 1, _DEEPEST)
        headings.append(replace(item.heading, level=level))
    return headings
