"""Which units go into one chunk: balanced sizes, cut at weak joints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from chunkers.base import Cohesion
from chunkers.cohesion import NoCohesion
from chunkers.options import Limits
from chunkers.units import COST, KEPT, Joint, Unit

COHESION = 2.0
"""What a cut through text that is wholly about one thing costs more than one at a change of
subject; only differences within a stretch of text count."""
COHESIVE = frozenset({Joint.BLOCK, Joint.ITEM, Joint.SENTENCE})
"""Joints whose cost depends on what the text is about."""


@dataclass(frozen=True, slots=True)
class Room:
    """Tokens that text may take: `first` in the chunk that opens with the run's headings, `rest`
    in later ones, `alone` for one unit by itself, whose context may shrink for it, and for one
    with the headings above it: with all `headings` units that the text begins with, or, where
    these are pieces of a heading that was `cut`, with the last of them."""

    first: int
    rest: int
    alone: int
    headings: int = 0
    cut: bool = False


def joint_costs(text: str, units: Sequence[Unit], total: int, limits: Limits, cohesion: Cohesion) -> list[float]:
    """The cost of a cut before each unit. Cohesion is asked only where there is a choice."""
    costs = [COST[unit.joint] for unit in units]
    dearest = _dearest(limits)
    for at, unit in enumerate(units):
        if unit.joint in KEPT:
            costs[at] = max(costs[at], dearest)
    if total <= limits.target or len(units) < 3 or isinstance(cohesion, NoCohesion):
        return costs
    strengths = cohesion.joints([text[unit.start : unit.end] for unit in units])
    mean = sum(strengths) / len(strengths)
    for at, strength in enumerate(strengths, start=1):
        if units[at].joint in COHESIVE:
            costs[at] += COHESION * (strength - mean)
    return costs


def pack(sizes: Sequence[int], costs: Sequence[float], room: Room, limits: Limits, gain: float = 0.0) -> list[int]:
    """Where the groups end, by dynamic programming: linear in the number of units, since a group
    holds at most `room.alone` tokens and every unit has at least one.

    A group under the minimum is dearer than anything that joining it to a neighbour could cost.
    `gain`: what a cut may bring beyond the usual, where costs are below those of joints."""
    tiny = _dearest(limits) + gain
    later, opening = _strains(room.rest, tiny, limits), _strains(room.first, tiny, limits)
    best = [0.0]
    came = [0]
    for end in range(1, len(sizes) + 1):
        best_cost, best_start = float("inf"), end - 1
        size = 0
        for start in range(end - 1, -1, -1):
            size += sizes[start]
            if size > (room.rest if start else room.first):
                if not _may_shrink(start, end, size, room):
                    break
                cost = best[start] + _over(size, room.rest if start else room.first, tiny, limits)
            else:
                cost = best[start] + (later if start else opening)[size]
            if start:
                cost += costs[start]
            if cost < best_cost:
                best_cost, best_start = cost, start
        best.append(best_cost)
        came.append(best_start)
    ends: list[int] = []
    end = len(sizes)
    while end:
        ends.append(end)
        end = came[end]
    return ends[::-1]


@lru_cache(maxsize=64)
def _strains(allowed: int, tiny: float, limits: Limits) -> list[float]:
    """What a group of each size up to `allowed` costs: looked up a dozen times for every unit."""
    return [_over(size, allowed, tiny, limits) for size in range(max(allowed, 0) + 1)]


def _over(size: int, allowed: int, tiny: float, limits: Limits) -> float:
    """Of a group with the context that leaves it `allowed` tokens."""
    cost = _strain(limits.content - allowed + size, limits.target)
    return cost + tiny if size < limits.minimum else cost


def _strain(size: int, target: int) -> float:
    return (size / target - 1.0) ** 2


def _dearest(limits: Limits) -> float:
    """More than the largest chunk costs and than a cut at the best joint brings: what this is added to happens
    only where all else is too large."""
    return 1.0 + COHESION - COST[Joint.BLOCK] + _strain(limits.maximum, limits.target)


def _may_shrink(start: int, end: int, size: int, room: Room) -> bool:
    body = end - max(start, room.headings)
    if end - start == 1:
        return True
    return body <= 1 and size <= room.alone and (not room.cut or (body == 1 and end - start == 2))
