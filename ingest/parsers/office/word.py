"""Word documents to drafts, through unstructured: numbering, page breaks, headers and footers are its
work; what a paragraph is, its style says.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from ingest.parsers.base import ReadOptions
from ingest.parsers.office.drafts import Draft, tidy, tidy_code
from ingest.parsers.office.pictures import drawn_pictures
from ingest.parsers.office.setup import prepare_unstructured
from ingest.parsers.office.word_styles import WordStyles
from ingest.parsers.office.word_tables import figures, word_cells
from ingest.parsers.office.word_tree import ID, prepare_body
from schemas.document import BlockKind, Region
from schemas.errors import CorruptFile

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MARK = "paragraph:"
_EDGES = {"Header": BlockKind.HEADER, "Footer": BlockKind.FOOTER}


class _ParagraphMarks:
    """Stands in for what finds pictures in a paragraph: unstructured shows it every paragraph,
    right behind the text that it made of it. Each mark says which paragraph that was."""

    def __init__(self) -> None:
        self.paragraphs: list[Any] = []

    def iter_elements(self, paragraph: Any, options: Any) -> Iterator[Any]:
        from unstructured.documents.elements import ElementMetadata, Image

        self.paragraphs.append(paragraph._p)
        mark = f"{_MARK}{len(self.paragraphs) - 1}"
        yield Image("", metadata=ElementMetadata(image_url=mark, page_number=options.metadata_page_number))


def read_word(package: bytes, name: str, options: ReadOptions) -> list[Draft]:
    """Raises `CorruptFile`."""
    prepare_unstructured()
    import docx
    from docx.opc.exceptions import OpcError, PackageNotFoundError
    from lxml import etree
    from unstructured.partition.docx import partition_docx, register_picture_partitioner

    try:
        document = docx.Document(BytesIO(package))
        prepare_body(document, options)
        plain = BytesIO()
        document.save(plain)
        marks = _ParagraphMarks()
        register_picture_partitioner(marks)
        try:
            elements = partition_docx(file=plain, languages=[""], infer_table_structure=False)
        finally:
            register_picture_partitioner(None)
    except (
        OpcError, PackageNotFoundError, KeyError, ValueError, AttributeError, IndexError, etree.LxmlError,
        zipfile.BadZipFile, zlib.error, EOFError, TypeError, RecursionError,
    ) as error:  # fmt: skip
        # python-docx takes a package's parts for granted: what is missing shows as any of these.
        raise CorruptFile(
            f"{name} is no readable Word document ({error}): open it in Word and save it again.", name=name
        ) from error
    return list(_drafts(elements, marks.paragraphs, document))


def _drafts(elements: list[Any], paragraphs: list[Any], document: Any) -> Iterator[Draft]:
    styles = WordStyles(document)
    tables = document.element.body.iterchildren(_W + "tbl")
    pending: list[Any] = []
    said: set[str] = set()
    part = document.part
    open_: _Open | None = None
    for element in elements:
        marked = _marked(element, paragraphs)
        if marked is not None:
            if open_ is None or open_.id != marked.get(ID):
                yield from open_.drafts(styles) if open_ else ()
                open_ = _Open(marked.get(ID), marked)
            open_.drawn += figures(marked, part, _region(element.metadata.page_number))
            open_.texts += [waiting.text for waiting in pending]
            open_.pages += [waiting.metadata.page_number for waiting in pending]
            pending = []
        elif element.category in _EDGES or element.category == "Table":
            yield from open_.drafts(styles) if open_ else ()
            open_ = None
            if element.category == "Table":
                yield from _table(next(tables), part, _region(element.metadata.page_number))
            elif element.text not in said:
                said.add(element.text)
                yield Draft(_EDGES[element.category], tidy(element.text))
        elif element.category != "PageBreak":
            pending.append(element)
    yield from open_.drafts(styles) if open_ else ()


def _marked(element: Any, paragraphs: list[Any]) -> Any | None:
    url = element.metadata.image_url or ""
    return paragraphs[int(url.removeprefix(_MARK))] if url.startswith(_MARK) else None


@dataclass(slots=True)
class _Open:
    """A paragraph of which more may follow behind a page break."""

    id: str
    paragraph: Any
    texts: list[str] = field(default_factory=list)
    pages: list[int | None] = field(default_factory=list)
    drawn: list[Draft] = field(default_factory=list)

    def drafts(self, styles: WordStyles) -> Iterator[Draft]:
        text = "".join(self.texts)
        shape = styles.shape(self.paragraph)
        pages = [Region(page=page) for page in dict.fromkeys(self.pages) if page]
        region, more = (pages[0] if pages else None), tuple(pages[1:])
        if shape.kind is BlockKind.CODE:
            # Each line of a listing is a paragraph of its own.
            yield Draft(shape.kind, tidy_code(text), region=region, more_regions=more, source=BlockKind.CODE)
        else:
            yield Draft(shape.kind, tidy(text), shape.level, region, more)
        yield from self.drawn


def _table(table: Any, part: Any, region: Region | None) -> Iterator[Draft]:
    """What its pictures are described as stands in its cells, their own text behind it."""
    cells, header_rows = word_cells(table)
    yield Draft(BlockKind.TABLE, cells=cells, header_rows=header_rows, region=region)
    for picture in drawn_pictures(table, part):
        yield Draft(BlockKind.FIGURE, region=region, picture=picture)


def _region(page: int | None) -> Region | None:
    return Region(page=page) if page else None
