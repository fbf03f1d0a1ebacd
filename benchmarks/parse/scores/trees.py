"""Ordered trees and the distance between them, by APTED; needs the `apted` of `requirements/bench.lock`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from rapidfuzz.distance import Levenshtein


@dataclass(frozen=True, slots=True)
class Node:
    """`label` is what has to be equal, `text` what may be alike."""

    label: str
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def size(self) -> int:
        return sum(1 for _ in self.walk())

    def bare(self) -> Node:
        """Without any text."""
        return replace(self, text="", children=[child.bare() for child in self.children])


def rename_cost(one: Node, other: Node) -> float:
    """1 for another label, else the share of characters to edit: Levenshtein over the longer text."""
    return 1.0 if one.label != other.label else Levenshtein.normalized_distance(one.text, other.text)


def edit_distance(one: Node, other: Node) -> float:
    """Inserting and deleting a node cost 1."""
    if one == other:
        return 0.0
    from apted import APTED, Config

    class Costs(Config):  # type: ignore[misc]  # apted ships no types
        def rename(self, node1: Node, node2: Node) -> float:
            return rename_cost(node1, node2)

    return float(APTED(one, other, Costs()).compute_edit_distance())
