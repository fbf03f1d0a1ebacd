"""What a Word paragraph is: by its style, its outline level and its numbering."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ingest.parsers.office.word_tree import KIND
from schemas.document import BlockKind

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING_NAME = re.compile(
    r"(?:heading|标题|標題|überschrift|titre|título|titolo|заголовок|見出し)\s*([1-9])", re.IGNORECASE
)
_LIST_NAME = re.compile(r"(?:list(?: bullet| number| continue)?|列表(?:项目符号|编号|接续)?)\s*([2-9])?", re.IGNORECASE)
_KINDS = (
    (re.compile(r"(?:title|标题|文档标题|主标题)$", re.IGNORECASE), BlockKind.TITLE),
    (re.compile(r"(?:caption|题注)$", re.IGNORECASE), BlockKind.CAPTION),
    (re.compile(r"(?:(?:intense )?quote|block text|引用|明显引用)$", re.IGNORECASE), BlockKind.QUOTE),
    (
        re.compile(r"(?:html preformatted|html code|macro text|source ?code|code(?: block)?|代码)$", re.IGNORECASE),
        BlockKind.CODE,
    ),
    (re.compile(r"(?:footnote text|endnote text|脚注文本|尾注文本)$", re.IGNORECASE), BlockKind.FOOTNOTE),
)
_BODY_LEVEL = 9


@dataclass(frozen=True, slots=True)
class Shape:
    """`level`: of a heading from 1, of a list item from 0."""

    kind: BlockKind
    level: int = 0


@dataclass(frozen=True, slots=True)
class _Style:
    """What a style with those that it is based on says; None where none of them does."""

    names: tuple[str, ...]
    outline: int | None
    numbering: str | None
    depth: int | None


class WordStyles:
    """The styles of one document, each looked up once."""

    def __init__(self, document: Any) -> None:
        element = document.styles.element
        self._styles = {style.get(_W + "styleId"): style for style in element.iterchildren(_W + "style")}
        self._default = next(
            (
                id_
                for id_, style in self._styles.items()
                if style.get(_W + "type") == "paragraph" and style.get(_W + "default") in {"1", "true", "on"}
            ),
            None,
        )
        self._known: dict[str | None, _Style] = {}

    def shape(self, paragraph: Any) -> Shape:
        """`paragraph` is a `w:p` element."""
        made_here = paragraph.get(KIND)
        if made_here:
            return Shape(BlockKind(made_here))
        style = self._style(_value(paragraph, "pPr/pStyle") or self._default)
        level = self._heading_level(paragraph, style)
        if level is not None:
            return Shape(BlockKind.HEADING, level)
        for pattern, kind in _KINDS:
            if any(pattern.fullmatch(name) for name in style.names):
                return Shape(kind)
        depth = self._list_depth(paragraph, style)
        return Shape(BlockKind.PARAGRAPH) if depth is None else Shape(BlockKind.LIST_ITEM, depth)

    def _heading_level(self, paragraph: Any, style: _Style) -> int | None:
        own = _integer(_value(paragraph, "pPr/outlineLvl"))
        if own is not None:
            return own + 1 if own < _BODY_LEVEL else None
        for name in style.names:
            match = _HEADING_NAME.fullmatch(name)
            if match:
                return int(match[1])
        if style.outline is not None and style.outline < _BODY_LEVEL:
            return style.outline + 1
        return None

    def _list_depth(self, paragraph: Any, style: _Style) -> int | None:
        own = _value(paragraph, "pPr/numPr/numId")
        depth = _integer(_value(paragraph, "pPr/numPr/ilvl"))
        if own is not None:
            return None if own == "0" else depth or 0
        # "List Paragraph" indents what follows an item: alone it makes none.
        named = next((match for name in style.names if (match := _LIST_NAME.fullmatch(name))), None)
        if named and named[1]:
            # "List Bullet 2" is the second level of a list in all but its numbering.
            return int(named[1]) - 1
        if style.numbering is not None:
            return None if style.numbering == "0" else depth if depth is not None else style.depth or 0
        return 0 if named else None

    def _style(self, id_: str | None) -> _Style:
        if id_ not in self._known:
            self._known[id_] = self._resolved(id_)
        return self._known[id_]

    def _resolved(self, id_: str | None) -> _Style:
        names: list[str] = []
        outline = depth = None
        numbering = None
        seen: set[str] = set()
        while id_ is not None and id_ in self._styles and id_ not in seen:
            seen.add(id_)
            style = self._styles[id_]
            names.append(_value(style, "name") or id_)
            outline = outline if outline is not None else _integer(_value(style, "pPr/outlineLvl"))
            numbering = numbering if numbering is not None else _value(style, "pPr/numPr/numId")
            depth = depth if depth is not None else _integer(_value(style, "pPr/numPr/ilvl"))
            id_ = _value(style, "basedOn")
        return _Style(tuple(names), outline, numbering, depth)


def _value(node: Any, path: str) -> str | None:
    found = node.find("/".join(_W + step for step in path.split("/")))
    return None if found is None else found.get(_W + "val")


def _integer(value: str | None) -> int | None:
    return int(value) if value is not None and value.isascii() and value.isdigit() else None
