"""What OpenDocument styles say: the kind of a paragraph, whether a list is numbered, page edges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemas.document import BlockKind

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_KINDS = {
    "Title": BlockKind.TITLE,
    "Quotations": BlockKind.QUOTE,
    "Preformatted_20_Text": BlockKind.CODE,
    "Caption": BlockKind.CAPTION,
    "Footnote": BlockKind.FOOTNOTE,
    "Endnote": BlockKind.FOOTNOTE,
}
_HEADING = "Heading_20_"


class OdfStyles:
    """Of one file: those of its own and those that its text made up."""

    def __init__(self, content: Any, styles: Any | None) -> None:
        roots = [root for root in (styles, content) if root is not None]
        self._parents = {
            style.get(_STYLE + "name"): style.get(_STYLE + "parent-style-name")
            for root in roots
            for style in root.iter(_STYLE + "style")
        }
        self._lists = {style.get(_STYLE + "name"): style for root in roots for style in root.iter(_TEXT + "list-style")}
        self._masters = list(styles.iter(_STYLE + "master-page")) if styles is not None else []

    def tag(self, paragraph: Any) -> str:
        """`h1` to `h6`, `pre` or `p`."""
        names = self._chain(paragraph)
        if paragraph.tag == _TEXT + "h":
            return _heading(paragraph.get(_TEXT + "outline-level") or "1")
        for name in names:
            if name.startswith(_HEADING):
                return _heading(name.removeprefix(_HEADING))
        return "pre" if self.kind(paragraph) is BlockKind.CODE else "p"

    def kind(self, paragraph: Any) -> BlockKind | None:
        """Where it is more than a paragraph or heading."""
        return next((_KINDS[name] for name in self._chain(paragraph) if name in _KINDS), None)

    def is_numbered(self, style: str | None, depth: int) -> bool:
        found = self._lists.get(style)
        if found is None:
            return False
        level = next((step for step in found if step.get(_TEXT + "level") == str(depth + 1)), None)
        number = level is not None and level.tag == _TEXT + "list-level-style-number"
        return bool(number and level is not None and level.get(_STYLE + "num-format"))

    def edges(self) -> Iterator[tuple[BlockKind, Any]]:
        """Headers and footers of the page layouts."""
        for master in self._masters:
            for node in master:
                name = node.tag.removeprefix(_STYLE)
                if name.startswith("header"):
                    yield BlockKind.HEADER, node
                elif name.startswith("footer"):
                    yield BlockKind.FOOTER, node

    def _chain(self, paragraph: Any) -> list[str]:
        names: list[str] = []
        name = paragraph.get(_TEXT + "style-name")
        while name and name not in names:
            names.append(name)
            name = self._parents.get(name)
        return names


def _heading(level: str) -> str:
    return f"h{min(max(int(level), 1), 6)}" if level.isascii() and level.isdigit() else "h1"
