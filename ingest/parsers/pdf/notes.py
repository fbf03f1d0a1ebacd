"""Footnotes tied to the words that their marks stand at.

While a page is read, raised figures and signs are kept between `RAISED` and `LEVEL`; here it shows
what they are: the mark of a note on the page, written `[3]` as in other formats, or a power.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.parsers.pdf.drafts import Draft
from ingest.parsers.pdf.text import LEVEL, RAISED
from schemas.document import BlockKind

_MARK = re.compile(f"{RAISED}([^{LEVEL}]*){LEVEL}")
_OWN = re.compile(rf"^(?:{RAISED}([^{LEVEL}]*){LEVEL}|\[?(\d{{1,3}}|[*†‡§¶])\]?[.)]?(?=\D))\s*")
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, slots=True)
class _Note:
    index: int
    mark: str
    page: int


def with_notes(drafts: Sequence[Draft]) -> list[Draft]:
    """Every note right behind the block that holds its mark; notes without one stay where they are."""
    notes = list(_notes(drafts))
    owners: dict[int, int] = {}
    for index, draft in enumerate(drafts):
        if draft.kind is not BlockKind.FOOTNOTE:
            for mark in _marks(draft):
                note = _find(mark, draft, notes)
                if note is not None:
                    owners.setdefault(note.index, index)
    return [_resolved(drafts[index], notes, owners, index) for index in _order(len(drafts), owners)]


def _notes(drafts: Sequence[Draft]) -> Iterator[_Note]:
    for index, draft in enumerate(drafts):
        own = _OWN.match(draft.text) if draft.kind is BlockKind.FOOTNOTE else None
        if own is not None:
            yield _Note(index, own[1] or own[2] or "", draft.regions[0].page)


def _marks(draft: Draft) -> list[str]:
    cells = draft.grid.cells if draft.grid is not None else ()
    return [mark for text in (draft.text, *(cell.text for cell in cells)) for mark in _MARK.findall(text)]


def _find(mark: str, draft: Draft, notes: Sequence[_Note]) -> _Note | None:
    """On a page of the block, or on the next: a long note may have had to move."""
    pages = {region.page for region in draft.regions}
    near = [note for note in notes if note.mark == mark and (note.page in pages or note.page - 1 in pages)]
    return min(near, key=lambda note: (note.page not in pages, note.index), default=None)


def _order(count: int, owners: dict[int, int]) -> list[int]:
    behind: dict[int, list[int]] = {}
    for note, owner in owners.items():
        behind.setdefault(owner, []).append(note)
    return [at for index in range(count) if index not in owners for at in (index, *sorted(behind.get(index, ())))]


def _resolved(draft: Draft, notes: Sequence[_Note], owners: dict[int, int], index: int) -> Draft:
    def written(found: re.Match[str]) -> str:
        return f"[{found[1]}]" if _find(found[1], draft, notes) is not None else found[1].translate(_SUPERSCRIPTS)

    text = draft.text
    if index in owners:
        own = _OWN.match(text)
        mark = "" if own is None else own[1] or own[2]
        text = _OWN.sub(lambda _: f"[{mark}] ", text, count=1)
    if RAISED not in text and (draft.grid is None or not any(RAISED in cell.text for cell in draft.grid.cells)):
        return replace(draft, text=text, tied=index in owners)
    grid = draft.grid
    if grid is not None:
        grid = replace(grid, cells=tuple(replace(cell, text=_MARK.sub(written, cell.text)) for cell in grid.cells))
    return replace(draft, text=_MARK.sub(written, text), grid=grid, tied=index in owners)
