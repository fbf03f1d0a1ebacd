"""The distributions of a report: what each is called, in which steps it is counted, and where its bins end.

A distribution is kept as counts of whole steps, which can be added up; what is told of it is made of those alone.
What is counted is defined in `schemas.figures`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import accumulate

from schemas.figures import Distribution, DistributionBin

_THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class Spread:
    """`scale`: steps in one. `edges`: where bins begin, in steps; the last is the end, which the bin before it holds
    too, unless it is `open`."""

    name: str
    unit: str
    scale: int
    edges: tuple[int, ...]
    open: bool = False


def _share(name: str, unit: str = "share", least: int = 0, width: int = 50) -> Spread:
    return Spread(name, unit, _THOUSAND, tuple(range(least, _THOUSAND + 1, width)))


def _number(name: str, unit: str, *edges: int) -> Spread:
    return Spread(name, unit, 1, edges, open=True)


SPREADS = (
    _number("heading_depth", "headings", 0, 1, 2, 3, 4, 5, 6, 7),
    _share("unknown_share"),
    _share("repeated_by_design"),
    _share("confidence"),
    _number("leanings", "leanings", 0, 1, 2, 3),
    _share("neighbour_similarity", "similarity"),
    _share("repeated_grams"),
    _share("border_cohesion", "cohesion"),
    _share("inside_cohesion", "cohesion"),
    _share("border_difference", "cohesion", least=-_THOUSAND, width=100),
    _number("table_parts", "chunks", 1, 2, 3, 4, 5, 10, 20, 50),
    _number("document_chunks", "chunks", 0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000),
    _share("document_covered"),
    _share("document_right_paths"),
    _share("document_cut_joints"),
)
SCALES = {spread.name: spread.scale for spread in SPREADS}


def distribution(spread: Spread, counts: Counter[int]) -> Distribution:
    """`counts`: values by their number of steps."""
    total, scale = counts.total(), spread.scale
    ascending = sorted(counts)
    reached = list(accumulate(counts[steps] for steps in ascending))

    def quantile(percent: int) -> float | None:
        place = (at for at, so_far in enumerate(reached) if so_far * 100 >= percent * total)
        return ascending[next(place)] / scale if total else None

    return Distribution(
        name=spread.name,
        unit=spread.unit,
        step=1 / scale,
        count=total,
        mean=sum(steps * number for steps, number in counts.items()) / total / scale if total else None,
        smallest=ascending[0] / scale if total else None,
        p05=quantile(5),
        p25=quantile(25),
        median=quantile(50),
        p75=quantile(75),
        p95=quantile(95),
        largest=ascending[-1] / scale if total else None,
        bins=tuple(_bins(spread, counts)),
    )


def _bins(spread: Spread, counts: Counter[int]) -> list[DistributionBin]:
    edges = spread.edges
    ends: list[int | None] = [*edges[1:], None] if spread.open else [*edges[1:-1], None]
    starts = edges if spread.open else edges[:-1]
    found = []
    for start, end in zip(starts, ends, strict=True):
        held = sum(number for steps, number in counts.items() if start <= steps and (end is None or steps < end))
        shown = end if end is not None or spread.open else edges[-1]
        found.append(
            DistributionBin(start=start / spread.scale, end=None if shown is None else shown / spread.scale, count=held)
        )
    return found
