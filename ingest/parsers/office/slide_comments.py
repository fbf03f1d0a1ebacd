"""What reviewers said beside the slides of a presentation, old style and new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def comment_authors(presentation: Any) -> dict[str, str]:
    """Their names by the ids that comments give."""
    found = {}
    for root in _related(presentation.part, "/commentauthors", "/authors"):
        for author in root.iter("{*}cmAuthor", "{*}author"):
            found[author.get("id") or ""] = author.get("name") or ""
    return found


def slide_comments(slide: Any, authors: Mapping[str, str]) -> Iterator[str]:
    """`NAME: text`, replies behind what they answer."""
    for root in _related(slide.part, "/comments"):
        for comment in root.iter("{*}cm", "{*}reply"):
            own = comment.findall("{*}text")
            runs = comment.findall(f"{{*}}txBody//{_A}t")
            said = "".join(text.text or "" for text in own or runs)
            author = authors.get(comment.get("authorId") or "", "")
            if said.strip():
                yield f"{author}: {said}" if author else said


def _related(part: Any, *kinds: str) -> Iterator[Any]:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    for relation in part.rels.values():
        if not relation.is_external and relation.reltype.lower().endswith(kinds):
            yield etree.fromstring(relation.target_part.blob, parser)
