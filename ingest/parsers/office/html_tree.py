"""An HTML tree made ready for unstructured: what a reader sees is where it keeps it.

unstructured leaves out figures, forms, details and labels with all they hold, joins what a line
break parts, and gives tables without their spans. Tags that it would drop are renamed, and every
element gets a number that comes back with the text that stood in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ingest.parsers.office.labels import label_items

LINE_BREAK = "\ufdd0"
"""Stands for `<br>`: a code point that no text has, so white space may be normalised around it."""
ITEM = "\ufdd2"
"""Stands where an item of a list begins in a cell of a table."""
NUMBER = "data-page-number"
"""The attribute that unstructured hands back as an element's page number."""
PICTURE = "data-picture"
"""The numbers of the pictures that an element shows."""
WAS = "data-was"
"""The tag that a renamed element had."""

LABEL = "data-label"
"""The number in front of a list item that a browser shows."""

_RENAMED = {
    "figure": "div",
    "figcaption": "p",
    "details": "div",
    "summary": "p",
    "form": "div",
    "fieldset": "div",
    "legend": "p",
    "label": "span",
    "output": "span",
    "del": "s",
    "dialog": "div",
    "textarea": "p",
    "menu": "ul",
    "dir": "ul",
    "plaintext": "pre",
    "listing": "pre",
    "xmp": "pre",
}
_SILENT = ("script", "style", "noscript", "template", "svg", "iframe", "object", "head", "title")
_TEX = frozenset({"application/x-tex", "tex", "latex", "application/x-latex"})
_TABLE_PARTS = ("tr", "td", "th", "tbody", "thead", "tfoot", "caption")
_BLOCKS = (
    "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "li", "dt", "dd", "pre", "blockquote", "hr",
    "section", "article", "aside", "header", "footer", "main", "address", "figure", "figcaption", "details",
    "summary", "form", "fieldset", "legend", "center",
)  # fmt: skip
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_ADDRESSED = (*_HEADINGS, "dt", "dd", "p", "div", "span", "caption", "figcaption", "li", "td")
_SIGN = re.compile(r"[^\w\s]{1,2}")
_REMARK_ROWS, _REMARK_COLUMNS = 2, 2
_DEEPEST = 120
"""Elements nested deeper are lifted: unstructured recurses, several calls a level."""

Node = Any  # lxml has no types of its own


def prepared(root: Node) -> list[Node]:
    """Changes the tree in place. The elements by their numbers."""
    body = next(iter(root.iter("body")), root)
    for node in list(body.iter(*_SILENT)):
        _drop(node)
    _drop_navigation(body)
    for node in list(body.iter("a")):
        # A note is told by its number in brackets, where it is called and where it stands.
        if node.get("role") == "doc-backlink":
            _drop(node)
        elif node.get("role") == "doc-noteref":
            _replace_by_text(node, f"[{text_of(node).strip('[]')}]")
        elif _is_own_address(node):
            _drop(node)
    for node in list(body.iter("br")):
        _replace_by_text(node, LINE_BREAK)
    for node in list(body.iter("ruby")):
        _spell_ruby(node)
    for node in list(body.iter("math")):
        _spell_math(node)
    _unname_main(body)
    _flatten_tables(body)
    _rename(body)
    for ordered in list(body.iter("ol")):
        label_items(ordered, LABEL)
    _lift_deep(body)
    nodes = list(body.iter())
    for number, node in enumerate(nodes):
        node.set(NUMBER, str(number))
    return nodes


def text_of(node: Node) -> str:
    return " ".join("".join(node.itertext()).replace(LINE_BREAK, " ").split())


def _is_own_address(link: Node) -> bool:
    """The sign behind a heading, or what else has an address, that leads to itself: `¶`, `#`."""
    sign = text_of(link)
    if "#" not in (link.get("href") or "") or not _SIGN.fullmatch(sign) or next(link.iter("img"), None) is not None:
        return False
    holder = next(link.iterancestors(*_ADDRESSED), None)
    return holder is not None and (sign == "¶" or holder.tag in _HEADINGS) and text_of(holder) != sign


def _rename(body: Node) -> None:
    for node in list(body.iter(*_RENAMED)):
        node.set(WAS, node.tag)
        node.tag = _RENAMED[node.tag]
    for node in list(body.iter("img")):
        if next(node.iterancestors("table"), None) is not None:
            # A table has text alone; its pictures follow it.
            table = list(node.iterancestors("table"))[-1]
            table.set(PICTURE, f"{table.get(PICTURE) or ''} {node.get(PICTURE) or ''}")
            _replace_by_text(node, f" {node.get('alt') or ''} ")
            continue
        # Without a source it would be left out with its description.
        if node.get("alt") and not (node.get("src") or node.get("data-src")):
            node.set("src", "#")


def _drop_navigation(body: Node) -> None:
    """A page that is nothing else keeps it."""
    navs = [nav for nav in body.iter("nav") if next(nav.iterancestors("nav"), None) is None]
    if navs and sum(map(_letters, navs)) >= _letters(body):
        for nav in list(body.iter("nav")):
            nav.tag = "div"
        return
    for nav in navs:
        _drop(nav)


