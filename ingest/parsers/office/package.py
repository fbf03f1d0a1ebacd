"""The bytes of an office file, decrypted and known to be no bomb, before a library opens them."""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Sequence
from urllib.parse import unquote

from ingest.parsers.base import ParseInput
from schemas.errors import CorruptFile, EncryptedFile, TooLarge

MAX_UNPACKED_BYTES = 1 << 30
"""What the members of one file may come to, as its directory tells; Python's zip reader takes no more
of a member than that."""
MAX_RATIO = 200
"""Unpacked to packed size from which a large file is a bomb; office XML packs 5 to 30 times."""
_ALWAYS_FINE_BYTES = 64 << 20

BAD_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, RuntimeError)
"""What Python's zip reader raises for an archive in memory that is damaged, or packed in a way it does not know."""
_TYPES = "[Content_Types].xml"
_XML = (".xml", ".rels")
_RELATIONS = ".rels"
_RELATION = re.compile(rb"<Relationship\s[^>]*/>")
_TARGET = re.compile(rb"\bTarget\s*=\s*[\"']([^\"']*)[\"']")
_MEDIA = re.compile(rb"/relationships/(?:image|video|audio|media|hdphoto|oleObject|package|font|printerSettings)[\"']")
_STRICT = b"http://purl.oclc.org/ooxml/"
_STRICT_NAME = re.compile(_STRICT + rb"(\w+)/(\w+)")
_VARIANT = re.compile(
    rb"application/vnd\.(?:ms-|openxmlformats-officedocument\.)(word|powerpoint|presentation)(?:processing)?(?:ml)?"
    rb"\.(?:document|template|presentation|slideshow)(?:\.macroEnabled(?:Template)?(?:12)?)?\.main\+xml"
)
"""Main parts of every kind; the usual ones become themselves."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_package(source: ParseInput, passwords: Sequence[str]) -> bytes:
    """The file as a zip archive.

    Raises `EncryptedFile` when no password opens it, `CorruptFile` for what is no archive, and
    `TooLarge` when it would unpack to more than the limits.
    """
    data = decrypted(source.path.read_bytes(), source.name, passwords)
    check_archive(data, source.name)
    return data


def members_of(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.namelist()


def as_plain_ooxml(data: bytes, name: str) -> bytes:
    """Templates, shows and files with macros as the document that they hold; strict Office XML with
    the names of the usual one. Others as they are. Raises `CorruptFile`."""
    try:
        return _as_plain(data)
    except BAD_ZIP as error:
        raise _damaged(name, str(error)) from error


def _as_plain(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = set(archive.namelist())
        if _TYPES not in names:
            return data
        types = archive.read(_TYPES)
        strict = any(_STRICT in archive.read(name) for name in names if name == "_rels/.rels")
        lacking = any(_lacks(archive, name, names) for name in names if name.endswith(_RELATIONS))
        if not strict and not lacking and not _VARIANT.search(types):
            return data
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as plain:
            for member in archive.infolist():
                content = archive.read(member)
                if lacking and member.filename.endswith(_RELATIONS):
                    content = _without_lacking(member.filename, content, names)
                plain.writestr(member.filename, _plain(member.filename, content))
    return made.getvalue()


def _lacks(archive: zipfile.ZipFile, name: str, names: set[str]) -> bool:
    content = archive.read(name)
    return _without_lacking(name, content, names) != content


def _without_lacking(name: str, content: bytes, names: set[str]) -> bytes:
    """Relations without those to pictures and other media that are not there: the libraries would refuse the whole
    document for one."""
    folder = posixpath.dirname(posixpath.dirname(name))

    def kept(match: re.Match[bytes]) -> bytes:
        target = _TARGET.search(match[0])
        if target is None or b'"External"' in match[0] or not _MEDIA.search(match[0]):
            return match[0]
        told = unquote(target[1].decode("utf-8", errors="replace"))
        path = told.lstrip("/") if told.startswith("/") else posixpath.normpath(posixpath.join(folder, told))
        return match[0] if path in names else b""

    return _RELATION.sub(kept, content)


def _plain(name: str, content: bytes) -> bytes:
    if name == _TYPES:
        content = _VARIANT.sub(_usual_type, content)
    return (
        _STRICT_NAME.sub(rb"http://schemas.openxmlformats.org/\1/2006/\2", content) if name.endswith(_XML) else content
    )


def _usual_type(match: re.Match[bytes]) -> bytes:
    kind, root = (b"wordprocessingml", b"document") if match[1] == b"word" else (b"presentationml", b"presentation")
    return b"application/vnd.openxmlformats-officedocument." + kind + b"." + root + b".main+xml"


def check_archive(data: bytes, name: str) -> None:
    """Reads the directory alone."""
    if not data:
        raise CorruptFile(f"{name} is empty: fetch it anew from where it came.", name=name)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except BAD_ZIP as error:
        raise _damaged(name, str(error)) from error
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED_BYTES or (unpacked > _ALWAYS_FINE_BYTES and unpacked > MAX_RATIO * len(data)):
        raise TooLarge(
            f"{name} would unpack to {unpacked >> 20} MiB from {len(data) >> 10} KiB: if it is no attack, "
            "split it, or take large pictures out.",
            name=name,
            unpacked=unpacked,
            packed=len(data),
        )
    if any(member.flag_bits & 1 for member in members):
        raise EncryptedFile(
            f"{name} is encrypted in a way that cannot be opened: save a copy without a password.", name=name
        )


def decrypted(data: bytes, name: str, passwords: Sequence[str]) -> bytes:
    """An Office file of any age, opened with the first password that fits; as it is when it needs none.

    Raises `EncryptedFile` when none fits, `CorruptFile` for what is no Office file.
    """
    if not data.startswith(_OLE):
        return data
    import msoffcrypto
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

    # msoffcrypto takes the streams of a file for granted.
    broken = (FileFormatError, ParseError, OSError, ValueError, KeyError, IndexError, AttributeError, struct.error)
    try:
        office = msoffcrypto.OfficeFile(io.BytesIO(data))
        if not office.is_encrypted():
            return data
    except broken as error:
        raise _damaged(name, str(error)) from error
    for password in passwords:
        plain = io.BytesIO()
        try:
            office.load_key(password=password)
            office.decrypt(plain)
        except (DecryptionError, InvalidKeyError):
            continue  # the next password
        except broken as error:
            raise _damaged(name, str(error)) from error
        return plain.getvalue()
    tried = f"none of the {len(passwords)} configured passwords opens it" if passwords else "it needs a password"
    raise EncryptedFile(
        f"{name} is encrypted and {tried}: add the password to the configuration, or save a copy without one.",
        name=name,
    )


def _damaged(name: str, reason: str) -> CorruptFile:
    return CorruptFile(
        f"{name} is damaged ({reason}): open it in an office program and save it again, or fetch it anew.", name=name
    )
