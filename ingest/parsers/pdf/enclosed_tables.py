"""Tables between rules of one length: above, below the header, and below. What stands between them is theirs."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ingest.parsers.pdf.boxes import overlap
from ingest.parsers.pdf.captions import CAPTION
from ingest.parsers.pdf.grid import FoundTable, build_grid
from ingest.parsers.pdf.row_borders import row_borders
from ingest.parsers.pdf.rules import Rule, RulesAt
from ingest.parsers.pdf.side_by_side import gutter_of
from ingest.parsers.pdf.table_doubts import has_open_rows, is_list
from ingest.parsers.pdf.text_blocks import PrintedLine
from ingest.parsers.pdf.text_columns import HEADER_ROWS, is_plain, separators_of
from ingest.parsers.pdf.text_rows import FEWEST_ROWS, TextRow, middle_of, text_rows
from ingest.parsers.pdf.words import Run, union
from schemas.base import BBox

_FEWEST_ENCLOSED = 2
_FEWEST_RULES = 3
_DOUBLE = 6.0
"""Points between two rules that are one double line, at the most."""
_FULL_ROWS = 0.6
"""Share of the rows between rules that hold several texts."""
_NEXT = 2.5
_LARGER = 1.1
"""Of the type size: how near the next row of a table is, and from where type is larger."""
_BEYOND = 4.0
"""Points by which texts may reach beyond the rules of their table."""


def enclosed_tables(
    lines: Sequence[PrintedLine], stacked: Sequence[RulesAt], rules: Sequence[Rule]
) -> list[FoundTable]:
    """Tables between three rules of one length or more. `lines` are all of the page, prose too; `rules` are
    all that are drawn."""
    found: list[FoundTable] = []
    rows, boxes = text_rows(lines), [box for box, _ in stacked]
    texts = [text for row in rows for text in row.texts]
    for ruled in (part for whole in stacked for part in without_text(whole, [(t.bbox, _said(t)) for t in texts])):
        inside = [replace(row, texts=tuple(t for t in row.texts if _stands_in(t.bbox, ruled[0]))) for row in rows]
        inside = [row for row in inside if row.texts]
        members = [text for row in inside for text in row.texts]
        known = any(text in table.runs for table in found for text in members)
        if known or _goes_on(rows, ruled[0]) or gutter_of(ruled[0], boxes, members) is not None:
            continue
        inner = [r.at for r in rules if r.horizontal and _stands_in((r.start, r.at, r.end, r.at), ruled[0])]
        table = _enclosed(inside, ruled, inner)
        if table is not None:
            found.append(table)
    return found


def _goes_on(rows: Iterable[TextRow], box: BBox) -> bool:
    """Rows stand right above the first rule or below the last: rules part the rows, and enclose nothing."""
    for row in rows:
        reach = _NEXT * row.size
        beside = [t for t in row.texts if box[0] - _BEYOND <= t.bbox[0] and t.bbox[2] <= box[2] + _BEYOND]
        outside = -reach <= middle_of(row) - box[1] <= 0 or 0 <= middle_of(row) - box[3] <= reach
        if outside and len(beside) > 1:
            return True
    return False


def without_text(ruled: RulesAt, texts: Iterable[tuple[BBox, str]]) -> Iterator[RulesAt]:
    """Parted where text stands between two rules that is broader than they are or names the table below it, or
    where nothing stands between rules that are apart."""
    box, heights = ruled
    part: list[float] = []
    near = [(place, text) for place, text in texts if overlap(place, box) > 0]
    for at, below in itertools.zip_longest(heights, heights[1:]):
        part.append(at)
        between = [
            (place, text) for place, text in near if below is not None and at < (place[1] + place[3]) / 2 < below
        ]
        broad = any(not _stands_in(place, box) or CAPTION.match(text) for place, text in between)
        if below is None or broad or (not between and below - at > _DOUBLE):
            if len(part) >= _FEWEST_RULES:
                yield (box[0], part[0], box[2], part[-1]), tuple(part)
            part = []


def _said(text: Run) -> str:
    return " ".join(word.text for word in text.words)


def _stands_in(line: BBox, box: BBox) -> bool:
    middle = (line[1] + line[3]) / 2
    return box[1] < middle < box[3] and box[0] - _BEYOND <= line[0] and line[2] <= box[2] + _BEYOND


def _enclosed(rows: Sequence[TextRow], ruled: RulesAt, rules: Sequence[float]) -> FoundTable | None:
    """All that stands in the box, where it has columns: two may do here, and two rows. Rows with one text are
    headings of columns or of rows."""
    full = [row for row in rows if len(row.texts) > 1]
    if len(full) < _FEWEST_ENCLOSED or len(full) < _FULL_ROWS * len(rows):
        return None
    if max(row.size for row in rows) > _LARGER * min(row.size for row in full):
        return None  # the heading of a section
    separators = separators_of(full)
    if not separators:
        return None
    texts = [text for row in rows for text in row.texts]
    outer = union([ruled[0], *(text.bbox for text in texts)])
    columns = [outer[0] - 1, *separators, outer[2] + 1]
    body = full[min(HEADER_ROWS, len(full) // 2) :]
    if not is_plain(full, body, columns, fewest=1 if len(body) < FEWEST_ROWS else 2):
        return None
    borders, told = row_borders(rows, columns, ruled[1])
    borders = _with_rules(borders, rows, rules)
    grid = build_grid(texts, borders, columns)
    if grid is None or grid.n_rows < _FEWEST_ENCLOSED or has_open_rows(grid, told) or is_list(grid):
        return None
    return FoundTable(outer, grid, tuple(texts))


def _with_rules(borders: Sequence[float], rows: Sequence[TextRow], rules: Iterable[float]) -> list[float]:
    """Rules between two rows part them, also those below some columns only."""
    result = list(borders)
    for above, row in itertools.pairwise(rows):
        between = [at for at in rules if middle_of(above) < at < middle_of(row)]
        if between and not any(middle_of(above) < at < middle_of(row) for at in result):
            result.append(between[0])
    return sorted(result)
