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
    told = ((name, tuple(_sheet_texts(package, part))) for name, part in sheet_parts(package))
    return {name: texts for name, texts in told if texts}


def sheet_parts(package: bytes) -> Iterator[tuple[str, str]]:
    """Names of the sheets, and where they lie in the package."""
    workbook = member_xml(package, _WORKBOOK)
    if workbook is None:
        return
    parts = targets(package, _WORKBOOK)
    for sheet in workbook.iter("{*}sheet"):
        yield sheet.get("name") or "", parts.get(sheet.get(_ID) or "", "")


def _sheet_texts(package: bytes, sheet: str) -> Iterator[str]:
    for drawing in of_kind(targets(package, sheet), "drawings/"):
        root = member_xml(package, drawing)
        if root is not None:
            yield from filter(None, (_text(body) for body in root.iter("{*}txBody")))
        for chart in of_kind(targets(package, drawing), "charts/")[:_MOST_CHARTS]:
            root = member_xml(package, chart)
            titles = root.iter("{*}title") if root is not None else ()
            text = " · ".join(filter(None, map(_text, titles)))
            if text:
                yield text


def _text(node: Any) -> str:
    """Paragraphs as lines."""
    lines = ("".join(run.text or "" for run in line.iter("{*}t")).strip() for line in node.iter("{*}p"))
    return "\n".join(filter(None, lines))


def of_kind(found: dict[str, str], folder: str) -> list[str]:
    return [target for target in found.values() if folder in target and target.endswith(".xml")]


def targets(package: bytes, part: str) -> dict[str, str]:
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
