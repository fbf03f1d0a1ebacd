"""The sections of a document: which headings stand above a block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from schemas.document import Block, BlockKind, Document
from schemas.ids import section_id


@dataclass(frozen=True, slots=True)
class Section:
    """What one heading opens. `path` runs from the top to that heading; empty before the first.
    `parent` is the id of the enclosing section, None at the top."""

    path: tuple[str, ...]
    id: str
    parent: str | None
    level: int


@dataclass(frozen=True, slots=True)
class Run:
    """Headings that follow each other downwards without text between them, and the blocks up to
    the next heading. `section` is that of the last heading; furniture is left out."""

    section: Section
    headings: tuple[tuple[Block, Section], ...]
    body: tuple[Block, ...]


def heading_level(block: Block) -> int:
    """A title stands above all headings; a heading of unknown level counts as a top one."""
    if block.level is not None:
        return block.level
    return 0 if block.kind is BlockKind.TITLE else 1


def one_line(text: str) -> str:
    return " ".join(text.split())


class Outline:
    """Follows a document's headings in order. Its memory is one entry per distinct path."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._seen: dict[tuple[str, ...], int] = {}
        self._stack: list[Section] = []
        self.top = Section(path=(), id=section_id((), 0), parent=None, level=-1)

    def open(self, heading: Block) -> Section:
        """The section that `heading` opens; call it once for each heading, in order."""
        level = heading_level(heading)
        while self._stack and self._stack[-1].level >= level:
            self._stack.pop()
        above = self._stack[-1] if self._stack else self.top
        path = (*above.path, one_line(self._document.text_of(heading)))
        occurrence = self._seen.get(path, 0)
        self._seen[path] = occurrence + 1
        section = Section(path, section_id(path, occurrence), above.id if above.path else None, level)
        self._stack.append(section)
        return section


def runs(document: Document) -> Iterator[Run]:
    """The document as runs, lazily. A heading without text whose successor is not below it
    makes a run without a body."""
    outline = Outline(document)
    section = outline.top
    headings: list[tuple[Block, Section]] = []
    body: list[Block] = []
    for block in document.blocks:
        if block.is_furniture or not document.text_of(block).strip():
            continue
        if not block.is_heading:
            body.append(block)
            continue
        if body or (headings and heading_level(block) <= section.level):
            yield Run(section, tuple(headings), tuple(body))
            headings, body = [], []
        section = outline.open(block)
        headings.append((block, section))
    if body or headings:
        yield Run(section, tuple(headings), tuple(body))
