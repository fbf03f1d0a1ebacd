"""Pages of text layers, read from geometry alone or with the layout model's help."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ingest.parsers.pdf.arranging import arrange, is_watermark, ordered, plain_items, watermarks
from ingest.parsers.pdf.boxes import area
from ingest.parsers.pdf.comments import comment_item, read_comments
from ingest.parsers.pdf.drawings import read_drawings
from ingest.parsers.pdf.layout_model import LARGEST_PAGE, MOST_RUNS, layout_boxes
from ingest.parsers.pdf.levelling import remove_rotation
from ingest.parsers.pdf.page import PageContent
from ingest.parsers.pdf.pictures import largest_decoded_whole
from ingest.parsers.pdf.plain_layout import plain_layout
from ingest.parsers.pdf.stamps import Place, is_stamp, stamps_of
from ingest.parsers.pdf.words import Run, read_runs
from schemas.document import PageMethod

if TYPE_CHECKING:
    import pymupdf

BLANK_PAGE = "blank page"


class LayoutPageReader:
    """Boxes, their kind and table grids from geometry alone where that tells enough, else by the
    model; the text from the file, all of it: what stands in no box becomes boxes of its own.

    `most_doubt`: the share of a page's characters that geometry may leave in doubt (see
    `plain_layout`); 0 asks the model about every page with any doubt, -1 about every page. Above
    `max_pixels` in one picture a page is read without the model, which would have it decoded.
    `comments`: those of reviewers are put behind the page's text.
    """

    def __init__(
        self, threads: int = 1, max_pixels: int = 100_000_000, most_doubt: float = 0.2, *, comments: bool = False
    ) -> None:
        self._threads = threads
        self._max_pixels = max_pixels
        self._most_doubt = most_doubt
        self._comments = comments
        self._stamped: tuple[pymupdf.Document | None, frozenset[Place]] = (None, frozenset())

    def read(self, page: pymupdf.Page, number: int) -> PageContent:
        rotation = page.rotation
        said = read_comments(page) if self._comments else []
        remove_rotation(page)
        blank = PageContent(number, page.rect.width, page.rect.height, rotation, PageMethod.EMPTY, BLANK_PAGE)
        runs = read_runs(page)
        if not runs:
            return replace(blank, reason=empty_reason(page))
        turned = turn_upright(page, runs)
        if turned:
            runs = read_runs(page)
        drawings = read_drawings(page)
        stamps = self._stamps_of(page.parent)
        marks = [run for run in runs if is_watermark(run) or is_stamp(run, stamps)]
        text = [run for run in runs if run not in marks] if marks else runs
        plain = plain_layout(text, drawings)
        digital = replace(blank, method=PageMethod.DIGITAL, turned=turned)
        if plain.doubt <= self._most_doubt:
            reason, items = "text layer", plain_items(plain, number)
        elif not self._takes(page, runs):
            reason, items = "text layer, without the layout model", plain_items(plain, number)
        else:
            reason = f"text layer, with the layout model: {plain.why}"
            boxes = layout_boxes(page, self._threads)
            items = arrange(text, boxes, drawings.rules, number, plain.framed)
        pinned = [comment_item(words, digital.pose.read_box(box), number) for words, box in said]
        return replace(digital, reason=reason, items=(*ordered([*items, *watermarks(marks, number)]), *pinned))

    def _stamps_of(self, document: pymupdf.Document) -> frozenset[Place]:
        """Told once for the document that is being read; pages of one come one after the other."""
        if self._stamped[0] is not document:
            self._stamped = (document, stamps_of(document))
        return self._stamped[1]

    def _takes(self, page: pymupdf.Page, runs: Sequence[Run]) -> bool:
        """The model can look at this page within the limits."""
        small = area(tuple(page.rect)) <= LARGEST_PAGE and len(runs) <= MOST_RUNS
        return small and largest_decoded_whole(page) <= self._max_pixels


def empty_reason(page: pymupdf.Page) -> str:
    if page.get_image_info():
        return "image only: needs OCR"
    return "drawings without text: needs OCR" if page.get_cdrawings() else BLANK_PAGE


def turn_upright(page: pymupdf.Page, runs: Iterable[Run]) -> int:
    """Turns the page when most of its characters stand on their side; by how many degrees clockwise."""
    letters: defaultdict[tuple[int, int], int] = defaultdict(int)
    for run in runs:
        letters[(0, 0) if run.vertical else (round(run.direction[0]), round(run.direction[1]))] += run.length
    turn = {(0, 1): 270, (0, -1): 90, (-1, 0): 180}.get(max(letters, key=lambda key: letters[key]), 0)
    if turn:
        page.set_rotation(turn)
        remove_rotation(page)
    return turn
