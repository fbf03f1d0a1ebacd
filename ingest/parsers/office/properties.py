"""What a file says of itself, as far as it can be believed, under the names that every parser uses."""

from __future__ import annotations

import re
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from ingest.parsers.pdf.metadata import iso_date, metadata_of
from ingest.parsers.pdf.text import clean
from schemas.source import MetadataValue

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_ISO = re.compile(r"(\d{4})-?(\d{2})?-?(\d{2})?(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?\s*(Z|[+-]\d{2}:?\d{2})?)?")
_MOST_XML = 4 << 20
"""Bytes of a properties member that are read; real ones have a few hundred."""

_CORE = "docProps/core.xml"
_ODF_META = "meta.xml"


@dataclass(frozen=True, slots=True)
class Properties:
    """As the file has them; empty where it does not."""

    title: str = ""
    author: str = ""
    subject: str = ""
    keywords: str = ""
    created: str = ""
    modified: str = ""
    language: str = ""


def metadata_from(properties: Properties) -> dict[str, MetadataValue]:
    """Author, subject, keywords, language, created and modified (ISO 8601), where they are real."""
    found = metadata_of({"author": properties.author, "subject": properties.subject, "keywords": properties.keywords})
    for name, value in (("created", properties.created), ("modified", properties.modified)):
        moment = _moment(value)
        if moment:
            found[name] = moment
    language = properties.language.strip()
    if _LANGUAGE.fullmatch(language):
        found["language"] = language.replace("_", "-")
    return found


def _moment(value: str) -> str | None:
    """ISO 8601 of what is one already, or of digits alone; fractions of a second are dropped."""
    digits = re.sub(r"\.\d+", "", value.strip())
    match = _ISO.fullmatch(digits)
    if match is None or match[1] < "1601":
        return None
    year, month, day, hour, minute, second, zone = match.groups()
    parts = [part or "" for part in (year, month, day, hour, minute, second)]
    return iso_date("".join(parts) + (zone or "").replace(":", ""))


def ooxml_properties(package: bytes) -> Properties:
    """Of `docProps/core.xml`; empty where it is missing or damaged: it is no part of the text."""
    root = member_xml(package, _CORE)
    if root is None:
        return Properties()
    return Properties(
        title=_first(root, "title"),
        author=_first(root, "creator"),
        subject=_first(root, "subject") or _first(root, "description"),
        keywords=_first(root, "keywords"),
        created=_first(root, "created"),
        modified=_first(root, "modified"),
        language=_first(root, "language"),
    )


def odf_properties(package: bytes) -> Properties:
    root = member_xml(package, _ODF_META)
    if root is None:
        return Properties()
    return Properties(
        title=_first(root, "title"),
        author=_first(root, "initial-creator") or _first(root, "creator"),
        subject=_first(root, "subject") or _first(root, "description"),
        keywords=", ".join(_all(root, "keyword")),
        created=_first(root, "creation-date"),
        modified=_first(root, "date"),
        language=_first(root, "language"),
    )


def epub_properties(package: bytes) -> Properties:
    """Of the package document that the container names."""
    container = member_xml(package, "META-INF/container.xml")
    rootfile = next(iter(container.iter("{*}rootfile")), None) if container is not None else None
    root = member_xml(package, rootfile.get("full-path") or "") if rootfile is not None else None
    if root is None:
        return Properties()
    modified = [meta.text or "" for meta in root.iter("{*}meta") if meta.get("property") == "dcterms:modified"]
    return Properties(
        title=_first(root, "title"),
        author=", ".join(_all(root, "creator")),
        subject=_first(root, "description"),
        keywords=", ".join(_all(root, "subject")),
        created=_first(root, "date"),
        modified=next(iter(modified), ""),
        language=_first(root, "language"),
    )


def has_locked_text(package: bytes) -> bool:
    """Whether an EPUB's pages are encrypted; fonts often are, and are not needed."""
    root = member_xml(package, "META-INF/encryption.xml")
    if root is None:
        return False
    locked = (node.get("URI") or "" for node in root.iter("{*}CipherReference"))
    return any(name.lower().endswith((".xhtml", ".html", ".htm", ".xml", ".opf")) for name in locked)


def rtf_properties(data: bytes) -> Properties:
    """Of `{\\info …}`."""
    start = data.find(b"{\\info")
    if start < 0:
        return Properties()
    info = data[start : start + _MOST_XML // 64].decode("latin-1")

    def said(field: str) -> str:
        match = re.search(r"\{(?:\\\*)?\\" + field + r" ([^{}]*)\}", info)
        return _plain_rtf(match[1]) if match else ""

    def when(field: str) -> str:
        match = re.search(r"\{\\" + field + r"((?:\\[a-z]+\d*)+)\s*\}", info)
        parts = dict(re.findall(r"\\([a-z]+)(\d+)", match[1])) if match else {}
        if not {"yr", "mo", "dy"} <= parts.keys():
            return ""
        clock = [int(parts.get(part, 0)) for part in ("hr", "min", "sec")]
        return "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}".format(*(int(parts[p]) for p in ("yr", "mo", "dy")), *clock)

    return Properties(
        title=said("title"),
        author=said("author"),
        subject=said("subject"),
        keywords=said("keywords"),
        created=when("creatim"),
        modified=when("revtim"),
    )


def _plain_rtf(text: str) -> str:
    text = re.sub(r"\\u(-?\d+)\s?(?:\\'[0-9a-fA-F]{2}|\?)?", lambda m: chr(int(m[1]) % 0x10000), text)
    text = re.sub(r"\\'([0-9a-fA-F]{2})", lambda m: bytes.fromhex(m[1]).decode("cp1252", errors="replace"), text)
    return re.sub(r"\\[a-z]+-?\d* ?", "", text).strip()


def member_xml(package: bytes, name: str, most: int = _MOST_XML) -> Any | None:
    """A member of a zip archive as XML, without entities and references to elsewhere; None where
    it is missing or damaged."""
    from lxml import etree

    with zipfile.ZipFile(BytesIO(package)) as archive:
        try:
            with archive.open(name) as member:
                data = member.read(most)
        except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError):
            return None
    try:
        return etree.fromstring(
            data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=most > _MOST_XML)
        )
    except etree.XMLSyntaxError:
        return None


def _all(root: Any, name: str) -> list[str]:
    return [text for node in root.iter(f"{{*}}{name}") if (text := clean(node.text or "").strip())]


def _first(root: Any, name: str) -> str:
    return next(iter(_all(root, name)), "")
