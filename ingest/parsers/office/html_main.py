"""Which part of a page is its article, and what stands around it.

trafilatura tells which text it would keep; the article is the smallest element that holds nearly all
of that, and our own reader then reads that element as it stands, so headings, tables, code and
lists keep their places. It is believed only where the page is an article for sure: enough prose
within, next to none without. A form or an index stays whole. Where a page has one `<main>` with most
of its text, that is the article by the page's own word.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.parsers.office.html_navigation import navigation_of
from ingest.parsers.office.html_units import CONTAINERS, Extract, Node, PageText, says_around, says_notice
from schemas.document import BlockKind

_PROSE_BESIDE = 0.25
"""Of the text of a page's only `<main>`, that may be prose outside of it, for the article to be what
the page itself calls so; and the rest outside may not be more than the main."""
_NEARLY_ALL = 0.95
"""Share of what is kept that the article's element must hold."""
_LEAST_PROSE = 400
"""Of an article, in widths: letters, a Chinese character counting as two."""
_PROSE_OUTSIDE = 0.1
"""Of the article's prose, that may stand outside of it without a label that says what it is."""
_TEXT_OUTSIDE = 0.5
"""Of the article's text, links not counted."""
_PROSE_AROUND = 0.5
"""Of the article's prose, that may stand in what says that it leads elsewhere: with more, the page
speaks of several things."""
_NOTICE_SHARE = 0.25
"""Of the article's text, above which what calls itself a menu, an advertisement or a notice is none."""
_LONGEST_NOTICE = 600
"""Width of one that is not mostly links."""


def mark_surroundings(root: Node, kind_attribute: str) -> None:
    """Gives what stands around the article of a page the attribute that makes it a header or footer.
    On a page without a convincing article those are only the bars that call themselves navigation."""
    body = next(iter(root.iter("body")), root)
    page = PageText(body, _extract(root))
    finder = _Finder(page)
    article = finder.article()
    bars = navigation_of(page)
    within = {step for node in bars for step in node.iter()}
    start = min((page.places[unit.node].number for unit in page.units if unit.node not in within), default=0)
    for node in bars:
        kind = BlockKind.HEADER if page.places[node].number < start else BlockKind.FOOTER
        node.set(kind_attribute, kind.value)
    if article is None:
        return
    for node in finder.outside(article):
        before = page.places[node].number < page.places[article].number
        node.set(kind_attribute, (BlockKind.HEADER if before else BlockKind.FOOTER).value)
    for node in finder.notices(article):
        node.set(kind_attribute, BlockKind.FOOTER.value)


def _extract(root: Node) -> Extract:
    """What trafilatura keeps of the page, perhaps nothing. It gets no address and opens none."""
    import trafilatura
    from lxml import etree

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it complains of every page without an article
    try:
        kept = trafilatura.bare_extraction(copy.deepcopy(root), favor_recall=True, with_metadata=False)
    except (etree.LxmlError, ValueError, RecursionError):
        return Extract("")  # of markup that it cannot read there is no article to tell
    told = (getattr(kept, "text", None), getattr(kept, "comments", None))
    return Extract("\n".join(filter(None, told)))


@dataclass(frozen=True, slots=True)
class _Sides:
    """Widths of what an article holds (`text`: links not counted), of what stands outside without
    saying what it is, and of what says that it leads elsewhere."""

    width: int
    text: int
    prose: int
    width_beside: int
    text_beside: int
    prose_beside: int
    prose_around: int
    structure_beside: bool


class _Finder:
    def __init__(self, text: PageText) -> None:
        self._text = text

    def article(self) -> Node | None:
        """None where none is convincing."""
        named = self._named_main()
        if named is not None:
            return named
        node, total = self._text.body, self._text.kept[self._text.body]
        while total:
            inner = (c for c in node if c.tag in CONTAINERS and self._text.kept[c] >= _NEARLY_ALL * total)
            deeper = next(inner, None)
            if deeper is None:
                break
            node = deeper
        node = self._with_title(node)
        return node if total >= _LEAST_PROSE and self._convinces(node) else None

    def _named_main(self) -> Node | None:
        """By its own word, where that can be believed."""
        mains = list(self._text.body.iter("main"))
        if len(mains) != 1:
            return None
        sides = self._sides(mains[0])
        said = sides.prose_beside <= _PROSE_BESIDE * sides.width and sides.prose_around <= _PROSE_AROUND * sides.prose
        return mains[0] if sides.width and sides.width_beside <= sides.width and said else None

    def _sides(self, article: Node) -> _Sides:
        inside = set(article.iter())
        within = [unit for unit in self._text.units if unit.node in inside]
        outside = [u for u in self._text.units if u.node not in inside and not u.notice and u.node.tag != "h1"]
        beside = [unit for unit in outside if not unit.around]
        return _Sides(
            width=sum(unit.width for unit in within),
            text=sum(unit.width - unit.linked for unit in within),
            prose=sum(unit.width for unit in within if unit.is_prose),
            width_beside=sum(unit.width for unit in beside),
            text_beside=sum(unit.width - unit.linked for unit in beside),
            prose_beside=sum(unit.width for unit in beside if unit.is_prose),
            prose_around=sum(unit.width for unit in outside if unit.around and unit.is_prose),
            structure_beside=any(unit.structure for unit in beside),
        )

    def _titles(self) -> list[Node]:
        return [title for title in self._text.body.iter("h1") if not self._text.places[title].around]

    def _with_title(self, article: Node) -> Node:
        """With the title of the page that stands above it, and what stands between."""
        at = self._text.places[article].number
        titles = [title for title in self._titles() if self._text.places[title].number < at]
        if not titles or next(article.iter("h1"), None) is not None:
            return article
        above = set(titles[-1].iterancestors())
        common = next((step for step in article.iterancestors() if step in above), self._text.body)
        return article if common is self._text.body else common

    def _convinces(self, article: Node) -> bool:
        sides = self._sides(article)
        return (
            sides.prose >= _LEAST_PROSE
            and not sides.structure_beside
            and sides.prose_beside <= _PROSE_OUTSIDE * sides.prose
            and sides.prose_around <= _PROSE_AROUND * sides.prose
            and sides.text_beside <= _TEXT_OUTSIDE * sides.text
        )

    def outside(self, article: Node) -> Iterator[Node]:
        """The largest elements that hold nothing of the article; a title of the page stays, where
        the article has none."""
        titles = [] if next(article.iter("h1"), None) is not None else self._titles()
        path = {step for node in (article, *titles) for step in (node, *node.iterancestors())}
        whole = {article, *titles}
        waiting = [self._text.body]
        while waiting:
            node = waiting.pop()
            if node in path and node not in whole:
                waiting.extend(reversed(node))
            elif node not in whole:
                yield node

    def notices(self, article: Node) -> Iterator[Node]:
        """What says by its name that it is no part of the article, and was not kept as one."""
        most = _NOTICE_SHARE * self._text.widths[article]
        waiting = list(article)
        while waiting:
            node = waiting.pop()
            if says_around(node) and self._is_notice(node, most):
                yield node
            else:
                waiting.extend(node)

    def _is_notice(self, node: Node, most: float) -> bool:
        width = self._text.widths[node]
        if self._text.kept[node] or width > most or node.get("role") == "note":
            return False
        if 2 * self._text.links[node] < width and not (says_notice(node) and width <= _LONGEST_NOTICE):
            return False
        return next(node.iter("h1", "pre", "table"), None) is None
