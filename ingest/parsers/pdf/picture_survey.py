"""The pictures of a document that are read: which ones, each content once, and no more than so many."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ingest.page_images import PageImage
from ingest.parsers.base import ReadOptions
from ingest.parsers.pdf.levelling import remove_rotation
from ingest.parsers.pdf.page import PageContent
from ingest.parsers.pdf.picture_look import Look
from ingest.parsers.pdf.picture_places import Place
from ingest.parsers.pdf.picture_text import Picture, PicturedPage
from ingest.parsers.pdf.pipeline import Piece
from ingest.parsers.pdf.render import POINTS_PER_INCH, dpi_within, page_image
from ingest.parsers.pdf.scan import Scan
from schemas.base import BBox
from schemas.document import PageMethod

if TYPE_CHECKING:
    import pymupdf

MOST_PICTURES = 500
"""Different ones of a document that are read."""
FURNITURE_PAGES = 3
"""Pages with one picture at the same place from which on it is a letterhead, and not read."""
_STEP = 3.0
"""Points within which a picture stands at the same place."""


class PictureSurvey:
    """Made of a look at every page, before any is read: whether a picture repeats is not to be seen
    from one page."""

    def __init__(self, document: pymupdf.Document, options: ReadOptions, looks: Iterable[Look]) -> None:
        """`looks`: one at every page. Pages of `document` are not turned when they are read."""
        self._document = document
        self._options = options
        self._places: dict[int, tuple[Place, ...]] = {}
        self._errors: dict[int, str] = {}
        self._seen: set[bytes] = set()
        for look in looks if options.pictures else ():
            self._take(look)
        self._leave_out_furniture()

    def pieces(self, content: PageContent) -> Iterator[Piece]:
        """The page, behind its pictures, which are rendered as they are asked for."""
        index = content.number - 1
        from_layer = content.method in {PageMethod.DIGITAL, PageMethod.MIXED}
        places = self._places.pop(index, ()) if from_layer else ()
        error = self._errors.pop(index, None)
        if not places and error is None:
            yield content
            return
        # For all of the page's pictures its content is interpreted once.
        drawn = self._drawn(index, content) if places else None
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

    def _take(self, look: Look) -> None:
        if look.places:
            self._places[look.index] = look.places
        if look.error is not None:
            self._errors[look.index] = look.error

    def _drawn(self, index: int, content: PageContent) -> pymupdf.DisplayList:
        """The page held as it was read."""
        page = self._document.load_page(index)
        remove_rotation(page)
        if content.turned:
            page.set_rotation(content.turned)
            remove_rotation(page)
        return page.get_displaylist()

    def _rendered(
        self, drawn: pymupdf.DisplayList, content: PageContent, place: Place
    ) -> tuple[Picture, PageImage] | str | None:
        """None for what was seen before and for a single colour; a sentence for what cannot be rendered."""
        x0, y0, x1, y1 = box = content.pose.read_box(place.bbox)
        dpi = dpi_within(x1 - x0, y1 - y0, self._options)
        try:
            image = page_image(drawn, dpi, box)
        # MuPDF raises anything over hostile input: it costs this picture, and the warning tells.
        except Exception as error:  # noqa: BLE001  # MuPDF raises anything
            return f"A picture on page {content.number} could not be rendered: {type(error).__name__}: {error}"[:300]
        digest = hashlib.sha256(image.pixels).digest()
        if digest in self._seen or _is_plain(image):
            return None
        self._seen.add(digest)
        scan = Scan(content.number, x1 - x0, y1 - y0, 0, "picture", POINTS_PER_INCH / dpi, preview=None)
        return Picture(scan, box), image

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
