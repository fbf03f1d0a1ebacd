"""What a parser is."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from ingest.page_images import PageImageReader
from schemas.document import Document
from schemas.source import Route

TrackedChanges = Literal["final", "original", "all"]
"""Which text of a reviewed document is read: as if all changes were accepted, as if all were
rejected, or with what was deleted, marked as such."""


@dataclass(frozen=True, slots=True)
class ParseInput:
    """A file to read. `path` is local; `name` is the name it had at its source."""

    path: Path
    name: str
    media_type: str
    route: Route
    size: int


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What every parser gets. `passwords` are tried on encrypted files, in their order.

    `max_pages`: pages, slides or sheets. `max_pixels`: of one image, or of one page that is
    rendered; told before anything is decoded. `dpi`: of pages that are rendered for OCR.
    `convert_timeout_s`: seconds that a converter (LibreOffice, pandoc) may take.
    `pictures`: whether pictures within PDF, Office, EPUB and HTML files are read by OCR. `html_main`: whether
    what stands around the article of an HTML page becomes furniture. `comments`: of reviewers, and
    on cells. `speaker_notes`: of slides. `layout_doubt`: the share of a PDF page's text that may be in
    doubt before the layout model is asked.
    """

    max_pages: int = 5_000
    max_pixels: int = 100_000_000
    dpi: int = 200
    convert_timeout_s: float = 120.0
    passwords: tuple[str, ...] = field(default=(), repr=False)
    pictures: bool = True
    html_main: bool = True
    comments: bool = False
    tracked_changes: TrackedChanges = "final"
    speaker_notes: bool = True
    layout_doubt: float = 0.2


class Parser(Protocol):
    """Reads one kind of file. Stateless but for models it keeps warm.

    Raises `InputError` for what is wrong with the file, with a sentence that says what to do;
    anything else it raises is our defect and is told as `ParserCrashed`.
    """

    name: str

    @property
    def version(self) -> str:
        """Of our code and of the library under it: part of the recipe."""
        ...

    def parse(self, source: ParseInput) -> Document: ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What a parser is built from. `ocr` is None where images of text are not read."""

    options: ReadOptions = ReadOptions()
    ocr: PageImageReader | None = None
