"""tar archives, read as a stream: nothing is looked up, nothing is linked, nothing is created."""

from __future__ import annotations

import tarfile
from typing import IO, Self, cast

from ingest.containers.writing import Damaged, MemberWriter, Readable
from ingest.raw_names import decode_name
from schemas.errors import CorruptFile

BLOCK = 512
_HEADERS_WITH_DATA = frozenset(
    {tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE}
)
_LONGEST_HEADER = 1024 * 1024
"""Bytes: names and attributes are held in memory as a whole."""


def is_tar_header(block: bytes) -> bool:
    """By its checksum, for old archives carry no other mark. An empty tar has none."""
    try:
        tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


class _Header(tarfile.TarInfo):
    """tarfile takes a bad header within an archive for its end, and reads a long name of any length."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        try:
            info = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if any(buf):  # zeros, or nothing, are the end
                raise tarfile.ReadError(str(error)) from error
            raise
        if info.type in _HEADERS_WITH_DATA and info.size > _LONGEST_HEADER:
            raise tarfile.ReadError(f"a header of {info.size} bytes")
        return info


def expand_tar(name: str, stream: Readable, writer: MemberWriter) -> None:
    """Members up to where the archive is damaged, with a warning; `CorruptFile` when there are none.
    The stream has to count what is read of it."""
    try:
        with tarfile.open(
            fileobj=cast("IO[bytes]", stream), mode="r|", errors="surrogateescape", tarinfo=_Header
        ) as archive:
            for info in archive:
                _member(archive, info, writer)
                archive.members.clear()  # type: ignore[attr-defined]  # not in the stubs; or every header that was read would be kept
    except (tarfile.TarError, Damaged) as error:
        if not writer:
            raise CorruptFile(
                f"{name} is not a readable tar archive ({error}): fetch it anew from where it came.", name=name
            ) from error
        writer.warn(f"{name} is damaged: what came after the first {len(writer)} files is missing ({error}).")


def _member(archive: tarfile.TarFile, info: tarfile.TarInfo, writer: MemberWriter) -> None:
    name = decode_name(info.name.encode("utf-8", "surrogateescape"))
    if info.isdir() or not writer.wants(name):
        return
    stream = archive.extractfile(info) if info.isreg() else None
    if stream is None:
        kind = "a link" if info.issym() or info.islnk() else "a device or a pipe"
        writer.warn(f"{name} is {kind} and was left out.")
        return
    # The holes of a sparse file are in no stream: they have to be counted as they are written.
    writer.add(name, stream, int(info.mtime) * 1_000_000_000 or None, counted=not info.issparse())
