"""The text of a mail as drafts of blocks: the richer version, as far as it loses nothing."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from email.message import Message

from ingest.parsers.decoding import decode
from ingest.parsers.office.drafts import Draft
from ingest.parsers.office.html import decode_html
from ingest.parsers.office.html_read import read_html
from ingest.parsers.text import text_blocks
from schemas.document import BlockKind
from schemas.errors import CorruptFile

_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "ks_c_5601-1987": "cp949", "euc-kr": "cp949",
          "shift_jis": "cp932", "iso-8859-1": "cp1252"}  # fmt: skip
_SINGLE_BYTE = re.compile(r"us-ascii|ascii|iso-?8859|latin|windows-125|cp125|koi8", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]{2,}|[\u3400-\u9fff\uac00-\ud7a3]")
_ADDRESS = re.compile(r"(?:https?://|mailto:|www\.)[^\s<>]+", re.IGNORECASE)
_QUOTED = re.compile(r"[ \t]*>")
_HOLDS = 0.9
"""Share of the words of the plain version that the HTML has to hold, to be as good."""


@dataclass(slots=True)
class BodyReader:
    """Of one mail. `warnings` are sentences."""

    name: str
    warnings: list[str] = field(default_factory=list)

    def read(self, bodies: Iterable[Sequence[Message]]) -> list[Draft]:
        """Each entry holds the versions of one piece of text."""
        drafts: list[Draft] = []
        for versions in bodies:
            plain = [self._text(part) for part in versions if part.get_content_type() == "text/plain"]
            html = [self._markup(part) for part in versions if part.get_content_type() == "text/html"]
            drafts += self.best("\n\n".join(filter(None, plain)), "\n".join(filter(None, html)))
        return drafts

    def best(self, plain: str, html: str) -> list[Draft]:
        """Tables and lists stand only in the HTML; some programs put all there, some next to nothing."""
        rich = list(read_html(html, self.name).drafts) if html.strip() else []
        simple = plain_drafts(plain)
        if not rich or not simple:
            return rich or simple
        in_html, in_plain = _words(rich), _words(simple)
        if len(in_html & in_plain) >= _HOLDS * len(in_plain) or len(in_html) > len(in_plain):
            return rich
        self.warnings.append("The HTML of the mail says less than its plain text, which was read.")
        return simple

    def _text(self, part: Message) -> str:
        try:
            return _decoded(part)
        except CorruptFile as error:
            self.warnings.append(f"A part of the text cannot be read: it {error.message}.")
            return ""

    def _markup(self, part: Message) -> str:
        if part.get_content_charset():
            return self._text(part)
        try:
            return decode_html(_bytes(part)).text
        except CorruptFile as error:
            self.warnings.append(f"A part of the text cannot be read: it {error.message}.")
            return ""


def plain_drafts(text: str) -> list[Draft]:
    """Paragraphs; what is quoted from an earlier mail is a quote."""
    drafts = []
    for block in text_blocks(text, restructured=False):
        piece = text[block.start : block.end]
        lines = piece.split("\n")
        kind = BlockKind.QUOTE if all(map(_QUOTED.match, lines)) else block.kind
        drafts.append(Draft(kind, piece, level=block.level or 0))
    return drafts


def _words(drafts: Iterable[Draft]) -> set[str]:
    texts = (text for draft in drafts for text in (draft.text, *(cell.text for cell in draft.cells)))
    # Where a link leads stands in the text of the plain version alone.
    return {word.lower() for text in texts for word in _WORD.findall(_ADDRESS.sub(" ", text))}


def _bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _decoded(part: Message) -> str:
    """By the charset that the part names, unless its bytes show that it lies."""
    data = _bytes(part)
    charset = (part.get_content_charset() or "").lower()
    if charset and not (_SINGLE_BYTE.match(charset) and _is_utf8(data)):
        # With an unknown charset, or another one than told, the bytes are judged as they are.
        with contextlib.suppress(LookupError, UnicodeError):
            data = data.decode(_WIDER.get(charset, charset)).encode("utf-8", errors="replace")
    return decode(data).text


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
