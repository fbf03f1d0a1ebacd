"""Members on their way to the disk: every byte is counted as it comes, whatever headers say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from ingest.containers.base import MIB, ContainerLimits, Expansion, Member
from ingest.containers.names import is_junk, numbered, shown_name
from schemas.errors import TooLarge

_PIECE = 256 * 1024
RATIO_FROM = 16 * MIB
"""Bytes of output from which the ratio counts: a page of spaces packs as well as any bomb."""


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class Damaged(Exception):
    """What is read cannot be unpacked. Set apart from errors of the disk that is written to."""


class Guarded:
    """A stream whose own errors, and no others, mean that it is damaged."""

    def __init__(self, stream: Readable, errors: tuple[type[Exception], ...]) -> None:
        self._stream = stream
        self._errors = errors

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._stream.read(size)
        except self._errors as error:
            raise Damaged(str(error) or "it ends too soon") from error


class MemberWriter:
    """Takes members one by one. Raises `TooLarge`, naming the limit, as soon as it is passed.

    `packed`: the container's size in bytes.
    """

    def __init__(self, name: str, packed: int, into: Path, limits: ContainerLimits) -> None:
        self._container = name
        self._packed = packed
        self._into = into
        self._limits = limits
        self._members: dict[str, Member] = {}
        self._warnings: list[str] = []
        self._numbers: dict[str, int] = {}
        self._unpacked = 0
        self._files = 0
        into.mkdir(parents=True, exist_ok=True)

    def wants(self, name: str) -> bool:
        """False for folders, for what systems add, and for names of which nothing is left."""
        shown = shown_name(name)
        return bool(shown) and not name.endswith("/") and not is_junk(shown)

    def expect(self, members: int) -> None:
        """Refuses a table of contents that is too long before anything is read."""
        if members > self._limits.max_members:
            raise self._too_large("members", "container.max_members", self._limits.max_members)

    def warn(self, sentence: str) -> None:
        self._warnings.append(sentence)

    def count(self, size: int) -> None:
        """Bytes that were unpacked, members or not."""
        self._unpacked += size
        if self._unpacked > self._limits.max_total_mb * MIB:
            raise self._too_large("MiB in all", "container.max_total_mb", self._limits.max_total_mb)
        if self._unpacked > RATIO_FROM and self._unpacked > self._limits.max_ratio * max(self._packed, 1):
            raise self._too_large("times its own size", "container.max_ratio", self._limits.max_ratio)

    def add(self, name: str, stream: Readable, mtime_ns: int | None = None, *, counted: bool = False) -> None:
        """Writes one member. What `stream` raises is passed on, and nothing of it is kept.
        `counted`: its bytes were counted where they were unpacked."""
        self.expect(len(self._members) + 1)
        path = self._into / f"{self._files:06d}"
        self._files += 1
        with path.open("xb") as file:  # what is there already is not ours
            try:
                for piece in self._pieces(stream, counted):
                    file.write(piece)
                size = file.tell()
            except BaseException:
                path.unlink()
                raise
        unique = self._unique(shown_name(name) or "unnamed")
        self._members[unique] = Member(unique, path, size, mtime_ns)

    def expansion(self) -> Expansion:
        members = sorted(self._members.values(), key=lambda member: member.name)
        return Expansion(tuple(members), tuple(self._warnings))

    def __len__(self) -> int:
        return len(self._members)

    def discard(self) -> None:
        for member in self._members.values():
            member.path.unlink(missing_ok=True)
        self._members.clear()

    def _pieces(self, stream: Readable, counted: bool) -> Iterator[bytes]:
        size = 0
        while piece := stream.read(_PIECE):
            size += len(piece)
            if size > self._limits.max_member_mb * MIB:
                raise self._too_large("MiB in one member", "container.max_member_mb", self._limits.max_member_mb)
            if not counted:
                self.count(len(piece))
            yield piece

    def _unique(self, name: str) -> str:
        unique = name
        while unique in self._members:
            # Kept per name, or ten thousand namesakes would be compared with one another.
            self._numbers[name] = self._numbers.get(name, 1) + 1
            unique = numbered(name, self._numbers[name])
        return unique

    def _too_large(self, what: str, option: str, limit: float) -> TooLarge:
        return TooLarge(
            f"{self._container} holds more than {limit:g} {what}: unpack it and put in what is wanted, "
            f"or raise {option}.",
            name=self._container,
            option=option,
            limit=limit,
        )


class CountedStream:
    """A stream that is unpacked as it is read, counted also where members are passed over."""

    def __init__(self, stream: Readable, writer: MemberWriter) -> None:
        self._stream = stream
        self._writer = writer

    def read(self, size: int = -1, /) -> bytes:
        # Never all at once: what a header promises is not known to be true.
        piece = self._stream.read(_PIECE if size < 0 else size)
        self._writer.count(len(piece))
        return piece