def _letters(node: Node) -> int:
    return sum(len("".join(text.split())) for text in node.itertext())


def _unname_main(body: Node) -> None:
    """unstructured takes the first `<main>` for the whole page; what stands outside may be read too."""
    for node in list(body.iter("main")):
        node.set(WAS, "main")
        node.tag = "div"


def _flatten_tables(body: Node) -> None:
    """From the inside out: a table for layout becomes what it holds; in a table of data, a table
    within a cell becomes that cell's text."""
    for table in body.iter("table"):
        if next(table.iterancestors("table"), None) is not None:
            continue
        for block in table.iterdescendants(*_BLOCKS):
            _part_words(block)
    for table in reversed(list(body.iter("table"))):
        inner = next(table.iterdescendants("table"), None)
        if _is_layout(table, inner is not None):
            _unwrap_table(table)
            continue
        if inner is not None:
            for nested in list(table.iterdescendants("table")):
                _spread_cells(nested)
        _mark_items(table)


def _mark_items(table: Node) -> None:
    """Items of lists in cells, where they begin, with the numbers that a browser shows."""
    for ordered in table.iterdescendants("ol"):
        label_items(ordered, LABEL)
    for item in table.iterdescendants("li"):
        if not (item.text or "").startswith(ITEM):  # of a table within, it is marked already
            item.text = f"{ITEM}{item.get(LABEL) or ''} {item.text or ''}"


def _is_layout(table: Node, holds_table: bool) -> bool:
    if (table.get("role") or "").lower() in {"presentation", "none"}:
        return True
    if not text_of(table) and not any((image.get("alt") or "").strip() for image in table.iter("img")):
        return True  # a frame around pictures
    rows = list(rows_of(table))
    if _is_beside_picture(rows):
        return True
    widest = max((len([cell for cell in row if cell.tag in {"td", "th"}]) for row in rows), default=0)
    headings = next(table.iterdescendants("h1", "h2", "h3", "h4", "h5", "h6"), None) is not None
    return (holds_table or headings) and (len(rows) < 2 or widest < 2)


def _is_beside_picture(rows: list[Node]) -> bool:
    """A frame for a remark, with a sign in front of it: a picture alone, and in each row one cell with text."""
    cells = [[cell for cell in row if cell.tag in {"td", "th"}] for row in rows]
    if not 0 < len(cells) <= _REMARK_ROWS or len(cells[0]) != _REMARK_COLUMNS:
        return False
    sign = cells[0][0]
    told = [sum(bool(text_of(cell)) for cell in row) for row in cells]
    return not text_of(sign) and next(sign.iter("img"), None) is not None and max(told) == 1


def rows_of(table: Node) -> Iterator[Node]:
    """Its own rows, and not those of tables within."""
    for child in table:
        if child.tag == "tr":
            yield child
        elif child.tag in {"thead", "tbody", "tfoot"}:
            yield from (row for row in child if row.tag == "tr")


def _unwrap_table(table: Node) -> None:
    own = [part for part in table.iterdescendants(*_TABLE_PARTS) if next(part.iterancestors("table")) is table]
    for part in (*own, table):
        part.tag = "div"


def _spread_cells(nested: Node) -> None:
    for part in (*nested.iterdescendants(*_TABLE_PARTS), nested):
        _part_words(part)
        part.tag = "span"


def _part_words(node: Node) -> None:
    """What stands in a block of its own is no part of the word beside it."""
    node.text = f" {node.text or ''}"
    node.tail = f" {node.tail or ''}"


def _spell_ruby(ruby: Node) -> None:
    """The reading in brackets behind what it is of."""
    if any(text_of(node) for node in ruby.iter("rp")):
        return
    for reading in ruby.iter("rt"):
        reading.text = f"({reading.text or ''}"
        last = reading[-1] if len(reading) else None
        if last is None:
            reading.text += ")"
        else:
            last.tail = f"{last.tail or ''})"


def _spell_math(math: Node) -> None:
    """Math that comes with TeX stays for unstructured; of other math the symbols are kept."""
    tex = any((node.get("encoding") or "").strip().lower() in _TEX for node in math.iter("annotation"))
    if tex or (math.get("alttext") or "").strip():
        return
    for node in list(math.iter("annotation", "annotation-xml")):
        _drop(node)
    text = re.sub(r"\s+", " ", "".join(math.itertext())).strip()
    for child in list(math):
        math.remove(child)
    math.tag, math.text = "span", text


def _lift_deep(body: Node) -> None:
    stack = [(body, 0)]
    while stack:
        node, depth = stack.pop()
        waiting = list(node) if depth >= _DEEPEST else []
        while waiting:
            child = waiting.pop()
            if len(child) and child.tag not in {"table", *_TABLE_PARTS}:
                waiting.extend(child)
                child.drop_tag()
        stack.extend((child, depth + 1) for child in node)


def _drop(node: Node) -> None:
    _replace_by_text(node, "")


def _replace_by_text(node: Node, text: str) -> None:
    parent, text = node.getparent(), text + (node.tail or "")
    if parent is None:
        return
    before = node.getprevious()
    if before is None:
        parent.text = (parent.text or "") + text
    else:
        before.tail = (before.tail or "") + text
    parent.remove(node)
