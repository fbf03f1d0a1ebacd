"""Tables without frames: texts that stand in rows and columns with nothing drawn between them.

Only what is plain is taken: every text stands in one column, all rows but the header's; columns
are aligned on an edge; most cells are filled. The rest is left to the layout model.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator, Sequence
from statistics import median

from ingest.parsers.pdf.grid import FoundTable, build_grid
from ingest.parsers.pdf.page import Grid
from ingest.parsers.pdf.row_borders import row_borders
from ingest.parsers.pdf.rules import RulesAt
from ingest.parsers.pdf.side_by_side import gutter_of
from ingest.parsers.pdf.table_doubts import has_open_rows, is_list
from ingest.parsers.pdf.text_blocks import PrintedLine
from ingest.parsers.pdf.text_columns import ALIGNED, HEADER_ROWS, is_plain, separators_of
from ingest.parsers.pdf.text_rows import FEWEST_ROWS, LEADING, TextRow, in_halves, text_rows
from ingest.parsers.pdf.words import union
from schemas.base import BBox

_NEAR = 3.2
"""Of the type size: farther from each other two rows are not of one table."""
_FEWEST_COLUMNS = 3
"""Two columns are a form, a menu or a list as often as they are a table."""
_FILLED = 0.55


def aligned_tables(
    lines: Iterable[PrintedLine], rules_at: Sequence[RulesAt], ruled: Sequence[BBox] = ()
) -> list[FoundTable]:
    """`lines` of one column of the page, prose and code left out. `rules_at`: boxes where rules are
    drawn from side to side, each with their heights. `ruled`: boxes of tables that have rules at their
    ends and below their header at least."""
    found: list[FoundTable] = []
    for rows in _groups(text_rows(lines)):
        tables = [_table(side, rules_at) for part in _ruled_sides(rows, ruled) for side in _sides(part)]
        found.extend(table for table in tables if table is not None)
    return found


def _ruled_sides(rows: Sequence[TextRow], ruled: Sequence[BBox]) -> list[list[TextRow]]:
    texts = [text for row in rows for text in row.texts]
    middle = gutter_of(union(text.bbox for text in texts), ruled, texts)
    return [list(rows)] if middle is None else in_halves(rows, middle)


def _sides(rows: Sequence[TextRow]) -> list[list[TextRow]]:
    """One table, or two that stand beside each other: the columns of one that goes on in the next
    column of the page stand at the same distances again."""
    separators = separators_of(rows)
    half, odd = divmod(len(separators) + 1, 2)
    if odd or half < 2:
        return [list(rows)]
    lefts: list[list[float]] = [[] for _ in range(2 * half)]
    for row in rows:
        for text in row.texts:
            lefts[bisect.bisect_right(separators, text.bbox[0])].append(text.bbox[0])
    if not all(lefts):
        return [list(rows)]
    shifts = [median(lefts[half + col]) - median(lefts[col]) for col in range(half)]
    if max(shifts) - min(shifts) > ALIGNED:
        return [list(rows)]
    return in_halves(rows, separators[half - 1])


def _groups(rows: Sequence[TextRow]) -> Iterator[list[TextRow]]:
    """Rows near each other, from the first to the last that holds several texts."""
    group: list[TextRow] = []
    for row in rows:
        if group and not _is_near(group, row):
            yield from _trimmed(group)
            group = []
        group.append(row)
    yield from _trimmed(group)


def _is_near(group: Sequence[TextRow], row: TextRow) -> bool:
    last = group[-1]
    if row.baseline - last.baseline > _NEAR * max(row.size, last.size):
        return False
    return abs(row.size - last.size) <= 0.15 * last.size


def _trimmed(group: Sequence[TextRow]) -> Iterator[list[TextRow]]:
    several = [index for index, row in enumerate(group) if len(row.texts) > 1]
    if len(several) >= FEWEST_ROWS:
        end = several[-1] + 1
        # The last cell may go on below the last row.
        while end < len(group) and group[end].baseline - group[end - 1].baseline <= LEADING * group[end].size:
            end += 1
        yield list(group[several[0] : end])


def _table(rows: Sequence[TextRow], rules_at: Sequence[RulesAt]) -> FoundTable | None:
    separators = separators_of(rows)
    if not separators:
        return None
    texts = [text for row in rows for text in row.texts]
    box = union(text.bbox for text in texts)
    columns = [box[0] - 1, *separators, box[2] + 1]
    body = rows[min(HEADER_ROWS, len(rows) - 1) :]
    if not is_plain(rows, body, columns):
        return None
    borders, told = row_borders(rows, columns, _rules_in(box, rules_at))
    grid = build_grid(texts, borders, columns)
    if grid is None or not _is_filled(grid) or has_open_rows(grid, told):
        return None
    return None if is_list(grid) else FoundTable(box, grid, tuple(texts))


def _rules_in(box: BBox, rules_at: Sequence[RulesAt]) -> list[float]:
    for ruled, heights in rules_at:
        if ruled[0] - 6 <= box[0] and box[2] <= ruled[2] + 6 and ruled[1] < box[3] and box[1] < ruled[3]:
            return [at for at in heights if box[1] - 2 < at < box[3] + 2]
    return []


def _is_filled(grid: Grid) -> bool:
    large = grid.n_cols >= _FEWEST_COLUMNS and grid.n_rows >= FEWEST_ROWS
    return large and len(grid.cells) >= _FILLED * grid.n_rows * grid.n_cols
