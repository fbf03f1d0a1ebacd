"""Who decides which units of a stretch of text go into one chunk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chunkers.base import Cohesion
from chunkers.options import Limits
from chunkers.packing import Room, joint_costs, pack
from chunkers.units import Unit
from schemas.document import Document


class Packer(Protocol):
    """Deterministic. A stretch is text of one section without its tables, or what belongs to one."""

    fingerprint: str
    """Identity of the rule and whatever it is built on: boundaries depend on it."""

    def ends(self, document: Document, units: Sequence[Unit], room: Room, limits: Limits) -> list[int]:
        """Where the groups end; the last is `len(units)`. None is larger than `room` allows, but for
        single units that are."""
        ...


class RulePacker:
    """Balanced sizes, cut at weak joints: `hybrid`."""

    def __init__(self, cohesion: Cohesion) -> None:
        self._cohesion = cohesion
        self.fingerprint = cohesion.fingerprint

    def ends(self, document: Document, units: Sequence[Unit], room: Room, limits: Limits) -> list[int]:
        sizes = [unit.size for unit in units]
        costs = joint_costs(document.text, units, sum(sizes), limits, self._cohesion)
        return pack(sizes, costs, room, limits)
