"""The smallest pieces that packing moves: sentences, items, lines, rows, and how they hang together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import IntEnum
from itertools import pairwise
from typing import NamedTuple

from chunkers.enclosed import passages
from chunkers.outline import Run, Section
from chunkers.sentences import ends_line, fracture, is_wrapped, lines, sentences
from chunkers.span_sets import stripped
from chunkers.tables import Grid
from schemas.base import Span
from schemas.document import Block, BlockKind, Document

LONGEST_GAP = 80
"""Characters of syntax between two blocks that a span still runs across."""
LONGEST_GAP_WORDS = 24
"""The same where the gap holds letters or digits (a list number, a fence with its language)."""


class Joint(IntEnum):
    """What a cut before a unit would part, from what is best parted to what is worst."""

    BLOCK = 0
    ITEM = 1
    LINE = 2
    SENTENCE = 3
    WRAPPED = 4
    """Two paragraphs that a wrapped line may have made of one."""
    OPEN = 5
    """One that a page break, or a break before a small letter, has cut in two."""
    CLAUSE = 6
    WORD = 7
    CHARACTER = 8
    GLUE = 9
    """A lead-in and what it announces, a caption and its figure."""
    HEADING = 10


COST = {
    Joint.BLOCK: -0.5,
    Joint.ITEM: 0.0,
    Joint.LINE: 0.1,
    Joint.SENTENCE: 0.3,
    Joint.WRAPPED: 0.8,
    Joint.OPEN: 3.0,
    Joint.CLAUSE: 1.5,
    Joint.WORD: 2.5,
    Joint.CHARACTER: 3.5,
    Joint.GLUE: 3.0,
    Joint.HEADING: 1e6,
}
"""What a cut costs, against 1.0 for a chunk of twice the target. Centred near 0 for what is
commonly cut: were every cut dear, all chunks would grow above the target."""

KEPT = frozenset({Joint.OPEN, Joint.GLUE})
"""What stays together while it fits, whatever the sizes."""


class Grain(IntEnum):
    BLOCK = 0
    PASSAGE = 1
    """Sentences that quotation marks or brackets hold together."""
    SENTENCE = 2
    FRAGMENT = 3


class Unit(NamedTuple):
    """`text[start:end]`, without white space at its ends. `gap` is where its measured text
    begins: the end of the unit before, when a span would run across what lies between.
    `row` counts the rows of a table from 0; `columns` is set where a row had to be cut.
    `size` is in tokens without special ones, 0 until measured."""

    start: int
    end: int
    gap: int
    block: int
    joint: Joint
    grain: Grain
    row: int = -1
    columns: Span | None = None
    size: int = 0


INSIDE_SENTENCE = frozenset({Joint.CLAUSE, Joint.WORD, Joint.CHARACTER})
_WHOLE = frozenset({BlockKind.LIST_ITEM, BlockKind.CODE, BlockKind.FORMULA, BlockKind.FIGURE, BlockKind.METADATA})
_BY_LINE = frozenset({BlockKind.CODE, BlockKind.METADATA, BlockKind.FORMULA})
_NOTES = frozenset({BlockKind.CAPTION, BlockKind.FOOTNOTE})
PROSE = frozenset({BlockKind.PARAGRAPH, BlockKind.QUOTE})
_TERMINAL = frozenset(".!?。！？…:：;；\"'”’」』）)]】》`*|")


def spans_join(text: str, end: int, start: int) -> bool:
    """True when one span may run from before `end` to after `start`: only syntax lies between."""
    if start - end > LONGEST_GAP:
        return False
    gap = text[end:start].strip()
    return len(gap) <= LONGEST_GAP_WORDS or not any(map(str.isalnum, gap))


class Units:
    """Makes units of one document's blocks, in order."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._text = document.text

    @property
    def text(self) -> str:
        return self._text

    @property
    def document(self) -> Document:
        return self._document

    def of_run(self, run: Run) -> Iterator[Unit]:
        """Headings, then the body; the joint before each says what it hangs on."""
        before: Unit | None = None
        previous: Block | None = None
        for block in (*(heading for heading, _ in run.headings), *run.body):
            joint = self._joint(previous, block)
            for unit in self.of_block(block, joint):
                before = self.behind(before, unit)
                yield before
            previous = block

    def behind(self, before: Unit | None, unit: Unit) -> Unit:
        """`unit` with its gap reaching back to `before`, where one span may run across both."""
        if before is None or not self._adjacent(before, unit):
            return unit
        return Unit(unit.start, unit.end, before.end, *unit[3:])

    def _adjacent(self, before: Unit, unit: Unit) -> bool:
        if before.block == unit.block:
            return unit.start - before.end <= LONGEST_GAP
        furniture = any(block.is_furniture for block in self._document.blocks[before.block + 1 : unit.block])
        return not furniture and spans_join(self._text, before.end, unit.start)

    def whole(self, before: Unit | None, block: Block) -> Unit:
        """A block as one unit, whatever it is, behind the unit before it."""
        (unit,) = self._cut(block.ordinal, [(block.start, block.end, Joint.BLOCK)], Grain.BLOCK)
        return self.behind(before, unit)

    def of_block(self, block: Block, joint: Joint) -> Iterator[Unit]:
        if block.kind is BlockKind.TABLE:
            yield from self._rows(block, joint)
        elif block.kind in _WHOLE or block.is_heading:
            yield from self._cut(block.ordinal, [(block.start, block.end, joint)], Grain.BLOCK)
        else:
            yield from self._passages(block.ordinal, block.start, block.end, joint)

    def finer(self, unit: Unit, size: int) -> list[Unit]:
        """The unit in smaller pieces of about `size` characters at most, or by its own structure first.
        At least two, unless it is a single character."""
        block = self._document.blocks[unit.block]
        pieces: list[Unit] = []
        if unit.grain is Grain.BLOCK and not block.is_heading:
            pieces = list(self._by_structure(unit, by_line=block.kind in _BY_LINE))
        if unit.grain is Grain.PASSAGE or (len(pieces) == 1 and pieces[0].grain is Grain.PASSAGE):
            parts = self._sentences(unit.start, unit.end, unit.joint)
            pieces = list(self._cut(unit.block, parts, Grain.SENTENCE))
        size = min(size, unit.end - unit.start - 1)
        while len(pieces) < 2 and size > 0:
            pieces = list(self._cut(unit.block, self._fragments(unit, size), Grain.FRAGMENT))
            size //= 2
        chained: list[Unit] = []
        for piece in pieces:
            kept = piece._replace(row=unit.row, columns=unit.columns)
            chained.append(self.behind(chained[-1], kept) if chained else kept._replace(gap=unit.gap))
        return chained

    def _by_structure(self, unit: Unit, *, by_line: bool) -> Iterator[Unit]:
        if by_line:
            parts = self._lines(unit.start, unit.end, unit.joint)
            return self._cut(unit.block, parts, Grain.SENTENCE)
        return self._passages(unit.block, unit.start, unit.end, unit.joint)

    def _passages(self, ordinal: int, start: int, end: int, joint: Joint) -> Iterator[Unit]:
        wrapped = is_wrapped(self._text, start, end)
        for begin, stop, several in passages(self._text, start, end):
            grain = Grain.PASSAGE if several else Grain.SENTENCE
            unit = self._unit(ordinal, begin, stop, joint, grain)
            if unit is not None:
                yield unit
            joint = Joint.SENTENCE if wrapped or not ends_line(self._text, begin, stop) else Joint.BLOCK

    def _cut(
        self, ordinal: int, parts: Iterator[tuple[int, int, Joint]] | list[tuple[int, int, Joint]], grain: Grain
    ) -> Iterator[Unit]:
        for start, end, joint in parts:
            unit = self._unit(ordinal, start, end, joint, grain)
            if unit is not None:
                yield unit

    def _unit(self, ordinal: int, start: int, end: int, joint: Joint, grain: Grain) -> Unit | None:
        """What stands in a span, without white space around it; None where nothing does."""
        place = stripped(self._text, start, end)
        return Unit(place[0], place[1], place[0], ordinal, joint, grain) if place is not None else None

    def _sentences(self, start: int, end: int, joint: Joint) -> Iterator[tuple[int, int, Joint]]:
        for begin, stop in sentences(self._text, start, end):
            yield begin, stop, joint
            joint = Joint.SENTENCE

    def _lines(self, start: int, end: int, joint: Joint) -> Iterator[tuple[int, int, Joint]]:
        for number, (begin, stop, blank) in enumerate(lines(self._text, start, end)):
            yield begin, stop, joint if not number else Joint.ITEM if blank else Joint.LINE

    def _fragments(self, unit: Unit, size: int) -> Iterator[tuple[int, int, Joint]]:
        named = {"clause": Joint.CLAUSE, "word": Joint.WORD, "char": Joint.CHARACTER}
        for number, (begin, stop, mark) in enumerate(fracture(self._text, unit.start, unit.end, size)):
            yield begin, stop, named[mark] if number else unit.joint

    def _rows(self, block: Block, joint: Joint) -> Iterator[Unit]:
        """One unit a row (a line, where the grid is unknown); what stands between two rows goes
        to the one before."""
        if block.table is not None and block.table.rows:
            starts = [block.start, *(block.start + start for start, _ in block.table.rows[1:]), block.end]
        else:
            starts = [begin for begin, _, _ in lines(self._text, block.start, block.end)] + [block.end]
        for row, (begin, stop) in enumerate(pairwise(starts)):
            for unit in self._cut(block.ordinal, [(begin, stop, joint)], Grain.BLOCK):
                yield unit._replace(row=row)
                joint = Joint.LINE

    def cells(self, unit: Unit, grid: Grid) -> list[Unit]:
        """A row in pieces that begin with a cell. Cells whose text does not stand in the row as it
        is stay with the one before."""
        starts: list[tuple[int, int]] = []
        position = unit.start
        for cell in grid.row(unit.row):
            if not cell.text.strip():
                continue
            found = self._text.find(cell.text, position, unit.end)
            if found >= 0:
                border = max(self._text.rfind(mark, position, found) for mark in "|\t\n") + 1
                syntax = border and not any(map(str.isalnum, self._text[border:found]))
                starts.append((border if syntax else found, cell.col))
                position = found + len(cell.text)
        if not starts:
            return [unit]
        starts[0] = (unit.start, 0)
        ends = [*starts[1:], (unit.end, grid.table.n_cols)]
        pieces: list[Unit] = []
        for (begin, column), (stop, following) in zip(starts, ends, strict=True):
            for piece in self._cut(unit.block, [(begin, stop, Joint.ITEM)], Grain.BLOCK):
                cell_unit = piece._replace(row=unit.row, columns=(column, max(following, column + 1)))
                pieces.append(self.behind(pieces[-1] if pieces else None, cell_unit))
        return pieces

    def _joint(self, previous: Block | None, block: Block) -> Joint:
        if previous is None or previous.is_heading:
            return Joint.HEADING if previous else Joint.BLOCK
        last = self._text[max(previous.start, previous.end - 80) : previous.end].rstrip()[-1:]
        if _belongs(previous, block) or _announces(previous, block, last):
            return Joint.GLUE
        if block.parent is not None and block.parent in {previous.ordinal, previous.parent}:
            return Joint.LINE
        if block.kind is previous.kind is BlockKind.LIST_ITEM:
            return Joint.ITEM
        return self._break(previous, block, last)

    def _break(self, previous: Block, block: Block, last: str) -> Joint:
        """Whether a paragraph ends without a mark, before one that begins like its continuation."""
        if previous.kind is not block.kind or block.kind not in PROSE or last in _TERMINAL:
            return Joint.BLOCK
        first = self._text[block.start : block.start + 1]
        wide = _is_wide(first) and _is_wide(last)
        if first.islower() or (wide and _page(previous, -1) < _page(block, 0)):
            return Joint.OPEN
        return Joint.WRAPPED if wide else Joint.BLOCK


