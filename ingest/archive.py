"""One file that holds many and tells by itself whether it is whole: tar in zstd, with a seal at its end.

```
zstd ( header.json │ file │ file │ … │ seal.json )
```
The seal is the number of files and the digest of their names, sizes and digests, in order: a file
that was cut has none, and one that was changed has another.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast

import zstandard

from schemas.errors import ConfigError

HEADER = "header.json"
SEAL = "seal.json"
_LEVEL = 3
_BLOCK = 1024 * 1024
_ZEROS = bytes(_BLOCK)

Advance = Callable[[int], None]
"""Told of bytes as they are read."""


class Damaged(ConfigError):
    """The file is not one that was written here, or not all of it."""

    code = "damaged_backup"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} is damaged ({why}): nothing of it was used; take another backup", path=str(path))


@dataclass(slots=True)
class _Seal:
    files: int = 0
    digest: str = ""

    def add(self, name: str, size: int, sha256: str) -> None:
        self.files += 1
        self.digest = hashlib.sha256(f"{self.digest}\0{name}\0{size}\0{sha256}".encode()).hexdigest()

    def as_json(self) -> bytes:
        return json.dumps({"files": self.files, "digest": self.digest}).encode()


class _Hashing:
    """A file that is read once, from its beginning to its end."""

    def __init__(self, file: BinaryIO, advance: Advance) -> None:
        self._file = file
        self._advance = advance
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self.sha256.update(block)
        self._advance(len(block))
        return block


class ArchiveWriter:
    def __init__(self, tar: tarfile.TarFile, advance: Advance) -> None:
        self._tar = tar
        self._advance = advance
        self._seal = _Seal()

    def add(self, name: str, file: BinaryIO, size: int) -> None:
        """The first `size` bytes of it. Raises `OSError` where there are fewer."""
        hashing = _Hashing(file, self._advance)
        self._tar.addfile(_entry(name, size), cast("IO[bytes]", hashing))
        self._seal.add(name, size, hashing.sha256.hexdigest())

    def add_bytes(self, name: str, content: bytes) -> None:
        self.add(name, io.BytesIO(content), len(content))

    def seal(self) -> None:
        content = self._seal.as_json()
        self._tar.addfile(_entry(SEAL, len(content)), io.BytesIO(content))


@contextmanager
def written(path: Path, header: dict[str, object], advance: Advance) -> Iterator[ArchiveWriter]:
    """An archive at `path`, which is whole when the block has ended without an exception."""
    compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
    with (
        path.open("wb") as file,
        compressor.stream_writer(file, closefd=False) as stream,
        tarfile.open(fileobj=cast("IO[bytes]", stream), mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        writer = ArchiveWriter(tar, advance)
        writer.add_bytes(HEADER, json.dumps(header).encode())
        yield writer
        writer.seal()


def read_header(path: Path) -> dict[str, object]:
    """Of an archive that may yet turn out to be cut. Raises `Damaged`."""
    with _members(path) as members:
        name, _, file = next(members, ("", 0, io.BytesIO()))
        if name != HEADER:
            raise Damaged(path, "it has no header")
        return _object(path, file.read())


def check(path: Path, advance: Advance) -> int:
    """Reads all of it. Returns how many files there are. Raises `Damaged`."""
    return _read(path, lambda *_: None, advance)


def unpack(path: Path, folder: Path, advance: Advance) -> int:
    """Into a folder that whoever calls removes when this raises `Damaged`. Returns how many files there were."""

    def put(name: str, size: int, file: _Hashing) -> None:
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("wb") as target:
            _copy(file, target, size)

    return _read(path, put, advance)


def _read(path: Path, put: Callable[[str, int, _Hashing], None], advance: Advance) -> int:
    seal = _Seal()
    with _members(path) as members:
        for name, size, file in members:
            if name == SEAL:
                if file.read() != seal.as_json() or next(members, None) is not None:
                    raise Damaged(path, "it is not what its seal tells")
                return seal.files
            hashing = _Hashing(file, advance)
            if name != HEADER:
                put(name, size, hashing)
            while hashing.read(_BLOCK):
                pass
            seal.add(name, size, hashing.sha256.hexdigest())
    raise Damaged(path, "its end is missing")


@contextmanager
def _members(path: Path) -> Iterator[Iterator[tuple[str, int, BinaryIO]]]:
    try:
        with (
            path.open("rb") as file,
            zstandard.ZstdDecompressor().stream_reader(file) as stream,
            tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r|") as tar,
        ):
            yield _files(path, tar)
    except (zstandard.ZstdError, tarfile.TarError, EOFError) as error:
        raise Damaged(path, str(error) or "it is no archive") from error
    except FileNotFoundError as error:
        raise ConfigError(f"there is no file at {path}; check the path") from error


def _files(path: Path, tar: tarfile.TarFile) -> Iterator[tuple[str, int, BinaryIO]]:
    for entry in tar:
        file = tar.extractfile(entry) if entry.isreg() else None
        name = PurePosixPath(entry.name)
        if file is None or name.is_absolute() or ".." in name.parts:
            raise Damaged(path, "it holds what no backup does")
        yield entry.name, entry.size, cast("BinaryIO", file)


def _copy(source: _Hashing, target: BinaryIO, size: int) -> None:
    """Blocks of zeros are left out: an index has files that are mostly empty."""
    while block := source.read(_BLOCK):
        if block == _ZEROS:
            target.seek(len(block), io.SEEK_CUR)
        else:
            target.write(block)
    target.truncate(size)


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size = size
    return entry


def _object(path: Path, content: bytes) -> dict[str, object]:
    try:
        found = json.loads(content)
    except ValueError as error:
        raise Damaged(path, "its header cannot be read") from error
    if not isinstance(found, dict):
        raise Damaged(path, "its header cannot be read")
    return found
