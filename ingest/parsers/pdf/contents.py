"""Tables of contents and indexes: entries that dots lead to the numbers of their pages.

They stand in rows and columns as tables do, and are none: an entry is a line of text. Each column
of the page is looked at by itself.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from ingest.parsers.pdf.grid import part_of
from ingest.parsers.pdf.page import Grid
from ingest.parsers.pdf.text_blocks import CLOSE, PrintedLine, printed_lines, rows_of
from ingest.parsers.pdf.words import Run, Word, union
from schemas.base import BBox

_ONE_PAGE = r"(?:[A-Z]{0,3}[-.]?\d{1,4}|[ivxlc]{1,7}|[IVXLC]{1,7})"
_PAGE_LIST = rf"{_ONE_PAGE}(?:\s?[,;–—-]\s?{_ONE_PAGE})*"
_PAGES = re.compile(rf"^{_PAGE_LIST}[.,]?$")
_ENDS_PAGES = re.compile(r"^[\d,–-]*\d,?$")
_DOTS = r"(?:\.{4,}|(?:\.\s){3,}\.?|…{2,}|(?:…\s){2,}|[·⋯]{3,}|(?:·\s){3,})"
ENTRY = re.compile(rf"{_DOTS}[\s.·…⋯]*(?P<pages>{_PAGE_LIST})[.,]?$")
"""A line whose dots lead to the numbers of pages."""
_LED = re.compile(rf"{_DOTS}$")
_FEW_DOTS = re.compile(rf"(?:\.\s?){{2,}}{_PAGE_LIST},?$")
_PARTLY_LED = re.compile(rf"{_DOTS}$|\s\.\s\.$")
_ONLY_DOTS = re.compile(r"^[\s.·…⋯]+$")
_NUMBER = re.compile(r"^(?:[A-Z]|\d{1,3}|[IVX]{1,5})(?:\.\d{1,3}){0,4}\.?$")
"""Of a section, alone."""
_FEWEST = 3
"""Entries of a column, and of contents without dots."""
_IN_LINE = 3.0
"""Points within which the numbers of a column end on one line."""
_IN_ORDER = 0.8
"""Share of neighbouring entries whose pages ascend, or whose texts are in the order of the alphabet."""
_LEADING = 1.7
"""Of the type size: lines of one entry, and of entries that stand close, are no farther from each other."""
_SET_APART = 4.5
"""The same, between chapters."""
_SAME_TYPE = 0.12
_INDENT = 4.0
"""Of the type size: how far a chapter's line begins before those of its sections, and how far one reaches beyond
their pages that has none."""
_MOST_BETWEEN = 4
"""Lines without dots between two entries: of long entries and of their pages."""
_NUMBERED = 0.6
"""Share of the entries of contents without dots that have the number of a section."""


@dataclass(frozen=True, slots=True)
class _Entry:
    parts: tuple[PrintedLine, ...]
    pages: str

    @property
    def bbox(self) -> BBox:
        return union(part.bbox for part in self.parts)

    @property
    def size(self) -> float:
        return max(part.look.size for part in self.parts)

    def behind(self, x: float) -> _Entry:
        """Without what stands in the column before, beside a line that begins with its dots."""
        parts = tuple(part for part in self.parts if part.bbox[0] >= x)
        return replace(self, parts=parts or self.parts)

    @property
    def title(self) -> str:
        """Up to its dots; nothing for the last line of a longer one."""
        return re.split(_DOTS, " ".join(part.text for part in self.parts))[0]


def contents_of(runs: Iterable[Run]) -> list[list[Run]]:
    """Runs of lists of entries, each list by itself."""
    lines = [part for line in printed_lines(runs) for part in _behind_pages(line)]
    rows = [sorted(row, key=lambda line: line.bbox[0]) for row in rows_of(lines)]
    entries = [entry for row in rows for entry in _entries(row)]
    found: list[list[Run]] = []
    known = {id(part) for entry in entries for part in entry.parts}
    columns = _columns(entries)
    for whole in columns:
        usual = median(entry.bbox[0] for entry in whole)
        before = max((other[0].bbox[2] for other in columns if other[0].bbox[2] < usual), default=0.0)
        column = [entry.behind(before) for entry in whole]
        left, right = min(entry.bbox[0] for entry in column), max(entry.bbox[2] for entry in column)
        others = _others(rows, known, (left, right), before)
        found.extend(_lists([*column, *others], known))
    return found


def _behind_pages(line: PrintedLine) -> Iterator[PrintedLine]:
    """Cut where the next column begins: those of an index stand close."""
    parts: list[list[Run]] = [[]]
    last: Word | None = None
    for run in line.runs:
        start = 0
        for index, word in enumerate(run.words):
            if last and _ENDS_PAGES.match(last.text) and word.bbox[0] - last.bbox[2] > CLOSE * line.look.size:
                if index > start:
                    parts[-1].append(part_of(run, start, index))
                parts.append([])
                start = index
            last = word
        parts[-1].append(part_of(run, start, len(run.words)) if start else run)
    yield from [line] if len(parts) == 1 else map(PrintedLine.of, parts)


def ends_entry(text: str) -> bool:
    """A line that ends with the number of a page. Behind a comma the next line goes on with others."""
    return bool(re.search(rf"(?:^|[\s.·…⋯]){_PAGE_LIST}\.?$", text))


def is_contents(grid: Grid) -> bool:
    """A grid of entries: their pages in its last column, in order, and the numbers of sections or dots before."""
    rows: list[list[str]] = [[] for _ in range(grid.n_rows)]
    for cell in sorted(grid.cells, key=lambda c: (c.row, c.col)):
        rows[cell.row].append(cell.text)
    full = [row for row in rows if len(row) > 1 and _PAGES.match(row[-1])]
    if len(full) < max(_FEWEST, _IN_ORDER * len(rows)):
        return False
    led = sum(any(_LED.search(text) for text in row[:-1]) for row in full)
    numbered = sum(bool(_NUMBER.match(row[0].split(" ", 1)[0])) for row in full)
    named = max(led, numbered) >= _NUMBERED * len(full)
    return named and all(len(row) <= 3 + (led > 0) for row in full) and _ascend([row[-1] for row in full])


def _entries(row: Sequence[PrintedLine]) -> Iterator[_Entry]:
    """A text with its dots and its pages, in one line or beside each other."""
    start = 0
    for index, part in enumerate(row):
        after = row[index + 1] if index + 1 < len(row) else None
        whole = ENTRY.search(part.text)
        parted = _PAGES.match(part.text) if index > start and _PARTLY_LED.search(row[index - 1].text) else None
        if whole is None and parted is None:
            continue
        if after is not None and _PAGES.match(after.text):
            continue  # figures of a table
        first = index if whole is not None else index - 1
        if first > start and _ONLY_DOTS.match(row[first].text.removesuffix(whole["pages"] if whole else "")):
            first -= 1
        if first > start and _NUMBER.match(row[first - 1].text) and _stands_close(row[first - 1], row[first]):
            first -= 1
        yield _Entry(tuple(row[first : index + 1]), whole["pages"] if whole is not None else part.text)
        start = index + 1


def _stands_close(left: PrintedLine, right: PrintedLine) -> bool:
    return right.bbox[0] - left.bbox[2] <= _INDENT * right.look.size


def _columns(entries: Sequence[_Entry]) -> list[list[_Entry]]:
    """Entries whose pages end on one line, from top to bottom; those of one column at least are in order."""
    columns: list[list[_Entry]] = []
    for entry in sorted(entries, key=lambda e: e.bbox[2]):
        if columns and entry.bbox[2] - columns[-1][-1].bbox[2] <= _IN_LINE:
            columns[-1].append(entry)
        else:
            columns.append([entry])
    ordered = [sorted(column, key=lambda e: e.bbox[1]) for column in columns if len(column) >= _FEWEST]
    told = any(_ascend([e.pages for e in column]) or _is_alphabetical(column) for column in ordered)
    return ordered if told else []


def _ascend(pages: Sequence[str]) -> bool:
    """Numbers of pages are those of contents: of figures and roman numbers, which stand first, each by itself."""
    numbers = [int(found[0]) for text in pages if (found := re.search(r"\d+", text))]
    pairs = list(itertools.pairwise(numbers))
    return sum(one <= other for one, other in pairs) >= _IN_ORDER * len(pairs)


def _is_alphabetical(column: Sequence[_Entry]) -> bool:
    titles = [re.sub(r"[\W\d_]+", "", entry.title).casefold() for entry in column]
    pairs = [(one, other) for one, other in itertools.pairwise(titles) if one and other]
    return sum(one[0] <= other[0] for one, other in pairs) >= _IN_ORDER * len(pairs)


def _others(
    rows: Sequence[Sequence[PrintedLine]], known: set[int], column: tuple[float, float], before: float
) -> list[_Entry]:
    """Lines without dots in that column: chapters, with their pages at its right edge, and parts of entries.
    `before`: where the column at its left ends."""
    left, right = column
    found: list[_Entry] = []
    for row in rows:
        free = [part for part in row if id(part) not in known and left <= part.bbox[2] and part.bbox[0] <= right]
        if not free or any(id(part) in known and _is_over(part.bbox, column) for part in row):
            continue
        last, size = free[-1], free[-1].look.size
        pages = last.text if _PAGES.match(last.text) or _FEW_DOTS.search(last.text) else ""
        if pages and abs(right - last.bbox[2]) <= _IN_LINE and (len(free) > 1 or pages != last.text):
            start = max(left - _INDENT * size, before)
            parts = [part for part in row if id(part) not in known and start <= part.bbox[0] < right]
            found.append(_Entry(tuple(parts), pages))
        elif left - size <= free[0].bbox[0] and last.bbox[2] <= right + _INDENT * size:
            found.append(_Entry(tuple(free), ""))
    return found


def _is_over(box: BBox, column: tuple[float, float]) -> bool:
    return box[0] < column[1] and column[0] < box[2]


def _lists(entries: Iterable[_Entry], known: set[int]) -> Iterator[list[Run]]:
    """What stands below each other without other text between."""
    current: list[_Entry] = []
    waiting: list[_Entry] = []
    for entry in sorted(entries, key=lambda e: e.parts[0].baseline):
        is_sure = bool(entry.pages)
        before = waiting or current
        above = before[-1] if before else None
        near = above is None or _is_near(above, entry, _SET_APART if is_sure and not waiting else _LEADING)
        if not near or (not is_sure and (len(waiting) >= _MOST_BETWEEN or not _is_part(above, entry))):
            yield from _runs(current, known)
            current, waiting = ([entry], []) if is_sure else ([], [])
        elif is_sure:
            current, waiting = [*current, *waiting, entry], []
        else:
            waiting.append(entry)
    yield from _runs([*current, *itertools.takewhile(_is_pages, waiting)], known)


def _is_part(above: _Entry | None, entry: _Entry) -> bool:
    """Of an entry above or below it: in its type, with nothing beside it but the number of its section."""
    alike = above is None or abs(above.size - entry.size) <= _SAME_TYPE * entry.size
    return alike and len(entry.parts) <= 2 and (above is not None or bool(_NUMBER.match(entry.parts[0].text)))


def _is_pages(entry: _Entry) -> bool:
    return all(_PAGES.match(part.text) for part in entry.parts)


def _is_near(above: _Entry, entry: _Entry, most: float) -> bool:
    gap = entry.parts[0].baseline - above.parts[0].baseline
    return gap <= most * max(above.size, entry.size)


def _runs(entries: Sequence[_Entry], known: set[int]) -> Iterator[list[Run]]:
    """None where nothing was led by dots: figures at the right are no contents."""
    if any(id(part) in known for entry in entries for part in entry.parts):
        yield [run for entry in entries for part in entry.parts for run in part.runs]
