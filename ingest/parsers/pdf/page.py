"""What is read from one page of a PDF, before pages are put together.

Boxes are PDF points with the origin at the top left of the page as it is read: a page whose text
stands on its side is turned for that, and `shown` turns its boxes back.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from ingest.parsers.pdf.pose import Pose
from schemas.base import BBox
from schemas.document import PageMethod
from schemas.errors import InputError

if TYPE_CHECKING:
    import pymupdf


class Role(StrEnum):
    """What the layout model calls a box."""

    TEXT = "text"
    TITLE = "title"
    HEADING = "section-header"
    LIST_ITEM = "list-item"
    TABLE = "table"
    PICTURE = "picture"
    FORMULA = "formula"
    CAPTION = "caption"
    FOOTNOTE = "footnote"
    HEADER = "page-header"
    FOOTER = "page-footer"
    WATERMARK = "watermark"
    COMMENT = "comment"
    """No box of the model's: what a reviewer wrote."""
    CONTENTS = "contents"
    """No box of the model's: entries of a table of contents or of an index, a line each."""


FURNITURE_ROLES = frozenset({Role.HEADER, Role.FOOTER, Role.WATERMARK})


SAME_SIZE = 0.6
"""Points by which type of one size may differ."""


@dataclass(frozen=True, slots=True)
class Look:
    """What tells one kind of type from another. `size` in points, `color` sRGB."""

    size: float
    bold: bool
    italic: bool
    mono: bool
    color: int

    def is_type_of(self, other: Look) -> bool:
        """The same but for emphasis, which a line within a paragraph may have as a whole."""
        return abs(self.size - other.size) <= SAME_SIZE


NO_LOOK = Look(0.0, False, False, False, 0)


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line within a box. `size` is the largest type size in it, in points.

    `pitch` is the mean width of a character; `spaced` keeps runs of spaces, for code.
    `confidence` is set for what OCR has read. `color` is that of its longest word, sRGB.
    `sentences`: where sentences begin within it, in characters of `text` and as x, in points.
    """

    text: str
    spaced: str
    bbox: BBox
    size: float
    bold: bool
    mono: bool
    confidence: float | None = None
    italic: bool = False
    color: int = 0
    sentences: tuple[tuple[int, float], ...] = ()

    @property
    def look(self) -> Look:
        return Look(round(self.size * 2) / 2, self.bold, self.italic, self.mono, self.color)

    @property
    def pitch(self) -> float:
        return max((self.bbox[2] - self.bbox[0]) / max(len(self.spaced), 1), 0.5)


@dataclass(frozen=True, slots=True)
class GridCell:
    row: int
    col: int
    text: str
    bold: bool
    lines: tuple[Line, ...]
    col_span: int = 1
    row_span: int = 1


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as found on one page. `columns` are the x of the column borders, n_cols + 1 of
    them; `extents` are from where to where the text of each column reaches."""

    n_rows: int
    n_cols: int
    cells: tuple[GridCell, ...]
    columns: tuple[float, ...]
    extents: tuple[tuple[float, float], ...]
    header_rows: int = 0


@dataclass(frozen=True, slots=True)
class PageItem:
    """A box of the page with its lines, or with its grid. `bbox` holds its text tightly.
    `confidence` is of a grid that OCR has read: lines have their own."""

    role: Role
    page: int
    bbox: BBox
    lines: tuple[Line, ...] = ()
    grid: Grid | None = None
    vertical: bool = False
    """Lines run from top to bottom (Chinese, Japanese), or stand on their side."""
    confidence: float | None = None
    framed: bool = False
    """A picture that was read: `bbox` is the picture's, whatever of it its lines fill."""


@dataclass(frozen=True, slots=True)
class PageContent:
    """Items in reading order: headers first, footers last. `turned` is by how many degrees
    clockwise the page was turned, beyond its own rotation, so that its text stands upright, and
    `skew` (radians) by how much the sheet lay askew on the glass; width and height are of the
    page as it is shown. `error` is why OCR failed; `unread` and `advice` are as OCR told them
    (`ReadImage`), `confidence` is the mean over the characters that it read, and `doubtful` counts
    the lines among them that it marked so. `picture_errors` are sentences about pictures on a
    digital page that were not read, `pictures_left_out` counts those above the limit."""

    number: int
    width: float
    height: float
    rotation: int
    method: PageMethod
    reason: str
    items: tuple[PageItem, ...] = ()
    turned: int = 0
    skew: float = 0.0
    error: InputError | None = None
    unread: int = 0
    advice: str = ""
    confidence: float | None = None
    doubtful: int = 0
    picture_errors: tuple[str, ...] = ()
    pictures_left_out: int = 0

    @property
    def pose(self) -> Pose:
        return Pose(self.width, self.height, self.turned, self.skew)

    @property
    def read_height(self) -> float:
        return self.pose.read_size[1]

    def shown(self, box: BBox) -> BBox:
        """A box of the page as it was read, on the page as it is shown, cut at its edges."""
        x0, y0, x1, y1 = self.pose.shown_box(box)
        across = sorted((_within(x0, self.width), _within(x1, self.width)))
        down = sorted((_within(y0, self.height), _within(y1, self.height)))
        return (across[0], down[0], across[1], down[1])


def _within(value: float, limit: float) -> float:
    return round(min(max(value, 0.0), limit), 2)


class PageReader(Protocol):
    """Reads one page. Which reader takes a page is the parser's choice, page by page."""

    def read(self, page: pymupdf.Page, number: int) -> PageContent: ...
