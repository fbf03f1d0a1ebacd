"""A line of the comparison: name, report, recount, equal."""

from __future__ import annotations

import math

from recounting.catalog import Leaf

Row = tuple[str, Leaf, Leaf, bool]


def row(name: str, told: Leaf, ours: Leaf) -> Row:
    if isinstance(told, float) and isinstance(ours, int | float):
        return name, told, ours, math.isclose(told, ours, rel_tol=1e-9)
    return name, told, ours, told == ours


def near(name: str, told: float, ours: float) -> Row:
    """Sums of single-precision products in another order."""
    return name, told, ours, math.isclose(told, ours, rel_tol=1e-6, abs_tol=1e-6)
