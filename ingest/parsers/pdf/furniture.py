"""What repeats on pages, or was taken for it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ingest.parsers.pdf.page import FURNITURE_ROLES, PageContent, PageItem, Role
from ingest.parsers.pdf.text import SENTENCE_END

_EDGE = 0.16
"""Share of the page's height, at its top and at its bottom, where running lines stand."""
_SHARE_OF_PAGES = 0.3
_FEWEST_PAGES = 3
_SHARE_ANYWHERE = 0.6
_FEWEST_ANYWHERE = 4
"""For what repeats word for word in the middle or at the side of the pages."""
_SHARE_OF_HEADS = 0.6
"""For what stands at the same place in the same type, whatever it says."""
_SAME_LINE = 6.0
_ALONE = 1.0
"""Of the type size: how far a running line is from the text at least."""
_STEP = 6.0
"""Points within which a line stands at the same place."""
_MIDDLE = 0.3
"""Share of the height, from the top and from the bottom, where the model may see a header or footer."""
_LONG = 250
_MANY_LINES = 5

_DIGITS = re.compile(r"\d+")
PAGE_NUMBER = re.compile(
    r"""^[\s\-–—·|\[(]*(?:
        (?:page|p\.|seite|página|стр\.?)?\s*\d{1,4}(?:\s*(?:/|of|von|de|из)\s*\d{1,4})?
      | 第\s*[\d一二三四五六七八九十百]+\s*页(?:\s*[,，/]?\s*共\s*[\d一二三四五六七八九十百]+\s*页)?
      | [ivxlc]{1,7}
    )[\s\-–—·|\])]*$""",
    re.IGNORECASE | re.VERBOSE,
)

_Key = tuple[str, int, int]


def mark_furniture(pages: Sequence[PageContent]) -> list[PageContent]:
    """Short lines that stand at the same place on many pages become header or footer: near an
    edge whatever their numbers, elsewhere word for word. What the model calls one becomes text
    when it is long and never repeats, or when the page has nothing else."""
    seen: defaultdict[_Key, set[int]] = defaultdict(set)
    for page in pages:
        for item in page.items:
            for key in _keys(item, page):
                if key[0][0] != "~" or _stands_alone(item, page):
                    seen[key].add(page.number)
    with_text = sum(1 for page in pages if page.items)
    edge = max(_FEWEST_PAGES, round(_SHARE_OF_PAGES * with_text))
    anywhere = max(_FEWEST_ANYWHERE, round(_SHARE_ANYWHERE * with_text))
    paging = _paging(pages, with_text)
    least = {"#": edge, "=": anywhere, "~": max(_FEWEST_PAGES, round(_SHARE_OF_HEADS * with_text))}
    repeated = {key for key, numbers in seen.items() if len(numbers) >= least[key[0][0]]}
    return [replace(page, items=_marked(page, repeated, paging)) for page in pages]


def _paging(pages: Sequence[PageContent], with_text: int) -> int | None:
    """By how much the printed page numbers differ from the count, when most pages have one."""
    offsets = Counter(value - page.number for page in pages for value in {_number(item) for item in page.items} - {-1})
    if not offsets:
        return None
    offset, count = offsets.most_common(1)[0]
    return offset if count >= max(_FEWEST_PAGES, round(_SHARE_ANYWHERE * with_text)) else None


def _number(item: PageItem) -> int:
    """-1 for what is not a number alone."""
    text = item.lines[0].text if len(item.lines) == 1 else ""
    return int(text) if text.isdecimal() and len(text) <= 4 else -1


def _marked(page: PageContent, repeated: set[_Key], paging: int | None) -> tuple[PageItem, ...]:
    items = [_relabel(item, page, repeated, paging) for item in page.items]
    if all(item.role in FURNITURE_ROLES for item in items):
        items = [replace(new, role=Role.TEXT if _is_model_guess(new, page, repeated) else new.role) for new in items]
    return _reordered(items)


