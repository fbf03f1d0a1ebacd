"""A page's layout from geometry alone, and how much of its text that leaves in doubt.

Plain pages (text in columns, headings, lists, notes, framed tables) need no model. What geometry
can't tell is told by `doubt`: the share of the page's characters that stand in rows without rules,
in drawings and pictures, in formulas, or on their side.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.parsers.pdf.aligned_tables import aligned_tables
from ingest.parsers.pdf.boxes import share_inside
from ingest.parsers.pdf.contents import contents_of, is_contents
from ingest.parsers.pdf.drawings import Drawings
from ingest.parsers.pdf.enclosed_tables import enclosed_tables, without_text
from ingest.parsers.pdf.framed_tables import framed_tables
from ingest.parsers.pdf.grid import FoundTable, is_number
from ingest.parsers.pdf.header_rules import with_header_by_rule
from ingest.parsers.pdf.header_spans import with_header_spans
from ingest.parsers.pdf.page import Role
from ingest.parsers.pdf.ruled_tables import stacks
from ingest.parsers.pdf.rules import Rule, RulesAt
from ingest.parsers.pdf.side_by_side import ruled_boxes
from ingest.parsers.pdf.text import is_cjk
from ingest.parsers.pdf.text_blocks import CLOSE, MARK, PrintedLine, TextBlock, printed_lines, rows_of, text_blocks
from ingest.parsers.pdf.words import Run, union
from schemas.base import BBox

_FEWEST_ROWS = 2
"""Rows of texts beside each other, near each other, that may be a table."""
_A_ROW = 0.05
"""What a row adds to the doubt at least: a small table on a full page is a table too."""
_FEWEST_GAPS = 3
_IN_LINE = 1.5
_NEAR_ROWS = 4.0
"""Type sizes between rows of one table."""
_PROSE_WORDS = 4.0
"""Words in a line, on average, of a column of text; a column of a table has fewer."""
_MOSTLY_BESIDE = 0.7
_LONG = 8
"""Lines of a block that is no cell."""
_SAME_ROW = 0.35
_PROSE_LINES = 3
_RAGGED = 0.25
_FULL = 0.7
"""Share of a column's lines that reach near its right edge, and what near is, of its width."""
_SAME_COLUMN = 0.1
_LABELS_DOUBT = 0.3
"""Of the characters in a drawing: that they are its labels is likely."""
_LABEL_CHARS = 25
"""Mean length of texts in a figure that are labels."""
_NOTE_SIZE = 0.93
_NOTE_MARK = re.compile(r"^(?:\d{1,3}|[*†‡§¶]|[①-⑳]|\[\d{1,3}\])(?=\D|$)")
_MATH = re.compile(r"[\u2200-\u22ff\u2a00-\u2aff\U0001d400-\U0001d7ff\u27c0-\u27ef∑∏∫√]|[\u0370-\u03ff]")


@dataclass(frozen=True, slots=True)
class PlainRegion:
    """Runs that belong together; those of a table are in its cells."""

    role: Role
    runs: tuple[Run, ...]
    table: FoundTable | None = None


@dataclass(frozen=True, slots=True)
class PlainLayout:
    """`doubt` is a share, 0 to 1; `why` names what most of it is. `framed` tables are certain whatever
    the doubt about the rest."""

    regions: tuple[PlainRegion, ...]
    framed: tuple[FoundTable, ...]
    doubt: float
    why: str


def plain_layout(runs: Sequence[Run], drawings: Drawings) -> PlainLayout:
    """`runs` without watermarks."""
    doubtful: Counter[str] = Counter()
    tables = framed_tables(runs, drawings.rules)
    regions = [PlainRegion(Role.TABLE, table.runs, table) for table in tables]
    rest = without(runs, [run for table in tables for run in table.runs])
    level, turned = [run for run in rest if run.horizontal], [run for run in rest if not run.horizontal]
    doubtful["text on its side"] = _length(turned)
    for listed in contents_of(level):
        regions.append(PlainRegion(Role.CONTENTS, tuple(listed)))
        level = without(level, listed)
    ruled = stacks(drawings.rules)
    for enclosed in enclosed_tables(printed_lines(level), stacks(drawings.rules, math.inf), drawings.rules):
        regions.append(_table_region(enclosed, drawings.rules))
        level = without(level, enclosed.runs)
    for enclosed in enclosed_tables(printed_lines(level), stacks(drawings.rules, math.inf), drawings.rules):
        regions.append(_table_region(enclosed, drawings.rules))
        level = without(level, enclosed.runs)
    for aligned in _aligned(text_blocks(printed_lines(level)), ruled, ruled_boxes(drawings.rules)):
        regions.append(_table_region(aligned, drawings.rules))
        level = without(level, aligned.runs)
    drawn = _length(run for run in level if drawings.holds(run.bbox))
    doubtful["text in a drawing or picture"] = round(_LABELS_DOUBT * drawn)
    for labels in _labels(level, drawings.figures):
        regions.append(PlainRegion(Role.PICTURE, tuple(labels)))
        level = without(level, labels)
    blocks = text_blocks(printed_lines(level))
    said = [(line.bbox, line.text) for block in blocks for line in block.lines]
    in_rows = _in_rows(blocks, [box for whole in ruled for box, _ in without_text(whole, said)])
    doubtful["rows without rules"] = in_rows.characters
    doubtful["formulas"] = _in_formulas(level)
    notes = _notes(blocks)
    regions.extend(
        PlainRegion(Role.FOOTNOTE if index in notes else Role.TEXT, tuple(block.runs))
        for index, block in enumerate(blocks)
    )
    regions.extend(PlainRegion(Role.TEXT, (run,)) for run in turned)
    total = max(_length(runs), 1)
    doubt = max(doubtful.total() / total, _A_ROW * in_rows.rows)
    return PlainLayout(tuple(regions), tuple(tables), min(doubt, 1.0), doubtful.most_common(1)[0][0])


