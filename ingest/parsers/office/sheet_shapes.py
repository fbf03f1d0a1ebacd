"""Text that lies on a sheet and in none of its cells: text boxes, and titles of charts."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from ingest.parsers.office.properties import member_xml

_WORKBOOK = "xl/workbook.xml"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_MOST_CHARTS = 1000
"""Of one workbook; each is a file to open."""


def shape_texts(package: bytes) -> dict[str, tuple[str, ...]]:
    """Name of the sheet to its texts, in the order of the file; a part that is missing has none."""
    workbook = member_xml(package, _WORKBOOK)
    if workbook is None:
        return {}
    parts = _targets(package, _WORKBOOK)
    found: dict[str, tuple[str, ...]] = {}
    for sheet in workbook.iter("{*}sheet"):
        texts = tuple(_sheet_texts(package, parts.get(sheet.get(_ID) or "", "")))
        if texts:
            found[sheet.get("name") or ""] = texts
    return found


def _sheet_texts(package: bytes, sheet: str) -> Iterator[str]:
    for drawing in _of_kind(_targets(package, sheet), "drawings/"):
        root = member_xml(package, drawing)
        if root is not None:
            yield from filter(None, (_text(body) for body in root.iter("{*}txBody")))
        for chart in _of_kind(_targets(package, drawing), "charts/")[:_MOST_CHARTS]:
            root = member_xml(package, chart)
            titles = root.iter("{*}title") if root is not None else ()
            text = " · ".join(filter(None, map(_text, titles)))
            if text:
                yield text


def _text(node: Any) -> str:
    """Paragraphs as lines."""
    lines = ("".join(run.text or "" for run in line.iter("{*}t")).strip() for line in node.iter("{*}p"))
    return "\n".join(filter(None, lines))


def _of_kind(targets: dict[str, str], folder: str) -> list[str]:
    return [target for target in targets.values() if folder in target and target.endswith(".xml")]


def _targets(package: bytes, part: str) -> dict[str, str]:
    """Relationship ids of a part to the parts they name, inside the package."""
    folder, _, name = part.rpartition("/")
    root = member_xml(package, f"{folder}/_rels/{name}.rels") if part else None
    if root is None:
        return {}
    return {
        each.get("Id") or "": posixpath.normpath(posixpath.join("/" + folder, each.get("Target") or "")).lstrip("/")
        for each in root.iter("{*}Relationship")
        if each.get("TargetMode") != "External"
    }
