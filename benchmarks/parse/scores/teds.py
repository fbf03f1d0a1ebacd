"""TEDS: how alike tables are, by tree edit distance (Zhong et al. 2020), as opendataloader-bench measures it.

1 - distance / nodes of the larger tree. What the published figures show where their description is silent:

- All tables of a document are one comparison: siblings under a root that isn't counted.
- `th` is `td`. A cell's label is its tag with both spans; its text, white space collapsed, counts
  by Levenshtein distance over the longer. `<br>` in a cell, escaped too, is a space.
- Tables stay as they are: no `tbody` is added, inner marks of a cell are text.
- A document without a table in the reference has no score; a prediction without one scores 0.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml.html import HtmlElement
from scores.reading import Reading, cell_text, span, table_elements
from scores.trees import Node, edit_distance

MOST_NODES = 1_000
"""In one document's tables, beyond which no score is given: APTED's time in Python grows with their
square, 25 s at a thousand."""


@dataclass(frozen=True, slots=True)
class Teds:
    teds: float | None
    teds_s: float | None


def teds(truth: Reading, found: Reading) -> Teds:
    wanted, there = _tree(truth), _tree(found)
    if not wanted.children:
        return Teds(None, None)
    if not there.children:
        return Teds(0.0, 0.0)
    if max(wanted.size, there.size) > MOST_NODES:
        return Teds(None, None)
    return Teds(_similarity(wanted, there), _similarity(wanted.bare(), there.bare()))


def _similarity(one: Node, other: Node) -> float:
    return 1.0 - edit_distance(one, other) / max(one.size - 1, other.size - 1, 1)


def _tree(reading: Reading) -> Node:
    return Node("root", children=[_node(table) for table in table_elements(reading.markdown)])


def _node(element: HtmlElement) -> Node:
    if element.tag in {"td", "th"}:
        return Node(f"td {span(element, 'rowspan')} {span(element, 'colspan')}", cell_text(element))
    return Node(element.tag, children=[_node(child) for child in element if isinstance(child.tag, str)])
