"""Messages of Outlook (.msg), read with oxmsg: the library under unstructured's own reader."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from ingest.mail_parts import hides_text, outlook_errors
from ingest.parsers.decoding import decode
from ingest.parsers.mail.headers import MailHead, addresses, read_head
from ingest.parsers.mail.outlook_strings import OutlookStrings, codec_by_page
from ingest.parsers.office.html import decode_html
from schemas.errors import CorruptFile

_ENCRYPTED_CLASSES = ("IPM.Note.SMIME", "IPM.Note.Secure")
_SIGNED = "MultipartSigned"
_DIRECTORY = re.compile(r"/o=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OutlookMail:
    head: MailHead
    plain: str
    html: str
    attachments: tuple[str, ...]
    encrypted: bool
    rich: bytes
    """Compressed RTF, where the text is there in no other form."""


def read_outlook(path: Path, name: str) -> OutlookMail:
    """Raises `CorruptFile`."""
    from oxmsg import Message

    codecs.register(codec_by_page)
    try:
        message = Message.load(str(path))
        with OutlookStrings(path, message.properties) as strings:
            return _read(message, strings)
    except outlook_errors() as error:
        raise CorruptFile(
            f"{name} is not a readable Outlook message ({type(error).__name__}: {str(error)[:200]}): save it again in "
            "Outlook.",
            name=name,
        ) from error


def _read(message: Any, strings: OutlookStrings) -> OutlookMail:
    from oxmsg.domain import constants as c

    told = message.properties
    attachments = tuple(
        each.file_name or each.properties.str_prop_value(c.PID_DISPLAY_NAME) or f"attachment-{number}"
        for number, each in enumerate(message.attachments, start=1)
    )
    kind = message.message_class
    html = told.binary_prop_value(c.PID_HTML)
    plain = strings.text(c.PID_BODY)
    markup = decode_html(html).text if html else strings.text(c.PID_BODY_HTML)
    rich = told.binary_prop_value(c.PID_RTF_COMPRESSED) or b""
    return OutlookMail(
        head=_head(message, strings),
        plain=decode(plain.encode("utf-8", errors="replace")).text,
        html=markup,
        attachments=attachments,
        encrypted=hides_text(attachments) or (kind.startswith(_ENCRYPTED_CLASSES) and _SIGNED not in kind),
        rich=b"" if plain.strip() or markup.strip() else rich,
    )


def _head(message: Any, strings: OutlookStrings) -> MailHead:
    """The transport's headers have the addresses; a draft has only what Outlook shows."""
    from oxmsg.domain import constants as c

    sent = HeaderParser().parsestr(strings.text(c.PID_TRANSPORT_MESSAGE_HEADERS))
    head = read_head(sent)
    moment = message.sent_date
    return MailHead(
        subject=" ".join((strings.text(c.PID_SUBJECT) or head.subject).split()),
        sender=head.sender or _sender(strings),
        to=head.to or _shown(strings, c.PID_DISPLAY_TO),
        cc=head.cc or _shown(strings, c.PID_DISPLAY_CC),
        bcc=addresses(sent, "bcc") or _shown(strings, c.PID_DISPLAY_BCC),
        date=head.date or (moment.isoformat() if moment else ""),
        told_date=head.told_date,
        message_id=head.message_id or strings.text(c.PID_INTERNET_MESSAGE_ID).strip("<> "),
    )


def _sender(strings: OutlookStrings) -> str:
    """Within an organization the address is its directory's, which says nothing to a reader:
    `/o=Example/ou=…/cn=Recipients/cn=…`."""
    from oxmsg.domain import constants as c

    name = strings.text(c.PID_SENDER_NAME).strip(" '")
    told = (strings.text(pid) for pid in (c.PID_SENDER_EMAIL_ADDRESS, c.PID_SENDER_SMTP_ADDRESS))
    address = next((each for each in told if each and not _DIRECTORY.match(each)), "")
    if not address:
        return name or strings.text(c.PID_SENT_REPRESENTING_NAME)
    return f"{name} <{address}>" if name and name != address else address


def _shown(strings: OutlookStrings, pid: int) -> tuple[str, ...]:
    return tuple(filter(None, (name.strip(" \x00") for name in strings.text(pid).split(";"))))
