"""Where a row of cells ends, of texts in rows and columns with few rules or none."""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Iterator, Sequence
from statistics import median

from ingest.parsers.pdf.grid import is_number
from ingest.parsers.pdf.row_breaks import cell_lines, row_breaks
from ingest.parsers.pdf.text_rows import LEADING, TextRow, bottom_of, centre_of, middle_of, top_of
from ingest.parsers.pdf.words import Run

_WITHIN = 0.88
"""Of the usual distance between rows: what is nearer is a line of the same row."""
_LINES_A_ROW = 3.0
"""Lines between two rules, on average, up to which each rule parts two rows."""
_YEAR = re.compile(r"^(?:19|20)\d\d\D?$")
_FEWEST_FIGURES = 2


def row_borders(rows: Sequence[TextRow], columns: Sequence[float], rules: Sequence[float]) -> tuple[list[float], int]:
    """Between rows of cells: at the rules where each parts two rows, else where lines stand farther
    apart than those of one cell; and how many rows between two rules their texts have told."""
    top, bottom = top_of(rows[0]), bottom_of(rows[-1])
    inner = [at for at in rules if top + 1 < at < bottom - 1]
    if inner and len(rows) <= _LINES_A_ROW * (len(inner) + 1) and len(inner) > 2:
        told = list(_between_rules(rows, columns, inner))
        return [top, *sorted([*inner, *told]), bottom], len(told)
    usual = _usual_distance(rows, columns, inner)
    borders, texts = [top], [*rows[0].texts]
    for above, row in itertools.pairwise(rows):
        gap = row.baseline - above.baseline
        if gap > LEADING * row.size or gap > _WITHIN * usual or _begins_figures(texts, row, columns):
            texts = []
            borders.append(max((bottom_of(above) + top_of(row)) / 2, borders[-1] + 0.1))
        texts.extend(row.texts)
    return [*borders, bottom], 0


def _between_rules(rows: Sequence[TextRow], columns: Sequence[float], rules: Sequence[float]) -> Iterator[float]:
    """Where rows end that no rule parts."""
    for _, found in itertools.groupby(rows, key=lambda row: bisect.bisect_right(rules, middle_of(row))):
        band = list(found)
        texts = [text for row in band for text in row.texts]
        cells = [
            cell_lines([t for t in texts if left <= (t.bbox[0] + t.bbox[2]) / 2 < right], left, right)
            for left, right in itertools.pairwise(columns)
        ]
        borders = [(between.above + between.below) / 2 for between in row_breaks(cells)]
        if not borders and len(band) > 1 and _begins_figures(band[0].texts, band[1], columns):
            borders = [(middle_of(band[0]) + middle_of(band[1])) / 2]
        yield from borders


def _begins_figures(above: Sequence[Run], row: TextRow, columns: Sequence[float]) -> bool:
    """Figures right below names of columns or below other figures, however near: no text goes on so. Years
    may, below names."""
    if bisect.bisect_right(columns, centre_of(row.texts[0])) > 1:
        return False
    over = {bisect.bisect_right(columns, centre_of(text)): text for text in above}
    both = [(over[col], text) for text in row.texts if (col := bisect.bisect_right(columns, centre_of(text))) in over]
    figures = [(name, text) for name, text in both if _is_figure(text)]
    years = all(_YEAR.match(word.text) and not _is_figure(name) for name, text in figures for word in text.words)
    return len(figures) >= _FEWEST_FIGURES and len(figures) * 2 >= len(both) and not years


def _is_figure(text: Run) -> bool:
    return all(is_number(word.text) for word in text.words)


def _usual_distance(rows: Sequence[TextRow], columns: Sequence[float], rules: Sequence[float]) -> float:
    """Between a row that begins in the first column and the line above it; a rule between them takes room."""
    gaps = [
        row.baseline - above.baseline
        for above, row in itertools.pairwise(rows)
        if row.texts[0].bbox[0] < columns[1] and len(row.texts) > 1
        if not any(middle_of(above) < at < middle_of(row) for at in rules)
    ]
    return median(gaps) if gaps else 0.0
