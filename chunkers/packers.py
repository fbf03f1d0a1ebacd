"""Who decides which units of a stretch of text go into one chunk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from chunkers.base import Cohesion
from chunkers.options import Limits
from chunkers.packing import Room, joint_costs, pack
from chunkers.units import Unit
from schemas.document import Document

Ends = Callable[[Sequence[Unit], Room, Limits], list[int]]
"""Where the groups of a stretch end; the last is the number of units. A stretch is text of one section
without its tables. No group is larger than the room allows, but for single units that are."""


class Packer(Protocol):
    """Deterministic."""

    fingerprint: str
    """Identity of the rule and whatever it is built on: boundaries depend on it."""

    def of(self, document: Document) -> Ends: ...


class RulePacker:
    """Balanced sizes, cut at weak joints: `hybrid`."""

    def __init__(self, cohesion: Cohesion) -> None:
        self._cohesion = cohesion
        self.fingerprint = cohesion.fingerprint

    def of(self, document: Document) -> Ends:
        return partial(self._ends, document.text)

    def _ends(self, text: str, units: Sequence[Unit], room: Room, limits: Limits) -> list[int]:
        sizes = [unit.size for unit in units]
        costs = joint_costs(text, units, sum(sizes), limits, self._cohesion)
        return pack(sizes, costs, room, limits)
