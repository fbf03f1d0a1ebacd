"""Texts of a page in rows, from which tables without frames are made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.parsers.pdf.grid import part_of
from ingest.parsers.pdf.text_blocks import CLOSE, MARK, PrintedLine, rows_of
from ingest.parsers.pdf.words import Run

FEWEST_ROWS = 3
LEADING = 1.8
"""Of the type size: lines of one cell stand no farther from each other."""


@dataclass(frozen=True, slots=True)
class TextRow:
    """Texts on one baseline, from left to right."""

    baseline: float
    size: float
    texts: tuple[Run, ...]


def in_halves(rows: Sequence[TextRow], middle: float) -> list[list[TextRow]]:
    halves = [
        [replace(row, texts=tuple(text for text in row.texts if (text.bbox[0] < middle) is first)) for row in rows]
        for first in (True, False)
    ]
    return [[row for row in side if row.texts] for side in halves]


def text_rows(lines: Iterable[PrintedLine]) -> list[TextRow]:
    return [
        TextRow(row[0].baseline, max(li.look.size for li in row), tuple(sorted(_texts(row), key=lambda t: t.bbox[0])))
        for row in rows_of(lines)
    ]


def _texts(row: Iterable[PrintedLine]) -> Iterator[Run]:
    """Cut at wide gaps: MuPDF takes close columns for one text."""
    for line in row:
        for run in line.runs:
            start = 0
            for index in range(1, len(run.words)):
                left, right = run.words[index - 1], run.words[index]
                if right.bbox[0] - left.bbox[2] > CLOSE * line.look.size and not MARK.match(left.text):
                    yield part_of(run, start, index)
                    start = index
            yield part_of(run, start, len(run.words))


def centre_of(text: Run) -> float:
    return (text.bbox[0] + text.bbox[2]) / 2


def middle_of(row: TextRow) -> float:
    return row.baseline - row.size / 4


def top_of(row: TextRow) -> float:
    return min(text.bbox[1] for text in row.texts)


def bottom_of(row: TextRow) -> float:
    return max(text.bbox[3] for text in row.texts)
