"""Documents without a single styled heading, whose Chinese numbers tell their headings all the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.parsers.chinese_numbering import Line, Numbered, numbered_headings
from ingest.parsers.office.drafts import Draft
from schemas.document import FURNITURE, HEADINGS, BlockKind

_MAY_BE = frozenset({BlockKind.PARAGRAPH, BlockKind.LIST_ITEM})
_DEEPEST = 6


def with_numbered(drafts: Sequence[Draft]) -> list[Draft]:
    """The same where a style names a heading: whoever set one has set all that they meant."""
    if any(draft.kind in HEADINGS for draft in drafts):
        return list(drafts)
    # Furniture stands between paragraphs, and beneath none.
    body = [at for at, draft in enumerate(drafts) if draft.kind not in FURNITURE and not draft.is_empty]
    found = numbered_headings([_line(drafts[at]) for at in body])
    told = {body[each.line]: each for each in found}
    ranks = sorted({each.rank for each in found})
    return [
        made
        for at, draft in enumerate(drafts)
        for made in (_headed(draft, told[at], ranks) if at in told else (draft,))
    ]


def _line(draft: Draft) -> Line:
    return Line(draft.text if draft.kind in _MAY_BE else "")


def _headed(draft: Draft, found: Numbered, ranks: Sequence[int]) -> Iterator[Draft]:
    level = min(ranks.index(found.rank) + 1, _DEEPEST)
    yield replace(draft, kind=BlockKind.HEADING, level=level, text=draft.text[: found.width], source=None)
    if rest := draft.text[found.width :].strip():
        yield replace(draft, kind=BlockKind.PARAGRAPH, level=0, text=rest)
