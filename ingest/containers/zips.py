"""ZIP archives and what is built like them."""

from __future__ import annotations

import calendar
import stat
import zipfile
import zlib
from collections.abc import Sequence
from lzma import LZMAError

from ingest.containers.base import ContainerFile
from ingest.containers.writing import Damaged, Guarded, MemberWriter
from ingest.raw_names import name_encoding
from schemas.errors import CorruptFile, EncryptedFile

_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
_AES = 99
_DAMAGED = (zipfile.BadZipFile, zlib.error, LZMAError, EOFError, OSError, ValueError, RuntimeError)
"""What Python's reader raises for a member: bad checksum, bad data, an end too soon, an offset
outside the file, a wrong password, a method that it does not know (a `NotImplementedError`)."""
_NS = 1_000_000_000


def expand_zip(source: ContainerFile, writer: MemberWriter, passwords: Sequence[str]) -> None:
    """A member that is damaged or needs another password costs itself, with a warning.
    Raises `EncryptedFile` when that leaves none, `CorruptFile` when nothing can be read."""
    try:
        archive = zipfile.ZipFile(source.path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise CorruptFile(
            f"{source.name} is not a readable ZIP archive ({error}): fetch it anew from where it came.",
            name=source.name,
        ) from error
    with archive:
        _ZipReader(archive, source.name, writer, passwords).read()


class _ZipReader:
    def __init__(self, archive: zipfile.ZipFile, name: str, writer: MemberWriter, passwords: Sequence[str]) -> None:
        self._archive = archive
        self._name = name
        self._writer = writer
        self._passwords = [password.encode() for password in passwords]
        self._locked = 0
        self._damaged = 0
        self._encoding = _names_encoding(archive)

    def read(self) -> None:
        entries = [(self._shown(info), info) for info in self._archive.infolist()]
        wanted = [(name, info) for name, info in entries if self._writer.wants(name)]
        self._writer.expect(len(wanted))
        for name, info in wanted:
            if stat.S_ISLNK(info.external_attr >> 16):
                self._writer.warn(f"{name} is a link and was left out.")
            else:
                self._member(name, info)
        if not self._writer and self._locked:
            raise EncryptedFile(
                f"{self._name} needs a password: add it to the passwords, or put the unpacked files in its place. "
                "(AES-encrypted archives have to be unpacked.)",
                name=self._name,
            )
        if not self._writer and self._damaged:
            raise CorruptFile(
                f"No file in {self._name} can be read: fetch it anew from where it came.", name=self._name
            )

    def _member(self, name: str, info: zipfile.ZipInfo) -> None:
        if info.flag_bits & _ENCRYPTED:
            if info.compress_type == _AES or not any(self._opens(name, info, each) for each in self._passwords):
                self._locked += 1
                self._writer.warn(f"{name} needs a password that was not given.")
            return
        try:
            self._add(name, info, None)
        except Damaged as error:
            self._damaged += 1
            self._writer.warn(f"{name} is damaged and was left out ({error}).")

    def _opens(self, name: str, info: zipfile.ZipInfo, password: bytes) -> bool:
        """A wrong password passes the check of its one byte once in 256 times; the checksum tells."""
        try:
            self._add(name, info, password)
        except Damaged:
            return False
        return True

    def _add(self, name: str, info: zipfile.ZipInfo, password: bytes | None) -> None:
        try:
            stream = self._archive.open(info, pwd=password)
        except _DAMAGED as error:
            raise Damaged(str(error)) from error
        with stream:
            self._writer.add(name, Guarded(stream, _DAMAGED), _mtime_ns(info))

    def _shown(self, info: zipfile.ZipInfo) -> str:
        if info.flag_bits & _UTF8_NAME:
            return info.filename
        return info.orig_filename.split("\x00")[0].encode("cp437").decode(self._encoding, errors="replace")


def _names_encoding(archive: zipfile.ZipFile) -> str:
    """One for all names that are not marked as UTF-8: one program wrote them."""
    raw = [info.orig_filename for info in archive.infolist() if not info.flag_bits & _UTF8_NAME]
    return name_encoding("".join(raw).encode("cp437"))


def _mtime_ns(info: zipfile.ZipInfo) -> int | None:
    """As if it were UTC: a ZIP does not tell its zone."""
    year, month, day = info.date_time[:3]
    valid = year > 1980 and 1 <= month <= 12 and 1 <= day <= 31
    return calendar.timegm((*info.date_time, 0, 0, 0)) * _NS if valid else None
