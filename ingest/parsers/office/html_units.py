"""The text of a page by the blocks that it stands right in, and what those blocks say they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

Node = Any  # lxml has no types of its own

CONTAINERS = frozenset(
    {"body", "div", "main", "article", "section", "center", "form", "table", "tbody", "tr", "td", "font", "span"}
)
"""What may hold a whole article."""
_PARAGRAPH = 80
"""Width from which a text that is mostly no link is prose."""
_GRAM, _STEP = 24, 8
_WINDOW = 40
"""Letters from one look into the extract to the next."""
_SHORTEST = 16
"""Width below which a text stands in the extract by chance."""

_BLOCKS = CONTAINERS - {"font", "span"} | {
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "li", "dt", "dd", "pre", "blockquote", "th", "thead",
    "tfoot", "caption", "header", "footer", "aside", "nav", "address", "figure", "figcaption", "details", "summary",
    "fieldset", "legend", "dialog",
}  # fmt: skip
_SILENT = frozenset({"script", "style", "noscript", "template", "svg", "iframe", "object", "head", "title"})
_AROUND_TAGS = frozenset({"nav", "aside", "footer", "dialog"})
_AROUND_ROLES = frozenset({"navigation", "complementary", "contentinfo", "dialog", "alertdialog", "search"})
_AROUND_WORDS = frozenset(
    {
        "breadcrumb", "breadcrumbs", "footer", "menu", "nav", "navbar", "navigation", "pager", "pagination",
        "recommended", "recommendations", "related", "share", "sharing", "sidebar", "social", "toolbar", "widget",
    }
)  # fmt: skip
"""In the class or id of what leads elsewhere."""
_NOTICE_WORDS = frozenset(
    {
        "ad", "ads", "advert", "adverts", "advertisement", "advertising", "adsbygoogle", "banner", "consent", "cookie",
        "cookies", "gdpr", "modal", "newsletter", "overlay", "popup", "promo", "promotion", "signup", "sponsor",
        "sponsored", "subscribe", "subscription",
    }
)  # fmt: skip
"""In the class or id of what speaks of other things."""
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_NO_LETTER = re.compile(r"[\W_]+")
_WIDE = re.compile(r"[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class Unit:
    """The text that stands right in one block element. `linked`: the part of `width` in links;
    `around`: it is within something that says of itself that it leads elsewhere, `notice`: that it
    speaks of something else; `structure`: code, or a cell of a table that is no frame for a layout."""

    node: Node
    text: str
    width: int
    linked: int
    around: bool
    notice: bool
    structure: bool

    @property
    def is_prose(self) -> bool:
        return self.width >= _PARAGRAPH and 2 * self.linked < self.width


class Extract:
    """The text that an extractor kept of a page; what is asked of it costs no look through all of it."""

    def __init__(self, text: str) -> None:
        """`text`: blocks and cells parted by newlines and pipes."""
        self._pieces = {letters(piece) for piece in re.split(r"[\n|]", text)}
        flat = letters(text)
        self._grams = {flat[at : at + _GRAM] for at in range(0, len(flat) - _GRAM + 1, _STEP)}

    def holds(self, text: str) -> bool:
        """At least half of it. Not what is too short to tell."""
        told = letters(text)
        if len(told) < _GRAM + _STEP:
            return width_of(told) >= _SHORTEST and told in self._pieces
        starts = range(0, len(told) - _GRAM - _STEP + 1, _WINDOW)
        return 2 * sum(self._has(told[at : at + _GRAM + _STEP]) for at in starts) >= len(starts)

    def _has(self, window: str) -> bool:
        # Of _STEP places in a row, one is where a gram of the extract begins.
        return any(window[at : at + _GRAM] in self._grams for at in range(_STEP))


@dataclass(frozen=True, slots=True)
class Place:
    """What an element is within, itself counted."""

    number: int
    block: Node
    linked: bool = False
    silent: bool = False
    around: bool = False
    notice: bool = False
    structure: bool = False


class PageText:
    """`kept`, `widths`, `links`: of every element with all that it holds, the width of what stands in
    the extract, of all its text, and of what is linked. Each is one pass over the tree: pages nest
    deeply and have many elements."""

    def __init__(self, body: Node, extract: Extract) -> None:
        self.body = body
        self._nodes = list(body.iter())  # keeps lxml's proxies alive, so that they are keys
        self.places = self._placed()
        self.units = self._read_units()
        self.kept = self._summed({unit.node: unit.width for unit in self.units if extract.holds(unit.text)})
        self.widths = self._summed({unit.node: unit.width for unit in self.units})
        self.links = self._summed({unit.node: unit.linked for unit in self.units})

    def _placed(self) -> dict[Node, Place]:
        places = {self.body: Place(0, self.body)}
        for number, node in enumerate(self._nodes[1:], start=1):
            within, tag = places[node.getparent()], node.tag
            places[node] = Place(
                number,
                node if tag in _BLOCKS else within.block,
                within.linked or tag == "a",
                within.silent or tag in _SILENT,
                within.around or says_around(node),
                within.notice or says_notice(node),
                within.structure or tag == "pre" or (tag == "table" and _is_data(node)),
            )
        return places

    def _read_units(self) -> list[Unit]:
        texts: dict[Node, list[str]] = {}
        linked: dict[Node, int] = {}
        for node in self._nodes:
            around = node.getparent() if node is not self.body else None
            for holder, text in ((node, node.text), (around, node.tail)):
                if holder is None or not (text or "").strip() or self.places[holder].silent:
                    continue
                place = self.places[holder]
                texts.setdefault(place.block, []).append(text)
                if place.linked:
                    linked[place.block] = linked.get(place.block, 0) + width_of(text)
        units = []
        for node, parts in texts.items():
            text, place = " ".join(parts), self.places[node]
            told = (place.around, place.notice, place.structure)
            units.append(Unit(node, text, width_of(text), linked.get(node, 0), *told))
        return units

    def _summed(self, own: dict[Node, int]) -> dict[Node, int]:
        """Of every element with all that it holds."""
        sums = dict.fromkeys(self._nodes, 0) | own
        for node in reversed(self._nodes[1:]):
            sums[node.getparent()] += sums[node]
        return sums


def says_around(node: Node) -> bool:
    if node.tag in _AROUND_TAGS or (node.get("role") or "").lower() in _AROUND_ROLES:
        return True
    return not _AROUND_WORDS.isdisjoint(names_of(node)) or says_notice(node)


def says_notice(node: Node) -> bool:
    return node.tag == "footer" or not _NOTICE_WORDS.isdisjoint(names_of(node))


def names_of(node: Node) -> set[str]:
    """The words of its class and id."""
    return {word.lower() for word in _WORD.findall(f"{node.get('class') or ''} {node.get('id') or ''}")}


def _is_data(table: Node) -> bool:
    return next(table.iter("th", "caption"), None) is not None


def letters(text: str) -> str:
    return _NO_LETTER.sub("", text).casefold()


def width_of(text: str) -> int:
    """Letters and figures, a Chinese, Japanese or Korean one counting as two."""
    told = letters(text)
    return len(told) + len(_WIDE.findall(told))
