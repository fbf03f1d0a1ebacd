"""Type sizes of what OCR has read: the heights of its boxes scatter, printers' sizes do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from statistics import median_low

from ingest.parsers.pdf.page import Line, PageContent, PageItem

_SCATTER = 0.14
"""Share by which heights of one type size differ: a line without capitals or descenders is lower."""
_SCATTER_IN_BOX = 0.25


def even_sizes(pages: Sequence[PageContent]) -> list[PageContent]:
    """Lines of about the same height get one size, the commonest first; a text layer's stay."""
    pages = [replace(page, items=tuple(map(_levelled, page.items))) for page in pages]
    lengths: Counter[float] = Counter()
    for page in pages:
        for item in page.items:
            for line in item.lines:
                if line.confidence is not None:
                    lengths[line.size] += len(line.text)
    if not lengths:
        return pages
    sizes = _snapped(lengths)

    def evened(line: Line) -> Line:
        return line if line.confidence is None else replace(line, size=sizes[line.size])

    return [
        replace(
            page, items=tuple(replace(item, lines=tuple(evened(line) for line in item.lines)) for item in page.items)
        )
        for page in pages
    ]


def _levelled(item: PageItem) -> PageItem:
    """Lines of one box are of one size, but for those that are clearly not."""
    sizes = [line.size for line in item.lines if line.confidence is not None]
    if len(sizes) < 2:
        return item
    middle = median_low(sizes)
    lines = (
        replace(line, size=middle)
        if line.confidence is not None and abs(line.size - middle) <= _SCATTER_IN_BOX * middle
        else line
        for line in item.lines
    )
    return replace(item, lines=tuple(lines))


def _snapped(lengths: Counter[float]) -> dict[float, float]:
    """Each size with the one it counts as: that with most characters around it takes its neighbours in."""
    sizes: dict[float, float] = {}
    left = Counter(lengths)
    while left:
        centre = max(left, key=lambda size: (_around(size, left), -size))
        for size in [size for size in left if _near(size, centre)]:
            sizes[size] = centre
            del left[size]
    return sizes


def _around(size: float, lengths: Counter[float]) -> int:
    return sum(length for other, length in lengths.items() if _near(other, size))


def _near(size: float, centre: float) -> bool:
    return abs(size - centre) <= _SCATTER * centre
