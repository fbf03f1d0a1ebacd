"""A workbook brought down to its cells, for one that openpyxl refuses for a style, a chart or a rule that is not as the
standard has it. Excel opens such files, and what refuses them says nothing about their text.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Callable
from typing import Any

from lxml import etree

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_BOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_STYLES = "xl/styles.xml"
_KEPT_RELATIONS = ("/worksheet", "/sharedStrings", "/styles")
_PLAIN = f"""<styleSheet xmlns="{_MAIN}"><fonts><font/></fonts><fills><fill><patternFill/></fill></fills>
<borders><border/></borders><cellStyleXfs><xf/></cellStyleXfs></styleSheet>"""


def lean_workbook(package: bytes) -> bytes:
    """Sheets with their cells and spans, texts, and formats of numbers. Raises `ValueError`, `KeyError` and
    `zipfile.BadZipFile` for what is no workbook."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as book, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as lean:
        change: dict[str, Callable[[bytes], bytes]] = {_BOOK: _lean_book, _STYLES: _lean_styles}
        targets = _targets(book.read(_RELATIONS))
        for name in book.namelist():
            if name == _RELATIONS:
                lean.writestr(name, _lean_relations(book.read(name)))
            elif name in {"[Content_Types].xml", "_rels/.rels"}:
                lean.writestr(name, book.read(name))
            elif name in change:
                lean.writestr(name, change[name](book.read(name)))
            elif name in targets:
                content = book.read(name)
                lean.writestr(name, _lean_sheet(content) if targets[name].endswith("/worksheet") else content)
    return made.getvalue()


def _targets(relations: bytes) -> dict[str, str]:
    """The kind of each part that the workbook names."""
    return {
        posixpath.normpath(posixpath.join("xl", each.get("Target", ""))).lstrip("/"): each.get("Type", "")
        for each in _parsed(relations)
        if each.get("Type", "").endswith(_KEPT_RELATIONS)
    }


def _lean_relations(content: bytes) -> bytes:
    root = _parsed(content)
    for each in list(root):
        if not each.get("Type", "").endswith(_KEPT_RELATIONS):
            root.remove(each)
    return _written(root)


def _lean_book(content: bytes) -> bytes:
    return _only(content, {"workbookPr", "sheets"})


def _lean_sheet(content: bytes) -> bytes:
    return _only(content, {"sheetData", "mergeCells"})


def _lean_styles(content: bytes) -> bytes:
    """Formats of numbers alone: they make a date of a number."""
    root, told = _parsed(_PLAIN.encode()), _parsed(content)
    formats = told.find(f"{{{_MAIN}}}numFmts")
    if formats is not None:
        root.insert(0, formats)
    cells = etree.SubElement(root, f"{{{_MAIN}}}cellXfs")
    for each in told.iterfind(f"{{{_MAIN}}}cellXfs/{{{_MAIN}}}xf"):
        etree.SubElement(cells, f"{{{_MAIN}}}xf", numFmtId=each.get("numFmtId", "0"), xfId="0")
    return _written(root)


def _only(content: bytes, kept: set[str]) -> bytes:
    root = _parsed(content)
    for child in list(root):
        if not isinstance(child.tag, str) or etree.QName(child).localname not in kept:
            root.remove(child)
    return _written(root)


def _parsed(content: bytes) -> Any:  # lxml has no types of its own
    try:
        return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error


def _written(root: Any) -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))
