"""Messages of Outlook (.msg), read with oxmsg: the library under unstructured's own reader."""

from __future__ import annotations

from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from ingest.mail_parts import hides_text, outlook_errors
from ingest.parsers.decoding import decode
from ingest.parsers.mail.headers import MailHead, addresses, people, read_head
from ingest.parsers.office.html import decode_html
from schemas.errors import CorruptFile

_ENCRYPTED_CLASSES = ("IPM.Note.SMIME", "IPM.Note.Secure")
_SIGNED = "MultipartSigned"


@dataclass(frozen=True, slots=True)
class OutlookMail:
    head: MailHead
    plain: str
    html: str
    attachments: tuple[str, ...]
    encrypted: bool
    rich_text_only: bool
    """The text is there only as compressed RTF, which is not read."""


def read_outlook(path: Path, name: str) -> OutlookMail:
    """Raises `CorruptFile`."""
    from oxmsg import Message

    try:
        return _read(Message.load(str(path)))
    except outlook_errors() as error:
        raise CorruptFile(
            f"{name} is not a readable Outlook message ({type(error).__name__}: {str(error)[:200]}): save it again in "
            "Outlook.",
            name=name,
        ) from error


def _read(message: Any) -> OutlookMail:
    from oxmsg.domain import constants as c

    told = message.properties
    attachments = tuple(
        each.file_name or each.properties.str_prop_value(c.PID_DISPLAY_NAME) or f"attachment-{number}"
        for number, each in enumerate(message.attachments, start=1)
    )
    kind = message.message_class
    html = told.binary_prop_value(c.PID_HTML)
    plain = told.str_prop_value(c.PID_BODY) or ""
    markup = decode_html(html).text if html else told.str_prop_value(c.PID_BODY_HTML) or ""
    return OutlookMail(
        head=_head(message, told),
        plain=decode(plain.encode("utf-8", errors="replace")).text,
        html=markup,
        attachments=attachments,
        encrypted=hides_text(attachments) or (kind.startswith(_ENCRYPTED_CLASSES) and _SIGNED not in kind),
        rich_text_only=not plain.strip() and not markup.strip() and bool(told.binary_prop_value(c.PID_RTF_COMPRESSED)),
    )


def _head(message: Any, told: Any) -> MailHead:
    """The transport's headers have the addresses; a draft has only what Outlook shows."""
    from oxmsg.domain import constants as c

    sent = HeaderParser().parsestr(told.str_prop_value(c.PID_TRANSPORT_MESSAGE_HEADERS) or "")
    head = read_head(sent)
    moment = message.sent_date
    return MailHead(
        subject=" ".join((message.subject or head.subject).split()),
        sender=head.sender or ", ".join(people([message.sender or ""])),
        to=head.to or _shown(told, c.PID_DISPLAY_TO),
        cc=head.cc or _shown(told, c.PID_DISPLAY_CC),
        bcc=addresses(sent, "bcc") or _shown(told, c.PID_DISPLAY_BCC),
        date=head.date or (moment.isoformat() if moment else ""),
        told_date=head.told_date,
        message_id=head.message_id or (told.str_prop_value(c.PID_INTERNET_MESSAGE_ID) or "").strip("<> "),
    )


def _shown(told: Any, pid: int) -> tuple[str, ...]:
    return tuple(filter(None, (name.strip(" \x00") for name in (told.str_prop_value(pid) or "").split(";"))))
