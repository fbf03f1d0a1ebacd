"""The pictures of a document that are read: which ones, each content once, and no more than so many."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ingest.page_images import PageImage
from ingest.parsers.base import ReadOptions
from ingest.parsers.pdf.page import PageContent
from ingest.parsers.pdf.picture_places import Place, has_pictures, picture_places
from ingest.parsers.pdf.picture_text import Picture, PicturedPage
from ingest.parsers.pdf.pipeline import Piece
from ingest.parsers.pdf.render import POINTS_PER_INCH, check_decoded, dpi_within, page_image
from ingest.parsers.pdf.scan import Scan
from ingest.parsers.pdf.triage import OcrNeed, ocr_need
from schemas.base import BBox
from schemas.document import PageMethod
from schemas.errors import InputError

if TYPE_CHECKING:
    import pymupdf

MOST_PICTURES = 500
"""Different ones of a document that are read."""
FURNITURE_PAGES = 3
"""Pages with one picture at the same place from which on it is a letterhead, and not read."""
_STEP = 3.0
"""Points within which a picture stands at the same place."""
PAGES_KEPT = 25
"""After so many pages MuPDF's cache of fonts and images is emptied."""


class PictureSurvey:
    """Looks through the document once, before its pages are read: whether a picture repeats is not
    to be seen from one page. Pages without pictures are not interpreted for it."""

    def __init__(self, document: pymupdf.Document, options: ReadOptions) -> None:
        self._document = document
        self._options = options
        self._needs: dict[int, OcrNeed | None] = {}
        self._places: dict[int, tuple[Place, ...]] = {}
        self._errors: dict[int, str] = {}
        self._seen: set[bytes] = set()
        if options.pictures:
            self._look_through()

    def need(self, page: pymupdf.Page, index: int) -> OcrNeed | None:
        """As `ocr_need`, which is not asked twice of a page."""
        return self._needs.pop(index) if index in self._needs else ocr_need(page)

    def pieces(self, content: PageContent) -> Iterator[Piece]:
        """The page, behind its pictures, which are rendered as they are asked for."""
        index = content.number - 1
        places = self._places.pop(index, ()) if content.method is PageMethod.DIGITAL else ()
        error = self._errors.pop(index, None)
        if not places and error is None:
            yield content
            return
        # For all of the page's pictures its content is interpreted once.
        drawn = self._document.load_page(index).get_displaylist() if places else None
        errors, left_out = [error] if error else [], 0
        for place in places:
            if len(self._seen) >= MOST_PICTURES:
                left_out += 1
                continue
            picture = self._rendered(drawn, content, place)
            if isinstance(picture, str):
                errors.append(picture)
            elif picture is not None:
                yield picture
        yield PicturedPage(content, tuple(errors), left_out)

    def _rendered(
        self, drawn: pymupdf.DisplayList, content: PageContent, place: Place
    ) -> tuple[Picture, PageImage] | str | None:
        """None for what was seen before and for a single colour; a sentence for what cannot be rendered."""
        x0, y0, x1, y1 = box = content.pose.read_box(place.bbox)
        dpi = dpi_within(x1 - x0, y1 - y0, self._options)
        try:
            image = page_image(drawn, dpi, box)
        # MuPDF raises anything over hostile input: it costs this picture, and the warning tells.
        except Exception as error:  # noqa: BLE001
            return f"A picture on page {content.number} could not be rendered: {type(error).__name__}: {error}"[:300]
        digest = hashlib.sha256(image.pixels).digest()
        if digest in self._seen or _is_plain(image):
            return None
        self._seen.add(digest)
        scan = Scan(content.number, x1 - x0, y1 - y0, 0, "picture", POINTS_PER_INCH / dpi, preview=None)
        return Picture(scan, box), image

    def _look_through(self) -> None:
        import pymupdf

        for index in range(self._document.page_count):
            try:
                self._look_at(index)
            except InputError as error:
                self._errors[index] = error.message
            # The page itself may be read all the same.
            except Exception as error:  # noqa: BLE001
                reason = f"{type(error).__name__}: {error}"
                self._errors[index] = f"The pictures on page {index + 1} could not be looked at: {reason}"[:300]
            if (index + 1) % PAGES_KEPT == 0:
                pymupdf.TOOLS.store_shrink(100)
        self._leave_out_furniture()

    def _look_at(self, index: int) -> None:
        page = self._document.load_page(index)
        if not has_pictures(page):
            return
        need = ocr_need(page)
        self._needs[index] = need
        places = picture_places(page) if need is None else ()
        if places:
            check_decoded(page, index + 1, self._options)
            self._places[index] = places

    def _leave_out_furniture(self) -> None:
        at_place: defaultdict[tuple[int, ...], list[tuple[int, Place]]] = defaultdict(list)
        for index, places in self._places.items():
            for place in places:
                at_place[tuple(round(value / _STEP) for value in (*place.bbox, *place.pixels))].append((index, place))
        for found in at_place.values():
            if len(found) >= FURNITURE_PAGES:
                for index, place in self._repeated(found):
                    self._places[index] = tuple(other for other in self._places[index] if other is not place)

    def _repeated(self, found: Sequence[tuple[int, Place]]) -> Iterator[tuple[int, Place]]:
        """Those that look the same on enough pages: screenshots on slides share a place too."""
        alike: defaultdict[bytes, list[tuple[int, Place]]] = defaultdict(list)
        for index, place in found:
            alike[self._look(index, place.bbox)].append((index, place))
        for same in alike.values():
            if len({index for index, _ in same}) >= FURNITURE_PAGES:
                yield from same

    def _look(self, index: int, box: BBox) -> bytes:
        return hashlib.sha256(page_image(self._document.load_page(index), POINTS_PER_INCH, box).pixels).digest()


def _is_plain(image: PageImage) -> bool:
    return image.pixels == image.pixels[:3] * (image.width * image.height)
