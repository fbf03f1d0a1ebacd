"""Precision, recall and F1 of things counted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    common: int = 0
    wanted: int = 0
    found: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.common + other.common, self.wanted + other.wanted, self.found + other.found)

    @property
    def precision(self) -> float | None:
        return self.common / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        return self.common / self.wanted if self.wanted else None

    @property
    def f1(self) -> float | None:
        """None where nothing was wanted and nothing found."""
        both = self.wanted + self.found
        return 2 * self.common / both if both else None
