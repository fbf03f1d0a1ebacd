"""The natural parts of each kind of document, and how they are put into chunks: `document`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from chunkers.base import Cohesion
from chunkers.kinds import QUESTION, TURN, DocumentKind, kind_of
from chunkers.options import Limits
from chunkers.packers import Ends
from chunkers.packing import Room, joint_costs, pack
from chunkers.units import COST, KEPT, Joint, Unit
from schemas.document import Block, BlockKind, Document

_GAIN = 2.0
"""What a cut between two parts is worth: more than any two sizes could be."""
_TIED = KEPT | {Joint.HEADING}
"""No part begins at what goes on, hangs on a lead-in or stands under a heading."""
_GATHERED = frozenset({DocumentKind.CHAT, DocumentKind.QUESTIONS})
"""Kinds whose parts are small: several share a chunk, up to the target."""

Begins = Callable[[Block, Block], bool]
"""Whether a part begins between two blocks."""


class PartPacker:
    """A part that fits is one chunk, whatever the target; one that does not is cut as `hybrid` would.

    A section is a part, and within it: of slides a page, of a mail its head, its own text and what it
    quotes, of code a function or class, of questions one with its answer, of a chat a turn; a
    page, where a document has no headings. A part under the minimum joins its neighbour.
    """

    def __init__(self, cohesion: Cohesion) -> None:
        self._cohesion = cohesion
        self.fingerprint = f"parts-1+{cohesion.fingerprint}"

    def of(self, document: Document) -> Ends:
        kind = kind_of(document).kind
        return _Stretches(document, _begins(document, kind), kind in _GATHERED, self._cohesion).ends


@dataclass(frozen=True, slots=True)
class _Stretches:
    """Of one document."""

    document: Document
    begins: Begins
    gathered: bool
    cohesion: Cohesion

    def ends(self, units: Sequence[Unit], room: Room, limits: Limits) -> list[int]:
        sizes = [unit.size for unit in units]
        costs = joint_costs(self.document.text, units, sum(sizes), limits, self.cohesion)
        starts = _starts(self.document, self.begins, units)
        for begin, end in pairwise([*starts, len(units)]):
            if begin:
                costs[begin] = COST[Joint.BLOCK] if self.gathered else -_GAIN
            if sum(sizes[begin:end]) <= (room.rest if begin else room.first):
                costs[begin + 1 : end] = [COST[Joint.HEADING]] * (end - begin - 1)
        return pack(sizes, costs, room, limits, gain=0.0 if self.gathered else _GAIN)


def _starts(document: Document, begins: Begins, units: Sequence[Unit]) -> list[int]:
    blocks = document.blocks
    found = [0]
    for at, (before, unit) in enumerate(pairwise(units), start=1):
        if unit.block != before.block and unit.joint not in _TIED and begins(blocks[before.block], blocks[unit.block]):
            found.append(at)
    return found


def _on_another_page(before: Block, block: Block) -> bool:
    return bool(before.regions and block.regions) and before.regions[-1].page != block.regions[0].page


def _in_another_part_of_a_mail(before: Block, block: Block) -> bool:
    return _mail_part(before) is not _mail_part(block)


def _mail_part(block: Block) -> BlockKind:
    return block.kind if block.kind in {BlockKind.METADATA, BlockKind.QUOTE} else BlockKind.PARAGRAPH


def _with_code(before: Block, block: Block) -> bool:
    return BlockKind.CODE in {before.kind, block.kind}


def _with_question(text: str, _before: Block, block: Block) -> bool:
    return bool(QUESTION.match(text, block.start, block.end))


def _with_turn(text: str, _before: Block, block: Block) -> bool:
    return bool(TURN.match(text, block.start, block.end))


def _nowhere(_before: Block, _block: Block) -> bool:
    return False


_BEGINS: dict[DocumentKind, Callable[[str], Begins]] = {
    DocumentKind.SLIDES: lambda _text: _on_another_page,
    DocumentKind.MAIL: lambda _text: _in_another_part_of_a_mail,
    DocumentKind.CODE: lambda _text: _with_code,
    DocumentKind.QUESTIONS: lambda text: partial(_with_question, text),
    DocumentKind.CHAT: lambda text: partial(_with_turn, text),
}


def _begins(document: Document, kind: DocumentKind) -> Begins:
    if kind in _BEGINS:
        return _BEGINS[kind](document.text)
    has_headings = any(block.is_heading for block in document.blocks)
    return _nowhere if has_headings or len(document.pages) < 2 else _on_another_page
