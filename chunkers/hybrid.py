"""The default: rules first (headings, lists, tables, code), then boundaries where the text turns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from chunkers.base import TokenCounter
from chunkers.context import ContextLines
from chunkers.drafts import Draft, Measure, Place
from chunkers.merging import Planned, merged
from chunkers.options import ChunkOptions, Limits
from chunkers.outline import Run, runs
from chunkers.packers import Packer
from chunkers.packing import Room
from chunkers.sealing import Numbering, Sealed, Sealer
from chunkers.table_parts import TableParts
from chunkers.units import Grain, Joint, Unit, Units, section_of
from schemas.chunk import Chunk
from schemas.document import Document

SLAB = 16_384
"""Characters that are planned at a time: bounds memory, and how far a first chunk reads ahead."""


@dataclass(frozen=True, slots=True)
class Slab:
    """A stretch of one run: all of it, but for very long ones."""

    run: Run
    units: list[Unit]
    first: bool
    last: bool


class HybridChunker:
    """Sections, then sentences put together by the packer; tables, code and list items whole while
    they fit. Reads ahead by about `SLAB` characters."""

    def __init__(self, name: str, packer: Packer, options: ChunkOptions, counter: TokenCounter, rule: str) -> None:
        self.name = name
        self.version = f"2+{packer.fingerprint}"
        self._options = options
        self._counter = counter
        self._packer = packer
        self._rule = rule
        self._limits = Limits.of(options, counter)

    def chunk(self, document: Document) -> Iterator[Chunk]:
        work = _Work(document, self._counter, self._packer, self._options, self._limits)
        return Numbering(document, work.tables, self.name, self._rule).chunks(work.sealed())


class _Work:
    """One document on its way through the steps; every step is lazy."""

    def __init__(
        self, document: Document, counter: TokenCounter, packer: Packer, options: ChunkOptions, limits: Limits
    ) -> None:
        self._options = options
        self._document = document
        self._ends = packer.of(document)
        self._limits = limits
        self._units = Units(document)
        self._measure = Measure(document.text, counter, limits)
        self._contexts = ContextLines.of(document, counter, limits)
        self.tables = TableParts(document, self._units, self._measure, limits.content)
        self._sealer = Sealer(counter, limits, self._contexts, self._units, self.tables)

    def sealed(self) -> Iterator[Sealed]:
        carried: list[Unit] = []
        at_start = True
        for batch in _batches(self._slabs()):
            planned: list[Planned] = []
            for slab in self._measured(batch):
                if slab.first:
                    carried, at_start = [], True
                drafts, carried, at_start = self._plan(slab, carried, at_start)
                whole = slab.run.section if slab.first and slab.last and len(drafts) == 1 else None
                planned += [Planned(draft, whole) for draft in drafts]
            if planned:
                yield from self._sealer.seal(self._final(planned))

    def _final(self, planned: Sequence[Planned]) -> list[Draft]:
        if self._options.merge_small_sections:
            return list(merged(planned, self._units, self._limits))
        return [one.draft for one in planned]

    def _slabs(self) -> Iterator[Slab]:
        """Never cut inside a table."""
        for run in runs(self._document):
            first, units, size = True, list[Unit](), 0
            for unit in self._units.of_run(run):
                if size > SLAB and not (unit.row >= 0 and units[-1].block == unit.block):
                    yield Slab(run, units, first, last=False)
                    first, units, size = False, [], 0
                units.append(unit)
                size += unit.end - unit.start
            if units:
                yield Slab(run, units, first, last=True)

    def _measured(self, batch: Sequence[Slab]) -> Iterator[Slab]:
        entries = self._contexts.entries
        self._contexts.prime(
            wanted
            for slab in batch
            for wanted in (entries(slab.run.section.path, 0), entries(slab.run.section.path, len(slab.run.headings)))
        )
        units = self._measure([unit for slab in batch for unit in slab.units])
        at = 0
        for slab in batch:
            own = units[at : at + len(slab.units)]
            at += len(slab.units)
            yield Slab(slab.run, self._measure.settle(own, self._units, self._limits.content), slab.first, slab.last)

    def _plan(self, slab: Slab, carried: list[Unit], at_start: bool) -> tuple[list[Draft], list[Unit], bool]:
        """Drafts of a slab. Of a run that goes on, the last group of text is carried over."""
        units = [*carried, *slab.units]
        place: Place = partial(section_of, slab.run)
        drafts: list[Draft] = []
        start = 0
        for first, last in _tables(units):
            if first < start:
                continue
            drafts_of_table, begin, start_after = self._table(units, start, first, last, place)
            drafts += self._text(units[start:begin], slab.run, place, at_start and not start)
            drafts += drafts_of_table
            start = start_after
        opening = at_start and not start
        rest = self._text(units[start:], slab.run, place, opening)
        if slab.last or not rest:
            return drafts + rest, [], opening and not rest
        return drafts + rest[:-1], list(rest[-1].units), opening and len(rest) == 1

    def _text(self, units: list[Unit], run: Run, place: Place, opening: bool) -> list[Draft]:
        if not units:
            return []
        room = self._room(units, run, opening)
        start = 0
        drafts: list[Draft] = []
        for end in self._ends(units, room, self._limits):
            drafts.append(Draft(tuple(units[start:end]), place))
            start = end
        return drafts

    def _room(self, units: Sequence[Unit], run: Run, opening: bool) -> Room:
        """What the contexts of a stretch of text leave."""
        limits, path = self._limits, run.section.path
        ordinals = {heading.ordinal for heading, _ in run.headings}
        headings = [unit for unit in units if unit.block in ordinals]
        own = len({unit.block for unit in headings}) if opening else 0
        rest = limits.content - self._contexts.line(self._contexts.entries(path, 0))[1]
        first = limits.content - self._contexts.line(self._contexts.entries(path, own))[1]
        cut = any(unit.grain is not Grain.BLOCK for unit in headings)
        return Room(first if opening else rest, rest, limits.content, len(headings), cut)

    def _table(
        self, units: list[Unit], start: int, first: int, last: int, place: Place
    ) -> tuple[list[Draft], int, int]:
        """Drafts of the table `units[first:last]`, with what belongs to it from `units[start:]`,
        and the range of units that they take up."""
        rows = units[first:last]
        lead, trail = self._lead(units, start, first), _trail(units, last)
        content = self._limits.content
        size = self.tables.size(rows)
        if size <= content:
            room = content - size
            after = trail if _total(units[last:trail]) <= room else last
            begin = _within(units, lead, first, room - _total(units[last:after]))
            return [self.tables.whole(units[begin:after], rows, place)], begin, after
        under_heading = units[first].joint is Joint.HEADING
        room = max(content // 2, content - (rows[0].size if under_heading else self.tables.least(rows)))
        begin = _within(units, lead, first, room)
        return self.tables.parts(units[begin:first], rows, place), begin, last

    def _lead(self, units: list[Unit], start: int, first: int) -> int:
        """Where a table's headings, caption or lead-in begin; a scrap of text is one too."""
        if _total(units[start:first]) < self._limits.minimum:
            return start
        begin = first
        while begin > start and units[begin].joint in {Joint.GLUE, Joint.HEADING}:
            block = units[begin - 1].block
            while begin > start and units[begin - 1].block == block:
                begin -= 1
        return begin


