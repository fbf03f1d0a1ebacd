"""OCR that knows what is printed, for tests: from the text positions of pages before they were scanned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pymupdf

from ingest.page_images import PageImage, Point, ReadImage, TextLine
from schemas.errors import InputError

Corners = tuple[Point, Point, Point, Point]


@dataclass(frozen=True)
class Printed:
    """A line as it stands on paper: corners in points, clockwise from where its text begins."""

    text: str
    corners: Corners
    confidence: float = 0.9
    doubtful: bool = False


def boxed(text: str, x0: float, y0: float, x1: float, y1: float, confidence: float = 0.9) -> Printed:
    return Printed(text, ((x0, y0), (x1, y0), (x1, y1), (x0, y1)), confidence)


@dataclass
class KnowingOcr:
    """Implements `PageImageReader`. Its pages are what the images show, in their order; it pulls `ahead` of them.

    An error in place of a page is that page's result. `seen` are the images, without their pixels
    unless `keep` is set; `given` counts results. `rules` are in points, on every page.
    """

    pages: Sequence[Sequence[Printed] | InputError]
    ahead: int = 2
    unread: int = 0
    advice: str = ""
    rules: Sequence[tuple[Point, Point]] = ()
    keep: bool = False
    seen: list[PageImage] = field(default_factory=list)
    given: int = 0
    recipe: Mapping[str, str] = field(default_factory=lambda: {"engine": "knowing"})

    def read(self, images: Iterable[PageImage]) -> Iterator[ReadImage | InputError]:
        source = iter(images)
        waiting: list[PageImage] = []
        while True:
            while len(waiting) < self.ahead and (image := next(source, None)) is not None:
                assert len(image.pixels) == 3 * image.width * image.height
                thin = PageImage(image.width, image.height, b"", image.dpi)
                self.seen.append(image if self.keep else thin)
                waiting.append(thin)
            if not waiting:
                return
            page = self.pages[self.given]
            self.given += 1
            yield page if isinstance(page, InputError) else self._lines(page, waiting[0])
            waiting.pop(0)

    def _lines(self, page: Sequence[Printed], image: PageImage) -> ReadImage:
        def pixels(corners: Corners) -> Corners:
            a, b, c, d = ((x * image.dpi / 72, y * image.dpi / 72) for x, y in corners)
            return (a, b, c, d)

        # In no order that can be relied on.
        lines = [TextLine(line.text, line.confidence, pixels(line.corners), line.doubtful) for line in reversed(page)]
        scale = image.dpi / 72
        rules = tuple(((ax * scale, ay * scale), (bx * scale, by * scale)) for (ax, ay), (bx, by) in self.rules)
        return ReadImage(tuple(lines), 0.0, self.unread, self.advice, rules)


def printed_lines(page: pymupdf.Page) -> list[Printed]:
    """The lines of a page's text layer, cut where a detector would: at wide gaps."""
    lines = []
    for block in page.get_text("dict", flags=pymupdf.TEXT_ACCURATE_BBOXES)["blocks"]:
        for line in block.get("lines", ()):
            text = "".join(span["text"] for span in line["spans"])
            if text.strip():
                lines.append(Printed(text, _corners(tuple(line["bbox"]), line["dir"])))
    return lines


def _corners(box: tuple[float, ...], direction: tuple[float, float]) -> Corners:
    x0, y0, x1, y1 = box
    round_the_box = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    first = {(1, 0): 0, (0, 1): 1, (-1, 0): 2, (0, -1): 3}[round(direction[0]), round(direction[1])]
    a, b, c, d = round_the_box[first:] + round_the_box[:first]
    return (a, b, c, d)


def scanned(document: pymupdf.Document, dpi: int = 100) -> tuple[pymupdf.Document, list[list[Printed]]]:
    """The document as a scanner would make it, and what is printed on its pages."""
    scan = pymupdf.open()
    for page in document:
        sheet = scan.new_page(width=page.rect.width, height=page.rect.height)
        sheet.insert_image(sheet.rect, pixmap=page.get_pixmap(dpi=dpi, alpha=False))
    return scan, [printed_lines(page) for page in document]
