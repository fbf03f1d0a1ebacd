"""Tracked changes of a Word document, settled one way: afterwards none are left.

Text, paragraph marks and rows of tables; what changes of format there were is not undone.
"""

from __future__ import annotations

from typing import Any

from ingest.parsers.base import TrackedChanges

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_NEW = (_W + "ins", _W + "moveTo")
_OLD = (_W + "del", _W + "moveFrom")
_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def settle_changes(root: Any, keep: TrackedChanges) -> None:
    """Changes the tree in place: "final" is without what was deleted, "original" without what was
    inserted, "all" has both, deletions as `[deleted: …]` (what moved is only where it went)."""
    dropped = {"final": _OLD, "original": _NEW, "all": (_W + "moveFrom",)}[keep]
    if keep != "all":
        _drop_rows(root, dropped)
        _join_paragraphs(root, dropped)
    for node in list(root.iter(*dropped)):
        node.getparent().remove(node)
    for node in list(root.iter(_W + "del")) if keep == "all" else ():
        _mark_deleted(node)
    for node in list(root.iter(_W + "delText")):
        node.tag = _W + "t"
    for node in list(root.iter(*_NEW, *_OLD)):
        for child in list(node):
            node.addprevious(child)
        node.getparent().remove(node)


def _drop_rows(root: Any, dropped: tuple[str, ...]) -> None:
    for row in list(root.iter(_W + "tr")):
        properties = row.find(_W + "trPr")
        if properties is not None and any(child.tag in dropped for child in properties):
            table = row.getparent()
            table.remove(row)
            if table.find(_W + "tr") is None and table.getparent() is not None:
                table.getparent().remove(table)


def _join_paragraphs(root: Any, dropped: tuple[str, ...]) -> None:
    """A paragraph whose own mark goes runs into the next, which keeps its style."""
    for paragraph in list(root.iter(_W + "p")):
        mark = paragraph.find(f"{_W}pPr/{_W}rPr")
        behind = paragraph.getnext()
        if mark is None or behind is None or behind.tag != _W + "p":
            continue
        if any(child.tag in dropped for child in mark):
            properties = behind.find(_W + "pPr")
            at = 0 if properties is None else 1
            behind[at:at] = [child for child in paragraph if child.tag != _W + "pPr"]
            paragraph.getparent().remove(paragraph)


def _mark_deleted(node: Any) -> None:
    texts = [text for text in node.iter(_W + "delText", _W + "t") if text.text]
    if texts:
        texts[0].text = f"[deleted: {texts[0].text}"
        texts[-1].text = f"{texts[-1].text}]"
        for text in (texts[0], texts[-1]):
            text.set(_XML_SPACE, "preserve")
