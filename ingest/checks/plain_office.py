"""Plain readings of office files: the paragraphs of their XML, whatever style, list or table they stand in."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO

from lxml import etree

from ingest.checks.plain_html import html_paragraphs

MOST_XML = 50_000_000
"""Bytes of one part, unpacked."""
_TEXT_PARTS = re.compile(r"word/(document|footnotes|endnotes)\d*\.xml")
_SLIDES = re.compile(r"ppt/slides/slide\d+\.xml")
_SHEETS = re.compile(r"xl/worksheets/sheet\d+\.xml")
_CHAPTERS = re.compile(r".*\.(xhtml|html|htm|xml)", re.IGNORECASE)
_CONTENT = "content.xml"
_NOT_SHOWN = frozenset({"del", "moveFrom", "delText", "instrText", "fldData", "tracked-changes", "annotation", "rPh"})
"""What was struck out by a tracked change, codes and stores of fields, remarks in the margin, and furigana."""
_PLACES = frozenset({"align", "posOffset", "pctWidth", "pctHeight", "pctPosHOffset", "pctPosVOffset"})
"""Where a drawing stands: numbers and words that are written like text."""
_BREAKS = frozenset({"tab", "br", "cr", "s", "line-break"})

Paragraphs = Callable[[bytes], Iterator[str]]


def word_paragraphs(content: bytes) -> Iterator[str]:
    for part in _parts(content, _TEXT_PARTS):
        yield from _of_tag(part, {"p"})


def slide_paragraphs(content: bytes) -> Iterator[str]:
    for part in _parts(content, _SLIDES):
        yield from _of_tag(part, {"p"})


def open_document_paragraphs(content: bytes) -> Iterator[str]:
    for part in _parts(content, re.compile(re.escape(_CONTENT))):
        yield from _of_tag(part, {"p", "h"})


def sheet_paragraphs(content: bytes) -> Iterator[str]:
    """The texts of cells."""
    shared = [text for part in _parts(content, re.compile(r"xl/sharedStrings\.xml")) for text in _of_tag(part, {"si"})]
    for part in _parts(content, _SHEETS):
        for cell in _elements(part, {"c"}):
            if cell.get("t") == "s":
                place = "".join(_texts(cell)).strip()
                if place.isdigit() and int(place) < len(shared):
                    yield shared[int(place)]
            elif cell.get("t") in {"inlineStr", "str"}:
                yield "".join(_texts(cell, without={"f"}))


def book_paragraphs(content: bytes) -> Iterator[str]:
    """Of the chapters in the spine of an EPUB."""
    with _opened(content) as package:
        for name in _spine(package):
            yield from html_paragraphs(package.read(name))


def _spine(package: zipfile.ZipFile) -> Iterator[str]:
    container = _parsed(package.read("META-INF/container.xml"))
    names = set(package.namelist())
    for root in container.iter("{*}rootfile"):
        path = str(root.get("full-path"))
        described = _parsed(package.read(path))
        files = {item.get("id"): str(item.get("href")) for item in described.iter("{*}item")}
        for item in described.iter("{*}itemref"):
            name = posixpath.normpath(posixpath.join(posixpath.dirname(path), files.get(item.get("idref"), "")))
            if name in names and _CHAPTERS.fullmatch(name):
                yield name


def _parts(content: bytes, wanted: re.Pattern[str]) -> Iterator[bytes]:
    with _opened(content) as package:
        for name in sorted(package.namelist(), key=lambda name: (len(name), name)):
            if wanted.fullmatch(name) and package.getinfo(name).file_size <= MOST_XML:
                yield package.read(name)


def _opened(content: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(BytesIO(content))
    except zipfile.BadZipFile as error:
        raise ValueError(str(error)) from error


def _of_tag(part: bytes, tags: set[str]) -> Iterator[str]:
    for element in _elements(part, tags):
        if not any(_name(above) in _NOT_SHOWN for above in element.iterancestors()):
            yield "".join(_texts(element))


def _elements(part: bytes, tags: set[str]) -> Iterator[etree._Element]:
    root = _parsed(part)
    yield from (element for tag in sorted(tags) for element in root.iter(f"{{*}}{tag}"))


def _parsed(part: bytes) -> etree._Element:
    try:
        return etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _texts(element: etree._Element, without: frozenset[str] | set[str] = _NOT_SHOWN | _PLACES) -> Iterator[str]:
    """A paragraph within it, as in a text box, is one of its own."""
    yield element.text or ""
    for child in element:
        tag = _name(child)
        if tag in _BREAKS:
            yield " "
        elif tag and tag not in without and tag not in {"p", "AlternateContent"}:
            yield from _texts(child, without)
        yield child.tail or ""
