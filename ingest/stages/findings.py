"""What a comparison of catalog and index tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

NAMED = 1_000
"""Findings that are kept one by one; the others are only counted."""


class Damage(StrEnum):
    """What can be wrong with a row."""

    HOLE = "missing from the index"
    STRANGER = "in the index and in no commit"
    PAYLOAD = "another payload than was published"
    VALIDITY = "shown, hidden or ended at the wrong time"
    VECTOR = "another vector than was published"
    FORGOTTEN = "published, and not in the catalog"
    CATALOG = "another payload in the catalog than was published"


@dataclass(frozen=True, slots=True)
class Finding:
    """`path` is empty for a row that nobody knows, and `page` for one whose page is not known."""

    damage: Damage
    point_id: str
    source: str = ""
    path: str = ""
    page: int | None = None


@dataclass(slots=True)
class Reconciled:
    """`findings`: the first `NAMED` of them. `in_catalog`, `in_index`: all rows by tenant. `stale`: documents
    whose mark did not agree with the failures. `lost`: documents, as `(source, path)`, some of whose rows could
    not be made again."""

    rows: int = 0
    in_catalog: Counter[str] = field(default_factory=Counter)
    in_index: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    damage: Counter[Damage] = field(default_factory=Counter)
    stale: list[tuple[str, str]] = field(default_factory=list)
    mended: int = 0
    lost: set[tuple[str, str]] = field(default_factory=set)
    repaired: bool = False

    @property
    def is_sound(self) -> bool:
        """Nothing was wrong, or all of it was mended."""
        return not self.lost and (self.repaired or not (self.damage or self.stale))

    def add(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self.damage[finding.damage] += 1
            if len(self.findings) < NAMED:
                self.findings.append(finding)