def _page(block: Block, at: int) -> int:
    return block.regions[at].page if block.regions else 0


def _announces(previous: Block, block: Block, last: str) -> bool:
    """What ends in a colon, and a paragraph without an end before a list."""
    if last in {":", "："}:
        return previous.kind in PROSE or previous.kind is BlockKind.LIST_ITEM
    return block.kind is BlockKind.LIST_ITEM and previous.kind is BlockKind.PARAGRAPH and last not in _TERMINAL


def _belongs(previous: Block, block: Block) -> bool:
    """A caption or footnote and the figure or table it is of, or two of the same."""
    if previous.parent == block.ordinal or {previous.kind, block.kind} == {BlockKind.FIGURE, BlockKind.CAPTION}:
        return True
    return block.kind in _NOTES and block.parent is not None and block.parent in {previous.ordinal, previous.parent}


def _is_wide(character: str) -> bool:
    """A Han, kana or Hangul character."""
    return character > "\u2e7f" and character.isalpha()


def spans_of(units: Sequence[Unit]) -> tuple[Span, ...]:
    """One span as long as each unit's measured text begins where the one before ended."""
    spans: list[list[int]] = []
    for unit in units:
        if spans and unit.gap == spans[-1][1]:
            spans[-1][1] = unit.end
        else:
            spans.append([unit.start, unit.end])
    return tuple((start, end) for start, end in spans)


def section_of(run: Run, units: Sequence[Unit]) -> tuple[Section, int]:
    """The section that the first body text of `units` is in, and how many of its headings open
    the text. Headings alone belong to the last of them."""
    sections = {heading.ordinal: section for heading, section in run.headings}
    opened = [unit.block for unit in units if unit.block in sections and unit.joint not in INSIDE_SENTENCE]
    if units[-1].block in sections:
        return sections[units[-1].block], len(opened)
    return run.section, len(opened)
