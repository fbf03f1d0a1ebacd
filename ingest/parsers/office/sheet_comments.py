"""What reviewers said of cells: notes, and the conversations of newer Excel, which keeps them in parts
of their own and leaves a note without names for older readers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ingest.parsers.office.properties import member_xml
from ingest.parsers.office.sheet_shapes import of_kind, sheet_parts, targets

_WORKBOOK = "xl/workbook.xml"
_Said = Mapping[str, str]


def conversations(package: bytes) -> dict[str, _Said]:
    """Name of the sheet to what was said at each of its cells, replies as further lines."""
    people = _people(package)
    found: dict[str, _Said] = {}
    for sheet, part in sheet_parts(package):
        said: dict[str, list[str]] = {}
        for thread in of_kind(targets(package, part), "threadedComments/"):
            root = member_xml(package, thread)
            for comment in root.iter("{*}threadedComment") if root is not None else ():
                text = " ".join((node.text or "").strip() for node in comment.iter("{*}text"))
                author = people.get(comment.get("personId") or "", "")
                said.setdefault(comment.get("ref") or "", []).append(f"{author}: {text}" if author else text)
        found[sheet] = {cell: "\n".join(lines) for cell, lines in said.items()}
    return found


def cell_comments(cells: Iterator[Any], said: _Said) -> Iterator[str]:
    """`B3: NAME: text` for every cell of openpyxl's that has a comment."""
    for cell in cells:
        if cell.comment is not None:
            yield f"{cell.coordinate}: {said.get(cell.coordinate) or _note(cell.comment)}"


def _note(comment: Any) -> str:
    """With its author in front, as Excel itself begins a note. Of a conversation whose own part is
    lost, Excel says at length what it is, before it begins."""
    _, mark, conversation = comment.text.partition("Comment:\n")
    if mark and comment.text.startswith("[Threaded comment]"):
        return str(conversation).strip()
    text, author = comment.text.strip(), (comment.author or "").strip()
    return text if not author or text.startswith(author) else f"{author}: {text}"


def _people(package: bytes) -> dict[str, str]:
    found = {}
    for part in of_kind(targets(package, _WORKBOOK), "persons/"):
        root = member_xml(package, part)
        for person in root.iter("{*}person") if root is not None else ():
            found[person.get("id") or ""] = person.get("displayName") or ""
    return found
