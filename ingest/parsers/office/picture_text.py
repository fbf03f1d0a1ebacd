"""Text in pictures: what OCR reads becomes the text of the figures that they are.

All pictures of a document go to OCR together, each content once. Vector graphics (WMF, EMF, SVG)
are not drawn, so nothing is read in them.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingest.page_images import PageImage, PageImageReader
from ingest.parsers.base import ParseInput, ReadOptions, Tools
from ingest.parsers.image_files import decoding, open_image, read_frame
from ingest.parsers.office.drafts import Draft
from ingest.parsers.pdf.confidence import mean_confidence
from ingest.parsers.pdf.drafts import drafts_of, profile_of
from ingest.parsers.pdf.page import PageContent
from ingest.parsers.pdf.pipeline import PageOrScan, read_in_order
from ingest.parsers.pdf.scan import Scan
from ingest.parsers.pdf.sizes import even_sizes
from schemas.errors import InputError, NoText
from schemas.source import Route

MOST_PICTURES = 500
"""Different ones of a document that are read."""
LEAST_SIDE = 16
"""Pixels of the shorter side: no line of type is lower."""
LEAST_PIXELS = 64 * 64
"""In all; icons and rules have no more."""

_MOST_TOLD = 5
"""Pictures of one document that are complained of one by one."""
_EMF = (b"\x01\x00\x00\x00", b" EMF")
_WMF = (b"\xd7\xcd\xc6\x9a", b"\x01\x00\x09\x00", b"\x02\x00\x09\x00", b"VCLMTF", b"\x1f\x8b")
"""With and without a header, LibreOffice's own, and packed ones."""


@dataclass(frozen=True, slots=True)
class FilledDrafts:
    """`warnings` are sentences about pictures that could not be read, or not well."""

    drafts: tuple[Draft, ...]
    warnings: tuple[str, ...] = ()


def read_pictures(drafts: Sequence[Draft], name: str, tools: Tools) -> FilledDrafts:
    """The drafts with what is written in their pictures, behind what those are described as.

    A picture that cannot be read is a warning. Where no draft has any text in the end, raises what
    OCR failed of, else `NoText`; a file without pictures is left to the builder.
    """
    filled = FilledDrafts(tuple(drafts))
    if not any(draft.picture for draft in drafts):
        return filled
    if tools.ocr is None or not tools.options.pictures:
        if all(draft.is_empty for draft in drafts):
            off, key = ("OCR is", "ocr.engine") if tools.ocr is None else ("reading pictures is", "parse.pictures")
            raise NoText(
                f"{name} holds pictures and no text, and {off} off: set {key}, or add a copy with text.", name=name
            )
        return filled
    pictures = _Pictures(drafts, name, tools.options)
    with tempfile.TemporaryDirectory(prefix="docstrata-picture-") as folder:
        filled = pictures.filled(Path(folder) / "picture", tools.ocr)
    if all(draft.is_empty for draft in filled.drafts):
        raise pictures.without_text()
    return filled


@dataclass(frozen=True, slots=True)
class _Written:
    text: str
    confidence: float | None


