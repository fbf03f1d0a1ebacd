"""Paragraphs and tables that go on in the next column or on the next page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ingest.parsers.pdf.confidence import mean_confidence
from ingest.parsers.pdf.contents import ENTRY
from ingest.parsers.pdf.drafts import Draft, Profile
from ingest.parsers.pdf.page import Grid
from ingest.parsers.pdf.pieces import hull_of
from ingest.parsers.pdf.tables import continues, merge, repeated_rows
from ingest.parsers.pdf.text import SENTENCE_END, SOFT_HYPHEN, is_cjk, join_two
from ingest.parsers.pdf.words import union
from schemas.document import FURNITURE, BlockKind, Region

_FLOWS = frozenset({BlockKind.PARAGRAPH, BlockKind.LIST_ITEM})
_FLOATS = frozenset({BlockKind.FIGURE, BlockKind.CAPTION, BlockKind.FOOTNOTE})
_NOTES = frozenset({BlockKind.FOOTNOTE})
"""What may stand at the foot of a page between two parts of a table."""
_SAME_SIZE = 0.6
_SHORT_LINE = 3.0
"""In type sizes: a line that ends further from the right edge was the paragraph's last."""
_CODE_GAP = 2.6
_EMPTY_LINE = 1.2
_SAME_WIDTH = 0.15
_CONTINUED = 0.6
"""A line that starts less than this indented, in type sizes, may go on with a sentence."""


def join_over_breaks(pages: Iterable[Sequence[Draft]], profile: Profile) -> list[Draft]:
    """All drafts in order. What stands between two halves of a paragraph or table (furniture,
    footnotes, figures) follows the whole."""
    done: list[Draft] = []
    for page in pages:
        for draft in page:
            _add(done, draft, profile)
    return done


def join_code(drafts: Iterable[Draft]) -> list[Draft]:
    """Pieces of code below each other are one; an empty line stays where the gap shows one."""
    done: list[Draft] = []
    for draft in drafts:
        before = done[-1] if done else None
        if before is None or not _is_more_code(before, draft):
            done.append(draft)
            continue
        first, last = draft.lines[0], before.lines[-1]
        left = min(line.bbox[0] for line in before.lines)
        indent = " " * max(round((min(line.bbox[0] for line in draft.lines) - left) / first.pitch), 0)
        text = "\n".join(indent + line for line in draft.text.split("\n"))
        gap = "\n\n" if first.bbox[1] - last.bbox[3] > _EMPTY_LINE * first.size else "\n"
        done[-1] = replace(
            before,
            text=before.text + gap + text,
            lines=before.lines + draft.lines,
            confidence=_confidence(before, draft),
            printed=before.printed + draft.printed,
            regions=(_hull(before.regions[0], draft.regions[0]), *before.regions[1:]),
        )
    return done


def _is_more_code(before: Draft, draft: Draft) -> bool:
    if before.kind is not BlockKind.CODE or draft.kind is not BlockKind.CODE or before.page != draft.page:
        return False
    gap = draft.lines[0].bbox[1] - before.lines[-1].bbox[3]
    return -1.0 <= gap <= _CODE_GAP * draft.size


def _hull(one: Region, other: Region) -> Region:
    boxes = [region.bbox for region in (one, other) if region.bbox is not None]
    return Region(page=one.page, bbox=union(boxes) if boxes else None)


def _add(done: list[Draft], draft: Draft, profile: Profile) -> None:
    at = _open_end(done, draft)
    if at is not None:
        before = done[at]
        if draft.grid is not None and before.grid is not None:
            repeated = repeated_rows(before.grid, draft.grid)
            rows = draft.rows[repeated:]
            rest = hull_of(rows) if repeated else draft.regions[0]
            done[at] = replace(
                before,
                grid=merge(before.grid, draft.grid),
                regions=before.regions + ((rest,) if rest is not None else ()),
                rows=before.rows + rows,
                page=draft.page,
                confidence=_confidence(before, draft),
            )
            return
        if draft.lines and before.lines and _goes_on(before, draft):
            done[at] = replace(
                draft,
                kind=before.kind,
                text=join_two(before.text, draft.text, profile.spelling).replace(SOFT_HYPHEN, ""),
                regions=before.regions + draft.regions,
                printed=before.printed + draft.printed,
                confidence=_confidence(before, draft),
            )
            return
    done.append(draft)


def _confidence(*drafts: Draft) -> float | None:
    return mean_confidence((draft.confidence, _length(draft)) for draft in drafts)


def _length(draft: Draft) -> int:
    return len(draft.text) if draft.grid is None else sum(len(cell.text) for cell in draft.grid.cells)


def _open_end(done: Sequence[Draft], draft: Draft) -> int | None:
    """The block that `draft` may go on with: the last one of the flow, when it stands in another
    column or on the page before."""
    table = draft.grid is not None
    if not table and draft.kind is not BlockKind.PARAGRAPH:
        return None
    for at in range(len(done) - 1, -1, -1):
        before = done[at]
        if before.kind in FURNITURE or before.kind in (_NOTES if table else _FLOATS):
            continue
        if table:
            return at if _is_more_of_table(before, draft) else None
        if before.kind is BlockKind.TABLE and draft.page != before.page:
            return None
        return at if before.kind in _FLOWS and _is_break(before, draft) else None
    return None


def _is_more_of_table(before: Draft, draft: Draft) -> bool:
    """On the next page at the same place or, where the text has columns, in the next one."""
    if before.grid is None or draft.grid is None or not _is_break(before, draft):
        return False
    if draft.page != before.page and continues(before.grid, draft.grid):
        return True
    shift = draft.grid.columns[0] - before.grid.columns[0]
    alike = abs(_width(draft.grid) - _width(before.grid)) <= _SAME_WIDTH * _width(before.grid)
    apart = abs(shift) >= min(_width(draft.grid), _width(before.grid))
    return alike and apart and continues(before.grid, draft.grid, shift)


def _width(grid: Grid) -> float:
    return grid.columns[-1] - grid.columns[0]


def _is_break(before: Draft, draft: Draft) -> bool:
    if draft.page != before.page:
        return draft.page == before.page + 1
    return draft.column[0] >= before.column[2] - 2 and draft.column[1] < before.column[3]


def _goes_on(before: Draft, draft: Draft) -> bool:
    """A sentence without its end, before a line that may be its rest, in the same type."""
    last, first = before.lines[-1], draft.lines[0]
    if before.vertical != draft.vertical or abs(before.size - draft.size) > _SAME_SIZE or before.bold != draft.bold:
        return False
    if SENTENCE_END.search(before.text) or ENTRY.search(last.text):
        return False
    start = next((character for character in draft.text if character.isalnum()), "")
    if before.text[-1] in f"-‐{SOFT_HYPHEN}" and start.islower():
        return True
    if draft.text[0].islower():
        return True
    indented = first.bbox[0] - draft.column[0] > _CONTINUED * first.size and len(draft.lines) > 1
    full = before.vertical or before.column[2] - last.bbox[2] < _SHORT_LINE * last.size
    whole_lines = len(before.lines) > 1 or is_cjk(draft.text[0])
    return full and not indented and whole_lines
