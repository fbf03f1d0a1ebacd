"""gzip, bzip2, xz and Zstandard, around a tar archive or a single file."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol, cast

from ingest.containers.base import ContainerFile
from ingest.containers.tars import BLOCK, expand_tar, is_tar_header
from ingest.containers.writing import CountedStream, Damaged, Guarded, MemberWriter, Readable
from schemas.errors import CorruptFile

PACKED_TYPES = {
    "application/gzip": (".gz", ".tgz", ".taz"),
    "application/x-bzip2": (".bz2", ".tbz2", ".tbz"),
    "application/x-xz": (".xz", ".txz"),
    "application/zstd": (".zst", ".tzst"),
}
"""And the suffixes that packing adds; a `.tgz` without its suffix is a `.tar`."""
_MEMORY_LIMIT = 256 * 1024 * 1024
"""Bytes that a stream may ask a decompressor to hold; the strongest usual settings ask for 128 MiB."""

_PIECE = 1024
"""Bytes that are unpacked at once: what comes of them has to fit into memory, bomb or not."""


def expand_packed(source: ContainerFile, writer: MemberWriter) -> None:
    """Raises `CorruptFile` for a stream that is damaged or cut."""
    import zstandard

    damaged = (OSError, EOFError, zlib.error, lzma.LZMAError, zstandard.ZstdError)
    try:
        with contextlib.closing(_unpacked(source)) as stream:
            _expand(source.name, Guarded(stream, damaged), writer)
    except Damaged as error:
        raise CorruptFile(
            f"{source.name} is damaged ({error}): fetch it anew from where it came.", name=source.name
        ) from error


def _expand(name: str, stream: Readable, writer: MemberWriter) -> None:
    counted = CountedStream(stream, writer)
    head = b""
    while len(head) < BLOCK and (piece := counted.read(BLOCK - len(head))):
        head += piece
    rest = _Rejoined(head, counted)
    if is_tar_header(head):
        expand_tar(name, rest, writer)
    else:
        writer.add(inner_name(name), rest, counted=True)


def _unpacked(source: ContainerFile) -> BinaryIO | _Frames:
    match source.media_type:
        case "application/gzip":
            return cast("BinaryIO", gzip.open(source.path))
        case "application/x-bzip2":
            return cast("BinaryIO", bz2.open(source.path))
        case "application/x-xz":
            return _Frames(source.path, lambda: lzma.LZMADecompressor(memlimit=_MEMORY_LIMIT))
        case _:
            import zstandard

            return _Frames(
                source.path, lambda: zstandard.ZstdDecompressor(max_window_size=_MEMORY_LIMIT).decompressobj()
            )


class _Frame(Protocol):
    """One compressed stream; a file may hold several."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


class _Frames:
    """xz and Zstandard: the libraries' own files take as much memory as a header asks for, or say
    nothing of a file that is cut."""

    def __init__(self, path: Path, make: Callable[[], _Frame]) -> None:
        self._file = path.open("rb")
        self._make = make
        self._frame = make()
        self._ready = b""

    def read(self, size: int = -1, /) -> bytes:
        while not self._ready:
            packed = (self._frame.unused_data if self._frame.eof else b"") or self._file.read(_PIECE)
            if self._frame.eof:
                packed = packed.lstrip(b"\x00")  # streams may be padded
                if not packed:
                    return b""
                self._frame = self._make()
            elif not packed:
                raise EOFError("it ends too soon")
            self._ready = self._frame.decompress(packed)
        taken = self._ready if size < 0 else self._ready[:size]
        self._ready = self._ready[len(taken) :]
        return taken

    def close(self) -> None:
        self._file.close()


class _Rejoined:
    """What was looked at, and then the rest."""

    def __init__(self, head: bytes, stream: CountedStream) -> None:
        self._head = head
        self._stream = stream

    def read(self, size: int = -1, /) -> bytes:
        if not self._head:
            return self._stream.read(size)
        taken = self._head if size < 0 else self._head[:size]
        self._head = self._head[len(taken) :]
        return taken


def inner_name(name: str) -> str:
    """`notes.txt.gz` holds `notes.txt`, `backup.tgz` a `backup.tar`; another name stays."""
    path = PurePosixPath(name)
    suffix = path.suffix.lower()
    if suffix not in {known for suffixes in PACKED_TYPES.values() for known in suffixes}:
        return path.name
    return path.stem + (".tar" if suffix.startswith(".t") else "")