def _table_region(found: FoundTable, rules: Sequence[Rule]) -> PlainRegion:
    if is_contents(found.grid):
        return PlainRegion(Role.CONTENTS, found.runs)
    grid = with_header_spans(with_header_by_rule(found.grid, rules), rules)
    return PlainRegion(Role.TABLE, found.runs, replace(found, grid=grid))


def _labels(runs: Sequence[Run], figures: Iterable[BBox]) -> Iterator[list[Run]]:
    """Words in a figure. Sentences there stand on a ground that is drawn behind them."""
    for figure in figures:
        inside = [run for run in runs if share_inside(run.bbox, figure) > 0.5]
        if inside and _length(inside) < _LABEL_CHARS * len(inside):
            yield inside


def _length(runs: Iterable[Run]) -> int:
    return sum(run.length for run in runs)


# ------------------------------------------------------------- texts beside each other


def _aligned(blocks: Sequence[TextBlock], stacked: Sequence[RulesAt], ruled: Sequence[BBox]) -> list[FoundTable]:
    """Tables among what is no prose, each column of the page by itself."""
    running = _prose(blocks)
    columns, prose = _columns_of_prose(running), {id(block) for block in running}
    by_column: defaultdict[tuple[float, float] | None, list[PrintedLine]] = defaultdict(list)
    for block in blocks:
        if id(block) not in prose:
            for line in block.lines:
                if not block.look.mono:
                    by_column[_column_of(line, columns)].append(line)
    return [table for lines in by_column.values() for table in aligned_tables(lines, stacked, ruled)]


def without(runs: Sequence[Run], parts: Sequence[Run]) -> list[Run]:
    """What is left of the runs when the words of the parts are taken out."""
    words = {id(word) for part in parts for word in part.words}
    return [left for run in runs if (left := _rest(run, words)) is not None]


def _rest(run: Run, taken: set[int]) -> Run | None:
    rest = tuple(word for word in run.words if id(word) not in taken)
    if len(rest) == len(run.words):
        return run
    return replace(run, words=rest, bbox=union(word.bbox for word in rest)) if rest else None


@dataclass(frozen=True, slots=True)
class _InRows:
    characters: int
    rows: int


def _in_rows(blocks: Sequence[TextBlock], ruled: Sequence[BBox]) -> _InRows:
    """Lines that stand beside others as cells of a row do, columns of prose aside."""
    columns = _columns_of_prose(_prose(blocks))
    lines = [line for block in blocks for line in block.lines]
    doubtful = {
        id(line): line
        for line in lines
        if not line.look.mono and any(share_inside(line.bbox, box) > 0.5 for box in ruled)
    }
    doubtful |= {id(line): line for block in blocks for line in _with_common_gap(block)}
    rows = [row for row in rows_of(lines) if _is_row(row, columns)]
    group: list[list[PrintedLine]] = []
    for row in [*rows, None]:
        if row is not None and (not group or _near(group[-1], row)):
            group.append(row)
            continue
        if len(group) >= _FEWEST_ROWS:
            doubtful |= {id(line): line for member in group for line in member}
        group = [] if row is None else [row]
    heights = {round(line.baseline / line.look.size) for line in doubtful.values()}
    return _InRows(sum(_length(line.runs) for line in doubtful.values()), len(heights))


def _with_common_gap(block: TextBlock) -> list[PrintedLine]:
    """Lines below each other with texts that begin in line behind a gap: columns that stand close."""
    found: list[PrintedLine] = []
    streak: list[PrintedLine] = []
    common: list[float] = []
    for line in block.lines:
        gaps = [] if line.look.mono else _behind_gaps(line)
        shared = [x for x in gaps if any(abs(x - other) <= _IN_LINE for other in common)]
        streak, common = ([*streak, line], shared) if shared else ([line], gaps)
        if len(streak) >= _FEWEST_GAPS:
            found.extend(streak)
    return found


