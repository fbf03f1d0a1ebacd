"""What an HTML page says of itself in its head."""

from __future__ import annotations

from typing import Any

from ingest.parsers.office.properties import Properties, metadata_from
from schemas.source import MetadataValue

_NAMES = {
    "author": ("author", "dc.creator", "dcterms.creator", "article:author", "citation_author", "byl"),
    "subject": ("description", "dc.description", "dcterms.description", "og:description", "subject", "dc.subject"),
    "keywords": ("keywords", "news_keywords", "article:tag"),
    "created": (
        "article:published_time", "dcterms.created", "dcterms.date", "dc.date", "date", "created", "pubdate",
        "publishdate", "datepublished", "citation_date", "dcterms.issued",
    ),
    "modified": ("article:modified_time", "dcterms.modified", "last-modified", "revised", "og:updated_time"),
    "language": ("content-language", "dc.language", "og:locale"),
}  # fmt: skip


def html_title(root: Any) -> str:
    """Of `<title>`, else what the page calls itself for others."""
    for title in root.iter("title"):
        if next(title.iterancestors("svg"), None) is None:
            return " ".join((title.text_content()).split())
    return _told(root).get("og:title", "")


def html_metadata(root: Any) -> dict[str, MetadataValue]:
    told = _told(root)
    found = {field: next((told[name] for name in names if name in told), "") for field, names in _NAMES.items()}
    found["language"] = root.get("lang") or root.get("xml:lang") or found["language"]
    return metadata_from(Properties(**found))


def _told(root: Any) -> dict[str, str]:
    """By the name in lower case; the first of each."""
    told: dict[str, str] = {}
    for meta in root.iter("meta"):
        content = (meta.get("content") or "").strip()
        for attribute in ("name", "property", "itemprop", "http-equiv"):
            name = (meta.get(attribute) or "").strip().lower()
            if name and content:
                told.setdefault(name, content)
    return told
