"""Counts and times of a run while it goes on."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from schemas.report import RunSummary


@dataclass(slots=True)
class Tally:
    """Becomes a `RunSummary`, which checks that every file is accounted for."""

    seen: int = 0
    parsed: int = 0
    unchanged: int = 0
    duplicates: int = 0
    failed: int = 0
    ignored: int = 0
    renamed: int = 0
    removed: int = 0
    members: int = 0
    members_failed: int = 0
    pages_failed: int = 0
    chunks: int = 0
    embedded: int = 0
    reused: int = 0
    written: int = 0
    retired: int = 0
    unread: int = 0
    """Chunks that the embedding model cannot read well."""
    read: int = 0
    adopted: int = 0
    pages: Counter[str] = field(default_factory=Counter)
    tried: int = 0
    broken: int = 0
    warnings: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    _started: float = field(default_factory=time.perf_counter)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - began

    def summary(self, run_id: str, points: int) -> RunSummary:
        seconds = {"total": time.perf_counter() - self._started, **self.seconds}
        return RunSummary(
            run_id=run_id,
            seen=self.seen,
            parsed=self.parsed,
            unchanged=self.unchanged,
            duplicates=self.duplicates,
            failed=self.failed,
            ignored=self.ignored,
            renamed=self.renamed,
            removed=self.removed,
            members=self.members,
            members_failed=self.members_failed,
            pages_failed=self.pages_failed,
            chunks=self.chunks,
            embedded=self.embedded,
            reused=self.reused,
            written=self.written,
            retired=self.retired,
            points=points,
            read=self.read,
            adopted=self.adopted,
            pages=dict(self.pages),
            seconds={stage: round(value, 4) for stage, value in seconds.items()},
            warnings=tuple(self.warnings),
        )
