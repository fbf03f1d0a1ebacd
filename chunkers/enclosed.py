"""Quotations and brackets: what stands between two marks is kept together while it fits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chunkers.sentences import sentences
from schemas.base import Span

LONGEST = 2_000
"""Characters between two marks that are still taken for a pair."""
_CLOSING = {"“": "”", "「": "」", "『": "』", "(": ")", "（": "）", "《": "》", "[": "]"}
_MARKS = re.compile(f"[{re.escape(''.join([*_CLOSING, *_CLOSING.values()]))}]")
_NESTED = 4
"""Open marks that a closing one is held against: the rest were never closed."""


def enclosed(text: str, start: int, end: int, longest: int = LONGEST) -> list[Span]:
    """The outermost pairs of marks with what is between them, in order. A mark without its partner
    within `longest` characters of the same passage is text like any other."""
    opened: list[tuple[str, int]] = []
    spans: list[Span] = []
    for match in _MARKS.finditer(text, start, end):
        mark, at = match.group(), match.start()
        if mark in _CLOSING:
            opened.append((_CLOSING[mark], at))
            continue
        for depth in range(len(opened) - 1, max(-1, len(opened) - 1 - _NESTED), -1):
            wanted, begin = opened[depth]
            if wanted == mark:
                if at + 1 - begin <= longest:
                    del opened[depth:]
                    while spans and spans[-1][0] >= begin:
                        spans.pop()
                    spans.append((begin, at + 1))
                break
    return spans


def passages(text: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Sentences, those that one pair of marks encloses or begins in taken together, and whether
    a passage has several."""
    pairs = enclosed(text, start, end)
    at = count = 0
    begin = start
    for _, stop in sentences(text, start, end):
        count += 1
        while at < len(pairs) and pairs[at][1] <= stop:
            at += 1
        if at < len(pairs) and pairs[at][0] < stop:
            continue
        yield begin, stop, count > 1
        begin, count = stop, 0
