"""Rules that are drawn around a table's cells: where they are, they know better than the model."""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ingest.parsers.pdf.grid import is_number
from ingest.parsers.pdf.words import Run
from schemas.base import BBox

_THIN = 2.5
"""Points up to which a rectangle is a line."""
_SAME = 2.5
"""Points within which two lines are one."""
_NEAR = 5.0
"""Points within which the model's border is that rule."""
_SOME = 0.1
"""Share of the table's width or height: a border that has a rule under some of its cells."""
_WHOLE = 0.8
_MOST = 0.5
"""A heading over several columns interrupts the rules between them."""
MOST_DRAWINGS = 20_000
"""Paths above which a page is mostly a drawing."""

RulesAt = tuple[BBox, Sequence[float]]
"""A box where rules are drawn from side to side, and their heights."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line along an axis: `at` is its y (horizontal) or x (vertical), from `start` to `end`."""

    horizontal: bool
    at: float
    start: float
    end: float


def rules_of(item: tuple[object, ...]) -> Iterator[Rule]:
    """Of a path that `Page.get_cdrawings` gives: lines along an axis, thin rectangles, edges of others."""
    match item:
        case ("l", (float(x0), float(y0)), (float(x1), float(y1))):
            yield from _thin(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
        case ("re", (float(x0), float(y0), float(x1), float(y1)), *_):
            if min(abs(x1 - x0), abs(y1 - y0)) <= _THIN:
                yield from _thin(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
            else:
                for edge in ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)):
                    yield from _thin(*edge)


def _thin(x0: float, y0: float, x1: float, y1: float) -> Iterator[Rule]:
    if y1 - y0 <= _THIN and x1 - x0 > _THIN:
        yield Rule(True, (y0 + y1) / 2, x0, x1)
    elif x1 - x0 <= _THIN and y1 - y0 > _THIN:
        yield Rule(False, (x0 + x1) / 2, y0, y1)


def ruled_grid(
    box: BBox, grid: tuple[Sequence[float], Sequence[float]], rules: Sequence[Rule], runs: Sequence[Run]
) -> tuple[Sequence[float], Sequence[float]]:
    """The model's row and column borders, put right for a table whose cells are framed: a line of
    text within a cell is no row, and a rule from edge to edge is always a border. The model's
    own where no rule runs down between columns, and between two rules with several rows."""
    rows, columns = grid
    down = _rule_lines([r for r in rules if not r.horizontal], (box[1], box[3]))
    across = _rule_lines([r for r in rules if r.horizontal], (box[0], box[2]))
    whole_down = [at for at, share in down if share >= _WHOLE and columns[0] + _NEAR < at < columns[-1] - _NEAR]
    whole_across = [at for at, share in across if share >= _WHOLE and rows[0] + _NEAR < at < rows[-1] - _NEAR]
    if not whole_down or not whole_across:
        return grid
    ruled = [y for y in rows[1:-1] if any(abs(y - at) <= _NEAR and share >= _SOME for at, share in across)]
    new_rows = sorted([rows[0], rows[-1], *ruled, *_missing(whole_across, ruled)])
    for top, bottom in bands_with_rows(new_rows, columns, runs):
        new_rows = sorted([*new_rows, *_missing((y for y in rows if top < y < bottom), new_rows)])
    framed = [at for at, share in down if share >= _MOST and columns[0] + _NEAR < at < columns[-1] - _NEAR]
    if len(framed) + 2 >= len(columns):
        return new_rows, [columns[0], *framed, columns[-1]]
    return new_rows, sorted([*columns, *_missing(whole_down, columns)])


def _missing(found: Iterable[float], known: Sequence[float]) -> list[float]:
    return [at for at in found if all(abs(at - other) > _NEAR for other in known)]


def _rule_lines(rules: Iterable[Rule], along: tuple[float, float]) -> list[tuple[float, float]]:
    """Where rules stand, and what share of the table's width or height they cover together."""
    groups: list[list[Rule]] = []
    for rule in sorted((r for r in rules if _length(r, along) > 0), key=lambda r: r.at):
        if groups and rule.at - groups[-1][-1].at <= _SAME:
            groups[-1].append(rule)
        else:
            groups.append([rule])
    length = max(along[1] - along[0], 1.0)
    return [(sum(r.at for r in group) / len(group), _covered(group, along) / length) for group in groups]


def _length(rule: Rule, along: tuple[float, float]) -> float:
    return min(rule.end, along[1]) - max(rule.start, along[0])


def _covered(group: Sequence[Rule], along: tuple[float, float]) -> float:
    """Length of the union: neighbouring cells draw their common border twice."""
    total, reached = 0.0, along[0]
    for rule in sorted(group, key=lambda r: r.start):
        end = min(rule.end, along[1])
        total += max(end - max(rule.start, reached), 0.0)
        reached = max(reached, end)
    return total


def bands_with_rows(across: Sequence[float], down: Sequence[float], runs: Iterable[Run]) -> list[tuple[float, float]]:
    """Bands between two rules that hold several rows: figures below each other in one column, and
    lines beside them in another."""
    lines: defaultdict[int, defaultdict[int, dict[int, bool]]] = defaultdict(lambda: defaultdict(dict))
    for run in runs:
        middle = (run.bbox[1] + run.bbox[3]) / 2
        band = bisect.bisect_right(across, middle) - 1
        col = bisect.bisect_right(down, (run.bbox[0] + run.bbox[2]) / 2) - 1
        figure = all(is_number(word.text) for word in run.words)
        lines[band][col][round(middle / max(run.words[0].size, 1.0))] = figure
    return [
        (across[band], across[band + 1])
        for band, cells in sorted(lines.items())
        if 0 <= band < len(across) - 1
        and sum(len(found) > 1 for found in cells.values()) > 1
        and any(sum(found.values()) > 1 for found in cells.values())
    ]
