"""What is taken out of a file that holds others, and how much of it may be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

MIB = 1024 * 1024


class ContainerFile(Protocol):
    """A file to expand: what a parser is given has these, too."""

    @property
    def path(self) -> Path: ...
    @property
    def name(self) -> str:
        """The name it had at its source."""
        ...

    @property
    def media_type(self) -> str: ...


@dataclass(frozen=True, slots=True)
class ContainerLimits:
    """Of one container. How deep they may lie in one another is for the caller to say.

    `max_ratio`: of all that came out to the size of the container.
    """

    max_members: int = 10_000
    max_total_mb: int = 4096
    max_member_mb: int = 512
    max_ratio: float = 200.0


@dataclass(frozen=True, slots=True)
class Member:
    """`name` is as the container has it: decoded, in NFC, with `/`, unique there. `path` is a file
    of our own naming below the folder that was given. `mtime_ns` where the container tells."""

    name: str
    path: Path
    size: int
    mtime_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Expansion:
    """Members by name. `warnings` name what was left out, and why."""

    members: tuple[Member, ...]
    warnings: tuple[str, ...] = ()
