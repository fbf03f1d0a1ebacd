"""Mails as containers: what is attached to them."""

from __future__ import annotations

import io
from datetime import datetime
from email.utils import parsedate_to_datetime

from ingest.containers.base import ContainerFile
from ingest.containers.writing import MemberWriter
from ingest.mail_headers import header_text
from ingest.mail_parts import SMALL_IMAGE, MailParts, hides_text, outlook_errors, read_mail
from schemas.errors import CorruptFile


def expand_eml(source: ContainerFile, writer: MemberWriter) -> None:
    """Attachments, and mails that were forwarded as such. Small images that the body shows are left out."""
    parts = read_mail(source.path)
    mtime_ns = _sent_ns(parts)
    for attachment in parts.attachments:
        writer.add(attachment.name, io.BytesIO(attachment.data()), mtime_ns)


def expand_msg(source: ContainerFile, writer: MemberWriter) -> None:
    """The same of an Outlook message. A message within it (`.msg` in `.msg`) is no file of its
    own there: it is left out with a warning."""
    try:
        files = _outlook_files(source)
    except outlook_errors() as error:
        raise CorruptFile(
            f"{source.name} is not a readable Outlook message ({error}): save it again in Outlook.", name=source.name
        ) from error
    for name, data, mtime_ns in files:
        if data is None:
            writer.warn(f"{name} is a message or a link within the message and was left out.")
        else:
            writer.add(name, io.BytesIO(data), mtime_ns)


def _outlook_files(source: ContainerFile) -> list[tuple[str, bytes | None, int | None]]:
    """Name, bytes and time of each."""
    from oxmsg import Message
    from oxmsg.domain import constants as c

    attachments = Message.load(str(source.path)).attachments
    if hides_text(attachment.file_name or "" for attachment in attachments):
        return []  # they are of no use to anybody
    files: list[tuple[str, bytes | None, int | None]] = []
    for number, attachment in enumerate(attachments, start=1):
        told = attachment.properties
        data = attachment.file_bytes
        name = attachment.file_name or told.str_prop_value(c.PID_DISPLAY_NAME) or f"attachment-{number}"
        shown = (attachment.mime_type or "").startswith("image/") and told.str_prop_value(c.PID_ATTACH_CONTENT_ID)
        if not (shown and data is not None and len(data) <= SMALL_IMAGE):
            files.append((name, data, _ns(attachment.last_modified)))
    return files


def _sent_ns(parts: MailParts) -> int | None:
    try:
        return _ns(parsedate_to_datetime(header_text(parts.message, "date")))
    except (ValueError, TypeError, OverflowError):
        return None  # no date, or none that can be read


def _ns(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) * 1_000_000_000 if moment else None
