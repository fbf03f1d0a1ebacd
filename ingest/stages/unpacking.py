"""Archives and mail, unpacked into the home's scratch folder by a worker process with limits."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ingest.config import Settings
from ingest.containers.base import ContainerLimits, Expansion
from ingest.containers.expanding import expand
from ingest.options.sources import ContainerOptions
from ingest.parsers.base import ParseInput
from ingest.stages.seclusion import secluded
from ingest.stages.work import pool_options, read_options
from ingest.workers.pool import PoolOptions, WorkerPool
from schemas.errors import InputError, TooLarge


@dataclass(frozen=True, slots=True)
class Unpack:
    """A job: `into` is an empty folder of its own."""

    source: ParseInput
    into: Path
    limits: ContainerLimits


@dataclass(slots=True)
class Budget:
    """What one listed file may still unpack to, whatever lies in whatever."""

    members: int
    total_mb: float

    @classmethod
    def of(cls, options: ContainerOptions) -> Budget:
        return cls(options.max_members, options.max_total_mb)

    def spend(self, expansion: Expansion) -> None:
        self.members -= len(expansion.members)
        self.total_mb -= sum(member.size for member in expansion.members) / 2**20


def make_unpacker(passwords: tuple[str, ...]) -> Callable[[Unpack], Expansion]:
    """Runs in a worker process."""

    def unpack(job: Unpack) -> Expansion:
        with secluded():
            return expand(job.source, job.into, job.limits, passwords)

    return unpack


class Unpacker:
    """One process, started when the first archive comes."""

    def __init__(self, settings: Settings, scratch: Path, pool: WorkerPool[Unpack, Expansion]) -> None:
        self._options = settings.container
        self._scratch = scratch
        self._pool = pool
        self._count = 0

    def unpack(self, source: ParseInput, budget: Budget) -> tuple[Path, Expansion | InputError]:
        """The folder that its members lie in, and what they are. Remove it when they were read."""
        self._count += 1
        into = self._scratch / str(self._count)
        into.mkdir(parents=True)
        if budget.members < 1 or budget.total_mb < 1:
            return into, TooLarge(
                "the archives in this file hold more than container.max_members or container.max_total_mb allow"
                " together: raise them, or unpack it by hand"
            )
        limits = ContainerLimits(
            max_members=budget.members,
            max_total_mb=int(budget.total_mb),
            max_member_mb=self._options.max_member_mb,
            max_ratio=self._options.max_ratio,
        )
        _, outcome = next(self._pool.imap([Unpack(source, into, limits)]))
        if not isinstance(outcome, InputError):
            budget.spend(outcome)
        return into, outcome


@contextmanager
def unpacker(settings: Settings, scratch: Path) -> Iterator[Unpacker]:
    """Whatever one that was killed left in this scratch folder is removed first."""
    shutil.rmtree(scratch, ignore_errors=True)
    parse = pool_options(settings.parse)
    options = PoolOptions(workers=min(parse.workers, 1), timeout_s=parse.timeout_s, max_rss_mb=parse.max_rss_mb)
    make = partial(make_unpacker, read_options(settings.parse).passwords)
    try:
        with WorkerPool(make, options) as pool:
            yield Unpacker(settings, scratch, pool)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
