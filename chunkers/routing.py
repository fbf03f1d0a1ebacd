"""Which strategy and options a document gets: by its kind, unless one strategy is named for all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chunkers.kinds import DocumentKind
from chunkers.options import AUTO, ChunkOptions

NAMED = "option"
"""The rule on chunks whose strategy the options name."""

_BUILT_IN = {
    DocumentKind.SLIDES: "document",
    DocumentKind.SHEET: "document",
    DocumentKind.QUESTIONS: "document",
    DocumentKind.CHAT: "document",
    DocumentKind.MAIL: "document",
    DocumentKind.CODE: "document",
}
"""Kinds with parts that are better kept whole than balanced; the rest is read as prose is."""
_USUAL = "hybrid"


@dataclass(frozen=True, slots=True)
class Way:
    """How documents of one kind are cut. `options.strategy` is never `auto`."""

    options: ChunkOptions
    rule: str


def ways(options: ChunkOptions) -> Iterator[tuple[DocumentKind, Way]]:
    """Of every kind, in a fixed order. A rule of the options stands above the built-in one."""
    for kind in DocumentKind:
        told = next((rule for rule in options.rules if rule.kind is kind), None)
        chosen = options if told is None else options.under(told)
        if chosen.strategy == AUTO:
            chosen = chosen.model_copy(update={"strategy": _BUILT_IN.get(kind, _USUAL)})
        yield kind, Way(chosen, f"{'kind' if told is None else 'rule'}:{kind.value}")
