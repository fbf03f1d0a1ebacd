"""What the head of a mail says: for the document's metadata and for its first block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from ingest.mail_headers import header_text, readable
from schemas.source import MetadataValue


@dataclass(frozen=True, slots=True)
class MailHead:
    """Addresses as `Name <address>`. `date`: ISO 8601, or "" where it cannot be read; `told_date`
    as it was written."""

    subject: str = ""
    sender: str = ""
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    date: str = ""
    told_date: str = ""
    message_id: str = ""

    def lines(self) -> str:
        """One line a header, so that a mail is found by whom it is from and to."""
        told = {
            "From": self.sender,
            "To": ", ".join(self.to),
            "Cc": ", ".join(self.cc),
            "Bcc": ", ".join(self.bcc),
            "Date": self.date.replace("T", " ") or self.told_date,
            "Subject": self.subject,
        }
        return "\n".join(f"{name}: {value}" for name, value in told.items() if value)

    def metadata(self, attachments: Sequence[str]) -> dict[str, MetadataValue]:
        told: dict[str, MetadataValue] = {
            "from": self.sender,
            "author": self.sender,
            "to": self.to,
            "cc": self.cc,
            "date": self.date,
            "created": self.date,
            "subject": self.subject,
            "message_id": self.message_id,
            "attachments": tuple(attachments),
        }
        return {name: value for name, value in told.items() if value}


def read_head(message: Message) -> MailHead:
    told = header_text(message, "date")
    return MailHead(
        subject=header_text(message, "subject"),
        sender=", ".join(addresses(message, "from") or addresses(message, "sender")),
        to=addresses(message, "to"),
        cc=addresses(message, "cc"),
        bcc=addresses(message, "bcc"),
        date=iso_date(told),
        told_date=told,
        message_id=header_text(message, "message-id").strip("<>"),
    )


def addresses(message: Message, name: str) -> tuple[str, ...]:
    return people([str(value) for key, value in message.raw_items() if key.lower() == name])


def people(raw: Sequence[str]) -> tuple[str, ...]:
    """Of the values of headers. Parted before names are decoded: a comma in a name parts nothing."""
    found = [(readable(person), readable(address)) for person, address in getaddresses(list(raw))]
    told = tuple(f"{person} <{address}>" if person else address for person, address in found if address)
    return told or tuple(filter(None, map(readable, raw)))


def iso_date(told: str) -> str:
    try:
        return parsedate_to_datetime(told).isoformat()
    except (ValueError, TypeError, OverflowError, IndexError):
        return ""