def _behind_gaps(line: PrintedLine) -> list[float]:
    words = sorted((word for run in line.runs for word in run.words), key=lambda word: word.bbox[0])
    return [
        other.bbox[0]
        for one, other in itertools.pairwise(words)
        if other.bbox[0] - one.bbox[2] > CLOSE * line.look.size and not MARK.match(one.text)
    ]


def _is_row(row: Sequence[PrintedLine], columns: Sequence[tuple[float, float]]) -> bool:
    """Several texts in one column of prose, or in none. Code has no cells: it keeps its blanks."""
    row = [line for line in row if not line.look.mono] or row[:1]
    if len(row) == 1:
        return _is_run_together(row[0])
    homes = [_column_of(line, columns) for line in row]
    known = [home for home in homes if home is not None]
    return len(known) < len(row) or len(set(known)) < len(known)


def _is_run_together(line: PrintedLine) -> bool:
    """Figures with a space between them: MuPDF takes close columns for one text."""
    words = [word.text for run in line.runs for word in run.words]
    return len(words) >= 3 and sum(map(is_number, words)) * 2 > len(words)


def _near(above: Sequence[PrintedLine], row: Sequence[PrintedLine]) -> bool:
    return row[0].baseline - above[0].baseline <= _NEAR_ROWS * max(row[0].look.size, above[0].look.size)


def _columns_of_prose(prose: Sequence[TextBlock]) -> list[tuple[float, float]]:
    """From where to where columns of text reach, narrow ones first."""
    columns: list[tuple[float, float]] = []
    for block in prose:
        box = block.bbox
        if not any(_is_same(column, box) for column in columns):
            columns.append((box[0], box[2]))
    return sorted(columns, key=lambda column: column[1] - column[0])


def _prose(blocks: Sequence[TextBlock]) -> list[TextBlock]:
    """Blocks of running text. Where most blocks of a column begin on one line with blocks beside
    them they are the cells of rows, however long."""
    starts = [(block.lines[0].baseline, block.bbox) for block in blocks]
    found: list[TextBlock] = []
    for block in filter(_reads_like_prose, blocks):
        column = [other for other in blocks if _is_same((block.bbox[0], block.bbox[2]), other.bbox)]
        beside = sum(_begins_beside(other, starts) for other in column)
        is_long = max(len(other.lines) for other in column) >= _LONG
        if is_long or beside < 2 or beside < _MOSTLY_BESIDE * len(column):
            found.append(block)
    return found


def _begins_beside(block: TextBlock, starts: Sequence[tuple[float, BBox]]) -> bool:
    first, box = block.lines[0], block.bbox
    near = _SAME_ROW * first.look.size
    return any(abs(base - first.baseline) <= near and (o[0] >= box[2] or o[2] <= box[0]) for base, o in starts)


def _is_same(column: tuple[float, float], box: BBox) -> bool:
    slack = _SAME_COLUMN * (box[2] - box[0])
    return abs(column[0] - box[0]) <= slack and abs(column[1] - box[2]) <= slack


def _reads_like_prose(block: TextBlock) -> bool:
    """Several lines of several words, and all but the last reach about as far."""
    if len(block.lines) < _PROSE_LINES:
        return False
    right, width = block.bbox[2], block.bbox[2] - block.bbox[0]
    above = block.lines[:-1]
    full = sum(right - line.bbox[2] <= _RAGGED * width for line in above)
    return full >= _FULL * len(above) and sum(_words(line.text) for line in above) >= _PROSE_WORDS * len(above)


def _words(text: str) -> float:
    """Two Chinese characters count as a word, figures as none."""
    chinese = sum(map(is_cjk, text))
    return chinese / 2 + sum(not is_number(word) and not is_cjk(word[0]) for word in text.split())


def _column_of(line: PrintedLine, columns: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    slack = line.look.size
    return next((c for c in columns if c[0] - slack <= line.bbox[0] and line.bbox[2] <= c[1] + slack), None)


# ------------------------------------------------------------------- notes, formulas


def _notes(blocks: Sequence[TextBlock]) -> set[int]:
    """Blocks in smaller type, with a mark, below all text of their column."""
    sizes: Counter[float] = Counter()
    for block in blocks:
        sizes[block.look.size] += len(block.text)
    if not sizes:
        return set()
    body = sizes.most_common(1)[0][0]
    found: set[int] = set()
    for index, block in enumerate(blocks):
        small = block.look.size <= _NOTE_SIZE * body and any(map(str.isalpha, block.text)) and not block.look.mono
        if small and _NOTE_MARK.match(block.text) and not _has_text_below(block, blocks, _NOTE_SIZE * body):
            found.add(index)
    return found


def _has_text_below(block: TextBlock, blocks: Sequence[TextBlock], size: float) -> bool:
    box = block.bbox
    for other in blocks:
        o = other.bbox
        if other.look.size > size and o[1] > box[3] and min(o[2], box[2]) > max(o[0], box[0]) and len(other.text) > 20:
            return True
    return False


def _in_formulas(runs: Sequence[Run]) -> int:
    return sum(run.length for run in runs if len(_MATH.findall("".join(w.text for w in run.words))) * 4 > run.length)
