"""The file that a backup is, written and read as a stream.

```
zstd frame: a tar of all members │ zstd frame: manifest.json, the tar's end │ skippable frame: where the manifest begins
```
`tar --zstd` reads it. The manifest can only be written at the end, when every checksum is known, and is
read first; the last frame leads to it, and shows that the file was not cut short.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final, Protocol

import zstandard
from pydantic import ValidationError

from schemas.base import Record
from schemas.errors import ConfigError, StoreDown

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
"""Counts up when an older release could not restore the file any more."""

_SKIPPABLE: Final = 0x184D2A53
_TAIL: Final = struct.Struct("<IIQ8s")
"""Magic of a skippable frame, length of what follows, where the manifest's frame begins, our own magic."""
_MAGIC: Final = b"dsbackup"
_BLOCK: Final = 1024 * 1024
_RECORD: Final = tarfile.BLOCKSIZE
_LONGEST_MANIFEST: Final = 2**30
_LEVEL: Final = 3

Advance = Callable[[int], None]
"""Told of bytes that were read."""


class Member(Record):
    """`name` is its path in the home. `disk`: bytes that it takes there, less than `size` for a sparse file."""

    name: str
    size: int
    disk: int
    sha256: str


class Manifest(Record):
    """`collection`: the one that is searched, by its name, and `model`; None before the first run. `engine`: of
    the index; the rows of a server are not among the members. `catalog`: where it was, sqlite or postgres; a
    SQLite file among the members. `store`: where the artifacts lie when they are not members, else empty."""

    format: int = FORMAT
    docstrata: str
    catalog_version: int
    payload_version: int
    made_at_ns: int
    catalog: str
    engine: str
    collection: str | None
    model: str | None
    store: str
    members: tuple[Member, ...]

    @property
    def size(self) -> int:
        return sum(member.size for member in self.members)

    @property
    def disk(self) -> int:
        return sum(member.disk for member in self.members)


