"""MHS: how alike headings and what stands below them are, as opendataloader-bench measures it.

1 - distance / nodes of the larger tree. Levels are not measured: every heading is a child of the
root, whatever its level. What the published figures show where their description is silent:

- The text between two headings, tables as HTML, white space collapsed, is one node, and it hangs
  below its heading (text before the first heading below the root); the root is counted.
- A heading is a line of one to six `#` at its very start, a space and some text, in code blocks too.
- Renaming costs as in TEDS.
- A document without a heading in the reference has no score; a prediction without one scores 0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from scores.reading import Reading
from scores.trees import Node, edit_distance

_HEADING = re.compile(r"#{1,6}\s+(\S.*?)[\s#]*")


@dataclass(frozen=True, slots=True)
class Mhs:
    mhs: float | None
    mhs_s: float | None


def mhs(truth: Reading, found: Reading) -> Mhs:
    wanted, there = _tree(truth.markdown), _tree(found.markdown)
    if not _has_heading(wanted):
        return Mhs(None, None)
    if not _has_heading(there):
        return Mhs(0.0, 0.0)
    return Mhs(_similarity(wanted, there), _similarity(wanted.bare(), there.bare()))


def _similarity(one: Node, other: Node) -> float:
    return 1.0 - edit_distance(one, other) / max(one.size, other.size)


def _has_heading(root: Node) -> bool:
    return any(child.label == "heading" for child in root.children)


def _tree(markdown: str) -> Node:
    root = Node("root")
    section, lines = root, list[str]()
    for line in markdown.split("\n"):
        heading = _HEADING.fullmatch(line)
        if heading is None:
            lines.append(line)
            continue
        _close(section, lines)
        section, lines = Node("heading", " ".join(heading[1].split())), []
        root.children.append(section)
    _close(section, lines)
    return root


def _close(section: Node, lines: list[str]) -> None:
    text = " ".join(" ".join(lines).split())
    if text:
        section.children.append(Node("content", text))
