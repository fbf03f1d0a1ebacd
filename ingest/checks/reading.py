"""A plain reading of an original, by other means than the parser of its format.

It looks for text and for nothing else: no order, no layout, no tables, no headings. That makes it worse than a parser
at everything but one thing, which is to notice what a parser has lost.

| format | what is read |
|---|---|
| PDF | the blocks of the text layer of pages that the parser read as digital or mixed, at most 40 spread evenly |
| Word, PowerPoint, ODF | the paragraphs of the XML: no headers, no remarks, nothing that a tracked change struck out |
| Excel | the texts of cells |
| EPUB, HTML | text between the borders of blocks, without scripts, styles, navigation and what is hidden |
| Markdown, text | between blank lines, where the encoding is beyond doubt |
| CSV, TSV | rows |
| notebooks | the sources of cells, between blank lines |
| mail | the body |
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ingest.checks import plain_html, plain_office, plain_text
from ingest.checks.paragraphs import ParagraphsFound, paragraphs_found
from ingest.checks.plain_pdf import pdf_paragraphs
from schemas.document import Document, PageMethod

MOST_BYTES = 30_000_000
"""Of an original that is read at all: a report does not wait for more."""
_PDF = "application/pdf"
_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
_READINGS: Mapping[str, Callable[[bytes], Iterator[str]]] = {
    _OOXML + "wordprocessingml.document": plain_office.word_paragraphs,
    _OOXML + "presentationml.presentation": plain_office.slide_paragraphs,
    _OOXML + "spreadsheetml.sheet": plain_office.sheet_paragraphs,
    _ODF + "text": plain_office.open_document_paragraphs,
    _ODF + "spreadsheet": plain_office.open_document_paragraphs,
    _ODF + "presentation": plain_office.open_document_paragraphs,
    "application/epub+zip": plain_office.book_paragraphs,
    "text/html": plain_html.html_paragraphs,
    "application/xhtml+xml": plain_html.html_paragraphs,
    "text/markdown": plain_text.markdown_paragraphs,
    "text/plain": plain_text.text_paragraphs,
    "text/x-rst": plain_text.restructured_paragraphs,
    "text/asciidoc": plain_text.text_paragraphs,
    "text/org": plain_text.text_paragraphs,
    "application/x-tex": plain_text.text_paragraphs,
    "text/csv": plain_text.row_paragraphs,
    "text/tab-separated-values": plain_text.row_paragraphs,
    "application/x-ipynb+json": plain_text.notebook_paragraphs,
    "message/rfc822": plain_text.mail_paragraphs,
}


_UNREADABLE = (ValueError, KeyError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""Decoding, syntax, members that a package names and lacks or that are damaged or encrypted, and what is nested too
deep: the parser had its own way around it, and a report is made all the same."""


class NotCompared(StrEnum):
    """Why a document was not compared; see `ParagraphCompleteness`."""

    ORIGINAL = "original"
    FORMAT = "format"
    OCR = "ocr"
    SIZE = "size"
    UNREADABLE = "unreadable"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Compared:
    """One document held against a plain reading: `found`, or why there is none."""

    found: ParagraphsFound | None = None
    because: NotCompared | None = None


def is_read(media_type: str) -> bool:
    return media_type == _PDF or media_type in _READINGS


def compared(original: Path | None, media_type: str, document: Document) -> Compared:
    """`original`: the file; None where it is not kept."""
    if not is_read(media_type):
        return Compared(because=NotCompared.FORMAT)
    pages = [page.number for page in document.pages if page.method in {PageMethod.DIGITAL, PageMethod.MIXED}]
    if media_type == _PDF and not pages:
        return Compared(because=NotCompared.OCR)
    if original is None:
        return Compared(because=NotCompared.ORIGINAL)
    if original.stat().st_size > MOST_BYTES:
        return Compared(because=NotCompared.SIZE)
    content = original.read_bytes()
    paragraphs = pdf_paragraphs(content, pages) if media_type == _PDF else _READINGS[media_type](content)
    try:
        found = paragraphs_found(paragraphs, document)
    except _UNREADABLE:
        return Compared(because=NotCompared.UNREADABLE)
    return Compared(found=found) if found.paragraphs else Compared(because=NotCompared.EMPTY)