class BackupWriter:
    """Writes to `file` from its beginning; nothing of it is a backup before `finish`."""

    def __init__(self, file: BinaryIO, advance: Advance) -> None:
        self._file = file
        self._advance = advance
        self._frame = _compressed(file)
        self._members: list[Member] = []

    def add(self, name: str, path: Path) -> None:
        """Raises `OSError`, and `StoreDown` for a file that became shorter meanwhile."""
        with path.open("rb") as source:
            stat = os.fstat(source.fileno())
            sha256 = self._write(name, source, stat.st_size, int(stat.st_mtime))
        disk = min(stat.st_size, stat.st_blocks * 512)  # what `st_blocks` counts, on every file system
        self._members.append(Member(name=name, size=stat.st_size, disk=disk, sha256=sha256))

    def finish(self, about: Callable[[tuple[Member, ...]], Manifest]) -> Manifest:
        """`about` makes the manifest of all members that were added."""
        self._frame.flush(zstandard.FLUSH_FRAME)
        begins = self._file.tell()
        self._frame = _compressed(self._file)
        manifest = about(tuple(self._members))
        content = manifest.model_dump_json(indent=1).encode()
        self._write(MANIFEST, BytesIO(content), len(content), manifest.made_at_ns // 10**9)
        self._frame.write(bytes(2 * _RECORD))  # the end of a tar
        self._frame.flush(zstandard.FLUSH_FRAME)
        self._file.write(_TAIL.pack(_SKIPPABLE, _TAIL.size - 8, begins, _MAGIC))
        return manifest

    def _write(self, name: str, source: BinaryIO, size: int, mtime: int) -> str:
        info = tarfile.TarInfo(name)
        info.size, info.mtime = size, mtime
        self._frame.write(info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape"))
        hasher, left = hashlib.sha256(), size
        while left:
            block = source.read(min(_BLOCK, left))
            if not block:
                raise StoreDown(f"{name} changed while it was saved: nothing was written, back up again", name=name)
            hasher.update(block)
            self._frame.write(block)
            self._advance(len(block))
            left -= len(block)
        self._frame.write(bytes(-size % _RECORD))
        return hasher.hexdigest()


def _compressed(file: BinaryIO) -> zstandard.ZstdCompressionWriter:
    return zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).stream_writer(file, closefd=False)


class BackupReader:
    """Raises `ConfigError`, one sentence, for a file that is no backup, is cut short, damaged, or of a
    newer release that this one cannot restore."""

    def __init__(self, file: BinaryIO, path: Path, *, newest: Callable[[int, int], bool]) -> None:
        """`newest(catalog_version, payload_version)`: whether this release knows them."""
        self._file = file
        self._path = path
        begins = self._begin_of_manifest()
        with self._sound():
            content = self._manifest_at(begins)
            self.manifest = self._known(content, newest)

    def contents(self) -> Iterator[tuple[Member, Iterator[bytes]]]:
        """Every member, in order, in blocks; to be read to its end before the next. Its checksum is compared then."""
        self._file.seek(0)
        awaited = {member.name: member for member in self.manifest.members}
        with self._sound(), _decompressed(self._file) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            for info in archive:
                if info.name == MANIFEST:
                    break
                member, source = awaited.pop(info.name, None), archive.extractfile(info) if info.isreg() else None
                if member is None or source is None or not is_safe(member.name):
                    raise self._damaged(info.name)
                yield member, self._checked(member, source)
                archive.members.clear()  # type: ignore[attr-defined]  # not in the stubs; or every header that was read would be kept
        if awaited:
            raise self._damaged(next(iter(awaited)))

    def _checked(self, member: Member, source: _Source) -> Iterator[bytes]:
        hasher, size = hashlib.sha256(), 0
        with self._sound():
            while block := source.read(_BLOCK):
                hasher.update(block)
                size += len(block)
                yield block
        if size != member.size or hasher.hexdigest() != member.sha256:
            raise self._damaged(member.name)

    def _begin_of_manifest(self) -> int:
        end = self._file.seek(0, os.SEEK_END)
        self._file.seek(max(0, end - _TAIL.size))
        tail = self._file.read(_TAIL.size)
        if len(tail) == _TAIL.size:
            magic, length, begins, ours = _TAIL.unpack(tail)
            if (magic, length, ours) == (_SKIPPABLE, _TAIL.size - 8, _MAGIC) and begins < end:
                return int(begins)
        raise ConfigError(
            f"{self._path} is cut short, or is no backup: nothing was restored, take another copy of it",
            path=str(self._path),
        )

    def _manifest_at(self, begins: int) -> bytes:
        self._file.seek(begins)
        with _decompressed(self._file) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            info = archive.next()
            source = archive.extractfile(info) if info is not None and info.name == MANIFEST else None
            if info is None or source is None or info.size > _LONGEST_MANIFEST:
                raise self._damaged(MANIFEST)
            return source.read()

    def _known(self, content: bytes, newest: Callable[[int, int], bool]) -> Manifest:
        # A newer release may have added to the manifest: only this much of it is looked at first.
        told = json.loads(content)
        versions = told["catalog_version"], told["payload_version"]
        if told["format"] > FORMAT or not newest(*versions):
            raise ConfigError(
                f"{self._path} was made by a newer docstrata ({told['docstrata']}): nothing was restored, update this"
                " one first",
                path=str(self._path),
            )
        return Manifest.model_validate_json(content)

    @contextmanager
    def _sound(self) -> Iterator[None]:
        try:
            yield
        except (zstandard.ZstdError, tarfile.TarError, ValidationError, KeyError, TypeError, ValueError) as error:
            raise self._damaged("what it holds") from error
        except OSError as error:
            raise ConfigError(f"{self._path} cannot be read: {error.strerror or error}") from error

    def _damaged(self, name: str) -> ConfigError:
        return ConfigError(
            f"{self._path} is damaged ({name} is not what was saved): nothing was restored, take another copy of it",
            path=str(self._path),
        )


class _Source(Protocol):
    def read(self, size: int, /) -> bytes: ...


def is_safe(name: str) -> bool:
    """Whether the name stays within the home."""
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts


def _decompressed(file: BinaryIO) -> zstandard.ZstdDecompressionReader:
    """Also over the end of a frame into the next."""
    return zstandard.ZstdDecompressor().stream_reader(file, closefd=False)
