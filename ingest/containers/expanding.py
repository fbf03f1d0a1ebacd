"""A container as its members, one folder of files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ingest.containers.base import ContainerFile, ContainerLimits, Expansion
from ingest.containers.mailboxes import expand_mbox
from ingest.containers.mails import expand_eml, expand_msg
from ingest.containers.packed import PACKED_TYPES, expand_packed
from ingest.containers.tars import expand_tar
from ingest.containers.writing import CountedStream, MemberWriter
from ingest.containers.zips import expand_zip
from schemas.errors import UnsupportedFormat

_ZIP_TYPES = frozenset({"application/zip", "application/java-archive", "application/vnd.android.package-archive"})
_REFUSED = {"application/x-7z-compressed": "7z", "application/vnd.rar": "RAR", "application/x-rar-compressed": "RAR"}
"""Known, and refused with what to do: no reader of them is free of other programs."""

ARCHIVE_TYPES = _ZIP_TYPES | PACKED_TYPES.keys() | _REFUSED.keys() | {"application/x-tar", "application/mbox"}
"""They have no text of their own."""
MAIL_TYPES = frozenset({"message/rfc822", "application/vnd.ms-outlook"})
"""They are read, and what is attached to them as well."""
EXPANDED_TYPES = ARCHIVE_TYPES | MAIL_TYPES


def is_container(media_type: str) -> bool:
    return media_type in EXPANDED_TYPES


def expand(source: ContainerFile, into: Path, limits: ContainerLimits, passwords: Sequence[str] = ()) -> Expansion:
    """Writes the members of `source` below `into`, which is made where it is missing, under names
    of our own; nothing is executed, linked, or written elsewhere. Members are sorted by name.

    A member that cannot be read costs itself, with a warning. Raises `TooLarge` (naming the
    option), `EncryptedFile`, `CorruptFile` or `UnsupportedFormat`; nothing stays written then.
    """
    if source.media_type in _REFUSED:
        kind = _REFUSED[source.media_type]
        raise UnsupportedFormat(
            f"{source.name} is a {kind} archive, which is not read: unpack it, or pack it again as ZIP.",
            name=source.name,
            media_type=source.media_type,
        )
    writer = MemberWriter(source.name, source.path.stat().st_size, into, limits)
    try:
        _expand(source, writer, passwords)
    except BaseException:
        writer.discard()
        raise
    return writer.expansion()


def _expand(source: ContainerFile, writer: MemberWriter, passwords: Sequence[str]) -> None:
    match source.media_type:
        case kind if kind in _ZIP_TYPES:
            expand_zip(source, writer, passwords)
        case kind if kind in PACKED_TYPES:
            expand_packed(source, writer)
        case "application/x-tar":
            with source.path.open("rb") as file:
                expand_tar(source.name, CountedStream(file, writer), writer)
        case "application/mbox":
            expand_mbox(source, writer)
        case "message/rfc822":
            expand_eml(source, writer)
        case "application/vnd.ms-outlook":
            expand_msg(source, writer)
        case _:
            raise UnsupportedFormat(
                f"{source.name} is not a container that is read.", name=source.name, media_type=source.media_type
            )