@dataclass(slots=True)
class _Pictures:
    """Those of one document, numbered from 1 in their order."""

    drafts: Sequence[Draft]
    name: str
    options: ReadOptions
    _digests: dict[int, bytes] = field(default_factory=dict)
    _sent: list[tuple[int, bytes]] = field(default_factory=list)
    _written: dict[bytes, _Written] = field(default_factory=dict)
    _errors: list[InputError] = field(default_factory=list)
    _complaints: list[str] = field(default_factory=list)
    _advice: str = ""
    _vectors: int = 0
    _left_out: int = 0

    def filled(self, path: Path, ocr: PageImageReader) -> FilledDrafts:
        """`path` is free to be written to."""
        for page in read_in_order(self._images(path), ocr, threads=1):
            number, digest = self._sent[page.number - 1]
            self._take(page, number, digest)
        drafts = tuple(self._with_text(index, draft) for index, draft in enumerate(self.drafts))
        return FilledDrafts(drafts, tuple(self._warnings()))

    def without_text(self) -> InputError:
        """What to say of a document in which no text was found."""
        if self._errors:
            return self._errors[0]
        advice = self._advice or "leave it out, or put the text back."
        return NoText(f"{self.name} holds pictures in which no text was found: {advice}", name=self.name)

    def _images(self, path: Path) -> Iterator[PageOrScan]:
        seen: set[bytes] = set()
        for number, (index, draft) in enumerate(
            ((index, draft) for index, draft in enumerate(self.drafts) if draft.picture), start=1
        ):
            content = draft.picture.content() if draft.picture else b""
            digest = hashlib.sha256(content).digest()
            self._digests[index] = digest
            if digest in seen:
                continue
            seen.add(digest)
            scan = self._decoded(content, path, number)
            if scan is not None:
                self._sent.append((number, digest))
                yield scan

    def _decoded(self, content: bytes, path: Path, number: int) -> PageOrScan | None:
        """None for what is not to be read; what cannot be is complained of."""
        if _is_svg(content):
            return None
        if _is_metafile(content):
            self._vectors += 1
            return None
        path.write_bytes(content)
        name = self._called(number)
        try:
            return self._opened(ParseInput(path, name, "", Route.IMAGE, len(content)))
        except InputError as error:
            self._errors.append(error)
            self._complaints.append(error.message)
            return None

    def _opened(self, source: ParseInput) -> tuple[Scan, PageImage] | None:
        with open_image(source, self.options) as image:
            if min(image.size) < LEAST_SIDE or image.width * image.height <= LEAST_PIXELS:
                return None
            if len(self._sent) >= MOST_PICTURES:
                self._left_out += 1
                return None
            with decoding(source.name):
                frame = read_frame(image, 0, self.options)
        # Without a preview no layout model is asked: lines are all that is wanted.
        scan = Scan(len(self._sent) + 1, frame.width, frame.height, 0, "picture", 72.0 / frame.image.dpi, preview=None)
        return scan, frame.image

    def _take(self, page: PageContent, number: int, digest: bytes) -> None:
        if page.error is not None:
            self._errors.append(page.error)
            self._complaints.append(f"{self._called(number)} was not read: {page.error.message}")
            return
        # It is the same for all but for its counts.
        self._advice = self._advice or page.advice
        (even,) = even_sizes([page])
        parts = [part for part in drafts_of(even, profile_of([even])) if part.text]
        if parts:
            sure = mean_confidence((part.confidence, len(part.text)) for part in parts)
            self._written[digest] = _Written("\n".join(part.text for part in parts), sure)

    def _with_text(self, index: int, draft: Draft) -> Draft:
        written = self._written.get(self._digests.get(index, b""))
        if written is None:
            return draft
        return replace(draft, text=f"{draft.text}\n{written.text}".strip(), confidence=written.confidence)

    def _called(self, number: int) -> str:
        return f"Picture {number} of {self.name}"

    def _warnings(self) -> Iterator[str]:
        yield from self._complaints[:_MOST_TOLD]
        more = len(self._complaints) - _MOST_TOLD
        if more > 0:
            yield f"{more} more of the pictures could not be read either."
        if self._vectors:
            yield (
                f"{self._vectors} of the pictures are vector graphics (WMF, EMF) that cannot be read: "
                "put them in as PNG where they hold text."
            )
        if self._left_out:
            yield (
                f"Only the first {MOST_PICTURES} pictures were read, {self._left_out} were not: split the document "
                "if they hold text."
            )
        if self._advice:
            yield self._advice


def _is_metafile(content: bytes) -> bool:
    return content.startswith(_WMF) or (content.startswith(_EMF[0]) and content[40:44] == _EMF[1])


def _is_svg(content: bytes) -> bool:
    """Markup of any kind: no picture that is read begins with it."""
    return content[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
