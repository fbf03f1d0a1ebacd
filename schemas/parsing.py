"""What a report says of the parse: how files were read, and how much of them arrived.

Everything but `ParsingCounts.paragraphs` is counted over the live documents whose parse is in the store. The
paragraphs are those of a plain reading of the original, made by other means than the parser of its format.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from schemas.base import Record
from schemas.source import Route

OF_ONE_FORMAT = 250
"""Documents of one media type that are held against their originals at most."""
WORST = 50
"""Documents that a list of the worst holds at most."""
FEWEST_OF_FORMAT = 100
"""Paragraphs of a media type with which its share says something."""
EXAMPLES = 3
"""Missing paragraphs that are shown of a document."""
EXAMPLE_CHARACTERS = 200
"""Of a missing paragraph."""


class ParseOutcome(StrEnum):
    """`whole`: a live document, all of whose pages were read. `partly`: one with pages that could not be.
    `stale`: its newer version could not be read. `quarantined`: a file or member that is nothing but a failure."""

    WHOLE = "whole"
    PARTLY = "partly"
    STALE = "stale"
    QUARANTINED = "quarantined"


class FormatLine(Record):
    """So many documents, or files in quarantine, of one media type, read by one route, with one outcome.

    The media type is that of the content. Of a file in quarantine it is not kept: there it is empty, and the
    route is what its name says.
    """

    media_type: str
    route: Route
    outcome: ParseOutcome
    documents: int


class ConfidenceBin(Record):
    """Pages whose confidence is at least `first` and below `last` (at most, where `last` is 1)."""

    first: float
    last: float
    pages: int


class OcrCounts(Record):
    """What OCR says of itself; each confidence is rounded to thousandths. `pages`: with a `Page.confidence`;
    `pages_mean`: the mean of those. `characters`: of blocks with a `Block.confidence`, white space left out;
    `characters_mean`: the mean over these. `bins`: twentieths from 0 to 1, all of them. `doubtful_lines`: the sum
    of `Page.doubtful`; `doubtful_pages`: pages with some. Means of nothing are None.
    """

    pages: int
    pages_mean: float | None
    characters: int
    characters_mean: float | None
    bins: tuple[ConfidenceBin, ...]
    doubtful_lines: int
    doubtful_pages: int


class ParsedTables(Record):
    """Table blocks with a grid. `over_pages`: those with regions on two pages or more: joined from several.
    `with_header`: those with a header row or more; `rows`, `cells`: of all."""

    total: int
    over_pages: int
    with_header: int
    rows: int
    cells: int


class FailureKind(Record):
    """Everything in quarantine with one code, files and members; `sentence` says what to do."""

    code: str
    files: int
    sentence: str


class FormatParagraphs(Record):
    """Of the documents of one media type that were compared."""

    media_type: str
    documents: int
    paragraphs: int
    found: int


class ParagraphLoss(Record):
    """A document that lacks paragraphs of its original. `examples`: the first that are missing, cut to
    `EXAMPLE_CHARACTERS`."""

    source: str
    path: str
    media_type: str
    paragraphs: int
    found: int
    examples: tuple[str, ...]


class ParagraphCompleteness(Record):
    """Whether the paragraphs that a plain reading of the original finds stand in the parsed document.

    Documents: the live ones, each content once (`DocumentCounts.copies` are left out), whose parse is in the store.
    `documents`: how many those are; `sampled`: how many were looked at: of each media type `OF_ONE_FORMAT` at most,
    those with the least SHA-256 of the original; `compared`: of these, how many could be. `not_compared`: the others
    of those looked at, by the reason: "original" (it is not kept), "format" (there is no plain reading of it), "ocr"
    (no page has a text layer), "size" (larger than the bound of a report), "unreadable", "empty" (no paragraph is
    long enough).

    `paragraphs`: of the plain readings, each different one of a document once, of 20 letters and digits or more (a
    Han character, a kana or a Hangul syllable weighs as two); at most the first 2,000 of a document. `found`: those
    that stand in the text of the document's blocks, furniture included, its title or its metadata, or nine tenths
    of whose shingles do. What is compared are letters and digits alone, after NFKC and without case; a shingle is 8
    of them, each next one 4 further on, within lines of 8 or more where the paragraph has such.
    `ingest.checks.reading` says how each format is read.

    `worst`: the documents with the most missing, at most `WORST` of `documents_with_loss`.
    """

    documents: int
    sampled: int
    compared: int
    not_compared: dict[str, int]
    paragraphs: int
    found: int
    by_format: tuple[FormatParagraphs, ...]
    documents_with_loss: int
    worst: tuple[ParagraphLoss, ...]


class ParsingCounts(Record):
    """`formats`: by media type, route and outcome, in that order. `headings`: heading blocks by level, titles as 0.
    `failures`: by code. `paragraphs`: None where they were not looked at."""

    formats: tuple[FormatLine, ...] = ()
    ocr: OcrCounts
    headings: dict[int, int] = Field(default_factory=dict)
    tables: ParsedTables
    failures: tuple[FailureKind, ...] = ()
    paragraphs: ParagraphCompleteness | None = None
