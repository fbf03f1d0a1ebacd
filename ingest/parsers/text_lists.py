"""Lists of plain text: lines that begin with a bullet or a number that counts on."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

_BULLET = re.compile(r"(?P<indent>[ \t]*)(?:[-*+–•‣◦▪·][ \t]+|[●○■□◆◇]\s*)(?=\S)")
_NUMBER = re.compile(
    r"(?P<indent>[ \t]*)(?:(?P<plain>\d{1,3})(?:[.)][ \t]+|[、．]\s*)|[(（](?P<bracketed>\d{1,3})[)）]\s*)(?=\S)"
)
_TAB = 4


@dataclass(frozen=True, slots=True)
class Item:
    """Lines `first` to `last` (included), counted within what was looked at. `depth` is 0 on top."""

    first: int
    last: int
    depth: int


def list_items(lines: Sequence[str]) -> list[Item]:
    """The items of lines that no blank line parts; a line without a mark belongs to the item above
    it. None where there is no list: a bullet has to open the lines or stand in two of them, and
    numbers have to count on from one line to a later one, for a date may begin a line too."""
    marked = [(number, mark) for number, line in enumerate(lines) if (mark := _mark(line)) is not None]
    if not _is_list(marked):
        return []
    ends = [number - 1 for number, _ in marked[1:]] + [len(lines) - 1]
    indents: list[int] = []
    items = []
    for (number, mark), last in zip(marked, ends, strict=True):
        while indents and mark.indent <= indents[-1]:
            indents.pop()
        items.append(Item(number, last, len(indents)))
        indents.append(mark.indent)
    return items


@dataclass(frozen=True, slots=True)
class _Mark:
    indent: int
    number: int | None
    """None for a bullet."""


def _mark(line: str) -> _Mark | None:
    match = _BULLET.match(line)
    if match:
        return _Mark(len(match["indent"].expandtabs(_TAB)), None)
    match = _NUMBER.match(line)
    if match:
        return _Mark(len(match["indent"].expandtabs(_TAB)), int(match["plain"] or match["bracketed"]))
    return None


def _is_list(marked: Sequence[tuple[int, _Mark]]) -> bool:
    if not marked:
        return False
    bullets = [line for line, mark in marked if mark.number is None]
    if bullets:
        return bullets[0] == 0 or len(bullets) > 1
    numbers = [mark.number for _, mark in marked if mark.number is not None]
    return any(later == number + 1 for number, later in itertools.pairwise(numbers))
