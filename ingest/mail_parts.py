"""What belongs to the text of a mail and what is attached to it: told alike to who reads the mail
and to who unpacks it."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import policy
from email.message import Message
from email.parser import BytesParser
from pathlib import Path

from ingest.mail_headers import header_param, header_text

SMALL_IMAGE = 8 * 1024
"""Bytes up to which an image that the body shows (it has a Content-ID) is a logo or a line."""

_UNSAFE = re.compile(r'[\\/:*?"<>|]+')
_LONGEST_SUBJECT = 100
_TEXTS = frozenset({"text/plain", "text/html"})
_MOST_PARTS = 10_000
_ENCRYPTED_TYPES = frozenset({"multipart/encrypted", "application/pgp-encrypted"})
_SMIME_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_HIDDEN = (".rpmsg", ".pgp-encrypted", "smime.p7m")
_SIGNATURES = frozenset({"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"})
_SUFFIXES = {"message/rfc822": ".eml", "text/calendar": ".ics", "text/html": ".html", "text/plain": ".txt"}


@dataclass(frozen=True, slots=True)
class Attachment:
    """`name` is unique only by chance. `part` holds its bytes."""

    name: str
    part: Message

    def data(self) -> bytes:
        """Decoded; of an attached mail, the mail as it was."""
        if self.part.get_content_type() == "message/rfc822":
            for inner in _inner(self.part):
                return inner.as_bytes(policy=policy.compat32)
        payload = self.part.get_payload(decode=True)
        return payload if isinstance(payload, bytes) else b""


@dataclass(frozen=True, slots=True)
class MailParts:
    """`bodies` are alternatives within and one after the other without: each entry holds the
    versions of one piece of text (plain, HTML)."""

    message: Message
    bodies: tuple[tuple[Message, ...], ...]
    attachments: tuple[Attachment, ...]


def read_mail(path: Path) -> MailParts:
    """Any bytes are some mail to Python's reader: what has neither headers nor text tells that it is none."""
    with path.open("rb") as file:
        message = BytesParser(policy=policy.compat32).parse(file)
    return mail_parts(message)


def mail_parts(message: Message) -> MailParts:
    if is_encrypted(message):
        return MailParts(message, (), ())  # its parts are of no use to anybody
    if not message.is_multipart() and message.get_content_type() in _TEXTS:
        return MailParts(message, ((message,),), ())  # whatever its headers call it, it is the text
    bodies: list[tuple[Message, ...]] = []
    attachments: list[Attachment] = []
    for group in _groups(message):
        texts = tuple(part for part in group if _is_body(part))
        if texts:
            bodies.append(texts)
        for part in group:
            if not _is_body(part) and not _is_decoration(part):
                attachments.append(Attachment(_name(part, len(attachments) + 1), part))
    return MailParts(message, tuple(bodies), tuple(attachments))


def is_encrypted(message: Message) -> bool:
    """By S/MIME or PGP, as a whole. A signed mail is not: its text is plain to read."""
    kind = message.get_content_type()
    smime = kind in _SMIME_TYPES and str(message.get_param("smime-type", "enveloped-data")).lower() != "signed-data"
    return kind in _ENCRYPTED_TYPES or smime


def hides_text(attachments: Iterable[str]) -> bool:
    """By the names in an Outlook message, which has no parts: one holds what rights management,
    PGP or S/MIME encrypted."""
    return any(name.lower().endswith(_HIDDEN) for name in attachments)


def outlook_errors() -> tuple[type[Exception], ...]:
    """What oxmsg raises over a message that is damaged, when it is opened and when it is asked."""
    from oxmsg.domain.model import UnrecognizedCodePageError, UnsupportedEncodingError

    # LookupError: an encoding that Python does not know.
    usual = (ValueError, OSError, LookupError, AssertionError, TypeError, struct.error)
    return (*usual, UnrecognizedCodePageError, UnsupportedEncodingError)


def _groups(part: Message, depth: int = 0) -> Iterator[list[Message]]:
    """Leaves in their order; those of one `multipart/alternative` together."""
    payload = part.get_payload()
    kind = part.get_content_type()
    if kind == "message/rfc822" or not isinstance(payload, list) or depth > 50:
        yield [part]
        return
    children = [child for child in payload[:_MOST_PARTS] if isinstance(child, Message)]
    if kind == "multipart/alternative":
        yield [leaf for child in children for group in _groups(child, depth + 1) for leaf in group]
        return
    for child in children:
        yield from _groups(child, depth + 1)


def _is_body(part: Message) -> bool:
    if part.get_content_type() not in _TEXTS:
        return False
    return part.get_content_disposition() != "attachment" and not part.get_filename()


def _is_decoration(part: Message) -> bool:
    """Signatures, and small images that the body shows."""
    kind = part.get_content_type()
    if kind in _SIGNATURES or (part.is_multipart() and kind != "message/rfc822"):
        return True
    if part.get_content_maintype() != "image" or not part.get("Content-ID"):
        return False
    payload = part.get_payload(decode=True)
    return isinstance(payload, bytes) and len(payload) <= SMALL_IMAGE


def _name(part: Message, number: int) -> str:
    told = header_param(part, "content-disposition", "filename") or header_param(part, "content-type", "name")
    kind = part.get_content_type()
    if not told and kind == "message/rfc822":
        told = _UNSAFE.sub("_", "".join(header_text(inner, "subject") for inner in _inner(part)))[:_LONGEST_SUBJECT]
        return f"{told}.eml" if told else f"attachment-{number}.eml"
    return told or f"attachment-{number}{_SUFFIXES.get(kind, '')}"


def _inner(part: Message) -> list[Message]:
    """The mail that a `message/rfc822` part holds."""
    payload = part.get_payload()
    return [each for each in payload[:1] if isinstance(each, Message)] if isinstance(payload, list) else []
