"""Pictures that a file holds itself: where their bytes are. Linked ones are never opened."""

from __future__ import annotations

import binascii
import io
import posixpath
import zipfile
import zlib
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_VML = "{urn:schemas-microsoft-com:vml}"
_BAD_MEMBER = (KeyError, zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError)


@dataclass(frozen=True, slots=True)
class Picture:
    """`content` gives its bytes, empty where they are damaged beyond that."""

    content: Callable[[], bytes]


FindPicture = Callable[[str], Picture | None]
"""The picture at an address, None where the file does not hold it."""


def drawn_pictures(node: Any, part: Any) -> list[Picture]:
    """Those of an XML element of a Word or PowerPoint file, each once, in their order. `part` is the
    part of the package that it stands in."""
    relations = (part.rels[id_] for id_ in dict.fromkeys(_relations(node)) if id_ in part.rels)
    targets = [relation.target_part for relation in relations if not relation.is_external]
    return [Picture(partial(_blob, target)) for target in targets]


def _relations(node: Any) -> Iterator[str]:
    for picture in node.iter(_A + "blip", _VML + "imagedata"):
        if picture.getparent().tag == _A + "buBlip":
            continue  # a bullet
        yield picture.get(_R + "embed") or picture.get(_R + "id") or ""


def _blob(part: Any) -> bytes:
    return bytes(part.blob)


def data_picture(address: str) -> Picture | None:
    """Of a `data:` address."""
    head, _, body = address.strip().partition(",")
    kind, *options = head.lower().split(";")
    if not kind.strip().startswith("data:image/"):
        return None
    coded = any(option.strip() == "base64" for option in options)
    return Picture(partial(_from_base64 if coded else unquote_to_bytes, body))


def _from_base64(body: str) -> bytes:
    data = b"".join(unquote_to_bytes(body).split())
    try:
        return b64decode(data + b"=" * (-len(data) % 4))
    except binascii.Error:
        return b""


class ArchivePictures:
    """Of a zip archive, by the addresses that its documents use. A book's are relative to a folder
    within it."""

    def __init__(self, package: bytes) -> None:
        self._package = package
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            self._members = [member for member in archive.namelist() if not member.endswith("/")]
        self._known = frozenset(self._members)

    def find(self, address: str) -> Picture | None:
        if address.strip().lower().startswith("data:"):
            return data_picture(address)
        path = posixpath.normpath(unquote(address))
        ends = path if path in self._known else next((m for m in self._members if m.endswith(f"/{path}")), None)
        return Picture(partial(self._read, ends)) if ends else None

    def _read(self, member: str) -> bytes:
        try:
            with zipfile.ZipFile(io.BytesIO(self._package)) as archive:
                return archive.read(member)
        except _BAD_MEMBER:
            return b""
