"""What stands in the margins of a document's pages: it is in no chunk, and yet tells documents apart.

A contract for one customer and the same contract for another may differ in nothing but the header.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from ingest.dedup.differences import difference_of_near
from ingest.dedup.folding import fold
from schemas.document import FURNITURE, BlockKind, Document

_MOST_LINES = 64
"""Different ones: running heads of a long book repeat its headings."""
_LONGEST = 300
"""Characters of a line."""
_ANY = "#"

_DIGITS = re.compile(r"\d+")
_PAGE = re.compile(
    r"\bp(?:age|g|\.)?\.? ?\d+(?: ?(?:of|/|-) ?\d+)?\b|第 ?\d+ ?[页頁](?:[,， ]*共 ?\d+ ?[页頁])?|共 ?\d+ ?[页頁]"
    r"|^[-( ]*\d+(?: ?(?:of|/) ?\d+)?[-) ]*$",
    re.IGNORECASE,
)


def furniture_lines(document: Document) -> tuple[str, ...]:
    """Headers, footers and watermarks, each once, in the order in which they come first. Page
    numbers are left out, and so is whatever number of a line is another one on another page."""
    blocks = (
        document.text[block.start : block.end]
        for block in document.blocks
        if block.kind in FURNITURE and block.kind is not BlockKind.PAGE_NUMBER
    )
    lines = dict.fromkeys(without_page_numbers(fold(block))[:_LONGEST] for block in blocks)
    return tuple(dict.fromkeys(_without_running_numbers([line for line in lines if line.strip(" #")])))[:_MOST_LINES]


def without_page_numbers(line: str) -> str:
    """`Page 3 of 10` on one page and `Page 4 of 10` on the next are one line."""
    return _PAGE.sub(lambda found: _DIGITS.sub(_ANY, found.group()), line)


def _without_running_numbers(lines: Sequence[str]) -> Iterable[str]:
    alike: dict[str, list[list[str]]] = {}
    for line in lines:
        alike.setdefault(_DIGITS.sub(_ANY, line), []).append(_DIGITS.findall(line))
    for line in lines:
        others = alike[_DIGITS.sub(_ANY, line)]
        told = [numbers[0] if len(set(numbers)) == 1 else _ANY for numbers in zip(*others, strict=True)]
        between = _DIGITS.split(line)
        yield "".join(part for pair in zip_longest(between, told, fillvalue="") for part in pair)


def difference_of_furniture(one: str | None, other: str | None) -> str | None:
    """What keeps two documents apart whose texts are near, or None. Lines are joined by line breaks;
    None where it is not known what stands in the margins."""
    if one is None or other is None or one == other:
        return None
    difference = difference_of_near(one, other)
    return f"{difference} in what stands in the margins" if difference is not None else None
