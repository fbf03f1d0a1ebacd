"""mbox files: the messages of a mail folder, one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.parser import BytesHeaderParser
from typing import BinaryIO

from ingest.containers.base import ContainerFile
from ingest.containers.writing import MemberWriter
from schemas.errors import CorruptFile

_SEPARATOR = b"From "
_DATED = re.compile(rb"From .*\b\d{1,2}:\d\d\b.*\b\d{4}\b")
"""A sentence may begin with "From ": within the file only a line with time and year parts messages."""
_QUOTED = re.compile(rb"^>+From ")
_LONGEST_LINE = 64 * 1024
_HEAD = 64 * 1024
"""Bytes of a message that its identity is sought in."""
_UNSAFE = re.compile(r"[^\w.@+=-]+", re.ASCII)
_LONGEST_NAME = 150


def expand_mbox(source: ContainerFile, writer: MemberWriter) -> None:
    """Every message as a `.eml` member, named by its Message-ID: a number would change for all
    that come after a message that is deleted. Without one it is `message-000001.eml`, by its place."""
    with source.path.open("rb") as file:
        if not file.readline(_LONGEST_LINE).startswith(_SEPARATOR):
            raise CorruptFile(
                f"{source.name} is not an mbox: its first line has to begin with 'From '.", name=source.name
            )
        messages = _Messages(file)
        number = 0
        while (head := messages.next_head()) is not None:
            number += 1
            writer.add(_name(head, number), messages)


class _Messages:
    """Reads as one message after the other: `read` ends at the end of each."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._lines = self._message()
        self._held: list[bytes] = []
        self._more = True

    def next_head(self) -> bytes | None:
        """The beginning of the next message, which is read by `read` as well; None after the last."""
        if not self._more:
            return None
        self._lines = self._message()
        size = 0
        for line in self._lines:
            self._held.append(line)
            size += len(line)
            if size > _HEAD or not line.strip():
                break
        return b"".join(self._held)

    def read(self, size: int = -1, /) -> bytes:
        pieces, self._held = self._held, []
        total = sum(map(len, pieces))
        for line in self._lines:
            pieces.append(line)
            total += len(line)
            if total >= size >= 0:
                break
        return b"".join(pieces)

    def _message(self) -> Iterator[bytes]:
        after_blank, at_start = False, True
        while line := self._file.readline(_LONGEST_LINE):
            if at_start and after_blank and _DATED.match(line):
                return
            # Writers of mbox quote such a line within a message.
            yield line[1:] if at_start and _QUOTED.match(line) else line
            after_blank = at_start and not line.strip()
            at_start = line.endswith(b"\n")
        self._more = False


def _name(head: bytes, number: int) -> str:
    identity = str(BytesHeaderParser().parsebytes(head).get("Message-ID", ""))
    safe = _UNSAFE.sub("_", identity.strip().strip("<>"))[:_LONGEST_NAME].strip("._")
    return f"{safe or f'message-{number:06d}'}.eml"
