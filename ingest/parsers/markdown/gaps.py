"""What no token of Markdown told: found again, so that nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Sequence

from schemas.base import Span
from schemas.document import Block, BlockKind

_CONTAINER_MARKS = re.compile(r"(?:[\s>]|[-+*](?=\s|\Z)|\d{1,9}[.)](?=\s|\Z)|\[\^[^\]\s]+\]:)*\Z")
"""What may stand on a line before the content of quotes, list items and footnotes."""


def with_uncovered(text: str, blocks: Sequence[Block], left_out: Sequence[Span]) -> tuple[Block, ...]:
    """The blocks, and as paragraphs what lies between them and is no syntax.

    markdown-it drops what is nested too deeply; nothing else is known to arrive here. `left_out`
    are the spans of syntax that a block's own handler knows of.
    """
    found = _uncovered(text, [*((block.start, block.end) for block in blocks), *left_out])
    if not found:
        return tuple(blocks)
    fresh = [Block(ordinal=0, kind=BlockKind.PARAGRAPH, start=start, end=end) for start, end in found]
    merged = sorted([*blocks, *fresh], key=lambda block: block.start)
    place = {id(block): ordinal for ordinal, block in enumerate(merged)}
    moved = [place[id(block)] for block in blocks]
    return tuple(
        block.model_copy(
            update={"ordinal": ordinal, "parent": None if block.parent is None else moved[block.parent]},
        )
        for ordinal, block in enumerate(merged)
    )


def _uncovered(text: str, known: list[Span]) -> list[Span]:
    found: list[Span] = []
    position = 0
    for start, end in [*sorted(known), (len(text), len(text))]:
        if start > position:
            found.extend(_content_lines(text, (position, start)))
        position = max(position, end)
    return found


def _content_lines(text: str, gap: Span) -> list[Span]:
    found = []
    position = gap[0]
    for line in text[gap[0] : gap[1]].split("\n"):
        if not _CONTAINER_MARKS.match(line):
            lead = len(line) - len(line.lstrip())
            found.append((position + lead, position + len(line.rstrip())))
        position += len(line) + 1
    return found
