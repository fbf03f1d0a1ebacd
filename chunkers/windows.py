"""Blocks put together as one text for a splitter that knows nothing of them, and the way back."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence

from chunkers.outline import Section, runs
from chunkers.span_sets import stripped
from chunkers.units import Grain, Joint, Unit, Units
from schemas.base import Span
from schemas.chunk import SPAN_JOIN
from schemas.document import Document
from schemas.errors import TextLost

Split = Callable[[str], Iterable[str]]
"""Cuts a text into slices of it, in order. What it leaves out between two slices is white space."""

WINDOW = 65_536
"""Characters that are split at a time; a window ends between two blocks."""

_SENTENCE_ENDS = frozenset("。｡！？；…．.!?;")
_CLOSERS = "\"'”’」』）)]》】"
_BEHIND = 16
"""Characters before a cut in which the end of a sentence is looked for."""


class Window:
    """Consecutive blocks as one text without furniture, and the way back to the document."""

    def __init__(self) -> None:
        self.blocks: list[Unit] = []
        self._sections: dict[int, tuple[Section, bool]] = {}
        self.size = 0

    def add(self, unit: Unit, section: Section, *, heading: bool) -> None:
        self.blocks.append(unit)
        self._sections[unit.block] = (section, heading)
        self.size += unit.end - unit.start

    def place(self, units: Sequence[Unit]) -> tuple[Section, int]:
        """The section of the first body text; headings before it count as own while they are the
        end of its path."""
        leading: list[Section] = []
        for unit in units:
            section, heading = self._sections[unit.block]
            if not heading:
                break
            if unit.joint is Joint.BLOCK:
                leading.append(section)
        path = section.path
        own = 0
        while own < len(leading) and leading[-1 - own].path == path[: len(path) - own]:
            own += 1
        return section, own

    def pieces(self, text: str, split: Split) -> Iterator[tuple[Unit, ...]]:
        """What `split` makes of the window, as units: one for each block that a piece touches."""
        joined, starts = self._assembled(text)
        position = at = 0
        for piece in split(joined):
            begin = joined.find(piece, position)
            if begin < 0:
                raise TextLost("the splitter gave a piece that does not follow in the text", position=position)
            position = begin + len(piece)
            at = max(0, bisect_right(starts, begin, lo=at) - 1)
            units: list[Unit] = []
            for number in range(at, len(starts)):
                if starts[number] >= position:
                    break
                block = self.blocks[number]
                shift = block.end - self._end(number, starts)
                unit = _clipped(text, block, (begin + shift, position + shift))
                if unit:
                    units.append(unit if units else unit._replace(gap=unit.start))
            if units:
                yield tuple(units)

    def _assembled(self, text: str) -> tuple[str, list[int]]:
        """The text, and where each block's part of it begins."""
        parts: list[str] = []
        starts: list[int] = []
        length = 0
        for unit in self.blocks:
            lead = text[unit.gap : unit.start] if unit.gap < unit.start else SPAN_JOIN
            starts.append(length)
            parts.append(lead + text[unit.start : unit.end])
            length += len(parts[-1])
        self._length = length
        return "".join(parts), starts

    def _end(self, number: int, starts: Sequence[int]) -> int:
        return starts[number + 1] if number + 1 < len(starts) else self._length


def _clipped(text: str, block: Unit, span: Span) -> Unit | None:
    """The part of a block within a span of the document."""
    start, end = max(block.start, span[0]), min(block.end, span[1])
    place = stripped(text, start, end)
    if place is None:
        return None
    begin, stop = place
    whole = start == block.start
    inside = Joint.SENTENCE if _ends_sentence(text[max(0, begin - _BEHIND) : begin]) else Joint.WORD
    return block._replace(
        start=begin,
        end=stop,
        gap=block.gap if whole else begin,
        joint=Joint.BLOCK if whole else inside,
        grain=Grain.BLOCK if whole and end == block.end else Grain.SENTENCE,
    )


def _ends_sentence(before: str) -> bool:
    bare = before.rstrip()
    return "\n\n" in before[len(bare) :] or bare.rstrip(_CLOSERS)[-1:] in _SENTENCE_ENDS


def windows(document: Document, units: Units) -> Iterator[Window]:
    """The document without furniture, lazily."""
    window = Window()
    before: Unit | None = None
    for run in runs(document):
        sections = {heading.ordinal: section for heading, section in run.headings}
        for block in (*(heading for heading, _ in run.headings), *run.body):
            if window.size >= WINDOW:
                yield window
                window, before = Window(), None
            before = units.whole(before, block)
            window.add(before, sections.get(block.ordinal, run.section), heading=block.is_heading)
    if window.blocks:
        yield window
