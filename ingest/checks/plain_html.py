"""A plain reading of HTML: text between the borders of blocks, without what no reader sees."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree, html

_NOT_READ = frozenset(
    {"script", "style", "nav", "head", "template", "noscript", "svg", "select", "button", "iframe", "object", "header",
     "footer", "aside", "form", "math", "rt", "rp", "textarea", "dialog"}
)  # fmt: skip
"""Beside what is never shown, what surrounds the text of a page: a parser may leave it out."""
_INLINE = frozenset(
    {"a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
     "kbd", "label", "mark", "q", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt",
     "u", "var", "wbr", "img"}
)  # fmt: skip
_HIDDEN = frozenset({"true"})
_DEEPEST = 500


def html_paragraphs(content: bytes) -> Iterator[str]:
    """Raises `ValueError` for what is not HTML."""
    try:
        root = html.document_fromstring(content)
    except (etree.ParserError, ValueError) as error:
        raise ValueError(str(error)) from error
    body = root.find("body")
    gathered: list[str] = []
    for piece in _pieces(root if body is None else body, 0):
        if piece is None:
            yield "".join(gathered)
            gathered.clear()
        else:
            gathered.append(piece)
    yield "".join(gathered)


def _pieces(element: html.HtmlElement, depth: int) -> Iterator[str | None]:
    """Stretches of text; None where a block begins or ends."""
    if depth > _DEEPEST or not isinstance(element.tag, str) or element.tag in _NOT_READ or _is_hidden(element):
        return
    block = element.tag not in _INLINE
    if block:
        yield None
    yield element.text or ""
    for child in element:
        yield from _pieces(child, depth + 1)
        yield child.tail or ""
    if block:
        yield None


def _is_hidden(element: html.HtmlElement) -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()
    return "hidden" in element.attrib or element.get("aria-hidden") in _HIDDEN or "display:none" in style
