"""Bars of navigation that say what they are, on pages of which no part is an article for sure: pages of manuals are
often too short for that.

DocBook, Texinfo and Sphinx write them as tables and lists, which would be read as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.parsers.office.html_units import Node, PageText, names_of

_NAVIGATION = re.compile(
    r"breadcrumbs?|pager|pagination|(?:doc|top|side|sub|main|site|page|bottom|foot|head)?nav"
    r"|nav(?:bar|bars|s|header|footer|igation|links?|list|menu|panel|row|table)"
)
"""In the class or id of what does nothing but lead elsewhere."""
_HEAD = frozenset({"header", "head", "topbar"})
"""In the class or id of what may be a bar of links, or the head of the text."""
_EDGE_TAGS = frozenset({"header", "aside", "footer"})
_BARS = _EDGE_TAGS | {"div", "nav", "section", "ul", "ol", "dl", "table", "center", "form"}
_WITHIN = ("article", "main", "section", "blockquote")
"""Headers, asides and footers in these are parts of the text: a byline, a remark."""
_LONGEST = 400
"""Width of a bar that is not mostly links: it names the page, and those before and behind it."""
_LABEL = 40
"""Width of an edge of the page that is not mostly links: the name of the site, what opens a menu."""
_MOST = 0.5
"""Of the text of the page: with more, the navigation is what the page is for."""


def navigation_of(page: PageText) -> list[Node]:
    """The largest such elements; none where the page is little else."""
    prose = {step for unit in page.units if unit.is_prose for step in (unit.node, *unit.node.iterancestors())}
    found = list(_found(page, prose))
    whole = page.widths[page.body]
    return found if sum(page.widths[node] for node in found) <= _MOST * whole else []


def _found(page: PageText, prose: set[Node]) -> Iterator[Node]:
    waiting = [page.body]
    while waiting:
        node = waiting.pop()
        if node is not page.body and node not in prose and _is_bar(node, page):
            yield node
        else:
            waiting.extend(reversed(node))


def _is_bar(node: Node, page: PageText) -> bool:
    if node.tag not in _BARS:
        return False
    names, width = names_of(node), page.widths[node]
    leads = 2 * page.links[node] >= width
    if (node.get("role") or "").lower() == "navigation" or any(map(_NAVIGATION.fullmatch, names)):
        return (leads or (width <= _LONGEST and _is_named(node))) and next(node.iter("h1", "pre"), None) is None
    if next(node.iter("h1", "h2", "h3", "pre", "img"), None) is not None:
        return False
    if node.tag in _EDGE_TAGS and next(node.iterancestors(*_WITHIN), None) is None:
        return leads or width <= _LABEL
    return not _HEAD.isdisjoint(names) and bool(width) and leads


def _is_named(node: Node) -> bool:
    """By its role, or a whole name: `navheader`, and not `layoutWithNavbar`."""
    told = f"{node.get('class') or ''} {node.get('id') or ''}".lower().replace("_", "-").split()
    return bool(node.get("role")) or any(_NAVIGATION.fullmatch(name.split("-")[0]) for name in told)