def _is_model_guess(item: PageItem, page: PageContent, repeated: set[_Key]) -> bool:
    return item.role is not Role.WATERMARK and not _is_number(item) and repeated.isdisjoint(_keys(item, page))


def _relabel(item: PageItem, page: PageContent, repeated: set[_Key], paging: int | None) -> PageItem:
    keys = _keys(item, page)
    edge = _edge(item, page)
    numbered = paging is not None and _number(item) == page.number + paging
    if numbered or not repeated.isdisjoint(keys) or (edge is not None and _is_number(item)):
        upper = item.bbox[1] + item.bbox[3] < page.read_height
        return replace(item, role=edge or (Role.HEADER if upper else Role.FOOTER))
    if item.role in (Role.HEADER, Role.FOOTER) and (_is_long(item) or _is_inside(item, page)):
        return replace(item, role=Role.TEXT)
    return item


def _keys(item: PageItem, page: PageContent) -> list[_Key]:
    """What to count an item under: its words and place, and near an edge its words without numbers
    and its height, as page numbers and alternating margins move it sideways; and its type alone, as
    a running head changes with the chapter."""
    if not item.lines or len(item.lines) > 2 or item.role is Role.WATERMARK:
        return []
    text = " ".join(line.text for line in item.lines).casefold()
    top = round(item.bbox[1] / _STEP)
    keys = [("=" + text, round(item.bbox[0] / _STEP), top)]
    edge = _edge(item, page)
    if edge is not None:
        keys.append((f"#{edge}:{_DIGITS.sub('0', text)}", 0, top))
        if len(item.lines) == 1:
            # Letters below the line move its foot: two grids, so that near feet share a step of one.
            foot = item.lines[0].bbox[3] / _SAME_LINE
            keys.extend((f"~{edge}:{item.lines[0].look}", grid, int(foot + grid / 2)) for grid in (0, 1))
    return keys


def _stands_alone(item: PageItem, page: PageContent) -> bool:
    """One line above or below all text of the page, well apart from it: its words may change with
    the chapter, its place and type do not."""
    if len(item.lines) > 1 or SENTENCE_END.search(item.lines[0].text):
        return False
    others = [other.bbox for other in page.items if other is not item and other.role is not Role.WATERMARK]
    top, bottom = item.bbox[1], item.bbox[3]
    gap = _ALONE * item.lines[0].size
    beside = [box for box in others if box[1] < bottom and box[3] > top]
    if any(box[3] - box[1] > 2 * (bottom - top) for box in beside):
        return False
    above = all(box[1] >= bottom + gap for box in others if box not in beside)
    below = all(box[3] <= top - gap for box in others if box not in beside)
    return above or below


def _edge(item: PageItem, page: PageContent) -> Role | None:
    """Header or footer by its place; None for what stands in the page's middle or is not a line or two."""
    if not item.lines or len(item.lines) > 2 or item.role is Role.WATERMARK:
        return None
    if item.bbox[3] <= _EDGE * page.read_height or item.role is Role.HEADER:
        return Role.HEADER
    if item.bbox[1] >= (1 - _EDGE) * page.read_height or item.role is Role.FOOTER:
        return Role.FOOTER
    return None


def _is_number(item: PageItem) -> bool:
    return len(item.lines) == 1 and bool(PAGE_NUMBER.match(item.lines[0].text))


def _is_long(item: PageItem) -> bool:
    return len(item.lines) >= _MANY_LINES or sum(len(line.text) for line in item.lines) >= _LONG


def _is_inside(item: PageItem, page: PageContent) -> bool:
    """In the middle of the page: no place for a header or footer, but for what stands on its side."""
    top, bottom = item.bbox[1] / page.read_height, item.bbox[3] / page.read_height
    return not item.vertical and (top > _MIDDLE if item.role is Role.HEADER else bottom < 1 - _MIDDLE)


def _reordered(items: Iterable[PageItem]) -> tuple[PageItem, ...]:
    def place(item: PageItem) -> int:
        if item.role is Role.HEADER:
            return 0
        return 2 if item.role in FURNITURE_ROLES else 1

    return tuple(sorted(items, key=place))
