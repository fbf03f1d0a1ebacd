"""PowerPoint presentations to drafts, through unstructured: the order on a slide is its work; what a
paragraph is, its place and its bullets say. Speaker notes and comments are quotes behind their slide.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

from ingest.parsers.base import ReadOptions
from ingest.parsers.office.drafts import Draft, tidy
from ingest.parsers.office.setup import prepare_unstructured
from ingest.parsers.office.slide_tree import Marks, prepare_slides
from schemas.document import BlockKind, Page, PageMethod, Region
from schemas.errors import CorruptFile, TooLarge

_EMU_PER_POINT = 12_700
_METHODS = {
    (False, False): (PageMethod.EMPTY, "no text on the slide"),
    (True, False): (PageMethod.DIGITAL, "text of the slide"),
    (False, True): (PageMethod.OCR, "text in its pictures"),
    (True, True): (PageMethod.MIXED, "text of the slide, and in its pictures"),
}
"""By whether a slide has text of its own, and in pictures."""


@dataclass(frozen=True, slots=True)
class SlideShow:
    """`width` and `height` of its slides in points."""

    drafts: tuple[Draft, ...]
    count: int
    width: float
    height: float

    def pages(self, drafts: Sequence[Draft]) -> list[Page]:
        """The slides, by what was read of them in the end."""
        told = [draft for draft in drafts if not draft.is_empty]
        shown = {draft.region.page for draft in told if draft.region and draft.confidence is None}
        read = {draft.region.page for draft in told if draft.region and draft.confidence is not None}
        return [self._page(number, number in shown, number in read) for number in range(1, self.count + 1)]

    def _page(self, number: int, shown: bool, read: bool) -> Page:
        method, reason = _METHODS[shown, read]
        return Page(number=number, width=self.width, height=self.height, method=method, reason=reason)


def read_slides(package: bytes, name: str, options: ReadOptions) -> SlideShow:
    """Raises `CorruptFile`, and `TooLarge` for more than `max_pages` slides."""
    prepare_unstructured()
    import pptx
    from lxml import etree
    from pptx.exc import PythonPptxError
    from unstructured.partition.pptx import partition_pptx

    try:
        presentation = pptx.Presentation(BytesIO(package))
        check_slides(len(presentation.slides), options.max_pages, name)
        marks = prepare_slides(presentation, options)
        plain = BytesIO()
        presentation.save(plain)
        elements = partition_pptx(
            file=plain, include_slide_notes=options.speaker_notes, infer_table_structure=False, languages=[""]
        )
    except (
        PythonPptxError, KeyError, ValueError, AttributeError, IndexError, TypeError, AssertionError,
        NotImplementedError, etree.LxmlError, zipfile.BadZipFile, zlib.error, EOFError, RecursionError,
    ) as error:  # fmt: skip
        # python-pptx takes a package's parts for granted: what is missing shows as any of these.
        raise CorruptFile(
            f"{name} is no readable PowerPoint file ({error}): open it in PowerPoint and save it again.", name=name
        ) from error
    return SlideShow(
        drafts=tuple(_drafts(elements, marks)),
        count=len(presentation.slides),
        width=(presentation.slide_width or 0) / _EMU_PER_POINT,
        height=(presentation.slide_height or 0) / _EMU_PER_POINT,
    )


def check_slides(count: int, limit: int, name: str) -> None:
    """Raises `TooLarge`."""
    if count > limit:
        raise TooLarge(
            f"{name} has {count} slides, more than the {limit} that are allowed: split it, or raise max_pages.",
            name=name,
            pages=count,
            limit=limit,
        )


def _drafts(elements: list[Any], marks: Marks) -> Iterator[Draft]:
    waiting: list[Draft] = []
    page = None
    for element in elements:
        if element.category == "PageBreak":
            continue
        if element.metadata.page_number != page:
            yield from waiting
            waiting, page = [], element.metadata.page_number
        # A paragraph without a mark is none that a slide shows here; it is kept all the same.
        draft = marks.taken(element.text) or Draft(
            BlockKind.PARAGRAPH, element.text, region=Region(page=page) if page else None
        )
        draft = replace(draft, text=tidy(draft.text))
        if draft.kind is BlockKind.QUOTE:
            waiting.append(draft)
        else:
            yield draft
    yield from waiting
