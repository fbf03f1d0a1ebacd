"""OpenDocument text and presentations as HTML, from their own XML.

unstructured has pandoc turn them into Word, which loses tables within tables, text boxes, headers
and presentations as a whole. The HTML made here is what `html_read` reads; nothing that a file
names outside itself is opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ingest.parsers.base import ReadOptions
from ingest.parsers.office.html_read import KIND, SLIDE
from ingest.parsers.office.odf_styles import OdfStyles
from ingest.parsers.office.properties import member_xml
from schemas.document import BlockKind
from schemas.errors import CorruptFile, EncryptedFile

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_SHOW = "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}"
_SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
_XLINK_HREF = "{http://www.w3.org/1999/xlink}href"

_MOST_XML = 256 << 20
"""Bytes of `content.xml` that are read."""
_LEFT_OUT = frozenset(
    {
        _TEXT + "tracked-changes", _TEXT + "sequence-decls", _TEXT + "variable-decls", _TEXT + "user-field-decls",
        _OFFICE + "forms", _DRAW + "glue-point", _OFFICE + "scripts", _SHOW + "footer-decl", _SHOW + "header-decl",
        _SHOW + "date-time-decl", _SVG + "title", _SVG + "desc", _TEXT + "list-level-style-number",
    }
)  # fmt: skip
_VECTORS = (".svg", ".svm", ".wmf", ".emf")
_MOST_REPEATED = 100
"""Times that an empty or repeated cell or row is written out; real text is not repeated more often."""


@dataclass(slots=True)
class _Hanging:
    """What stands behind the block that is being read: notes, comments, boxes."""

    nodes: list[Any] = field(default_factory=list)


def odf_html(package: bytes, name: str, options: ReadOptions) -> str:
    """Raises `EncryptedFile`, `CorruptFile`."""
    manifest = member_xml(package, "META-INF/manifest.xml")
    if manifest is not None and next(manifest.iter("{*}encryption-data"), None) is not None:
        raise EncryptedFile(f"{name} is encrypted: save a copy without a password.", name=name)
    content = member_xml(package, "content.xml", _MOST_XML)
    body = content.find(f"{_OFFICE}body") if content is not None else None
    if body is None:
        raise CorruptFile(
            f"{name} has no readable content.xml: open it in an office program and save it again.", name=name
        )
    styles = OdfStyles(content, member_xml(package, "styles.xml", _MOST_XML))
    try:
        return _Writer(package, styles, _unwanted(options)).page(body)
    except RecursionError as error:
        raise CorruptFile(f"{name} nests its parts too deeply: save a simpler copy.", name=name) from error


def _unwanted(options: ReadOptions) -> frozenset[str]:
    """Tags of what is not read."""
    comments = frozenset() if options.comments else frozenset({_OFFICE + "annotation"})
    notes = frozenset() if options.speaker_notes else frozenset({_SHOW + "notes"})
    return _LEFT_OUT | comments | notes


class _Writer:
    def __init__(self, package: bytes, styles: OdfStyles, left_out: frozenset[str]) -> None:
        from lxml import html

        self._make = html.Element
        self._package = package
        self._styles = styles
        self._left_out = left_out
        self._slide = 0

    def page(self, body: Any) -> str:
        from lxml import etree

        root = self._make("body")
        for kind, edge in self._styles.edges():
            self._fill(root, edge, self._make("div", {KIND: kind.value}))
        self._blocks(root, body, depth=0, list_style=None)
        return str(etree.tostring(root, encoding="unicode", method="html"))

    def _fill(self, root: Any, node: Any, target: Any) -> None:
        self._blocks(target, node, depth=0, list_style=None)
        root.append(target)

    def _blocks(self, target: Any, node: Any, depth: int, list_style: str | None) -> None:
        for child in node.iterchildren("*"):
            if child.tag in self._left_out:
                continue
            match child.tag.rpartition("}")[2]:
                case "h" | "p":
                    self._paragraph(target, child)
                case "list":
                    self._list(target, child, depth, child.get(_TEXT + "style-name") or list_style)
                case "table":
                    self._table(target, child)
                case "page":
                    self._slide += 1
                    self._fill(target, child, self._make("div", {SLIDE: str(self._slide)}))
                case "notes":
                    self._fill(target, child, self._make("div", {KIND: BlockKind.QUOTE.value}))
                case "frame":
                    self._frame(target, child)
                case "annotation":
                    self._fill(target, child, self._make("div", {KIND: BlockKind.QUOTE.value}))
                case "page-thumbnail":
                    continue
                case _:
                    self._blocks(target, child, depth, list_style)

    def _paragraph(self, target: Any, node: Any) -> None:
        made = self._make(self._styles.tag(node))
        kind = self._styles.kind(node)
        if kind is not None:
            made.set(KIND, kind.value)
        hanging = _Hanging()
        self._inline(made, node, hanging)
        target.append(made)
        target.extend(hanging.nodes)

    def _list(self, target: Any, node: Any, depth: int, style: str | None) -> None:
        made = self._make("ol" if self._styles.is_numbered(style, depth) else "ul")
        for item in node.iterchildren(_TEXT + "list-item", _TEXT + "list-header"):
            entry = self._make("li")
            start = item.get(_TEXT + "start-value")
            if start:
                entry.set("value", start)
            self._blocks(entry, item, depth + 1, style)
            made.append(entry)
        target.append(made)

    def _table(self, target: Any, node: Any) -> None:
        made = self._make("table")
        for row in node.iter(_TABLE + "table-row"):
            if next(row.iterancestors(_TABLE + "table")) is not node:
                continue
            header = next(row.iterancestors(_TABLE + "table-header-rows", _TABLE + "table"))
            line = self._make("tr")
            for cell in row.iterchildren(_TABLE + "table-cell"):
                for _ in range(_columns(cell)):
                    entry = self._make("td" if header is node else "th")
                    for span in ("row", "column"):
                        if cell.get(f"{_TABLE}number-{span}s-spanned", "1") != "1":
                            attribute = "rowspan" if span == "row" else "colspan"
                            entry.set(attribute, cell.get(f"{_TABLE}number-{span}s-spanned"))
                    self._blocks(entry, cell, 0, None)
                    line.append(entry)
            made.append(line)
        target.append(made)

    def _frame(self, target: Any, frame: Any) -> None:
        kind = frame.get(_SHOW + "class")
        if kind == "title":
            made = self._make("h1")
            for paragraph in frame.iter(_TEXT + "p", _TEXT + "h"):
                if len(made):
                    made.append(self._make("br"))
                self._inline(made, paragraph, _Hanging())
            target.append(made)
            return
        if kind in {"footer", "header", "date-time", "page-number"}:
            block = BlockKind.PAGE_NUMBER if kind == "page-number" else BlockKind.FOOTER
            self._fill(target, frame, self._make("div", {KIND: block.value}))
            return
        described = [node.text or "" for node in frame.iterchildren(_SVG + "title", _SVG + "desc")]
        picture = _picture(frame)
        if picture or any(text.strip() for text in described):
            target.append(self._make("img", {"src": picture or "#", "alt": " ".join(described).strip()}))
        for embedded in frame.iterchildren(_DRAW + "object"):
            target.extend(self._object(embedded))
        self._blocks(target, frame, 0, None)

    def _object(self, node: Any) -> Iterator[Any]:
        """A formula or a chart, kept as a document of its own within the file."""
        folder = (node.get(_XLINK_HREF) or "").removeprefix("./")
        root = member_xml(self._package, f"{folder}/content.xml") if folder else None
        if root is None:
            return
        for annotation in list(root.iter("{*}annotation")):
            annotation.getparent().remove(annotation)
        formula = root.tag.endswith("}math")
        texts = ["".join(root.itertext())] if formula else ["".join(p.itertext()) for p in root.iter(_TEXT + "p")]
        text = " ".join(" ".join(texts).split())
        made = self._make("div", {KIND: (BlockKind.FORMULA if formula else BlockKind.FIGURE).value})
        made.text = text
        yield made

    def _inline(self, target: Any, node: Any, hanging: _Hanging) -> None:
        _append(target, node.text)
        for child in node.iterchildren("*"):
            self._run(target, child, hanging)
            _append(target, child.tail)

    def _run(self, target: Any, node: Any, hanging: _Hanging) -> None:
        name = node.tag.rpartition("}")[2]
        if node.tag in self._left_out:
            return
        if name == "s":
            _append(target, " ")
        elif name == "tab":
            _append(target, "\t")
        elif name == "line-break":
            target.append(self._make("br"))
        elif name == "note":
            citation = node.find(_TEXT + "note-citation")
            mark = f"[{''.join(citation.itertext())}]" if citation is not None else ""
            _append(target, mark)
            made = self._make("div", {KIND: BlockKind.FOOTNOTE.value})
            made.text = f"{mark} "
            for paragraph in node.iterfind(f"{_TEXT}note-body//{_TEXT}p"):
                self._inline(made, paragraph, hanging)
                _append(made, " ")
            hanging.nodes.append(made)
        elif name == "ruby-text":
            _append(target, f"({''.join(node.itertext())})")
        elif name in {"annotation", "frame"} or node.tag.startswith(_DRAW):
            holder = self._make("div")
            if name == "frame":
                self._frame(holder, node)
            else:
                if name == "annotation":
                    holder.set(KIND, BlockKind.QUOTE.value)
                self._blocks(holder, node, 0, None)
            hanging.nodes.append(holder)
        elif name != "annotation-end":
            self._inline(target, node, hanging)


def _picture(frame: Any) -> str:
    """Where the picture of a frame is. Several are the same in several formats, the best first; that
    of an object shows what is read from the object itself."""
    if frame.find(_DRAW + "object") is not None:
        return ""
    found = [image.get(_XLINK_HREF) or "" for image in frame.iterchildren(_DRAW + "image")]
    drawn = [address for address in found if not address.lower().endswith(_VECTORS)]
    return next(iter(drawn or found), "")


def _append(target: Any, text: str | None) -> None:
    if not text:
        return
    if len(target):
        target[-1].tail = (target[-1].tail or "") + text
    else:
        target.text = (target.text or "") + text


def _columns(cell: Any) -> int:
    """How many it stands for: cells that are alike are written once."""
    value = cell.get(f"{_TABLE}number-columns-repeated") or "1"
    return min(int(value), _MOST_REPEATED) if value.isascii() and value.isdigit() else 1
