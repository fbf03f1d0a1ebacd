"""Tables without frames: texts that stand in rows and columns with nothing drawn between them.

Only what is plain is taken: every text stands in one column, all rows but the header's; columns
are aligned on an edge; most cells are filled. The rest is left to the layout model.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from ingest.parsers.pdf.boxes import overlap
from ingest.parsers.pdf.captions import CAPTION
from ingest.parsers.pdf.grid import FoundTable, build_grid, is_number, part_of
from ingest.parsers.pdf.page import Grid
from ingest.parsers.pdf.row_breaks import cell_lines, row_breaks
from ingest.parsers.pdf.rules import Rule
from ingest.parsers.pdf.side_by_side import gutter_of
from ingest.parsers.pdf.text_blocks import CLOSE, MARK, PrintedLine, rows_of
from ingest.parsers.pdf.words import Run, union
from schemas.base import BBox

_NEAR = 3.2
"""Of the type size: farther from each other two rows are not of one table."""
_FEWEST_ROWS = 3
_FEWEST_COLUMNS = 3
"""Two columns are a form, a menu or a list as often as they are a table."""
_SEPARATOR = 0.45
"""Of the type size: how wide the blank between two columns is at least."""
_HEADER_ROWS = 3
_CROSSING = 0.12
"""Share of the rows whose texts may run over the blank between two columns: headers that span."""
_FILLED = 0.55
_ALIGNED = 3.0
_MOSTLY = 0.7
_LEADING = 1.8
"""Of the type size: lines of one cell stand no farther from each other."""
_OPEN_ROWS = 0.2
"""Share of rows with nothing in their first column up to which such a cell may be blank."""
_WITHIN = 0.88
"""Of the usual distance between rows: what is nearer is a line of the same row."""
_LINES_A_ROW = 3.0
"""Lines between two rules, on average, up to which each rule parts two rows."""
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
_YEAR = re.compile(r"^(?:19|20)\d\d\D?$")
_FEWEST_FIGURES = 2


RulesAt = tuple[BBox, Sequence[float]]


@dataclass(frozen=True, slots=True)
class _Row:
    """Texts on one baseline, from left to right."""

    baseline: float
    size: float
    texts: tuple[Run, ...]


def aligned_tables(
    lines: Iterable[PrintedLine], rules_at: Sequence[RulesAt], ruled: Sequence[BBox] = ()
) -> list[FoundTable]:
    """`lines` of one column of the page, prose and code left out. `rules_at`: boxes where rules are
    drawn from side to side, each with their heights. `ruled`: boxes of tables that have rules at their
    ends and below their header at least."""
    found: list[FoundTable] = []
    for rows in _groups(_rows(lines)):
        tables = [_table(side, rules_at) for part in _ruled_sides(rows, ruled) for side in _sides(part)]
        found.extend(table for table in tables if table is not None)
    return found


def enclosed_tables(
    lines: Sequence[PrintedLine], stacked: Sequence[RulesAt], rules: Sequence[Rule]
) -> list[FoundTable]:
    """Tables between three rules of one length or more. `lines` are all of the page, prose too; `rules` are
    all that are drawn."""
    found: list[FoundTable] = []
    rows, boxes = _rows(lines), [box for box, _ in stacked]
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


def _goes_on(rows: Iterable[_Row], box: BBox) -> bool:
    """Rows stand right above the first rule or below the last: rules part the rows, and enclose nothing."""
    for row in rows:
        reach = _NEXT * row.size
        beside = [t for t in row.texts if box[0] - _BEYOND <= t.bbox[0] and t.bbox[2] <= box[2] + _BEYOND]
        outside = -reach <= _middle(row) - box[1] <= 0 or 0 <= _middle(row) - box[3] <= reach
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


def _enclosed(rows: Sequence[_Row], ruled: RulesAt, rules: Sequence[float]) -> FoundTable | None:
    """All that stands in the box, where it has columns: two may do here, and two rows. Rows with one text are
    headings of columns or of rows."""
    full = [row for row in rows if len(row.texts) > 1]
    if len(full) < _FEWEST_ENCLOSED or len(full) < _FULL_ROWS * len(rows):
        return None
    if max(row.size for row in rows) > _LARGER * min(row.size for row in full):
        return None  # the heading of a section
    separators = _separators(full)
    if not separators:
        return None
    texts = [text for row in rows for text in row.texts]
    outer = union([ruled[0], *(text.bbox for text in texts)])
    columns = [outer[0] - 1, *separators, outer[2] + 1]
    body = full[min(_HEADER_ROWS, len(full) // 2) :]
    if not _is_plain(full, body, columns, fewest=1 if len(body) < _FEWEST_ROWS else 2):
        return None
    borders, told = _row_borders(rows, columns, ruled[1])
    borders = _with_rules(borders, rows, rules)
    grid = build_grid(texts, borders, columns)
    if grid is None or grid.n_rows < _FEWEST_ENCLOSED or _has_open_rows(grid, told) or _is_list(grid):
        return None
    return FoundTable(outer, grid, tuple(texts))


def _with_rules(borders: Sequence[float], rows: Sequence[_Row], rules: Iterable[float]) -> list[float]:
    """Rules between two rows part them, also those below some columns only."""
    result = list(borders)
    for above, row in itertools.pairwise(rows):
        between = [at for at in rules if _middle(above) < at < _middle(row)]
        if between and not any(_middle(above) < at < _middle(row) for at in result):
            result.append(between[0])
    return sorted(result)


def _ruled_sides(rows: Sequence[_Row], ruled: Sequence[BBox]) -> list[list[_Row]]:
    texts = [text for row in rows for text in row.texts]
    middle = gutter_of(union(text.bbox for text in texts), ruled, texts)
    return [list(rows)] if middle is None else _halves(rows, middle)


def _halves(rows: Sequence[_Row], middle: float) -> list[list[_Row]]:
    halves = [
        [replace(row, texts=tuple(text for text in row.texts if (text.bbox[0] < middle) is first)) for row in rows]
        for first in (True, False)
    ]
    return [[row for row in side if row.texts] for side in halves]


def _sides(rows: Sequence[_Row]) -> list[list[_Row]]:
    """One table, or two that stand beside each other: the columns of one that goes on in the next
    column of the page stand at the same distances again."""
    separators = _separators(rows)
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
    if max(shifts) - min(shifts) > _ALIGNED:
        return [list(rows)]
    return _halves(rows, separators[half - 1])


def _rows(lines: Iterable[PrintedLine]) -> list[_Row]:
    return [
        _Row(row[0].baseline, max(li.look.size for li in row), tuple(sorted(_texts(row), key=lambda t: t.bbox[0])))
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


def _groups(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    """Rows near each other, from the first to the last that holds several texts."""
    group: list[_Row] = []
    for row in rows:
        if group and not _is_near(group, row):
            yield from _trimmed(group)
            group = []
        group.append(row)
    yield from _trimmed(group)


def _is_near(group: Sequence[_Row], row: _Row) -> bool:
    last = group[-1]
    if row.baseline - last.baseline > _NEAR * max(row.size, last.size):
        return False
    return abs(row.size - last.size) <= 0.15 * last.size


def _trimmed(group: Sequence[_Row]) -> Iterator[list[_Row]]:
    several = [index for index, row in enumerate(group) if len(row.texts) > 1]
    if len(several) >= _FEWEST_ROWS:
        end = several[-1] + 1
        # The last cell may go on below the last row.
        while end < len(group) and group[end].baseline - group[end - 1].baseline <= _LEADING * group[end].size:
            end += 1
        yield list(group[several[0] : end])


def _table(rows: Sequence[_Row], rules_at: Sequence[RulesAt]) -> FoundTable | None:
    separators = _separators(rows)
    if not separators:
        return None
    texts = [text for row in rows for text in row.texts]
    box = union(text.bbox for text in texts)
    columns = [box[0] - 1, *separators, box[2] + 1]
    body = rows[min(_HEADER_ROWS, len(rows) - 1) :]
    if not _is_plain(rows, body, columns):
        return None
    borders, told = _row_borders(rows, columns, _rules_in(box, rules_at))
    grid = build_grid(texts, borders, columns)
    if grid is None or not _is_filled(grid) or _has_open_rows(grid, told):
        return None
    return None if _is_list(grid) else FoundTable(box, grid, tuple(texts))


def _separators(rows: Sequence[_Row]) -> list[float]:
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


def _between_columns(separators: Sequence[float], rows: Sequence[_Row]) -> list[float]:
    """Without those between the name of a column and its texts, which stand at its other side."""
    filled = [set[int]() for _ in range(len(separators) + 1)]
    for index, row in enumerate(rows):
        for text in row.texts:
            filled[bisect.bisect_right(separators, _centre(text))].add(index)
    kept = list(separators)
    index = 0
    while index < len(filled):
        beside = [other for other in (index + 1, index - 1) if 0 <= other < len(filled)]
        is_name = filled[index] and max(filled[index]) < _HEADER_ROWS
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


def _is_plain(rows: Sequence[_Row], body: Sequence[_Row], columns: Sequence[float], fewest: int = 2) -> bool:
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
        sum(abs(x - middle) <= _ALIGNED for x in edge) >= _MOSTLY * len(edge)
        for edge in edges
        for middle in (median(edge),)
    )


def _rules_in(box: BBox, rules_at: Sequence[RulesAt]) -> list[float]:
    for ruled, heights in rules_at:
        if ruled[0] - 6 <= box[0] and box[2] <= ruled[2] + 6 and ruled[1] < box[3] and box[1] < ruled[3]:
            return [at for at in heights if box[1] - 2 < at < box[3] + 2]
    return []


def _row_borders(rows: Sequence[_Row], columns: Sequence[float], rules: Sequence[float]) -> tuple[list[float], int]:
    """Between rows of cells: at the rules where each parts two rows, else where lines stand farther
    apart than those of one cell; and how many rows between two rules their texts have told."""
    top, bottom = _top(rows[0]), _bottom(rows[-1])
    inner = [at for at in rules if top + 1 < at < bottom - 1]
    if inner and len(rows) <= _LINES_A_ROW * (len(inner) + 1) and len(inner) > 2:
        told = list(_between_rules(rows, columns, inner))
        return [top, *sorted([*inner, *told]), bottom], len(told)
    usual = _usual_distance(rows, columns, inner)
    borders, texts = [top], [*rows[0].texts]
    for above, row in itertools.pairwise(rows):
        gap = row.baseline - above.baseline
        if gap > _LEADING * row.size or gap > _WITHIN * usual or _begins_figures(texts, row, columns):
            texts = []
            borders.append(max((_bottom(above) + _top(row)) / 2, borders[-1] + 0.1))
        texts.extend(row.texts)
    return [*borders, bottom], 0


def _between_rules(rows: Sequence[_Row], columns: Sequence[float], rules: Sequence[float]) -> Iterator[float]:
    """Where rows end that no rule parts."""
    for _, found in itertools.groupby(rows, key=lambda row: bisect.bisect_right(rules, _middle(row))):
        band = list(found)
        texts = [text for row in band for text in row.texts]
        cells = [
            cell_lines([t for t in texts if left <= (t.bbox[0] + t.bbox[2]) / 2 < right], left, right)
            for left, right in itertools.pairwise(columns)
        ]
        borders = [(between.above + between.below) / 2 for between in row_breaks(cells)]
        if not borders and len(band) > 1 and _begins_figures(band[0].texts, band[1], columns):
            borders = [(_middle(band[0]) + _middle(band[1])) / 2]
        yield from borders


def _begins_figures(above: Sequence[Run], row: _Row, columns: Sequence[float]) -> bool:
    """Figures right below names of columns or below other figures, however near: no text goes on so. Years
    may, below names."""
    if bisect.bisect_right(columns, _centre(row.texts[0])) > 1:
        return False
    over = {bisect.bisect_right(columns, _centre(text)): text for text in above}
    both = [(over[col], text) for text in row.texts if (col := bisect.bisect_right(columns, _centre(text))) in over]
    figures = [(name, text) for name, text in both if _is_figure(text)]
    years = all(_YEAR.match(word.text) and not _is_figure(name) for name, text in figures for word in text.words)
    return len(figures) >= _FEWEST_FIGURES and len(figures) * 2 >= len(both) and not years


def _is_figure(text: Run) -> bool:
    return all(is_number(word.text) for word in text.words)


def _centre(text: Run) -> float:
    return (text.bbox[0] + text.bbox[2]) / 2


def _middle(row: _Row) -> float:
    return row.baseline - row.size / 4


def _usual_distance(rows: Sequence[_Row], columns: Sequence[float], rules: Sequence[float]) -> float:
    """Between a row that begins in the first column and the line above it; a rule between them takes room."""
    gaps = [
        row.baseline - above.baseline
        for above, row in itertools.pairwise(rows)
        if row.texts[0].bbox[0] < columns[1] and len(row.texts) > 1
        if not any(_middle(above) < at < _middle(row) for at in rules)
    ]
    return median(gaps) if gaps else 0.0


def _top(row: _Row) -> float:
    return min(text.bbox[1] for text in row.texts)


def _bottom(row: _Row) -> float:
    return max(text.bbox[3] for text in row.texts)


def _is_list(grid: Grid) -> bool:
    """Marks with the text of their items; a symbol font's mark may come out as any letter."""
    first = [cell.text for cell in grid.cells if cell.col == 0]
    if len(set(first)) == 1 and len(first[0]) == 1:
        return True
    return sum(bool(MARK.match(text)) for text in first) > 0.5 * len(first)


def _is_filled(grid: Grid) -> bool:
    large = grid.n_cols >= _FEWEST_COLUMNS and grid.n_rows >= _FEWEST_ROWS
    return large and len(grid.cells) >= _FILLED * grid.n_rows * grid.n_cols


def _has_open_rows(grid: Grid, told: int) -> bool:
    """Many rows without a first cell: whether they go on with the row above is not plain, but of those
    that their texts have told, and of headings over several columns."""
    begun = {cell.row for cell in grid.cells if cell.col == 0} | set(range(grid.header_rows))
    return grid.n_rows - len(begun) - told > max(_OPEN_ROWS * grid.n_rows, 1)
