"""PowerPoint presentations to drafts, through unstructured: the order on a slide is its work; what a
paragraph is, its place and its bullets say. Speaker notes and comments are quotes behind their slide.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

from ingest.parsers.office.drafts import Draft, tidy
from ingest.parsers.office.setup import prepare_unstructured
from ingest.parsers.office.slide_tree import Marks, prepare_slides
from schemas.document import BlockKind, Page, PageMethod, Region
from schemas.errors import CorruptFile, TooLarge

_EMU_PER_POINT = 12_700


def read_slides(package: bytes, name: str, max_slides: int) -> tuple[list[Draft], list[Page]]:
    """Raises `CorruptFile`, and `TooLarge` for more than `max_slides` slides."""
    prepare_unstructured()
    import pptx
    from lxml import etree
    from pptx.exc import PythonPptxError
    from unstructured.partition.pptx import partition_pptx

    try:
        presentation = pptx.Presentation(BytesIO(package))
        check_slides(len(presentation.slides), max_slides, name)
        marks = prepare_slides(presentation)
        plain = BytesIO()
        presentation.save(plain)
        elements = partition_pptx(file=plain, include_slide_notes=True, infer_table_structure=False, languages=[""])
    except (
        PythonPptxError, KeyError, ValueError, AttributeError, IndexError, TypeError, AssertionError,
        NotImplementedError, etree.LxmlError, zipfile.BadZipFile, zlib.error, EOFError, RecursionError,
    ) as error:  # fmt: skip
        # python-pptx takes a package's parts for granted: what is missing shows as any of these.
        raise CorruptFile(
            f"{name} is no readable PowerPoint file ({error}): open it in PowerPoint and save it again.", name=name
        ) from error
    return list(_drafts(elements, marks)), list(_pages(presentation, elements))


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


def _pages(presentation: Any, elements: list[Any]) -> Iterator[Page]:
    width = (presentation.slide_width or 0) / _EMU_PER_POINT
    height = (presentation.slide_height or 0) / _EMU_PER_POINT
    told = {element.metadata.page_number for element in elements if element.text}
    for number in range(1, len(presentation.slides) + 1):
        method = PageMethod.DIGITAL if number in told else PageMethod.EMPTY
        reason = "text of the slide" if number in told else "no text on the slide"
        yield Page(number=number, width=width, height=height, method=method, reason=reason)
