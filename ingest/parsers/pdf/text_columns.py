"""Where the columns of rows of texts part, and whether they are plain."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Sequence
from statistics import median

from ingest.parsers.pdf.text_rows import TextRow, centre_of
from ingest.parsers.pdf.words import Run

_SEPARATOR = 0.45
"""Of the type size: how wide the blank between two columns is at least."""
HEADER_ROWS = 3
_CROSSING = 0.12
"""Share of the rows whose texts may run over the blank between two columns: headers that span."""
ALIGNED = 3.0
_MOSTLY = 0.7


def separators_of(rows: Sequence[TextRow]) -> list[float]:
    """Middles of the blanks that next to no text runs over."""
    edges = sorted({edge for row in rows for text in row.texts for edge in (text.bbox[0], text.bbox[2])})
    least = _SEPARATOR * median(row.size for row in rows)
    most = _CROSSING * len(rows)
    blanks: list[tuple[float, float]] = []
    for start, end in itertools.pairwise(edges):
        middle = (start + end) / 2
        crossing = sum(any(t.bbox[0] < middle < t.bbox[2] for t in row.texts) for row in rows)
        if crossing > most:
            continue
        if blanks and blanks[-1][1] == start:
            blanks[-1] = (blanks[-1][0], end)
        else:
            blanks.append((start, end))
    return _between_columns([(start + end) / 2 for start, end in blanks if end - start >= least], rows)


def _between_columns(separators: Sequence[float], rows: Sequence[TextRow]) -> list[float]:
    """Without those between the name of a column and its texts, which stand at its other side."""
    filled = [set[int]() for _ in range(len(separators) + 1)]
    for index, row in enumerate(rows):
        for text in row.texts:
            filled[bisect.bisect_right(separators, centre_of(text))].add(index)
    kept = list(separators)
    index = 0
    while index < len(filled):
        beside = [other for other in (index + 1, index - 1) if 0 <= other < len(filled)]
        is_name = filled[index] and max(filled[index]) < HEADER_ROWS
        home = next(
            (other for other in beside if is_name and filled[other] and not filled[index] & filled[other]), None
        )
        if home is None:
            index += 1
            continue
        first = min(index, home)
        filled[first : first + 2] = [filled[first] | filled[first + 1]]
        del kept[first]
        index = max(first - 1, 0)
    return kept


def is_plain(rows: Sequence[TextRow], body: Sequence[TextRow], columns: Sequence[float], fewest: int = 2) -> bool:
    """No text of the body in two columns, and every column with texts in line on one of its edges."""
    by_column: list[list[Run]] = [[] for _ in range(len(columns) - 1)]
    for row in body:
        for text in row.texts:
            first, last = (bisect.bisect_right(columns, x) - 1 for x in (text.bbox[0], text.bbox[2] - 0.1))
            if first != last:
                return False
            by_column[first].append(text)
    if any(len(texts) < fewest for texts in by_column):
        return False
    spread = sum(len(row.texts) > 1 for row in rows)
    return spread >= 0.5 * len(rows) and all(_is_aligned(texts) for texts in by_column)


def _is_aligned(texts: Sequence[Run]) -> bool:
    edges = (
        [text.bbox[0] for text in texts],
        [text.bbox[2] for text in texts],
        [(text.bbox[0] + text.bbox[2]) / 2 for text in texts],
    )
    return any(
        sum(abs(x - middle) <= ALIGNED for x in edge) >= _MOSTLY * len(edge)
        for edge in edges
        for middle in (median(edge),)
    )
