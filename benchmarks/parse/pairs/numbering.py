"""How headings are numbered: by the source, not at all, or by one of the ways of English and Chinese documents."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from pairs.model import Block, Heading, Run

_DIGITS = "零一二三四五六七八九"
_OWN = re.compile(
    r"^(?:第[一二三四五六七八九十]+[章节条][:：]?\s*|[一二三四五六七八九十]+[、.]\s*|[（(][一二三四五六七八九十\d]+[)）]\s*"
    r"|\d+(?:\.\d+)+[.、]?\s*|\d+[.、]\s*|\d+\s+(?=[\u4e00-\u9fff]))(?=\S)"
)


def chinese(number: int) -> str:
    """1 to 99 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones or not tens else "")


def roman(number: int) -> str:
    out = ""
    for value, mark in ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        out += mark * (number // value)
        number %= value
    return out


def _decimal(counts: list[int]) -> str:
    return ".".join(map(str, counts)) + " "


def _chapter(counts: list[int]) -> str:
    return f"Chapter {counts[0]}: " if len(counts) == 1 else _decimal(counts)


def _article(counts: list[int]) -> str:
    return f"Article {counts[0]} " if len(counts) == 1 else _decimal(counts)


def _roman(counts: list[int]) -> str:
    last = counts[-1]
    return (f"{roman(last)}. ", f"{chr(64 + min(last, 26))}. ", f"{last}. ", f"({last}) ")[min(len(counts), 4) - 1]


def _zh_chapter(counts: list[int]) -> str:
    last = chinese(counts[-1])
    return (f"第{last}章 ", f"第{last}节 ", f"{last}、", f"（{last}）")[min(len(counts), 4) - 1]


def _zh_comma(counts: list[int]) -> str:
    last = chinese(counts[-1])
    return (f"{last}、", f"（{last}）", f"{counts[-1]}. ", f"（{counts[-1]}）")[min(len(counts), 4) - 1]


SCHEMES: dict[str, Callable[[list[int]], str] | None] = {
    "source": None,
    "none": lambda counts: "",
    "decimal": _decimal,
    "chapter": _chapter,
    "article": _article,
    "roman": _roman,
    "zh_chapter": _zh_chapter,
    "zh_comma": _zh_comma,
}


def numbered(blocks: Iterable[Block], scheme: str) -> Iterator[Block]:
    """Headings below the title with the scheme's numbers in place of their own."""
    number = SCHEMES[scheme]
    counts: list[int] = []
    for block in blocks:
        if number is None or not isinstance(block, Heading) or block.level == 1:
            yield block
            continue
        depth = block.level - 1
        counts = counts[:depth] + [0] * (depth - len(counts))
        counts[-1] += 1
        yield replace(block, runs=_with_number(block.runs, number([count or 1 for count in counts])))


def _with_number(runs: tuple[Run, ...], number: str) -> tuple[Run, ...]:
    first = replace(runs[0], text=_OWN.sub("", runs[0].text))
    if not number:
        return (first, *runs[1:])
    if first.code:
        return (Run(number), first, *runs[1:])
    return (replace(first, text=number + first.text), *runs[1:])