def _tables(units: Sequence[Unit]) -> Iterator[tuple[int, int]]:
    at = 0
    while at < len(units):
        end = at + 1
        if units[at].row >= 0:
            while end < len(units) and units[end].row >= 0 and units[end].block == units[at].block:
                end += 1
            yield at, end
        at = end


def _total(units: Sequence[Unit]) -> int:
    return sum(unit.size for unit in units)


def _within(units: Sequence[Unit], lead: int, first: int, room: int) -> int:
    """Where as much of a lead as there is room for begins: whole, or from a place in it that is
    not right behind a heading."""
    for begin in range(lead, first):
        if (begin == lead or units[begin].joint < Joint.GLUE) and _total(units[begin:first]) <= room:
            return begin
    return first


def _trail(units: Sequence[Unit], last: int) -> int:
    """Where the captions and footnotes that belong to a table end."""
    end = last
    while end < len(units) and units[end].joint is Joint.GLUE and units[end].row < 0:
        block = units[end].block
        while end < len(units) and units[end].block == block:
            end += 1
    return end


def _batches(slabs: Iterable[Slab]) -> Iterator[list[Slab]]:
    """Slabs that are measured in one call."""
    batch: list[Slab] = []
    size = 0
    for slab in slabs:
        batch.append(slab)
        size += slab.units[-1].end - slab.units[0].start
        if size >= SLAB:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
