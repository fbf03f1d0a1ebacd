"""Paragraphs that are items of a numbered list, known by the numbers before and after them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.parsers.pdf.drafts import Draft
from schemas.document import FURNITURE, BlockKind

_FAR = 12
"""Blocks between two items of one list: code, pictures, inner lists."""
_INDENT = 6.0
"""Points by which two items of one list may stand to the right of each other."""
_NUMBER = re.compile(r"^(?P<open>[(（]?)(?P<number>\d{1,3}|[a-zA-Z]|[①-⑳])(?P<close>[.)）、]?)(?=\s|[^\x00-\x7f])")
_CIRCLED = ord("①") - 1


@dataclass(frozen=True, slots=True)
class _Item:
    """`form` is what all marks of one list share."""

    form: tuple[str, str, str]
    number: int
    left: float
    page: int


def with_numbered_items(drafts: Sequence[Draft]) -> list[Draft]:
    """Items by their numbers; a number that stands alone begins a paragraph of text."""
    items = {i: item for i, draft in enumerate(drafts) if (item := _item(draft)) is not None}
    return [
        replace(draft, kind=BlockKind.LIST_ITEM)
        if draft.kind is BlockKind.PARAGRAPH and i in items and _has_neighbour(i, items, drafts)
        else draft
        for i, draft in enumerate(drafts)
    ]


def _item(draft: Draft) -> _Item | None:
    if draft.kind not in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM) or not draft.lines:
        return None
    found = _NUMBER.match(draft.text)
    if found is None or not (found["close"] or found["number"] >= "①"):
        return None
    text = found["number"]
    if text.isascii() and text.isdecimal():
        kind, number = "1", int(text)
    elif text >= "①":
        kind, number = "①", ord(text) - _CIRCLED
    else:
        kind, number = ("A" if text.isupper() else "a"), ord(text.lower()) - ord("a") + 1
    return _Item((found["open"], kind, found["close"]), number, draft.lines[0].bbox[0], draft.page)


def _has_neighbour(index: int, items: dict[int, _Item], drafts: Sequence[Draft]) -> bool:
    item = items[index]
    return any(
        other.form == item.form
        and other.number - item.number == step
        and (other.page != item.page or abs(other.left - item.left) <= _INDENT or _is_other_column(drafts, index, at))
        for step in (-1, 1)
        for at in _near(index, step, drafts)
        if (other := items.get(at)) is not None
    )


def _near(index: int, step: int, drafts: Sequence[Draft]) -> list[int]:
    """The next blocks, or those before, furniture left out."""
    found: list[int] = []
    at = index + step
    while 0 <= at < len(drafts) and len(found) < _FAR:
        if drafts[at].kind not in FURNITURE:
            found.append(at)
        at += step
    return found


def _is_other_column(drafts: Sequence[Draft], one: int, other: int) -> bool:
    a, b = drafts[one].column, drafts[other].column
    return a[2] <= b[0] or b[2] <= a[0]
